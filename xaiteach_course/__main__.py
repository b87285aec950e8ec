"""`python -m xaiteach_course`: your own copy of the lessons, and whether this machine is ready."""

import argparse
import sys

from xaiteach_course.check_in import check_in
from xaiteach_course.doctor import doctor
from xaiteach_course.workspace import ROOT, WorkspaceError, beside_name, course_command, start, update


def main(words=None):
    """Run one command and return its exit code; what goes wrong is one line."""
    choice = parser().parse_args(words)
    try:
        return choice.run(choice)
    except (WorkspaceError, OSError) as error:
        print(f"xaiteach: {error}", file=sys.stderr)
        return 1


def parser():
    top = argparse.ArgumentParser(prog="python -m xaiteach_course", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="start | update | check-in | doctor")
    for name, run, purpose in (
        ("start", run_start, "copy the lessons that are not in FOLDER yet"),
        ("update", run_update, "bring new versions; what you changed stays as it is"),
        ("check-in", run_check_in, "say what an exercise lacks before you hand it in"),
        ("doctor", run_doctor, "say whether this machine is ready, and what to do where not"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.set_defaults(run=run)
        is_optional = {"nargs": "?", "default": "."} if name == "doctor" else {}
        command.add_argument("folder", metavar="FOLDER", help="your own copy of the lessons", **is_optional)
    about = "numbers such as 03; all that are begun where none is named"
    commands.choices["check-in"].add_argument("lessons", metavar="LESSON", nargs="*", help=about)
    return top


def run_start(choice):
    outcomes = list(start(choice.folder).values())
    new, waiting = outcomes.count("new"), outcomes.count("waiting")
    print(f"{choice.folder}: {new} new lesson files.")
    if waiting:
        bring = course_command("update", choice.folder)
        print(f"{choice.folder}: {waiting} files have a newer version. To bring them: {bring}")
    return 0


def run_update(choice):
    outcomes = update(choice.folder)
    news = [f"{name}: {sentence(name, outcome)}" for name, outcome in outcomes.items() if outcome != "same"]
    print(*news or [f"Every lesson is as in {ROOT}. A newer course comes with: git pull"], sep="\n")
    return 0


def sentence(name, outcome):
    beside = beside_name(name).name
    return {
        "new": "new",
        "replaced": "replaced by its new version (you had not changed it)",
        "beside": f"you changed it, so the new version is beside it, as {beside}",
        "unrecorded": f"nothing says whether you changed it, so the new version is beside it, as {beside}",
        "blocked": f"its new version is not here: {beside} holds changes of yours; rename it, update again",
    }[outcome]


def run_check_in(choice):
    found = check_in(choice.folder, choice.lessons)
    for name, sentences in found.items():
        verdict = "not begun" if sentences is None else "not ready" if sentences else "ready to hand in"
        print(f"{name}: {verdict}", *sentences or [], sep="\n  - ")
    judged = [sentences for sentences in found.values() if choice.lessons or sentences is not None]
    return 0 if judged and all(sentences == [] for sentences in judged) else 1


def run_doctor(choice):
    return 0 if doctor(choice.folder) else 1


if __name__ == "__main__":
    sys.exit(main())
