"""The randomisation check: a map that follows the weights, one that ignores them, and a model that comes back."""

import numpy as np
import pytest
from known import linear, units

import xaiteach as xt
from xaiteach import metrics

QUIET = {"progress": False}
WEIGHTS = np.stack([np.arange(1.0, 13), -np.arange(1.0, 13)], axis=1).reshape(3, 4, 1, 2)


@pytest.fixture
def images(digits):
    return digits.x_test[:6]


def weights(model):
    return [
        np.array(array) for array in (model.get_weights() if hasattr(model, "get_weights") else state(model))
    ]


def state(model):
    return [tensor.numpy(force=True) for tensor in model.state_dict().values()]


def test_a_control_that_ignores_the_model_keeps_its_map_and_a_gradient_loses_it(cnn, images):
    kept = metrics.randomisation_check(cnn, images, metrics.CONTROLS["edge filter"], **QUIET)
    np.testing.assert_allclose(kept.curve, 1)
    lost = metrics.randomisation_check(cnn, images, xt.saliency, **QUIET)
    assert abs(lost.curve[:, 1:].mean(axis=0)).max() < 0.35 and abs(lost.value).mean() < 0.15
    np.testing.assert_allclose(lost.curve[:, 0], 1)
    np.testing.assert_array_equal(lost.value, lost.curve[:, -1])


def test_guided_backpropagation_hardly_notices_the_upper_layers(cnn, images):
    guided = metrics.randomisation_check(cnn, images, xt.guided_backpropagation, **QUIET)
    assert guided.curve[:, 1].mean() > 0.6
    assert (
        guided.curve[:, 1].mean()
        > metrics.randomisation_check(cnn, images, xt.saliency, **QUIET).curve[:, 1].mean()
    )


def test_layers_go_from_the_scores_down_each_once_with_their_names(cnn, images):
    seen = []

    def spy(model, pictures, targets):
        seen.append(weights(model.model))
        return xt.saliency(model, pictures, targets)

    names = metrics.randomisation_check(cnn, images[:1], spy, **QUIET).names
    assert names[:3] == ["as it was", "scores", "norm5"] and names[-1] == "conv1" and len(names) == 12
    changed = [[not np.array_equal(a, b) for a, b in zip(seen[0], step, strict=True)] for step in seen]
    assert [sum(step) for step in changed] == np.cumsum([0, 2, *[2, 1] * 5]).tolist()
    assert changed[1][-2:] == [True, True] and not any(changed[1][:-2])


def test_the_model_comes_back_untouched_even_from_a_method_that_fails(framework, images):
    cnn = xt.wrap(xt.load_cnn(framework))
    before, calls = weights(cnn.model), []

    def fails(model, pictures, targets):
        calls.append(1)
        if len(calls) == 4:
            raise RuntimeError("in the middle")
        return xt.saliency(model, pictures, targets)

    metrics.randomisation_check(cnn, images, xt.saliency, **QUIET)
    with pytest.raises(RuntimeError, match="in the middle"):
        metrics.randomisation_check(cnn, images, fails, **QUIET)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(cnn.model), strict=True))


def test_weights_that_are_all_the_same_are_drawn_anew_too(framework):
    """The map of a sum is 1 everywhere, and has no order; one with random weights has."""
    weights = np.ones((3, 4, 1, 2))
    model, image = linear(framework, weights), np.random.default_rng(0).random((3, 4, 1))
    maps = []

    def spy(*arguments):
        maps.append(xt.saliency(*arguments))
        return maps[-1]

    assert metrics.randomisation_check(model, image, spy, 0, **QUIET).value == 0
    assert np.ptp(maps[0]) == 0 and 0.3 < maps[1].std() < 2


def test_absolute_values_are_compared_where_that_is_asked(cnn, images):
    """Integrated gradients from black are zero on black, whatever the weights: most of a digit agrees with itself."""

    def integrated(*arguments):
        return xt.integrated_gradients(*arguments, steps=8, **QUIET)

    signed, absolute = (
        metrics.randomisation_check(cnn, images, integrated, absolute=a, **QUIET) for a in (False, True)
    )
    assert abs(signed.value.mean()) < 0.2 and absolute.value.mean() > 0.9


def test_the_seed_decides(cnn, images):
    first, again, other = (
        metrics.randomisation_check(cnn, images, xt.saliency, seed=s, **QUIET).curve for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert abs(first - other).max() > 0.01


def test_the_class_that_was_predicted_before_is_followed(framework):
    asked = []
    model = xt.wrap(
        units(framework, (np.ones((3, 2)), [0, 0]), ([[1, -1], [1, -1]], [0, 1])), value_range=None
    )
    image = np.full((1, 3, 1), 2.0)
    metrics.randomisation_check(
        model, image, lambda m, x, t: asked.append(t) or xt.saliency(m, x, t), **QUIET
    )
    assert asked == [[0]] * 3


def test_a_function_has_no_weights_to_be_reached():
    model = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
    with pytest.raises(TypeError, match="only predicts"):
        metrics.randomisation_check(model, np.zeros((4, 4, 1)), metrics.CONTROLS["random"], **QUIET)


def test_a_model_that_learnt_shuffled_labels_has_other_maps_and_a_control_the_same(
    cnn, digits, images, framework
):
    shuffled = xt.build_dense(framework)
    labels = np.random.default_rng(0).permutation(digits.y_train[:1000])
    xt.train(shuffled, digits.x_train[:1000], labels, epochs=1, **QUIET)
    check = metrics.shuffled_labels_check
    assert abs(check(cnn, images, xt.saliency, other=shuffled).value.mean()) < 0.2
    np.testing.assert_allclose(check(cnn, images, xt.saliency, other=cnn).value, 1)
    np.testing.assert_allclose(check(cnn, images, metrics.CONTROLS["raw pixel"], other=shuffled).value, 1)


def test_both_models_are_asked_about_the_class_that_the_first_predicts(framework):
    asked = []
    first, second = (xt.wrap(linear(framework, sign * WEIGHTS)) for sign in (1, -1))
    image = np.full((3, 4, 1), 0.5)

    def spy(model, pictures, targets):
        asked.append((model, targets))
        return xt.saliency(model, pictures, targets)

    found = metrics.shuffled_labels_check(first, image, spy, other=second)
    assert found.value == pytest.approx(-1)
    assert asked == [(first, [0]), (second, [0])]
