"""Every checker on answers as learners give them: none may pass that is wrong, and each gets the words that help."""

import importlib
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from xaiteach_course.check import exercise as base
from xaiteach_course.check import exercises

GALLERIES = {
    name: gallery
    for path in sorted(Path(__file__).parent.glob("gallery_*.py"))
    for name, gallery in importlib.import_module(path.stem).GALLERY.items()
}
RIGHT = [(name, i) for name, gallery in GALLERIES.items() for i in range(len(gallery.right))]
WRONG = [(name, i) for name, gallery in GALLERIES.items() for i in range(len(gallery.wrong))]
UNTOUCHED = {"untouched": ..., "nothing": None}


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


def raises(*_):
    raise KeyboardInterrupt


ODD = {
    "a word": "?!",
    "a function that returns None": lambda *_, **__: None,
    "a function that returns a word": lambda *_, **__: "map",
    "a function of nothing": lambda: 0,
    "a function that leaves": leaves,
    "a function that is interrupted": raises,
    "a function that returns NaN": lambda *_, **__: np.full((3, 3), np.nan),
    "NaN": np.nan,
    "an array of NaN": np.full((2, 3), np.nan),
    "another shape": np.zeros((1, 2, 3, 4, 5)),
    "no values": np.zeros((0, 3)),
    "complex numbers": np.ones((3, 3)) * 1j,
    "numbers of unequal length": [[1, 2], [3]],
    "objects": np.array([object(), object()]),
    "a dictionary": {"a": 1},
    "a number": 7,
    "infinity": float("inf"),
    "a class": dict,
    "hostile": Hostile(),
}


def said(verdict):
    return "\n".join(map(str, verdict))


def test_every_exercise_has_a_gallery():
    assert set(GALLERIES) == set(exercises())


@pytest.mark.parametrize("name", GALLERIES)
def test_a_gallery_has_answers_of_all_kinds(name):
    gallery = GALLERIES[name]
    assert len(gallery.right) >= 2 and len(gallery.wrong) >= 4
    assert len({words for _, words in gallery.wrong}) >= 3, "different mistakes want different words"


@pytest.mark.parametrize("seed", [0, 1, 2026])
@pytest.mark.parametrize(("name", "i"), RIGHT)
def test_a_right_answer_is_right_on_any_data(name, i, seed):
    verdict = exercises()[name](GALLERIES[name].right[i], seed=seed)
    assert verdict, said(verdict)


@pytest.mark.parametrize(("name", "i"), WRONG)
def test_a_wrong_answer_hears_why(name, i, capsys):
    answer, words = GALLERIES[name].wrong[i]
    verdict = exercises()[name](answer)
    assert not verdict
    assert words in said(verdict)
    assert said(verdict) in capsys.readouterr().out


@pytest.mark.parametrize("what", UNTOUCHED)
@pytest.mark.parametrize("name", GALLERIES)
def test_what_is_not_begun_is_called_so(name, what):
    assert "Not begun" in said(exercises()[name](UNTOUCHED[what]))


@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("name", GALLERIES)
def test_nothing_that_is_no_answer_passes_or_raises(name, what):
    verdict = exercises()[name](ODD[what])
    assert not verdict and len(verdict) > 0
    assert all(line.right or line.why for line in verdict)


@pytest.mark.parametrize("name", GALLERIES)
def test_there_are_three_hints_and_the_last_is_a_figure(name):
    nudge, code, figure = exercises()[name].hints
    assert nudge and code and nudge != code
    assert figure().savefig


def test_a_stub_is_not_begun_and_an_endless_loop_is_stopped(monkeypatch):
    monkeypatch.setattr(base, "LIMIT", 0.3)
    before = threading.active_count()
    for name, gallery in GALLERIES.items():
        if callable(gallery.right[0]):
            assert "Not begun" in said(exercises()[name](stub))
            assert "stopped" in said(exercises()[name](endless))
    assert threading.active_count() == before


def endless(*_, **__):
    while True:
        try:
            sum(range(9))
        except Exception:
            continue
