"""For measures that ask a method again and again, rather than look at maps that are there."""

from functools import wraps
from inspect import Signature, signature

from xaiteach.classifier.wrap import as_classifier
from xaiteach.images.batch import as_batch
from xaiteach.metrics.base import as_maps


def asks(measure):
    """Make a public measure out of one that gets a function in place of maps.

    The decorated function is `f(classifier, images (N, H, W, C), explain, **options)`. What it gets as `explain` takes
    images, another model as `by=`, and options, and gives checked maps (N, H, W) of the targets; predicted classes are
    found once, on the images as they are. The public one is called `f(model, images, method, targets=None,
    **options)`; `method` is one of the course's, or any function `method(model, images, targets)`.
    """

    @wraps(measure)
    def public(model, images, method, targets=None, **options):
        if not callable(method):
            raise TypeError(
                f"Given a {type(method).__name__}; want a method, such as xt.saliency or "
                "lambda model, images, targets: xt.lime(model, images, targets, n_samples=200)."
            )
        classifier = as_classifier(model)
        batch, single = as_batch(
            images, input_shape=classifier.input_shape, value_range=classifier.value_range
        )
        targets = classifier.predict(batch).argmax(axis=1).tolist() if targets is None else targets

        def explain(pictures, by=classifier, **more):
            return as_maps(method(by, pictures, targets, **more), pictures)

        result = measure(classifier, batch, explain, **options)
        return result.first() if single else result

    own = list(signature(measure).parameters.values())[3:]
    public.__signature__ = Signature([*signature(_shared).parameters.values(), *own])
    return public


def _shared(model, images, method, targets=None): ...
