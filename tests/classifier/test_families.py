"""Families of torchvision: the layer that is taken by default, and Grad-CAM as autograd has it by hand."""

import numpy as np
import pytest
import torch
import torchvision
from numpy.testing import assert_allclose

import xaiteach as xt

# The layer, the side of the picture, and how the axes of its output become rows, columns and features.
FIRST, LAST = (1, 2, 0), (0, 1, 2)
FAMILIES = {
    "alexnet": ("avgpool", 96, FIRST),
    "densenet121": ("features", 64, FIRST),
    "efficientnet_b0": ("features", 64, FIRST),
    "googlenet": ("inception5b", 64, FIRST),
    "mnasnet0_5": ("layers", 64, FIRST),
    "mobilenet_v3_small": ("features", 64, FIRST),
    "regnet_y_400mf": ("trunk_output", 64, FIRST),
    "resnet18": ("layer4", 64, FIRST),
    "shufflenet_v2_x0_5": ("conv5", 64, FIRST),
    "squeezenet1_1": ("classifier.2", 64, FIRST),
    "vgg11": ("avgpool", 64, FIRST),
    "convnext_tiny": ("features", 64, FIRST),
    "swin_t": ("permute", 64, FIRST),
    "swin_v2_t": ("permute", 64, FIRST),
    "maxvit_t": ("blocks.3", 224, FIRST),
    "vit_b_32": ("encoder.layers.encoder_layer_11.ln_1", 224, LAST),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_s_default_layer_and_its_map(name):
    layer, side, order = FAMILIES[name]
    torch.manual_seed(0)
    options = {"init_weights": False} if name == "googlenet" else {}
    model = getattr(torchvision.models, name)(weights=None, num_classes=5, **options).eval()
    torch.nn.init.normal_([each for each in model.parameters() if each.ndim > 1][-1])
    image = np.random.default_rng(0).random((side, side, 3), np.float32)
    classifier = xt.wrap(model)
    found = classifier.find_layer(image[None], None)
    kept = []
    found.layer.register_forward_hook(lambda module, inputs, output: kept.append(output) or output.clone())
    score = model(torch.tensor(image).permute(2, 0, 1)[None])[0, 1]
    gradient = torch.autograd.grad(score, kept[-1])[0][0].numpy()
    output = kept[-1][0].detach().numpy()
    if output.ndim == 2:  # tokens, of which the first is the class's
        output, gradient = (each[1:].reshape(7, 7, -1) for each in (output, gradient))
    output, gradient = output.transpose(order), gradient.transpose(order)
    cam = output @ gradient.mean(axis=(0, 1))
    got = xt.grad_cam(classifier, image, 1, relu=False, resize=False)
    assert_allclose(got, cam, atol=1e-4 * abs(cam).max())
    assert found.name == layer
