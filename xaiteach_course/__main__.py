"""`python -m xaiteach_course`: your own copy of the lessons, and whether this machine is ready."""

import argparse
import sys

from xaiteach_course.doctor import doctor
from xaiteach_course.workspace import WorkspaceError, beside_name, start, update


def main(words=None):
    """Run one command and return its exit code; what goes wrong is one line."""
    choice = parser().parse_args(words)
    try:
        return choice.run(choice)
    except WorkspaceError as error:
        print(f"xaiteach: {error}", file=sys.stderr)
        return 1


def parser():
    top = argparse.ArgumentParser(prog="python -m xaiteach_course", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="start | update | doctor")
    starting = commands.add_parser("start", help="copy the lessons that are not in FOLDER yet")
    starting.set_defaults(run=run_start)
    updating = commands.add_parser("update", help="bring new versions; what you changed stays as it is")
    updating.set_defaults(run=run_update)
    for command in (starting, updating):
        command.add_argument("folder", metavar="FOLDER", help="your own copy of the lessons")
    checking = commands.add_parser(
        "doctor", help="say whether this machine is ready, and what to do where not"
    )
    checking.set_defaults(run=run_doctor)
    return top


def run_start(choice):
    outcomes = list(start(choice.folder).values())
    new, waiting = outcomes.count("new"), outcomes.count("waiting")
    print(f"{choice.folder}: {new} new lesson files.")
    if waiting:
        print(
            f"{choice.folder}: {waiting} files have a newer version; python -m xaiteach_course update brings them."
        )
    return 0


def run_update(choice):
    outcomes = update(choice.folder)
    lines = [f"{name}: {sentence(name, outcome)}" for name, outcome in outcomes.items() if outcome != "same"]
    print(*lines or ["Every lesson is up to date."], sep="\n")
    return 0


def sentence(name, outcome):
    beside = beside_name(name).name
    return {
        "new": "new",
        "replaced": "replaced by its new version (you had not changed it)",
        "beside": f"you changed it, so the new version is beside it, as {beside}",
        "blocked": f"its new version is not here, because {beside} holds changes of yours; rename that, update again",
    }[outcome]


def run_doctor(choice):
    return 0 if doctor() else 1


if __name__ == "__main__":
    sys.exit(main())
