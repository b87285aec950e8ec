"""Hand out exercises, and grade what a class hands in: `make release`, `make grade` (see GRADING.md).

The course folder, `grading` by default, is nbgrader's: source/, release/, submitted/, autograded/, feedback/
and gradebook.db. The seed of the hidden tests and a table of points for each exercise are there too. It is
the teacher's.
"""

import argparse
import io
import json
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tools/exercises.py

import collecting
import exercises
import gradebook
import nbformat
import tables
from attempts import attempt, finish
from filelock import FileLock, Timeout
from marks import name_of
from run_apart import Limits, end_all

from xaiteach.files.whole import write_whole

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2  # submissions


def release(course, solution, force=False):
    """Write source/, release/ and the zip to hand out of one exercise, and say where the zip is.

    Where submissions were graded the exercise may not change; with `force` it may, but for its tasks.
    """
    name = exercises.exercise_path(solution).stem
    archive = course / "release" / f"{name}.zip"
    source = gradebook.notebook_path(course, "source", name)
    frame = gradebook.notebook_path(course, "release", name)
    made = exercises.bare(exercises.marked(nbformat.read(solution, 4), gradebook.seed_of(course)))
    if archive.exists() and frame.exists() and source.exists() and nbformat.read(source, 4) == made:
        return f"{archive} is as it was"
    if gradebook.is_submitted(course, name):
        _check_renewal(name, nbformat.read(source, 4), made, force)
    archive.unlink(missing_ok=True)
    write_whole(source, nbformat.writes(made).encode())
    content = nbformat.writes(gradebook.released(course, name, made)).encode()
    write_whole(frame, content)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(frame.name, content)
    write_whole(archive, zipped.getvalue())
    return f"{archive} is new"


def _check_renewal(name, before, after, force):
    if before == after:  # only what is handed out was lost
        return
    if not force:
        raise ValueError(
            f"{name} is not what was handed out any more, and submissions of it were graded. Add --force to "
            "renew the tests and the release; submissions, and points given by hand, stay."
        )
    if set(map(name_of, before.cells)) != set(map(name_of, after.cells)):
        raise ValueError(
            f"{name} has other tasks now than its submissions have. Name a new folder with --course."
        )


def grade(course, name, folder, limits, force=False):
    """Grade what a class handed in, print a line for each student, and write the tables of points.

    Whatever a submission is or does, the next one is graded. One that is as it was is run again with `force`
    only. Returns the path of the table.
    """
    source = gradebook.notebook_path(course, "source", name)
    frame = gradebook.notebook_path(course, "release", name)
    if not frame.exists():
        raise FileNotFoundError(
            f"{name} was not released in {course}: `make release` does that, before a class gets it."
        )
    others = {exercises.exercise_path(solution).stem for solution in exercises.solutions()} - {name}
    students = collecting.find(folder, name, others)
    book = course / "states" / f"{name}.json"
    attempts = json.loads(book.read_text("utf-8")) if book.exists() else {}
    run = partial(attempt, nbformat.read(source, 4), nbformat.read(frame, 4), limits)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        running = {}
        for student, files in students.items():
            running[student] = pool.submit(run, files, attempts.get(student, {}), force)
        for student, future in running.items():
            shown = attempts.get(student, {}).get("shown")
            attempts[student] = finish(course, name, student, future, shown)
            write_whole(book, json.dumps(attempts, indent=1).encode())
            row = tables.row(course, name, student, **attempts[student])
            print(f"{student}: {row['total'] or 'no points'} of {row['most']}, {row['state']}", flush=True)
    finally:  # where this was stopped, what waits is not run any more
        pool.shutdown(wait=False, cancel_futures=True)
        end_all()
    tables.write_term(course)
    return tables.write_points(course, name, attempts, students)


def parse(words):
    parser = argparse.ArgumentParser(prog="grading", description=__doc__.split("\n")[0])
    steps = parser.add_subparsers(dest="step", required=True, metavar="release | grade")
    add = steps.add_parser("release", help="make what is handed out").add_argument
    add("lessons", nargs="*", metavar="LESSON", help="such as 03; all that have exercises by default")
    add("--force", action="store_true", help="renew what was handed out, though it has submissions")
    add = steps.add_parser("grade", help="grade what was handed in").add_argument
    add("lessons", nargs=1, metavar="LESSON", help="such as 03")
    add("--submissions", required=True, metavar="FOLDER", help="what the class handed in, or a zip of it")
    add("--seconds", type=float, default=60, help="CPU time of one cell; a notebook has five times as much")
    add("--memory", type=float, default=4, help="limit of one process in GB, on Linux")
    add("--inside", default="", metavar="COMMAND", help="run each submission in a container")
    add("--force", action="store_true", help="run all again, not only what is new")
    for step in steps.choices.values():
        folder = ROOT / "grading"
        step.add_argument("--course", type=Path, default=folder, metavar="FOLDER", help="the course folder")
    return parser.parse_args(words)


def chosen(lessons):
    """The solutions of the lessons that are named, by number or name; of all where none is."""
    known = {exercises.exercise_path(solution).stem: solution for solution in exercises.solutions()}
    found = [name for lesson in lessons for name in known if lesson in (name, name[:2])]
    if len(found) < len(lessons):
        raise ValueError(f"Given {' '.join(lessons)}; there are exercises of {', '.join(known)}.")
    return [known[name] for name in found or known]


def main(words):
    choice = parse(words)
    course = choice.course.expanduser().resolve()
    course.mkdir(parents=True, exist_ok=True)
    sys.stdout.reconfigure(errors="replace")  # names are of any kind
    try:
        with FileLock(course / ".lock", timeout=0):
            solutions = chosen(choice.lessons)
            if choice.step == "release":
                for solution in solutions:
                    print(release(course, solution, choice.force), flush=True)
            else:
                limits = Limits(choice.seconds, choice.memory, choice.inside)
                name = exercises.exercise_path(solutions[0]).stem
                print(grade(course, name, choice.submissions, limits, choice.force))
    except KeyboardInterrupt:
        raise SystemExit("Stopped. What was graded is kept; the same command goes on.") from None
    except Timeout:
        raise SystemExit(f"Another run is busy in {course}; wait until it is ready.") from None
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
