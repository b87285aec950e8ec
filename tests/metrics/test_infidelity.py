"""Infidelity: 0 for what is additive, the mean square of the drops for nothing, and captum's number."""

import numpy as np
import pytest
import torch
from captum.metrics import infidelity as captum_infidelity

import xaiteach as xt
from xaiteach.metrics import infidelity, random_rectangles


def adding():
    """The sum of the pixels, and its negative, as scores."""

    def scores(images):
        total = images.sum(axis=(1, 2, 3))
        return np.stack([total, -total], axis=1)

    return xt.wrap(scores, outputs="scores")


def test_the_shares_of_a_sum_foretell_every_drop():
    picture = np.random.default_rng(0).random((6, 7, 2))
    shares = picture.sum(axis=-1)
    assert infidelity(adding(), picture, shares, 0).value == pytest.approx(0, abs=1e-8)
    assert infidelity(adding(), picture, -shares, 1).value == pytest.approx(0, abs=1e-8)
    filled = (picture - 0.5).sum(axis=-1)
    assert infidelity(adding(), picture, filled, 0, fill=0.5).value == pytest.approx(0, abs=1e-8)


def test_no_map_at_all_gets_the_mean_square_of_the_drops_and_the_opposite_four_times_that():
    """On a white picture a rectangle costs its area."""
    white = np.ones((8, 8, 1))
    areas = random_rectangles((8, 8), 50, 0.5, seed=3).sum(axis=(1, 2))
    assert areas.min() >= 1 and areas.max() <= 16 and len(set(areas)) > 5
    options = {"n_samples": 50, "side": 0.5, "seed": 3}
    nothing, opposite = (
        infidelity(adding(), white, maps, 0, **options).value for maps in (np.zeros((8, 8)), -np.ones((8, 8)))
    )
    assert nothing == pytest.approx((areas**2).mean())
    assert opposite == pytest.approx(4 * nothing)


def test_rectangles_reach_every_pixel_of_the_border():
    masks = random_rectangles((9, 12), 400, 0.4)
    assert masks.any(axis=0).all()
    assert masks.any(axis=1).sum(axis=1).max() == 5 and masks.any(axis=2).sum(axis=1).max() == 4


def test_normalised_only_the_shape_of_a_map_counts_and_none_has_no_shape():
    picture = np.random.default_rng(0).random((6, 7, 2))
    shares = picture.sum(axis=-1)
    assert infidelity(adding(), picture, -40 * shares, 0, normalise=True).value == pytest.approx(0, abs=1e-8)
    zeros = [infidelity(adding(), picture, 0 * shares, 0, normalise=each).value for each in (False, True)]
    assert zeros[0] == zeros[1] > 1


@pytest.mark.parametrize("normalise", [False, True])
def test_it_is_captum_s_with_the_same_rectangles(cnn, digits, normalise):
    images = digits.x_test[:3]
    maps = xt.integrated_gradients(cnn, images, 5, steps=4)
    hidden = torch.tensor(random_rectangles((28, 28), 12, 0.25, 0))[:, None].float()
    inputs, shares = (torch.tensor(a).permute(0, 3, 1, 2) for a in (images, maps[..., None]))

    def perturb(pictures):
        masks = hidden.repeat(len(pictures) // len(hidden), 1, 1, 1)
        return masks, pictures * (1 - masks)

    options = {"n_perturb_samples": 12, "normalize": normalise}
    with torch.no_grad():
        expected = captum_infidelity(cnn.model.eval(), perturb, inputs, shares, target=5, **options)
    found = infidelity(cnn, images, maps, 5, n_samples=12, normalise=normalise)
    np.testing.assert_allclose(found.value, expected, rtol=1e-4)


def test_a_batch_is_one_by_one_and_the_seed_decides(cnn, digits):
    images, maps = digits.x_test[:3], np.random.default_rng(0).normal(size=(3, 28, 28))
    together = infidelity(cnn, images, maps, n_samples=9, batch_size=4).value
    alone = [infidelity(cnn, *pair, n_samples=9).value for pair in zip(images, maps, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    assert abs(infidelity(cnn, images, maps, n_samples=9, seed=1).value - together).max() > 1e-3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"side": 0}, "side=0; want a share"),
        ({"side": 1.1}, "side=1.1; want a share"),
        ({"n_samples": 0}, "n_samples is 0; want"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        infidelity(adding(), np.zeros((4, 4, 1)), np.zeros((4, 4)), 0, **options)
