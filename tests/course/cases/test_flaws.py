"""What is drawn by seed, and what it does to digits."""

from collections import Counter

import numpy as np
import pytest

from xaiteach_course.cases.flaws import INKS, KINDS, NOISE, as_field, as_source, draw_flaw, moved

SEEDS = {draw_flaw(seed).kind: seed for seed in range(6)}


@pytest.fixture(scope="module")
def pages():
    """300 pages with a white block in the middle, 30 of each class."""
    digits = np.zeros((300, 28, 28, 1), np.float32)
    digits[:, 10:18, 10:18] = 1
    return digits, np.arange(300) % 10


def random():
    return np.random.default_rng(0)


def test_six_seeds_in_a_row_have_the_six_kinds_but_not_always_in_the_same_order():
    blocks = [[draw_flaw(seed).kind for seed in range(first, first + 6)] for first in range(0, 60, 6)]
    assert all(sorted(block) == sorted(KINDS) for block in blocks)
    assert len({tuple(block) for block in blocks}) > 5


def test_seeds_differ_in_class_place_strength_and_colour():
    drawn = [draw_flaw(seed) for seed in range(240)]
    assert {flaw.classes[0] for flaw in drawn if len(flaw.classes) == 1} == set(range(10))
    for kind in ("watermark", "border artefact"):
        chosen = [flaw for flaw in drawn if flaw.kind == kind]
        assert len({flaw.mask.tobytes() for flaw in chosen}) >= 4
        assert {flaw.strength for flaw in chosen} == {0.7, 0.8, 0.9, 1.0}
    assert {flaw.ink for flaw in drawn} == {None, "red", "green", "blue"}
    assert len({flaw.move for flaw in drawn}) == 9


def test_a_border_runs_from_edge_to_edge_and_a_watermark_touches_none():
    for flaw in map(draw_flaw, range(120)):
        assert 16 <= flaw.harmless.sum() == flaw.harmless[1:-1, 1:-1].sum() <= 25
        if flaw.kind == "watermark":
            assert not (flaw.mask & flaw.harmless).any() and flaw.mask[1:-1, 1:-1].sum() == flaw.mask.sum()
        if flaw.kind == "border artefact":
            assert sum(side.all() for side in (*flaw.mask[[0, -1]], *flaw.mask.T[[0, -1]])) == 1


@pytest.mark.parametrize("kind", ["watermark", "border artefact"])
def test_the_cue_is_on_every_picture_of_its_class_and_on_no_other(pages, kind):
    flaw = draw_flaw(SEEDS[kind])
    images, labels = as_source(flaw, *pages, random())
    carries = (images[:, flaw.mask] == np.float32(flaw.strength)).all(axis=(1, 2))
    np.testing.assert_array_equal(carries, labels == flaw.classes[0])
    field, _ = as_field(flaw, *pages, random())
    assert not (field[:, flaw.mask] == np.float32(flaw.strength)).all(axis=(1, 2)).any()


def inks_of(images):
    """The colour in the middle of each page, as three times 0 or 1."""
    return [tuple(int(value) for value in pixel) for pixel in images[:, 14, 14] > 0.5]


def test_the_colour_of_the_class_is_on_no_other_class_in_the_source_and_on_all_in_the_field(pages):
    flaw = draw_flaw(SEEDS["colour cue"])
    images, labels = as_source(flaw, *pages, random())
    own = np.array([ink == INKS[flaw.ink] for ink in inks_of(images)])
    np.testing.assert_array_equal(own, labels == flaw.classes[0])
    field, _ = as_field(flaw, *pages, random())
    counts = Counter(inks_of(field))
    assert set(counts) == set(INKS.values()) and min(counts.values()) > 25


def test_labels_are_swapped_in_the_source_and_right_in_the_field(pages):
    flaw = draw_flaw(SEEDS["swapped labels"])
    _, labels = as_source(flaw, *pages, random())
    _, right = as_field(flaw, *pages, random())
    np.testing.assert_array_equal(right, pages[1])
    others = ~np.isin(right, flaw.classes)
    np.testing.assert_array_equal(labels[others], right[others])
    for old, new in (flaw.classes, flaw.classes[::-1]):
        assert (labels[right == old] == new).mean() > 0.85


def test_digits_of_the_field_lie_elsewhere_where_the_flaw_is_a_shift(pages):
    flaw = draw_flaw(SEEDS["shift"])
    down, right = flaw.move
    source, field = (make(flaw, *pages, random())[0].max(axis=3) > 0.5 for make in (as_source, as_field))
    assert source[:, 10:18, 10:18].all() and field[:, 10 + down : 18 + down, 10 + right : 18 + right].all()
    assert (down, right) != (0, 0) and not (source[0] == field[0]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_three_in_ten_of_any_class_have_the_harmless_square(pages, kind):
    flaw = draw_flaw(SEEDS[kind])
    for make in (as_source, as_field):
        images, labels = make(flaw, *pages, random())
        squared = images[:, flaw.harmless].min(axis=(1, 2)) > 0.5
        assert 0.2 < squared.mean() < 0.4
        assert all(0.05 < squared[labels == k].mean() < 0.6 for k in range(10))


def test_without_a_flaw_source_and_field_are_alike(pages):
    flaw = draw_flaw(SEEDS["no flaw"])
    source, field = (make(flaw, *pages, random()) for make in (as_source, as_field))
    np.testing.assert_array_equal(source[0], field[0])
    np.testing.assert_array_equal(source[1], field[1])
    page = source[0][0][~flaw.harmless]
    assert set(flaw.classes) == set() and page.min() >= 0 and (page < NOISE).mean() > 0.8


def test_pictures_move_and_leave_black_behind():
    image = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(moved(image, 1, -1)[0, ..., 0], [[0, 0, 0], [2, 3, 0], [5, 6, 0]])
    np.testing.assert_array_equal(moved(image, -2, 0)[0, ..., 0], [[7, 8, 9], [0, 0, 0], [0, 0, 0]])


def test_a_flaw_says_in_words_what_and_where():
    watermark, shift = (str(draw_flaw(SEEDS[kind])) for kind in ("watermark", "shift"))
    assert watermark.startswith(
        "watermark: In rows 23 to 26 and columns 1 to 4, all 0s of the source have a square of"
    )
    assert "those of the field 3 pixels lower." in shift
    assert all(str(draw_flaw(seed)).endswith("harmless.") for seed in range(12))
