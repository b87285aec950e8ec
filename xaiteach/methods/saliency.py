"""Saliency: how the score changes if one pixel becomes a little brighter."""

from xaiteach.methods.base import explains


@explains
def saliency(classifier, images, targets, *, absolute=False, batch_size=None):
    r"""The gradient of the score before the softmax with respect to the image.

    .. math:: \partial S_t(x) \,/\, \partial x

    Args:
        absolute: True for the absolute value of each channel before they are summed. The paper takes the
            largest channel; for a grey image both are the same.

    Returns:
        (N, H, W) float32, in units of the score a unit of brightness; signed unless `absolute`.

    Source: Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks, 2014, section 3.
    """
    gradient = classifier.gradient(images, targets, batch_size=batch_size)
    return abs(gradient) if absolute else gradient
