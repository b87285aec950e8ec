"""How what a learner hands in comes into the teacher's notebook."""

from copy import deepcopy

import exercises
import nbformat
import pytest
import submissions
from example_class import (
    CODE,
    FIRST,
    GRAD_CAM,
    MARKDOWN,
    SCALE,
    SECOND,
    TEXT,
    THIRD,
    WORDS,
    answered,
    solution,
)
from submissions import CHANGED, ELSEWHERE, MOVED, Cell, Unusable

PICTURE = {"a.png": {"image/png": "iVBORw0KGgo="}}
TEST = "xt.check.build_grad_cam(my_grad_cam)"


@pytest.fixture(params=["marked", "unmarked", "without ids"])
def blank(request, released):
    """The copy that was handed out, the course's own, and one of an old version."""
    notebook = deepcopy(released) if request.param == "marked" else exercises.learner_copy(solution())
    for cell in notebook.cells if request.param == "without ids" else ():
        del cell["id"]
    return notebook


@pytest.fixture
def handed_in(blank):
    return answered(blank)


def _cells(notebook):
    return [Cell.of(cell) for cell in notebook.cells]


def _rebuilt(notebook, released):
    """The sources of the rebuilt notebook, and the remarks."""
    rebuilt, remarks = submissions.rebuild(_cells(notebook), released)
    return _sources(rebuilt), remarks


def _sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_answers_and_untouched_stubs_come_into_the_release_from_any_copy(blank, handed_in, released):
    assert _rebuilt(blank, released) == (_sources(released), [])
    assert _rebuilt(handed_in, released) == (_sources(handed_in), [])


def test_the_notebook_of_another_lesson_is_refused(released):
    """A mark of its own lesson says so, though answers have the same marks everywhere."""
    holidays = nbformat.v4.new_notebook(cells=[MARKDOWN("# My holidays")])
    other = answered(released)
    other.cells = other.cells[FIRST : FIRST + 2]
    other.cells[1].source = "xt.check.build_lime(mine)"
    other.cells[1].metadata.nbgrader.grade_id = "build_lime"
    for notebook in (holidays, other):
        with pytest.raises(Unusable, match="another notebook"):
            _rebuilt(notebook, released)


def test_where_only_code_is_left_the_marks_of_the_answers_are_enough(released):
    """Texts and tests were deleted: all of it stands again, but for the text that was the learner's."""
    notebook = answered(released)
    notebook.cells = [notebook.cells[place] for place in (1, FIRST, SECOND, THIRD)]
    expected = _sources(answered(released, words=None))
    assert _rebuilt(notebook, released) == (expected, [CHANGED])


def test_in_a_copy_of_another_version_ids_say_nothing(released):
    """A cell more at the top: each id names the cell before."""
    notebook = answered(exercises.learner_copy(solution()))
    notebook.cells.insert(1, MARKDOWN("New."))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
    assert _rebuilt(notebook, released) == (_sources(notebook), [])


def test_a_pasted_picture_comes_along(released):
    notebook = answered(released, words="![](attachment:a.png)")
    notebook.cells.insert(4, MARKDOWN("![](attachment:a.png)"))
    notebook.cells[4].attachments = notebook.cells[WORDS + 1].attachments = PICTURE
    rebuilt, _ = submissions.rebuild(_cells(notebook), released)
    places = [place for place, cell in enumerate(rebuilt.cells) if cell.get("attachments") == PICTURE]
    assert places == [4, WORDS + 1]
    nbformat.validate(rebuilt)


def test_a_second_copy_of_an_answer_and_a_cell_of_ours_that_was_changed_stay_as_they_are(handed_in, released):
    handed_in.cells[1].source += "\nnp.random.seed(31)"
    handed_in.cells.insert(FIRST + 1, deepcopy(handed_in.cells[FIRST]))
    assert _rebuilt(handed_in, released) == (_sources(handed_in), [])


