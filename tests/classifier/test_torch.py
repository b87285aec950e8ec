"""PyTorch modules of every build and with every head: answers are those on paper, modules stay untouched."""

import random

import numpy as np
import pytest
import torch
import torch_glass
from glass import BIASES, GRADIENTS, IMAGES, SCORES, assert_seen_through
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn

import xaiteach as xt


@pytest.mark.parametrize("build", torch_glass.BUILDS.values(), ids=torch_glass.BUILDS)
def test_a_module_of_any_build_answers_the_three_questions(build):
    assert_seen_through(xt.wrap(build()))


@pytest.mark.parametrize(("head", "build"), torch_glass.HEADS.values(), ids=torch_glass.HEADS)
def test_a_final_squash_is_looked_through(head, build):
    assert_seen_through(xt.wrap(build()), head=head)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_answered_in_single(dtype):
    classifier = xt.wrap(torch_glass.sequential().to(dtype), preprocess=(0, 1))
    assert_seen_through(classifier, atol=5e-2)
    answers = classifier.predict(IMAGES), *classifier.activations(IMAGES, None, 0)
    assert {answer.dtype for answer in answers} == {np.dtype("f4")}


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_caller_s_gradient_mode_does_not_matter(mode):
    classifier = xt.wrap(torch_glass.sequential(), preprocess=(0, 1))
    with mode():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        assert_seen_through(classifier)
        assert before == (torch.is_grad_enabled(), torch.is_inference_mode_enabled())


def test_a_module_can_be_trained_after_it_made_its_parameters_here():
    model = torch_glass.lazy()
    with torch.inference_mode():
        xt.wrap(model).predict(IMAGES)
    model(torch.rand(2, 1, 4, 5)).sum().backward()
    assert model[0].weight.grad is not None


def test_what_torch_compile_made_is_asked_as_the_module_it_was_made_of():
    assert_seen_through(xt.wrap(torch.compile(torch_glass.sequential())))


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("compiled", [torch.jit.script, lambda m: torch.jit.trace(m, torch.rand(1, 1, 4, 5))])
def test_a_compiled_module_shows_its_gradient_but_not_its_layers(compiled):
    classifier = xt.wrap(compiled(torch_glass.sequential()))
    assert_seen_through(classifier, has_layers=False)
    with pytest.raises(ValueError, match="No layer of this model can be watched"):
        classifier.activations(IMAGES)


def test_a_module_without_parameters_is_asked_in_single_precision():
    """The mean of 20 values as a score: each has a share of 1/20, in the negated class −1/20."""
    classifier = with_mean(lambda mean: [mean, -mean])
    assert_allclose(classifier.scores(IMAGES)[:, 0], IMAGES.mean(axis=(1, 2, 3)), atol=1e-6)
    assert_allclose(classifier.gradient(IMAGES, 1), np.full_like(IMAGES, -1 / 20), atol=1e-7)


def test_preprocessing_in_place_spoils_neither_the_picture_nor_the_gradient():
    images = IMAGES.copy()
    classifier = xt.wrap(torch_glass.sequential(), preprocess=lambda x: x.sub_(0.1).div_(0.5))
    assert_allclose(classifier.gradient(images, "all"), GRADIENTS / 0.5, atol=1e-5)
    assert_array_equal(images, IMAGES)


def with_mean(scores):
    """A module of two scores that are worked out from the mean of the picture."""
    call = lambda _, x: torch.stack(scores(x.mean(dim=(1, 2, 3))), dim=1)  # noqa: E731
    return xt.wrap(torch_glass.Module(call, relu=nn.ReLU()))


def test_scores_that_happen_to_sum_to_one_are_scores_where_one_is_negative():
    mean = IMAGES.mean(axis=(1, 2, 3))
    classifier = with_mean(lambda mean: [1 + mean, -mean])
    assert_allclose(classifier.scores(IMAGES), np.stack([1 + mean, -mean], axis=1), atol=1e-6)


def test_what_the_first_pictures_told_of_a_model_s_end_holds_for_other_sizes():
    """Its scores sum to 1 for a black picture alone."""
    classifier = with_mean(lambda mean: [3 * mean, 1 - mean])
    classifier.predict(IMAGES)
    assert_allclose(classifier.scores(np.zeros((6, 7, 1))), [0, 1])


