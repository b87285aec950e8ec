"""The same numbers as shap.GradientExplainer at the same seed, in both frameworks."""

import keras
import numpy as np
import pytest
import shap
import torch
from known import smooth
from numpy.testing import assert_allclose

import xaiteach as xt

SEED, SAMPLES = 11, 25
IMAGES = np.random.default_rng(1).random((3, 8, 8, 2)).astype(np.float32)
BACKGROUND = np.random.default_rng(2).random((12, 8, 8, 2)).astype(np.float32)
pytestmark = pytest.mark.filterwarnings("ignore:The structure of `inputs`")


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


@pytest.fixture
def model(framework):
    return smooth(framework)


def shap_values(model, background, inputs):
    """What shap gives; its global random state is put back."""
    state = np.random.get_state()
    found = shap.GradientExplainer(model, background).shap_values(inputs, nsamples=SAMPLES, rseed=SEED)
    np.random.set_state(state)
    return found


def theirs(model, image):
    """shap's values (classes, H, W, C) of one image."""
    if isinstance(model, torch.nn.Module):
        values = shap_values(model, tensor(BACKGROUND), tensor(image[None]))
        return values[0].transpose(3, 1, 2, 0)
    return np.moveaxis(shap_values(model, BACKGROUND, image[None])[0], -1, 0)


def ours(model, image, targets, **options):
    options |= {"background": BACKGROUND, "n_samples": SAMPLES, "seed": SEED}
    return xt.gradient_shap(model, image, targets, **options)


def test_each_image_of_a_batch_is_shap_s_of_that_image_alone(model):
    """In a batch shap goes on drawing from image to image, so that its values depend on what came before."""
    maps = ours(model, IMAGES, "all", batch_size=4, per_channel=True)
    assert abs(maps).max() > 0.1
    assert_allclose(maps, [theirs(model, image) for image in IMAGES], atol=1e-5)


def test_values_of_a_layer_are_shap_s_of_the_model_behind_it(model):
    """shap's own form for a layer gives wrong numbers in PyTorch, so the rest of the model is asked alone."""
    ends, starts = (xt.activation_maps(model, images, 1) for images in (IMAGES[:1], BACKGROUND))
    if isinstance(model, torch.nn.Module):
        expected = np.moveaxis(shap_values(model[2:], tensor(starts), tensor(ends))[0], 0, -2)
    else:
        behind = keras.Sequential([keras.Input(ends.shape[1:]), *model.layers[2:]])
        expected = shap_values(behind, starts, ends)[0]
    maps = ours(model, IMAGES[0], 3, layer=1, resize=False, per_channel=True)
    assert abs(maps).max() > 0.1
    assert_allclose(maps, expected[..., 3], atol=1e-5)


def test_the_guard_gives_shap_scores_and_a_softmax_is_looked_through(framework):
    """As it is, shap would explain the probabilities of a model that ends in a softmax."""
    model = smooth(framework)
    if framework == "torch":
        model = torch.nn.Sequential(*model, torch.nn.Softmax(1))
    else:
        model = keras.Sequential([*model.layers, keras.layers.Softmax()])
    classifier = xt.wrap(model, preprocess=(0.1, 2))
    values = shap_values(*xt.for_shap(classifier, BACKGROUND, IMAGES[:1]))
    maps = ours(classifier, IMAGES[0], "all", per_channel=True)
    assert_allclose(np.moveaxis(values[0], -1, 0), maps, atol=1e-5)
    panels = xt.shap_panels(values, [2, 0])
    assert_allclose([panels[0][0], panels[1][0]], [maps[2], maps[0]], atol=1e-5)


def test_panels_are_made_of_values_with_classes():
    with pytest.raises(ValueError, match=r"shape \(1, 8, 8, 2\); want \(N, H, W, C, K\)"):
        xt.shap_panels(np.zeros((1, 8, 8, 2)), [0])


def test_shap_leaves_a_guarded_module_in_the_mode_it_was_in():
    model = smooth("torch").train()
    scores, background = xt.for_shap(model, BACKGROUND)
    shap.GradientExplainer(scores, background)
    assert model.training and all(module.training for module in model)
