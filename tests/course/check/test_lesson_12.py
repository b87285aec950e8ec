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


def verdict_on(case, **changes):
    flaw = case.reveal()
    report = {"case": case, "flaw": flaw.kind, "classes": list(flaw.classes), "region": flaw.mask}
    return xt.check.case_verdict(report | changes)


def verdict_of(case, change, control, classes=(), effect=0.0):
    report = {"case": case, "intervention": change, "control": control}
    return xt.check.case_intervention({**report, "classes": list(classes), "effect": effect})


def on(mask, value):
    return lambda images: np.where(mask[:, :, None], np.float32(value), images)


def in_ink(ink):
    return lambda images: images.max(axis=3, keepdims=True) * np.array(INKS[ink], np.float32)


def pair_for(flaw, part=1):
    """An intervention that shows the flaw, and its control."""
    if flaw.mask is not None:
        return on(flaw.mask, flaw.strength), on(flaw.mask[::-1, ::-1], flaw.strength)
    if flaw.ink:
        return in_ink(flaw.ink), in_ink("yellow")
    if flaw.kind == "shift":
        down, right = (round(part * step) for step in flaw.move)
        return (lambda images: moved(images, -down, -right)), (lambda images: moved(images, down, right))
    return on(flaw.harmless, 0.7), on(flaw.harmless[::-1], 0.7)


def measured(case, change):
    """In the field: the share of other classes' pictures called as the flaw's class, or the accuracy."""
    answers, classes = case.model.predict(change(case.x_field)).argmax(axis=1), case.reveal().classes
    if len(classes) == 1:
        return (answers == classes[0])[case.y_field != classes[0]].mean()
    return (answers == case.y_field).mean()


def test_what_was_drawn_is_the_right_verdict(case):
    assert verdict_on(case)


def test_another_kind_is_wrong_and_hears_where_to_look(case):
    true = case.reveal().kind
    for kind in set(KINDS) - {true}:
        words = as_text(verdict_on(case, flaw=kind))
        assert LOOK_AT[kind] in words and LOOK_AT[true] not in words and "region" not in words


def test_an_intervention_that_shows_the_flaw_is_right_for_its_classes_alone(case):
    (change, control), classes = pair_for(case.reveal()), case.reveal().classes
    effect = measured(case, change) - measured(case, control)
    verdict = verdict_of(case, change, control, classes, effect)
    assert verdict, as_text(verdict)
    others = classes[:1] if len(classes) > 1 else range(10)
    assert "all of them and no others" in as_text(verdict_of(case, change, control, others))


def test_an_intervention_that_breaks_the_pictures_shows_nothing(case):
    turned, dark = (lambda images: images[:, ::-1, ::-1].copy()), (lambda images: 0.5 * images)
    verdict = verdict_of(case, turned, dark, case.reveal().classes)
    assert len(verdict) == 3 and not verdict[-1].right


@pytest.mark.parametrize(
    ("kind", "classes", "words"),
    [
        ("swapped labels", lambda true: true[:1], "Not all of them are named"),
        ("shift", lambda true: [3], "Not all of them are named"),
        ("watermark", lambda true: range(10), "Are all of these"),
        ("no flaw", lambda true: [3], "Think of chance"),
    ],
)
def test_too_few_and_too_many_classes_are_told_apart(kind, classes, words):
    case = oracle_case(SEEDS[kind])
    assert words in as_text(verdict_on(case, classes=classes(case.reveal().classes)))


def test_a_flaw_without_a_place_has_no_region(case):
    words = "tells nothing" if case.reveal().mask is not None else "has no place"
    assert words in as_text(verdict_on(case, region=case.reveal().harmless))


@pytest.mark.parametrize(("part", "words"), [(1 / 3, "more to be had"), (-1, "fails as before")])
def test_a_shift_is_to_be_set_right_as_a_whole(part, words):
    case = oracle_case(SEEDS["shift"])
    assert words in as_text(verdict_of(case, *pair_for(case.reveal(), part)))


def test_a_change_of_the_first_pictures_alone_is_none(case):
    change, control = pair_for(case.reveal())

    def of_the_first(images):
        return np.concatenate([change(images[:300]), images[300:]])

    assert "leaves many pictures as they are" in as_text(verdict_of(case, of_the_first, control))
