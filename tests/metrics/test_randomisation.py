"""The randomisation check: a map that follows the weights, one that ignores them, a model that comes back."""

import numpy as np
import pytest
import torch
from known import linear

import xaiteach as xt
from xaiteach.metrics import CONTROLS, agreement, randomisation_check, shuffled_labels_check


class Spy:
    """The gradient, and a note of whatever it was asked."""

    def __init__(self, fails_at=None):
        self.models, self.targets, self.maps, self.weights = [], [], [], []
        self.fails_at = fails_at

    def __call__(self, classifier, images, targets):
        self.models.append(classifier.model)
        self.targets.append(targets)
        self.weights.append(weights(classifier.model))
        self.maps.append(xt.saliency(classifier, images, targets))
        if len(self.maps) == self.fails_at:
            raise RuntimeError("in the middle")
        return self.maps[-1]


@pytest.fixture
def cnn(cnns, framework):
    return cnns[framework]


@pytest.fixture
def images(digits):
    return digits.x_test[:6]


def weights(model):
    if hasattr(model, "get_weights"):
        return [np.array(array) for array in model.get_weights()]
    return [tensor.float().numpy(force=True).copy() for tensor in model.state_dict().values()]


def equal(arrays, others):
    return [np.array_equal(*pair) for pair in zip(arrays, others, strict=True)]


def test_a_control_that_ignores_the_model_keeps_its_map_and_a_gradient_loses_it(cnn, images):
    kept = randomisation_check(cnn, images, CONTROLS["edge filter"])
    np.testing.assert_allclose(kept.curve, 1)
    lost = randomisation_check(cnn, images, xt.saliency)
    assert abs(lost.curve[:, 1:].mean(axis=0)).max() < 0.35 and abs(lost.value).mean() < 0.15
    np.testing.assert_allclose(lost.curve[:, 0], 1)
    np.testing.assert_array_equal(lost.value, lost.curve[:, -1])
    np.testing.assert_allclose(lost.fraction, np.arange(12) / 11)
    again, other = (randomisation_check(cnn, images, xt.saliency, seed=seed).curve for seed in (0, 1))
    np.testing.assert_array_equal(again, lost.curve)
    assert abs(other - again).max() > 0.01


def test_layers_go_from_the_scores_down_each_once_with_their_names(cnn, images):
    spy = Spy()
    names = randomisation_check(cnn, images[:1], spy).names
    assert names[:3] == ["as it was", "scores", "norm5"] and names[-1] == "conv1" and len(names) == 12
    changed = [np.logical_not(equal(spy.weights[0], step)) for step in spy.weights]
    assert [sum(step) for step in changed] == np.cumsum([0, 2, *[2, 1] * 5]).tolist()
    assert changed[1][-2:].all() and not changed[1][:-2].any()


def test_maps_are_made_after_a_few_layers_chosen_evenly_and_all_are_redrawn(cnn, images):
    whole = randomisation_check(cnn, images[:2], xt.saliency)
    for steps, chosen in ((1, [11]), (3, [1, 6, 11]), (5, [1, 4, 6, 8, 11]), (99, range(1, 12))):
        found, at = randomisation_check(cnn, images[:2], xt.saliency, steps=steps), [0, *chosen]
        np.testing.assert_allclose(found.curve, whole.curve[:, at], atol=1e-5)
        np.testing.assert_allclose(found.fraction, np.array(at) / 11)
        assert found.names == [whole.names[i] for i in at]
        np.testing.assert_allclose(found.mean, whole.curve[:, at[1:]].mean(axis=1), atol=1e-5)
    with pytest.raises(ValueError, match="steps=0; want at least 1"):
        randomisation_check(cnn, images, xt.saliency, steps=0)


def test_the_model_comes_back_untouched_even_from_a_method_that_fails(framework, images):
    model, spy = xt.load_cnn(framework), Spy(fails_at=4)
    before = weights(model)
    with pytest.raises(RuntimeError, match="in the middle"):
        randomisation_check(model, images, spy)
    assert not any(equal(before[-2:], spy.weights[-1][-2:])) and all(equal(before, weights(model)))


