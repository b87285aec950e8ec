"""How what a learner hands in comes into the teacher's notebook."""

from copy import deepcopy

import exercises
import nbformat
import pytest
import submissions
from example_class import CODE, GRAD_CAM, MARKDOWN, SCALE, TEXT, _handed_in, _solution
from submissions import CHANGED, ELSEWHERE, MOVED, Given, Unusable

PICTURE = {"a.png": {"image/png": "iVBORw0KGgo="}}
TEST = "xt.check.build_grad_cam(my_grad_cam)"


@pytest.fixture(scope="module")
def released():
    """What is handed out: stubs, and nbgrader's marks."""
    frame, copy = exercises.marked(_solution()), exercises.learner_copy(_solution())
    for cell, other in zip(frame.cells, copy.cells, strict=True):
        cell.source = other.source
    return exercises.bare(frame)


@pytest.fixture(params=["marked", "unmarked", "without ids"])
def blank(request, released):
    """The copy that was handed out, the course's own, and one of an old version."""
    notebook = deepcopy(released) if request.param == "marked" else exercises.learner_copy(_solution())
    for cell in notebook.cells if request.param == "without ids" else ():
        del cell["id"]
    return notebook


@pytest.fixture
def handed_in(blank):
    return _handed_in(blank)


def _rebuilt(notebook, released):
    """The sources of the rebuilt notebook, and the remarks."""
    rebuilt, remarks = submissions.rebuild([Given.of(cell) for cell in notebook.cells], released)
    return [cell.source for cell in rebuilt.cells], remarks


def _sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_answers_come_into_the_release_from_any_copy(handed_in, released):
    assert _rebuilt(handed_in, released) == (_sources(handed_in), [])


def test_an_untouched_copy_stays_one(blank, released):
    assert _rebuilt(blank, released) == (_sources(released), [])


def test_the_notebook_of_another_lesson_is_refused(released):
    with pytest.raises(Unusable, match="another notebook"):
        _rebuilt(nbformat.v4.new_notebook(cells=[MARKDOWN("# My holidays")]), released)


def test_in_a_copy_of_another_version_ids_say_nothing(released):
    """A cell more at the top: each id names the cell before."""
    notebook = _handed_in(exercises.learner_copy(_solution()))
    notebook.cells.insert(1, MARKDOWN("New."))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
    assert _rebuilt(notebook, released) == (_sources(notebook), [])


def test_a_pasted_picture_comes_along(released):
    notebook = _handed_in(released, text="![](attachment:a.png)")
    notebook.cells.insert(4, MARKDOWN("![](attachment:a.png)"))
    notebook.cells[4].attachments = notebook.cells[10].attachments = PICTURE
    rebuilt, _ = submissions.rebuild([Given.of(cell) for cell in notebook.cells], released)
    assert [place for place, cell in enumerate(rebuilt.cells) if cell.get("attachments") == PICTURE] == [
        4,
        10,
    ]
    nbformat.validate(rebuilt)


@pytest.mark.parametrize("behind", [0, 1])
def test_a_text_beside_its_stub_takes_the_stubs_place(blank, released, behind):
    notebook = _handed_in(blank, text=None)
    notebook.cells.insert(9 + behind, MARKDOWN(TEXT))
    assert _rebuilt(notebook, released) == (_sources(_handed_in(released)), [])


def test_of_two_texts_before_a_stub_the_one_beside_it_takes_the_place(released):
    notebook = _handed_in(released, text=None)
    notebook.cells[9:9] = [MARKDOWN("A note."), MARKDOWN(TEXT)]
    assert _rebuilt(notebook, released)[0][9:] == ["A note.", TEXT, "The end."]


def test_a_text_in_place_of_a_deleted_stub_is_no_other_order(released):
    notebook = _handed_in(released)
    notebook.cells[9] = MARKDOWN(TEXT)
    assert _rebuilt(notebook, released) == (_sources(notebook), [])


def test_a_text_far_from_its_stub_gets_a_remark(released):
    notebook = _handed_in(released, text=None)
    notebook.cells.insert(4, MARKDOWN(TEXT))
    assert _rebuilt(notebook, released) == (_sources(notebook), [ELSEWHERE])


def test_a_cell_of_ours_that_was_changed_is_there_once(handed_in, released):
    handed_in.cells[1].source += "\nnp.random.seed(31)"
    assert _rebuilt(handed_in, released) == (_sources(handed_in), [])


def test_an_answer_typed_into_the_test_is_kept_before_it(handed_in, released):
    handed_in.cells[3].source = released.cells[3].source
    handed_in.cells[4].source = f"{GRAD_CAM}\n{TEST}"
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
    notebook = _handed_in(released)
    notebook.cells[4].source = source
    sources, remarks = _rebuilt(notebook, released)
    assert sources.count(TEST) == 1 and remarks == [CHANGED] * is_changed


def test_tasks_done_in_another_order_get_a_remark_and_helpers_stay_before_their_use(released):
    notebook, helper = _handed_in(released, second=SCALE + "\nhelp_me()"), CODE("def help_me(): pass")
    cells = notebook.cells
    notebook.cells = [*cells[:2], *cells[5:8], helper, *cells[2:5], *cells[8:]]
    assert _rebuilt(notebook, released)[0].index(helper.source) == 8
    notebook.cells = [*cells[:2], *cells[8:10], helper, *cells[2:8], *cells[10:]]
    sources, remarks = _rebuilt(notebook, released)
    assert sources.index(helper.source) < sources.index(cells[6].source) and remarks == [MOVED]


def test_what_is_handed_in_is_begun_or_not(released):
    cells = [Given.of(cell) for cell in released.cells]
    assert not submissions.is_begun(cells, released) and submissions.belongs(cells, released)
    assert submissions.is_begun([Given.of(cell) for cell in _handed_in(deepcopy(released)).cells], released)
