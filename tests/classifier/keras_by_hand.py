"""Grad-CAM of a Keras model as a person writes it with a GradientTape."""

import keras
import numpy as np
import tensorflow as tf


def grad_cam(model, image, layer, target, *, tokens=None, relu=True):
    """ReLU(Σ maps · mean slope) for an image as the model wants it; `tokens` makes a grid of tokens."""
    step = next(each for each in model.operations if each.name == layer)
    both = keras.Model(model.inputs, [step.output, model.output])
    with tf.GradientTape() as tape:
        maps, outputs = both(image[None], training=False)
        score = outputs[0, target]
    slopes = tape.gradient(score, maps)
    if tokens is not None:
        maps, slopes = tokens(maps), tokens(slopes)
    weights = np.mean(slopes[0], axis=(0, 1))
    cam = (maps[0].numpy() @ weights[:, None])[..., 0]
    return np.maximum(cam, 0) if relu else cam