def test_no_way_back_is_kept_where_no_gradient_is_asked_for_and_memory_is_channels_last():
    modes, strides = [], set()

    def note(layer, inputs):
        modes.append(torch.is_grad_enabled())
        strides.add(inputs[0].stride())

    model = torch_glass.sequential()
    model[0].register_forward_pre_hook(note)
    classifier = xt.wrap(model)
    classifier.predict(IMAGES), classifier.scores(IMAGES), classifier.activations(IMAGES, 0)
    assert modes.count(True) == 1, "when the layers are listed"
    classifier.gradient(IMAGES, 0)
    assert strides == {(20, 1, 5, 1)}


def test_a_softmax_over_the_images_instead_of_the_classes_is_refused():
    with pytest.raises(ValueError, match="softmax runs over the images, not the classes: give it dim=1"):
        xt.wrap(torch_glass.sequential(nn.Softmax(dim=0))).predict(IMAGES)


def test_a_module_is_asked_as_it_is_now_and_not_as_it_was():
    model = torch_glass.sequential()
    classifier = xt.wrap(model, preprocess=(0, 1))
    classifier.gradient(IMAGES, 0)
    model.double()[3].weight.data *= 2
    assert_allclose(classifier.gradient(IMAGES, "all"), 2 * GRADIENTS, atol=1e-5)


def test_nothing_is_left_behind():
    model = torch_glass.noisy().to(memory_format=torch.channels_last)
    model[4].eval()
    model[2].weight.grad = torch.full((1, 1, 1, 1), 7.0)
    model[3].weight.requires_grad_(False)
    before = traces(model)
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    classifier = xt.wrap(model)
    classifier.predict(IMAGES), classifier.scores(IMAGES), classifier.gradient(IMAGES), classifier.layers
    classifier.activations(IMAGES), classifier.activations(IMAGES, None, 0)
    assert traces(model) == before
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all() and random.getstate() == states[2]


def traces(model):
    """All that a careless call could leave on a module: modes, hooks, weights, means, gradients, layout."""
    found = []
    for module in model.modules():
        hooks = [*module._forward_hooks, *module._forward_pre_hooks, *module._backward_hooks]
        found.append((module.training, len(hooks)))
    for tensor in model.state_dict(keep_vars=True).values():
        gradient = None if tensor.grad is None else tensor.grad.tolist()
        found.append((tensor.tolist(), gradient, tensor.requires_grad, tensor.stride(), tensor.dtype))
    return found


def fail(_):
    raise RuntimeError("in the middle")


@pytest.mark.parametrize("question", ["predict", "scores", "gradient", "activations"])
def test_a_module_that_fails_is_back_in_train_mode_without_hooks(question):
    model = torch_glass.noisy()
    classifier = xt.wrap(model)
    classifier.activations(IMAGES, None, 0)
    model[-1].forward = fail
    before = traces(model)
    with pytest.raises((RuntimeError, ValueError), match="in the middle"):
        getattr(classifier, question)(IMAGES)
    assert traces(model) == before


@pytest.mark.parametrize(
    "squash", [lambda x: x.detach(), lambda x: (x > 0).float()], ids=["detached", "a step"]
)
def test_a_score_that_can_t_be_followed_back_has_no_gradient_but_predicts(squash):
    classifier = xt.wrap(torch_glass.squashed(squash), outputs="scores")
    assert classifier.predict(IMAGES).shape == (5, 3)
    with pytest.raises(TypeError, match="no gradient; or gradients are off inside .* Try occlusion or lime"):
        classifier.gradient(IMAGES, 0)


def test_a_module_that_views_its_maps_as_rows_is_asked_with_channels_first_in_memory():
    classifier = xt.wrap(torch_glass.viewed())
    assert_seen_through(classifier, has_layers=False)
    maps, gradients = classifier.activations(IMAGES, "conv", "all")
    assert_allclose(maps.sum(axis=-1, keepdims=True), IMAGES, atol=1e-6)
    assert_allclose(gradients, np.repeat(GRADIENTS, 2, axis=-1), atol=1e-6)
    inside = IMAGES, classifier.find_layer(IMAGES, "conv")
    assert_allclose(classifier.scores_inside(IMAGES, 2 * maps, inside[1]), 2 * SCORES - BIASES, atol=1e-5)
    weights, _ = classifier.target_weights(IMAGES, "all")
    found = next(classifier.gradients([maps], weights, inside=inside))
    assert_allclose(found, gradients, atol=1e-6)


def test_a_model_of_inference_mode_is_only_asked():
    with torch.inference_mode():
        model = torch_glass.sequential()
    assert xt.wrap(model).predict(IMAGES).shape == (5, 3)
    with pytest.raises(TypeError, match="made in torch.inference_mode.*Make it outside of that"):
        xt.saliency(model, IMAGES, 0)
