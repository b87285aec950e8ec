"""The families of keras.applications: the layer that is taken, and Grad-CAM as by hand."""

import warnings

import keras
import keras_by_hand
import numpy as np
import pytest
from numpy.testing import assert_allclose

import xaiteach as xt

FAMILIES = {
    "ConvNeXtTiny": ("add_17", 255),
    "DenseNet121": ("relu", 1),
    "EfficientNetB0": ("top_activation", 255),
    "InceptionV3": ("mixed10", 1),
    "MobileNet": ("conv_pw_13_relu", 1),
    "MobileNetV2": ("out_relu", 1),
    "MobileNetV3Small": ("activation_17", 255),
    "ResNet50": ("conv5_block3_out", 1),
    "VGG16": ("block5_pool", 1),
    "Xception": ("block14_sepconv2_act", 1),
}


@pytest.mark.parametrize(("name", "layer", "white"), [(name, *row) for name, row in FAMILIES.items()])
def test_grad_cam_of_a_family_is_the_one_by_hand_and_scaling_inside_is_seen(name, layer, white):
    """Three families scale pictures up to 255 themselves, and are given such."""
    keras.backend.clear_session()  # so that names of layers are counted from the start
    keras.utils.set_random_seed(0)
    side = {"InceptionV3": 107, "Xception": 71}.get(name, 64)
    build = getattr(keras.applications, name)
    base = build(weights=None, include_top=False, pooling="avg", input_shape=(side, side, 3))
    model = keras.Model(base.input, keras.layers.Dense(3)(base.output))
    image = np.random.default_rng(0).random((side, side, 3), np.float32)
    classifier = xt.wrap(model)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        got = xt.grad_cam(classifier, image, 1, resize=False)
    assert ("up to 255" in " ".join(str(each.message) for each in warned)) == (white == 255)
    assert classifier.find_layer(image[None], None).name == layer
    expected = keras_by_hand.grad_cam(model, white * image, layer, 1)
    assert_allclose(got, expected, atol=1e-4 * np.abs(expected).max())
