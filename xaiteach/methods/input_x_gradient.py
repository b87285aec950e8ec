"""Input × gradient: the gradient, weighted by how bright each pixel is."""

from xaiteach.methods.base import explains


@explains
def input_x_gradient(classifier, images, targets, *, batch_size=None):
    r"""The gradient of the score times the image, value by value.

    .. math:: x \cdot \nabla S_t(x)

    On a linear model, w·x, this is what each pixel adds to the score. It is one step of integrated gradients
    from black, taken at the end of the path: a saturated score makes it miss everything, and black gets
    nothing.

    Returns:
        (N, H, W) float32, signed, in units of the score.

    Source: Shrikumar et al., Not just a black box, 2016.
    """
    return images[:, None] * classifier.gradient(images, targets, batch_size=batch_size)
