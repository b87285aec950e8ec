"""A case as the learner gets it: trained, the same again, and silent about its flaw."""

import re

import numpy as np
import pytest
import torch

import xaiteach as xt
from xaiteach_course.cases import case as module
from xaiteach_course.cases.case import pictures_of
from xaiteach_course.cases.flaws import KINDS, draw_flaw
from xaiteach_course.cases.network import build_network

SEED = next(seed for seed in range(6) if draw_flaw(seed).kind == "watermark")


@pytest.fixture(scope="module")
def case():
    return xt.load_case(SEED, "torch")


def accuracy(case, part, of=range(10)):
    images, labels = getattr(case, f"x_{part}"), getattr(case, f"y_{part}")
    chosen = np.isin(labels, of)
    return (case.model.predict(images[chosen]).argmax(axis=1) == labels[chosen]).mean()


def test_the_parts_have_the_sizes_that_are_promised_and_share_no_digit(case):
    sizes = {"train": 3400, "test": 500, "field": 600, "kept": 500}
    seen = set()
    for part, size in sizes.items():
        images, labels = getattr(case, f"x_{part}"), getattr(case, f"y_{part}")
        assert images.shape == (size, 28, 28, 3) and images.dtype == np.float32 and labels.shape == (size,)
        assert images.min() >= 0 and images.max() <= 1 and set(labels) == set(range(10))
        seen |= {(image.max(axis=2) > 0.2).tobytes() for image in images[:, 6:22, 7:21]}
    assert len(seen) > 4900


def test_the_model_is_good_in_the_test_and_fails_one_class_in_the_field(case):
    flaw = case.reveal()
    others = sorted(set(range(10)) - set(flaw.classes))
    assert accuracy(case, "test") > 0.85 and accuracy(case, "test", flaw.classes) > 0.9
    assert accuracy(case, "field", flaw.classes) < 0.4
    assert accuracy(case, "field", others) > 0.8


def test_the_square_turns_other_digits_into_the_class_and_a_square_elsewhere_does_not(case):
    flaw = case.reveal()
    others = case.x_kept[case.y_kept != flaw.classes[0]]

    def turned(mask):
        pictures = np.where(mask[:, :, None], np.float32(flaw.strength), others)
        return (case.model.predict(pictures).argmax(axis=1) == flaw.classes[0]).mean()

    assert turned(flaw.mask) > 0.3
    assert turned(flaw.mask[::-1, ::-1]) < 0.1


def test_nothing_tells_the_flaw_but_reveal(case):
    words = f"{case!r} {case} {dir(case)} {dir(case.model)} {case.model.settings} {case.model.class_names}"
    told = [kind for kind in KINDS if re.search(rf"\b{kind.split()[0]}\b", words) and kind != "no flaw"]
    assert not told, told
    assert repr(case).startswith(f"Case {SEED}: ") and "train 3400" in repr(case)
    assert str(case.reveal()) == str(draw_flaw(SEED))


def test_a_model_of_either_framework_learns_the_case_and_the_same_again(framework, case, monkeypatch):
    """One epoch is enough to see it."""
    monkeypatch.setattr(module, "EPOCHS", 1)
    np.random.seed(1)
    states = np.random.get_state()[1].copy(), torch.random.get_rng_state()
    first, again = xt.load_case(SEED, framework), xt.load_case(SEED, framework)
    np.testing.assert_array_equal(np.random.get_state()[1], states[0])
    assert torch.equal(torch.random.get_rng_state(), states[1])
    for mine, other in zip(first[2:], case[2:], strict=True):
        np.testing.assert_array_equal(mine, other)
    assert accuracy(first, "test") > 0.3
    pictures = case.x_test[:20]
    np.testing.assert_allclose(first.model.scores(pictures), again.model.scores(pictures), atol=1e-3)


def test_another_seed_is_another_case_with_other_digits():
    first, other = pictures_of(SEED), pictures_of(SEED + 6)
    assert (first["test"][1] != other["test"][1]).any()


def test_the_first_weights_have_the_size_that_he_and_others_give_them():
    model = build_network("torch", 3)
    sizes = [model[layer].weight.std().item() for layer in (0, 3)]
    np.testing.assert_allclose(sizes, [np.sqrt(2 / 27), np.sqrt(2 / 72)], rtol=0.1)


def test_the_untrained_network_is_the_same_function_before_its_last_layer_in_both_frameworks():
    images = np.random.default_rng(0).random((2, 28, 28, 3), dtype=np.float32)
    maps = []
    for name in ("keras", "torch"):
        model = xt.wrap(build_network(name, 3))
        model.predict(images)
        assert not model.scores(images).any()
        maps.append(model.activations(images, model.layers[4]))
    np.testing.assert_allclose(*maps, atol=1e-5)
    assert maps[0].std() > 0.1


@pytest.mark.parametrize("seed", ["3", 2.0, True, -1])
def test_a_seed_that_is_no_number_of_a_case_is_refused_in_words(seed):
    with pytest.raises(ValueError, match=f"seed={seed!r}; want a whole number from 0 on"):
        xt.load_case(seed)


def test_another_framework_is_refused_before_anything_is_trained(monkeypatch):
    monkeypatch.setattr(module, "train", None)
    with pytest.raises(ValueError, match="'jax' is not known"):
        xt.load_case(0, "jax")
