"""Reports on cases of all kinds: each kind has its own right answer, and its own words for a wrong one."""

import numpy as np
import pytest
from oracle import oracle_case
from test_galleries import as_text

import xaiteach as xt
from xaiteach_course.cases.flaws import INKS, KINDS, draw_flaw, moved
from xaiteach_course.check.lesson_12.reasons import LOOK_AT

SEEDS = {draw_flaw(seed).kind: seed for seed in range(6)}


@pytest.fixture(scope="module", params=KINDS)
def case(request):
    return oracle_case(SEEDS[request.param])


def on(mask, value):
    return lambda images: np.where(mask[:, :, None], np.float32(value), images)


def in_ink(ink):
    return lambda images: images.max(axis=3, keepdims=True) * np.array(INKS[ink], np.float32)


def pair_for(flaw):
    """An intervention that shows the flaw, and its control."""
    if flaw.mask is not None:
        return on(flaw.mask, flaw.strength), on(flaw.mask[::-1, ::-1], flaw.strength)
    if flaw.ink:
        return in_ink(flaw.ink), in_ink("yellow")
    if flaw.kind == "shift":
        down, right = flaw.move
        return (lambda images: moved(images, -down, -right)), (lambda images: moved(images, down, right))
    return on(flaw.harmless, 0.7), on(flaw.harmless[::-1], 0.7)


def measured(case, change):
    """In the field: the share of other classes' pictures that are called as the flaw's class, or else the accuracy."""
    answers, classes = case.model.predict(change(case.x_field)).argmax(axis=1), case.reveal().classes
    if len(classes) == 1:
        return (answers == classes[0])[case.y_field != classes[0]].mean()
    return (answers == case.y_field).mean()


def test_what_was_drawn_is_the_right_verdict(case):
    flaw = case.reveal()
    report = {"case": case, "flaw": flaw.kind, "classes": list(flaw.classes), "region": flaw.mask}
    assert xt.check.case_verdict(report)


def test_another_kind_is_wrong_and_hears_where_to_look(case):
    flaw = case.reveal()
    for kind in set(KINDS) - {flaw.kind}:
        report = {"case": case, "flaw": kind, "classes": list(flaw.classes), "region": flaw.mask}
        verdict = xt.check.case_verdict(report)
        assert not verdict and LOOK_AT[kind] in as_text(verdict)
        assert LOOK_AT[flaw.kind] not in as_text(verdict) and "region" not in as_text(verdict)


def test_an_intervention_that_shows_the_flaw_is_right(case):
    change, control = pair_for(case.reveal())
    report = {"case": case, "classes": case.reveal().classes, "intervention": change, "control": control}
    verdict = xt.check.case_intervention(
        {**report, "effect": measured(case, change) - measured(case, control)}
    )
    assert verdict, as_text(verdict)


def test_an_intervention_that_breaks_the_pictures_shows_nothing(case):
    def upside_down(images):
        return images[:, ::-1, ::-1].copy()

    report = {
        "case": case,
        "classes": [],
        "intervention": upside_down,
        "control": lambda images: 0.5 * images,
    }
    verdict = xt.check.case_intervention({**report, "effect": 0.0})
    assert len(verdict) == 3 and not verdict[-1].right


@pytest.mark.parametrize(
    ("kind", "classes", "words"),
    [
        ("swapped labels", lambda true: true[:1], "Not all of them are named"),
        ("swapped labels", lambda true: [], "Not all of them are named"),
        ("shift", lambda true: [3], "Which classes are worse"),
        ("watermark", lambda true: range(10), "Not all of them"),
        ("no flaw", lambda true: [3], "think of chance"),
        ("colour cue", lambda true: [true[0], (true[0] + 1) % 10], "but not all"),
    ],
)
def test_too_few_and_too_many_classes_are_told_apart(kind, classes, words):
    case = oracle_case(SEEDS[kind])
    report = {"case": case, "flaw": kind, "classes": classes(case.reveal().classes), "region": None}
    assert words in as_text(xt.check.case_verdict(report))


def test_a_flaw_without_a_place_has_no_region(case):
    flaw = case.reveal()
    report = {"case": case, "flaw": flaw.kind, "classes": list(flaw.classes), "region": flaw.harmless}
    words = "tells nothing" if flaw.mask is not None else "has no place"
    assert words in as_text(xt.check.case_verdict(report))


def test_all_four_borders_are_not_the_one(seed=SEEDS["border artefact"]):
    case, borders = oracle_case(seed), np.pad(np.zeros((26, 26), bool), 1, constant_values=True)
    report = {
        "case": case,
        "flaw": "border artefact",
        "classes": list(case.reveal().classes),
        "region": borders,
    }
    assert "too much else" in as_text(xt.check.case_verdict(report))


@pytest.mark.parametrize(
    ("part", "classes", "words"), [(1 / 3, [], "more to be had"), (1, [1], "you name one")]
)
def test_a_shift_is_to_be_set_right_as_a_whole_and_for_all(part, classes, words):
    case = oracle_case(SEEDS["shift"])
    down, right = (round(part * step) for step in case.reveal().move)
    report = {
        "case": case,
        "classes": classes,
        "effect": 0.0,
        "control": lambda images: moved(images, down, right),
    }
    report["intervention"] = lambda images: moved(images, -down, -right)
    assert words in as_text(xt.check.case_intervention(report))


def test_a_change_of_the_first_pictures_alone_is_none(case):
    change, control = pair_for(case.reveal())
    report = {"case": case, "classes": [], "effect": 0.0, "control": control}
    report["intervention"] = lambda images: np.concatenate([change(images[:300]), images[300:]])
    assert "leaves many pictures as they are" in as_text(xt.check.case_intervention(report))