@pytest.mark.parametrize("behind, texts", [(0, ["A note.", TEXT]), (1, [TEXT, "A note."])])
def test_a_text_beside_its_stub_takes_the_stubs_place_and_of_two_the_nearer(blank, released, behind, texts):
    notebook = answered(blank, words=None)
    notebook.cells.insert(WORDS + behind, MARKDOWN(TEXT))
    assert _rebuilt(notebook, released) == (_sources(answered(released)), [])
    notebook = answered(blank, words=None)
    notebook.cells[WORDS + behind : WORDS + behind] = map(MARKDOWN, texts)
    assert _rebuilt(notebook, released)[0][WORDS : WORDS + 2] == texts


def test_a_text_far_from_a_stub_that_is_left_gets_a_remark_but_none_in_place_of_a_deleted_stub(released):
    for words, remarks in ((None, [ELSEWHERE]), (TEXT, [])):
        notebook = answered(released, words=words)
        notebook.cells.insert(4, MARKDOWN(TEXT))
        assert _rebuilt(notebook, released) == (_sources(notebook), remarks)
    notebook = answered(released)
    notebook.cells[WORDS] = MARKDOWN(TEXT)
    assert _rebuilt(notebook, released) == (_sources(notebook), [])


def test_a_cell_of_ours_that_was_deleted_is_there_again_and_a_deleted_stub_is_not(handed_in, released):
    expected = _sources(handed_in)
    expected[FIRST] = "import math"
    handed_in.cells[FIRST] = CODE("import math")
    del handed_in.cells[1]
    assert _rebuilt(handed_in, released) == (expected, [])


def test_an_answer_typed_into_the_test_is_kept_before_it(handed_in, released):
    handed_in.cells[FIRST].source = released.cells[FIRST].source
    handed_in.cells[FIRST + 1].source = f"{GRAD_CAM}\n{TEST}"
    sources, remarks = _rebuilt(handed_in, released)
    assert sources[sources.index(TEST) - 1].startswith(GRAD_CAM) and remarks == []


@pytest.mark.parametrize(
    "source, is_changed",
    [
        (f"# mine\n{TEST}  # and this", False),
        (f"{GRAD_CAM}\n{TEST}", False),
        ("check.x = 3\n" + TEST, False),
        (f"import sys\nin_colab = 'google.colab' in sys.modules\n{TEST}", False),
        ("pass", True),
        (f"# {TEST}", True),
    ],
)
def test_a_test_is_changed_where_it_is_not_asked_any_more(released, source, is_changed):
    notebook = answered(released)
    notebook.cells[FIRST + 1].source = source
    sources, remarks = _rebuilt(notebook, released)
    assert sources.count(TEST) == 1 and remarks == [CHANGED] * is_changed
    expected = ["build_grad_cam"] * is_changed
    assert submissions.changed_tests(_cells(notebook), released) == expected


def test_in_another_order_helpers_stay_before_their_use_and_cells_that_use_an_answer_behind_it(released):
    notebook, helper = answered(released, second=SCALE + "\nhelp_me()"), CODE("def help_me(): pass")
    cells = notebook.cells
    notebook.cells = [*cells[:2], *cells[8:10], helper, *cells[2:8], *cells[10:]]
    sources, remarks = _rebuilt(notebook, released)
    assert sources.index(helper.source) < sources.index(cells[SECOND].source) and remarks == [MOVED]
    own = CODE("print(scale(1))")
    notebook.cells = [*cells[:2], *cells[5:8], own, *cells[2:5], *cells[8:]]
    sources, remarks = _rebuilt(notebook, released)
    assert sources.index(own.source) == 8 and remarks == [MOVED]


def test_what_is_handed_in_is_begun_or_not(released):
    assert not submissions.is_begun(_cells(released), released)
    assert submissions.belongs(_cells(released), released)
    assert submissions.is_begun(_cells(answered(released)), released)
    assert not submissions.is_begun(_cells(answered(released, " ", " ", " ", " ")), released)
