"""One submission: it is run, its points are kept, and the learner's page is written."""

import hashlib
import re
from typing import NamedTuple
from uuid import uuid4

import collecting
import gradebook
import hidden
import nbformat
import submissions
from run_apart import run_apart, state_of, stops
from submissions import Unusable

from xaiteach.files.errors import short

NUMBER = re.compile(r"\d+")


class Attempt(NamedTuple):
    """A submission that was run, or is known from before; `executed` is None then."""

    digest: str
    state: str
    file: str
    handed_in: nbformat.NotebookNode | None = None
    executed: nbformat.NotebookNode | None = None


def attempt(source, frame, limits, files, known, force=False):
    """Run one submission.

    What may have been stopped by a busy machine is remembered with the limits: with others it is run again.

    Raises:
        Unusable: where there is nothing that can be run.
    """
    if not files:
        raise Unusable("nothing handed in")
    file, cells = collecting.choose(files, frame)
    digests = [
        hashlib.sha256(repr(given).encode()).hexdigest()
        for given in ((cells, source), (cells, source, limits))
    ]
    if known.get("digest") in digests and not force:
        return Attempt(known["digest"], known["state"], file)
    handed_in, remarks = submissions.rebuild(cells, frame)
    word = uuid4().hex
    executed = run_apart(hidden.with_tests(handed_in, source, word), limits)
    check_beginning(executed, frame)
    remarks = [state_of(executed), *hidden.judge(executed, word), *remarks]
    remarks += [f"{len(files)} files, taken: {file}"] * (len(files) > 1)
    return Attempt(digests[any(map(stops, executed.cells))], "; ".join(remarks), file, handed_in, executed)


def check_beginning(executed, frame):
    """What stops in the course's own cells, before any that the learner wrote, says nothing about an answer.

    Another number, such as that of a case, leaves a cell the course's own.

    Raises:
        Unusable: where that was so.
    """
    given = {cell.id: NUMBER.sub("", cell.source) for cell in frame.cells if not hidden.mark_of(cell)}
    for cell in (cell for cell in executed.cells if cell.cell_type == "code"):
        if given.get(cell.id) != NUMBER.sub("", cell.source):
            return
        if stopped := stops(cell):
            raise Unusable(
                f"could not be run: {stopped[0]} in the course's own cells; try more --seconds or --memory"
            )


def finish(course, name, student, running, shown):
    """Put what came out into the gradebook, and write the learner's page; what is to be remembered."""
    digest, state, file = "", "", ""
    try:
        done = running.result()
        if done.executed:
            gradebook.save(course, name, student, done.handed_in, done.executed)
        digest, state, file = done.digest, done.state, done.file
    except Unusable as error:
        state = str(error)
    except Exception as error:  # one submission never ends the run
        state = f"could not be graded: {short(error)}"
    trouble, shown = show(course, name, student, digest, f"{file}: {state}", shown)
    return {"digest": digest, "state": state, "trouble": trouble, "shown": shown}


def show(course, name, student, digest, words, before):
    """Write the learner's page, where there is none that shows the same. A page that fails takes no points.

    Returns:
        Words about what went wrong, and what the page shows, to compare with.
    """
    trouble = ""
    try:
        if digest:
            shown = gradebook.shown(course, name, student) + words
            if shown != before or not gradebook.feedback_path(course, name, student).exists():
                gradebook.write_feedback(course, name, student, words)
            return "", shown
        words = f"Not graded{words}"
    except Exception as error:
        words = trouble = f"the page could not be made: {short(error)}"
    try:
        gradebook.write_notice(course, name, student, words)
    except Exception as error:
        trouble = f"the page could not be written: {short(error)}"
    return trouble, ""
