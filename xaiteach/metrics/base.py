"""What measures share, kept out of their files: one image or many, a bare model, checked maps, the result."""

from dataclasses import dataclass
from functools import update_wrapper
from inspect import Signature, signature

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.base import bar
from xaiteach.methods.docs import complete_args
from xaiteach.methods.hiding import answers, question, replacement

SHARED = """
    model: a wrapped classifier, a bare Keras or PyTorch model, or a function from images to probabilities.
    images: (N, H, W, C) in [0, 1], or one image (H, W, C).
    maps: (N, H, W), or (H, W), one finite number a pixel.
    masks: (N, H, W), or (H, W) for all, True where the right thing is.
    method: one of the course's, or any function from model, images and targets to maps (N, H, W).
    targets: a class, one class an image, None for the predicted class, a pair (4, 9) for their difference.
    fill: what is seen instead, as in `xt.occlusion`: a number, a colour, "mean", "blur" or an image.
    of: "probability" or "score".
    kind: "rank" or "top", see `agreement`.
    top: share of the pixels, from 0 to 1, that count as highest.
    absolute: True to compare absolute values. Beware: two maps that are zero in the same places, as where
        a method multiplies by a black image, then agree whatever the rest is.
    seed: of the order among pixels on which the map says the same.
    batch_size: pictures a pass; bounds the memory, not the result. None for 32, or fewer large ones.
    progress: False hides the bar.
"""


@dataclass
class Measured:
    """What a measure says.

    Attributes:
        value: (N,), or a number for one image.
        curve: (N, M) the answers along the way, or (M,); None where there is no way.
        fraction: (M,) how far along each of them is, from 0 to 1.
        names: M words on them, where they have some.
        asked: what was measured, in the words of a badge, where a badge can tell it.
    """

    value: np.ndarray
    curve: np.ndarray | None = None
    fraction: np.ndarray | None = None
    names: list | None = None
    asked: str | None = None

    @property
    def mean(self):
        """Of the curve without its beginning, (N,) or a number; `.value` where there is no curve."""
        return self.value if self.curve is None else self.curve[..., 1:].mean(axis=-1)

    def first(self):
        """The same of the first image alone."""
        curve = None if self.curve is None else self.curve[0]
        return Measured(self.value[0], curve, self.fraction, self.names, self.asked)


def measures(measure):
    """Make a public measure out of one on checked batches.

    The decorated function is `f(classifier, images (N, H, W, C), maps (N, H, W), targets (N, K), **options)`,
    its targets weights on the scores, and returns a `Measured`. The public one takes what `SHARED` says.
    """

    def public(model, images, maps, targets=None, **options):
        classifier = as_classifier(model)
        batch, single = classifier.as_batch(images)
        maps = as_maps(maps, batch, single)
        weights, one_each = classifier.target_weights(batch, targets)
        if not one_each:
            raise ValueError(f"targets={targets!r}; want one target an image: a class, a pair, or None.")
        result = measure(classifier, batch, maps, weights[:, 0], **options)
        return result.first() if single else result

    return _completed(public, measure)


def hides(of):
    """As `measures`, for one that asks about pictures with parts hidden, by default about `of`.

    The decorated function is `f(answer, images, hidden, maps, **options)`, where `hidden` (N, H, W, C) is
    seen in place of the images. `answer(pictures, counts)` takes pictures one by one, `counts[n]` of them for
    image n, and gives N arrays of answers about the target. No more than a batch is held at a time.
    """

    def decorate(measure):
        def on_batch(
            classifier, images, maps, targets, *, fill=0.0, of=of, batch_size=None, progress=True, **options
        ):
            hidden = replacement(fill, images, classifier.value_range)
            ask = question(classifier, of)

            def answer(pictures, counts):
                pictures = bar(pictures, sum(counts), measure.__name__, progress)
                rows = answers(ask, pictures, batch_size)
                pairs = zip(targets, counts, strict=True)
                return [np.array([target @ next(rows) for _ in range(count)]) for target, count in pairs]

            return measure(answer, images, hidden, maps, **options)

        return measures(_completed(on_batch, measure))

    return decorate


def asks(measure):
    """Make a public measure out of one that asks a method again and again.

    The decorated function is `f(classifier, images (N, H, W, C), explain, **options)`. `explain` takes
    images, another model as `by=`, and options, and gives checked maps (N, H, W) of the targets; predicted
    classes are found once, on the images as they are.
    """

    def public(model, images, method, targets=None, **options):
        if not callable(method):
            raise TypeError(f"Given a {type(method).__name__}; want a method, such as xt.saliency, not maps.")
        classifier = as_classifier(model)
        batch, single = classifier.as_batch(images)
        if targets is None:
            targets = classifier.predict(batch).argmax(axis=1).tolist()

        def explain(pictures, by=classifier, **more):
            return as_maps(method(by, pictures, targets, **more), pictures)

        result = measure(classifier, batch, explain, **options)
        return result.first() if single else result

    return _completed(public, measure)


def as_maps(maps, images, single=False):
    """Maps as (N, H, W) float64, checked against the images they are of."""
    array = np.asarray(maps, dtype=float)
    if single and array.ndim == 2:
        array = array[None]
    if array.shape != images.shape[:3]:
        size = images.shape[1:3] if single else images.shape[:3]
        wanted = f"{size}, one number a pixel; of Grad-CAM with resize=True"
        raise ValueError(f"Maps of shape {np.shape(maps)}; want {wanted}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{(~np.isfinite(array)).sum()} values of the maps are NaN or infinite.")
    return array


def _completed(public, measure):
    """`public` under the name of a measure, with the options of both in its signature and in its docs."""
    update_wrapper(public, measure, updated=())
    own = [option for option in signature(measure).parameters.values() if option.kind == option.KEYWORD_ONLY]
    *taken, _ = signature(public, follow_wrapped=False).parameters.values()
    public.__signature__ = Signature(sorted([*own, *taken], key=lambda parameter: parameter.kind))
    public.__doc__ = complete_args(measure.__doc__, public.__signature__.parameters, SHARED)
    return public
