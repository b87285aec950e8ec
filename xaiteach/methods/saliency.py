"""Saliency: how the score changes if one pixel becomes a little brighter."""

from xaiteach.methods.base import explains


@explains
def saliency(classifier, images, targets, *, absolute=False, batch_size=None):
    r"""The gradient of the score before the softmax with respect to the image.

    .. math:: \partial S_t(x) \,/\, \partial x

    Args:
        model: a wrapped classifier, or a bare Keras or PyTorch model.
        images: (N, H, W, C) in [0, 1], or one image.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9), or "all".
        absolute: True for the absolute value of each channel before they are summed. The paper takes the largest
            channel; for a grey image both are the same.
        batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        per_channel: True for (N, H, W, C).

    Returns:
        (N, H, W) float32, in units of the score a unit of brightness; signed unless `absolute`.

    Raises:
        TypeError: for a model that only predicts.

    Source: Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks, 2014, section 3.
    """
    gradient = classifier.gradient(images, targets, batch_size=batch_size)
    return abs(gradient) if absolute else gradient
