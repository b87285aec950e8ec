"""Guided backpropagation: sharp, popular, and hardly about the model. The well-known bad example."""

from xaiteach.methods.base import explains


@explains
def guided_backpropagation(classifier, images, targets, *, batch_size=None):
    r"""The gradient, but on its way back every ReLU also sets what is negative to zero.

    .. math:: R^{l}_i = [f^{l}_i > 0]\,\max\bigl(0,\ R^{l+1}_i\bigr)

    Here f is what a ReLU gives out, R what comes back to it, and R at the scores is the class, as for a
    gradient. ReLUs are guided as modules, layers or functions; other activations pass the gradient as usual.
    Beware: the map finds edges in the image rather than reasons of the model. It changes little when the
    upper layers are filled with random weights or another class is asked for (Adebayo et al., Sanity checks
    for saliency maps, NeurIPS 2018; Nie et al., ICML 2018). Use it to learn how a beautiful map can be wrong.

    Returns:
        (N, H, W) float32, signed, in no unit that means anything.

    Warns:
        UserWarning: for a model without a ReLU, where this is the plain gradient.

    Source: Springenberg et al., Striving for simplicity: the all convolutional net, 2015, figure 1.
    """
    return classifier.gradient(images, targets, guided=True, batch_size=batch_size)