@pytest.mark.parametrize("size", [1, 50])
def test_weights_are_drawn_anew_at_their_own_size_though_all_are_the_same(framework, size):
    """The map of a sum is the same everywhere, and has no order; one with random weights has."""
    model, spy = linear(framework, np.full((9, 10, 1, 2), size)), Spy()
    assert randomisation_check(model, np.full((9, 10, 1), 0.5), spy, 0).value == 0
    assert np.ptp(spy.maps[0]) == 0 and 0.7 * size < spy.maps[1].std() < 1.3 * size


def test_a_layer_that_is_called_twice_is_drawn_once_and_comes_back():
    twice = torch.nn.Linear(12, 12)
    model = torch.nn.Sequential(torch.nn.Flatten(), twice, torch.nn.ReLU(), twice, torch.nn.Linear(12, 2))
    before = weights(model)
    found = randomisation_check(model, np.full((3, 4, 1), 0.5), xt.saliency)
    assert len(found.names) == 3 and all(equal(before, weights(model)))


class Mixed(torch.nn.Module):
    """A token of its own, attention, a recurrent layer: none of them is seen at work by its output alone."""

    def __init__(self):
        super().__init__()
        self.token = torch.nn.Parameter(torch.randn(1, 1, 8))
        self.patches = torch.nn.Conv2d(1, 8, 3, 3)
        self.attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)
        self.recurrent = torch.nn.GRU(8, 8, batch_first=True)
        self.scores = torch.nn.Linear(8, 2)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], dim=1)
        x, _ = self.attention(x, x, x)
        x, _ = self.recurrent(x)
        return self.scores(x[:, -1])


def test_every_weight_is_drawn_anew_and_comes_back():
    model, spy = Mixed(), Spy()
    torch.nn.init.normal_(model.attention.in_proj_bias)
    torch.nn.init.normal_(model.attention.out_proj.bias)
    before = weights(model)
    names = randomisation_check(model, np.random.default_rng(0).random((9, 9, 1)), spy).names
    assert names[1:] == ["scores", "recurrent", "attention.out_proj", "attention", "patches", "Mixed"]
    assert not any(equal(before, spy.weights[-1])) and all(equal(before, weights(model)))


def test_an_array_that_two_layers_share_comes_back():
    parts = [torch.nn.Linear(12, 12), torch.nn.Linear(12, 12)]
    parts[1].weight = parts[0].weight
    model = torch.nn.Sequential(torch.nn.Flatten(), *parts, torch.nn.Linear(12, 2))
    before = weights(model)
    randomisation_check(model, np.full((3, 4, 1), 0.5), xt.saliency)
    assert all(equal(before, weights(model)))


@pytest.mark.parametrize("absolute", [False, True])
def test_both_checks_compare_as_they_are_told(absolute):
    normal = np.random.default_rng(0).normal(size=(2, 9, 9, 1, 2))
    (first, second), image, spy = [linear("torch", each) for each in normal], np.full((9, 9, 1), 0.5), Spy()
    options = {"kind": "top", "top": 0.3, "absolute": absolute}
    found = shuffled_labels_check(first, image, spy, 0, other=second, **options)
    again = randomisation_check(first, image, spy, 0, **options)
    maps = abs(np.concatenate(spy.maps)) if absolute else np.concatenate(spy.maps)
    assert found.value == agreement(maps[0], maps[1], kind="top", top=0.3)
    assert again.value == agreement(maps[2], maps[3], kind="top", top=0.3)


def test_in_both_checks_the_class_that_was_predicted_before_is_followed(framework):
    rising = np.stack([np.arange(1.0, 13), -np.arange(1.0, 13)], axis=1).reshape(3, 4, 1, 2)
    first, second, spy = linear(framework, rising), linear(framework, -rising), Spy()
    grey = np.full((3, 4, 1), 0.5)
    assert shuffled_labels_check(first, grey, spy, other=second).value == pytest.approx(-1)
    assert spy.models == [first, second]
    randomisation_check(first, grey, spy)
    assert spy.targets == [[0]] * 4


def test_a_lone_number_and_numbers_of_16_bits_are_drawn_anew_and_come_back():
    class Scaled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor(2.0))
            self.scores = torch.nn.Linear(4, 9)

        def forward(self, images):
            return self.scores(self.scale * images.flatten(1))

    model, spy = Scaled().bfloat16(), Spy()
    before = weights(model)
    randomisation_check(model, np.ones((2, 2, 1)), spy)
    assert not any(equal(before, spy.weights[-1])) and all(equal(before, weights(model)))
