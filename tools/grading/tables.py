"""The tables of points: of an exercise, and of all that were graded in a course folder."""

import csv
import io

import gradebook

from xaiteach.files.whole import write_whole


def row(course, name, student, digest="", state="", trouble="", **_):
    """A line of the table of an exercise: {column: value}. The points are the gradebook's; where it has none, none."""
    most, got = gradebook.tasks(course, name), gradebook.points(course, name, student)
    to_read = sum(is_open for _, is_open in got.values())
    remarks = [state, trouble, "points of what was handed in before" * bool(got and not digest)]
    return {
        "student": student,
        "assignment": name,
        **{f"{task} ({most[task]:g})": f"{got[task][0]:g}" if got else "" for task in most},
        "total": f"{sum(points for points, _ in got.values()):g}" if got else "",
        "most": f"{sum(most.values()):g}",
        "state": "; ".join([*filter(None, remarks), *[f"{to_read} to be read by you"] * bool(to_read)]),
    }


def line(course, name, student, known):
    """What is told of a student while a class is graded."""
    cells = row(course, name, student, **known)
    return "{student}: {points} of {most}, {state}".format(points=cells["total"] or "no points", **cells)


def write_points(course, name, known, new):
    """Write the table of an exercise: all whom the course folder knows, those of this run as those of before.

    Args:
        known: {student: what is remembered, as `row` wants it}.
        new: the students whose files were looked at now.
    """
    rows = [row(course, name, student, **known[student]) for student in sorted(known, key=str.casefold)]
    for line in rows:
        line["state"] += "; not in this folder" * (line["student"] not in new)
    return _write(course / f"{name}.csv", rows)


def write_term(course):
    """Write a line for each student, and a column for each exercise that was graded: points, empty where none are."""
    most, got = gradebook.term(course)
    columns = {name: f"{name} ({most[name]:g})" for name in sorted(most)}
    rows = [
        {
            "student": student,
            **{column: f"{of[name]:g}" if name in of else "" for name, column in columns.items()},
            "total": f"{sum(of.values()):g}",
            "most": f"{sum(most.values()):g}",
        }
        for student, of in sorted(got.items(), key=lambda pair: pair[0].casefold())
    ]
    return _write(course / "term.csv", rows) if rows else None


def _write(path, rows):
    """As spreadsheets know UTF-8. Names and words of others may hold what UTF-8 has no place for: it is a "?"."""
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, rows[0])
    table.writeheader()
    table.writerows(rows)
    write_whole(path, b"\xef\xbb\xbf" + file.getvalue().encode("utf-8", "replace"))
    return path
