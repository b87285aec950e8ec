"""Every checker on answers as learners give them: none that is wrong may pass, each gets words that help."""

import functools
import sys

import numpy as np
import pytest
from galleries import RIGHT, load_galleries

from xaiteach_course.check import exercises, judge

GALLERIES = load_galleries()
ROWS = [
    pytest.param(name, answer, words, id=f"{name}-{i}")
    for name, rows in GALLERIES.items()
    for i, (answer, words) in enumerate(rows)
]


class Hostile:
    """An object that answers no question about itself."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __array__(self, *_, **__):
        raise RuntimeError("no")

    __eq__ = __iter__ = __len__ = __repr__ = __str__ = __float__ = __getattr__
    __hash__ = object.__hash__


def stub(*_):
    raise NotImplementedError


def leaves(*_):
    sys.exit("good bye")


def endless(*_, **__):
    while True:
        try:
            sum(range(9))
        except Exception:
            continue


ODD = {
    "a word": "?!",
    "a function that returns None": lambda *_, **__: None,
    "a function that returns a word": lambda *_, **__: "map",
    "a function of nothing": lambda: 0,
    "a function that leaves": leaves,
    "a function that returns NaN": lambda *_, **__: np.full((3, 3), np.nan),
    "NaN": np.nan,
    "another shape": np.zeros((1, 2, 3, 4, 5)),
    "no values": np.zeros((0, 3)),
    "a dictionary": {"a": 1},
    "a number": 7,
    "a class": dict,
    "hostile": Hostile(),
}


def as_text(verdict):
    return "\n".join(map(str, verdict))


def test_every_exercise_has_a_gallery():
    assert set(GALLERIES) == set(exercises())


@pytest.mark.parametrize("name", GALLERIES)
def test_a_gallery_has_answers_of_all_kinds(name):
    words = [words for _, words in GALLERIES[name]]
    assert words.count(RIGHT) >= 2 and len(words) - words.count(RIGHT) >= 4
    assert len(set(words) - {RIGHT}) >= 3, "different mistakes want different words"


@pytest.mark.parametrize(("name", "answer", "words"), ROWS)
def test_a_right_answer_is_right_on_any_data_and_a_wrong_one_hears_why(name, answer, words, capsys):
    check = exercises()[name]
    if words is RIGHT:
        verdicts = [check(answer, seed=seed) for seed in (0, 2026)]
        assert all(verdicts), "\n".join(map(as_text, verdicts))
        return
    verdict = check(answer)
    assert not verdict
    assert words in as_text(verdict)
    assert as_text(verdict) in capsys.readouterr().out


@pytest.mark.parametrize("name", GALLERIES)
def test_nothing_that_is_no_answer_passes_or_raises(name):
    for what, answer in ODD.items():
        verdict = exercises()[name](answer)
        assert not verdict and len(verdict) > 0, what
        assert all(line.right or line.why for line in verdict), what


@pytest.mark.parametrize("name", GALLERIES)
def test_what_is_not_begun_is_called_so_and_an_endless_loop_is_stopped(name, monkeypatch):
    check = exercises()[name]
    assert "Not begun" in as_text(check(...)) and "Not begun" in as_text(check(None))
    if callable(GALLERIES[name][0][0]):
        assert "Not begun" in as_text(check(stub))
        monkeypatch.setattr(judge, "LIMIT", 0.05)
        assert "stopped" in as_text(check(endless))


draw_once = functools.cache(lambda figure: figure())  # exercises may share one


@pytest.mark.parametrize("name", GALLERIES)
def test_there_are_three_hints_and_the_last_is_a_figure(name):
    nudge, code, figure = exercises()[name].hints
    assert nudge and code and nudge != code
    assert draw_once(figure).savefig


def test_a_figure_of_the_capstone_s_hints_is_of_another_case_and_says_so(capsys):
    exercises()["case_numbers"].hints[2]()
    assert capsys.readouterr().out == "This is case 14. Yours may have another flaw.\n"
