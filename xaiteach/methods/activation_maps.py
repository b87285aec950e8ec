"""Activation maps: what the units of a layer see."""

from xaiteach.classifier.wrap import as_classifier


def activation_maps(model, images, layer=None, *, batch_size=None):
    """The feature maps of a layer, as they are.

    Args:
        model: a wrapped classifier, or a bare Keras or PyTorch model.
        images: (N, H, W, C) in [0, 1], or one image.
        layer: name, index or the layer itself; None for the last layer that has a grid and feeds the score.
        batch_size: images a pass; None for 32, or fewer large ones.

    Returns:
        (N, h, w, F) float32, one map a unit.

    Raises:
        ValueError: for a layer without height and width, naming those that would do.
        TypeError: for a model that only predicts.

    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014.
    """
    return as_classifier(model).activations(images, layer, batch_size=batch_size)
