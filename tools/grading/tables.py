"""The tables of points: of an exercise, and of all that were graded in a course folder."""

import csv
import io

import gradebook

from xaiteach.files.whole import write_whole


def row(course, name, student, digest="", state="", trouble="", **_):
    """A line of the table of an exercise: {column: value}. The points are the gradebook's."""
    most, grades = gradebook.tasks(course, name), gradebook.grades(course, name, student)
    points = {task: score for task, score, *_ in grades}
    to_read = sum(is_open for _, _, is_open, _ in grades)
    remarks = [state, trouble]
    if grades and not digest:
        remarks.append("points of what was handed in before")
    if to_read:
        remarks.append(f"{to_read} to be read by you")
    return {
        "student": student,
        "assignment": name,
        **{f"{task} ({most[task]:g})": _number(points.get(task)) for task in most},
        "total": _number(sum(points.values()) if grades else None),
        "most": _number(sum(most.values())),
        "state": "; ".join(filter(None, remarks)),
    }


def write_points(course, name, attempts, students):
    """Write the table of an exercise: all of `attempts`, also those whose files were not looked at now."""
    rows = []
    for student in sorted(attempts, key=str.casefold):
        rows.append(row(course, name, student, **attempts[student]))
        if student not in students:
            rows[-1]["state"] += "; not in this folder"
    return _write(course / f"{name}.csv", rows)


def write_term(course):
    """Write a line for each student, and a column for each exercise that somebody was graded in."""
    most, points = gradebook.term(course)
    rows = []
    for student in sorted(points, key=str.casefold):
        scores = points[student]
        rows.append({"student": student})
        rows[-1].update({f"{name} ({most[name]:g})": _number(scores.get(name)) for name in sorted(most)})
        rows[-1].update(total=_number(sum(scores.values())), most=_number(sum(most.values())))
    return _write(course / "term.csv", rows) if rows else None


def _number(points):
    return "" if points is None else f"{points:g}"


def _write(path, rows):
    """As spreadsheets know UTF-8. What UTF-8 has no place for, in names and words of others, is a "?"."""
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, rows[0])
    table.writeheader()
    table.writerows(rows)
    write_whole(path, b"\xef\xbb\xbf" + file.getvalue().encode("utf-8", "replace"))
    return path
