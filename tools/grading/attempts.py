"""One submission: it is run, its points are kept, and the learner's page is written."""

import hashlib
from typing import NamedTuple
from uuid import uuid4

import collecting
import gradebook
import hidden
import nbformat
import submissions
from run_apart import run_apart, state_of
from submissions import Unusable

from xaiteach.files.errors import short


class Attempt(NamedTuple):
    """A submission that was run, or is as it was before; `executed` is None then."""

    digest: str
    state: str
    file: str
    handed_in: nbformat.NotebookNode | None = None
    executed: nbformat.NotebookNode | None = None


def attempt(source, frame, limits, files, before, force=False):
    """Run one submission, unless it is as it was; `Unusable` where there is nothing that can be run.

    What was stopped is remembered with the limits: with others it is run again.

    Args:
        source: the notebook with the hidden tests; `frame` is the one that was released.
        files: of the student, as `collecting.find` gives them.
        before: what is remembered of this student, {"digest": …, "state": …}.
    """
    if not files:
        raise Unusable("nothing handed in")
    file, cells = collecting.choose(files, frame)
    digest, digest_with_limits = _digest(cells, source), _digest(cells, source, limits)
    if before.get("digest") in (digest, digest_with_limits) and not force:
        return Attempt(before["digest"], before["state"], file)
    handed_in, remarks = submissions.rebuild(cells, frame)
    word = uuid4().hex
    executed = run_apart(hidden.with_tests(handed_in, source, word), limits)
    state = state_of(executed)
    if "before the first task" in state:  # in the course's own cells, which says nothing about an answer
        raise Unusable(f"could not be run: {state}; try more --seconds or --memory")
    states = [state, *hidden.judge(executed, word), *remarks]
    if len(files) > 1:
        states.append(f"{len(files)} files, taken: {file}")
    if state != "graded":
        digest = digest_with_limits
    return Attempt(digest, "; ".join(states), file, handed_in, executed)


def _digest(*given):
    return hashlib.sha256(repr(given).encode()).hexdigest()


def finish(course, name, student, running, shown):
    """Put what came out of `running`, an attempt's future, into the gradebook, and write the learner's page.

    Returns:
        What is to be remembered, {"digest", "state", "trouble", "shown"}; a digest for what has points only.
    """
    digest, trouble = "", ""
    try:
        done = running.result()
        if done.executed:
            gradebook.save(course, name, student, done.handed_in, done.executed)
        digest, state = done.digest, done.state
    except Unusable as error:
        state = str(error)
    except Exception as error:  # one submission never ends the run
        state = f"could not be graded: {short(error)}"
    try:
        if digest:
            words = f"{done.file}: {state}"
            before, shown = shown, _digest(gradebook.grades(course, name, student), words)
            if shown != before or not gradebook.page_path(course, name, student).exists():
                gradebook.write_page(course, name, student, words)
        else:
            shown = ""
            gradebook.write_notice(course, name, student, f"Not graded: {state}")
    except Exception as error:  # a page that fails takes no points
        shown = ""
        trouble = f"the page could not be made: {short(error)}"
    return {"digest": digest, "state": state, "trouble": trouble, "shown": shown}
