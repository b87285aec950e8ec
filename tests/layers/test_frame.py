"""A layer's map lies where the model has it from, whatever is done to the picture on the way."""

import numpy as np
import pytest
import torch.nn.functional as F
import torchvision
from torch import nn
from torch_glass import Module

import xaiteach as xt

PICTURE = np.zeros((64, 128, 3), np.float32)
PICTURE[24:40, 36:52] = 1  # a square about (32, 44)


def squares():
    """Sees how bright each square of 8 by 8 is."""
    model = nn.Sequential(nn.Conv2d(3, 1, 8, 8, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    nn.init.ones_(model[0].weight)
    return model


def standardised(t):
    return (t - t.mean((1, 2, 3), keepdim=True)) / t.std((1, 2, 3), keepdim=True)


STEPS = {
    "resized and cropped": torchvision.models.ResNet18_Weights.DEFAULT.transforms(),
    "cropped at one side": lambda t: t[:, :, 16:56, 24:88],
    "flipped": lambda t: t.flip(3),
    "upside down": lambda t: t.flip(2),
    "padded to a square": lambda t: F.pad(t, (0, 0, 32, 32)),
    "padded by what is there": lambda t: F.pad(t, (0, 0, 24, 8), mode="reflect"),
    "moved": lambda t: F.pad(t, (-16, 16, 8, -8)),
    "squared": lambda t: t**2,
    "resized": lambda t: F.interpolate(t, (128, 128), mode="bilinear"),
    "cut and blown up": lambda t: F.interpolate(t[:, :, 8:56, 16:80], (96, 128), mode="bilinear"),
    "each of its own brightness": standardised,
    "black and white alone": lambda t: (t > 0.5).to(t),
    "a part of the brightness": lambda t: ((t - 0.4) / 0.2).clamp(0, 1),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_the_map_of_a_square_is_about_its_middle_with_the_step_before_or_in_the_model(step):
    within = Module(lambda m, t: m.squares(step(t)), squares=squares())
    rows, columns = np.indices(PICTURE.shape[:2]) + 0.5
    for model in (xt.wrap(squares(), preprocess=step), xt.wrap(within)):
        for method in (xt.grad_cam, xt.hires_cam, xt.fused_cam):
            cam = method(model, PICTURE, 0)
            assert (cam * rows).sum() / cam.sum() == pytest.approx(32, abs=0.6)
            assert (cam * columns).sum() / cam.sum() == pytest.approx(44, abs=0.6)
        options = {"background": 0 * PICTURE[None], "n_samples": 1, "layer": "squares.0", "progress": False}
        if step is not standardised:  # a plain background has no brightness of its own
            options["layer"] = model.layers[0]
            shap = xt.gradient_shap(model, PICTURE, 0, **options)
            assert (shap * columns).sum() / shap.sum() == pytest.approx(44, abs=0.6)


def test_what_is_cut_off_gets_nothing():
    cam = xt.grad_cam(xt.wrap(squares(), preprocess=lambda t: t[:, :, 16:56, 24:88]), PICTURE / 2 + 0.1, 0)
    inside = np.zeros(PICTURE.shape[:2], bool)
    inside[16:56, 24:88] = True
    assert (cam[inside] > 0).all() and not cam[~inside].any()


def test_a_picture_that_is_turned_is_refused_unless_its_map_is_not_put_over_it():
    turned = xt.wrap(squares(), preprocess=lambda t: t.rot90(1, (2, 3)))
    with pytest.raises(ValueError, match="turns the picture or bends it.* or say resize=False"):
        xt.grad_cam(turned, PICTURE, 0)
    assert xt.grad_cam(turned, PICTURE, 0, resize=False).shape == (16, 8)


@pytest.mark.parametrize("turn", [lambda t: t.rot90(1, (2, 3)), lambda t: t.transpose(2, 3)])
def test_a_model_that_turns_the_picture_itself_is_refused(turn):
    within = Module(lambda m, t: m.squares(turn(t)), squares=squares())
    with pytest.raises(ValueError, match="the model, turns the picture or bends it"):
        xt.grad_cam(within, PICTURE, 0)


def test_a_convolution_s_padding_written_out_moves_nothing():
    padded = Module(lambda m, t: m.squares(F.pad(t, (4, 4, 4, 4))), squares=squares())
    assert xt.wrap(padded).frame(PICTURE[None]).rows == (0, 1)


BRIGHTNESS = {
    "each of its own brightness": standardised,
    "stretched": lambda t: (2 * t - t.mean((1, 2, 3), keepdim=True)).clamp(0, 1),
    "turned round": lambda t: -t,
}


@pytest.mark.parametrize("change", BRIGHTNESS.values(), ids=list(BRIGHTNESS))
def test_a_cut_is_found_whatever_is_done_to_the_brightness_of_each_picture(change):
    def step(t):
        return change(t)[:, :, 16:56, 24:88].flip(3)

    within = Module(lambda m, t: m.squares(step(t)), squares=squares())
    for model in (xt.wrap(squares(), preprocess=step), xt.wrap(within)):
        frame = model.frame(PICTURE[None])
        assert frame.sides == (40, 64)
        assert frame.rows == pytest.approx((16 / 64, 56 / 64), abs=0.01)
        assert frame.columns == pytest.approx((88 / 128, 24 / 128), abs=0.01)
