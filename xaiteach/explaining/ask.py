"""Ask a model what it sees in one picture, and methods why; the answers are arrays and plain values."""

import warnings
from contextlib import suppress
from functools import partial
from os import PathLike

import numpy as np

from xaiteach.classifier.frameworks import framework_of
from xaiteach.classifier.targets import class_index
from xaiteach.classifier.wrap import as_classifier
from xaiteach.explaining.fingerprint import fingerprint, settings, versions
from xaiteach.explaining.once import passed_once
from xaiteach.explaining.options import LOOK_INSIDE, chosen, for_tests, quietly, suited
from xaiteach.figures.words import adds_up
from xaiteach.images.load import fit, load_image, with_channels
from xaiteach.loading.model import load_model
from xaiteach.methods import is_ours
from xaiteach.metrics import badges, randomisation_check, stability

LONGEST = 224  # pixels a side, where the model does not say a size
NOISE, COPIES, LAYERS = 0.02, 2, 5  # of the tests


def ask(model, image, methods=None, top=3, *, targets=None, layer=None, seed=0, check=False, progress=True):
    """The parts of an `Explanation` as a dictionary; all that is given is what `xt.explain` takes."""
    classifier = load_model(model) if isinstance(model, (str, PathLike)) else as_classifier(model)
    _need_pictures(classifier)
    picture = _as_wanted(load_image(image), classifier)
    with passed_once(classifier, picture):
        probabilities = classifier.predict(picture)
        classes = _classes(targets, top, probabilities, classifier.class_names)
        explain = partial(_explain, classifier, picture, classes, layer, seed, progress)
        if methods is None:
            asked, maps, words = _explain_as_suited(explain, classifier, picture)
        else:
            asked, maps, words = explain(methods)
    if check:  # which changes weights, so that no pass is remembered any more
        for name, (method, options) in asked.items():
            if is_ours(method):
                cheaper, how = for_tests(name, options, picture.shape[:2])
                ready = _ready(method, options | cheaper, progress)
                known = [] if cheaper else [maps[name]]
                tests = _tests(ready, classifier, picture, classes, known, progress)
                pairs = zip(words[name], tests, strict=True)
                words[name] = ["; ".join(filter(None, [*pair, how])) for pair in pairs]
    names = classifier.class_names or [str(k) for k in range(len(probabilities))]
    return {
        "image": picture,
        "targets": classes,
        "names": [names[k] for k in classes],
        "probabilities": [float(probabilities[k]) for k in classes],
        "maps": maps,
        "badges": words,
        "options": {name: options for name, (_, options) in asked.items()},
        "weights": fingerprint(classifier),
        "versions": versions(classifier),
        "settings": settings(classifier),
    }


def _need_pictures(classifier):
    if classifier.value_range not in (None, (0, 1)):
        raise ValueError(
            f"The model was wrapped with value_range={classifier.value_range}, and pictures are in [0, 1] "
            "here. Leave it out, and let preprocess= bring them to what the model wants."
        )
    if classifier.input_shape is not None and classifier.input_shape[2] not in (1, 3, None):
        raise ValueError(
            f"The model wants {classifier.input_shape[2]} channels, and pictures have 1 or 3 here. Call the "
            "methods themselves: xt.grad_cam(model, array), …"
        )


def _as_wanted(picture, classifier):
    """The picture with the height, the width and the channels that the model wants."""
    wanted = classifier.input_shape or (None, None, _channels_of(classifier.model))
    shrink = min(1, LONGEST / max(picture.shape[:2]))
    height, width = (max(1, round(side * shrink)) for side in picture.shape[:2])
    size = wanted[0] or height, wanted[1] or width
    return fit(with_channels(picture, wanted[2]), size)


def _channels_of(model):
    """How many channels the first convolution of a PyTorch module takes; None where that is not 1 or 3."""
    if framework_of(model) != "torch":
        return None
    channels = [layer.in_channels for layer in model.modules() if hasattr(layer, "in_channels")]
    return channels[0] if channels[:1] in ([1], [3]) else None


def _classes(targets, top, probabilities, names):
    if targets is None:
        if not isinstance(top, (int, np.integer)) or top < 1:
            raise ValueError(f"top={top!r}; want how many classes to explain, a whole number from 1.")
        return np.argsort(-probabilities, kind="stable")[:top].tolist()
    targets = [targets] if isinstance(targets, str) or np.ndim(targets) == 0 else list(targets)
    if not targets:
        raise ValueError("targets is empty; want at least one class, or None for the most probable ones.")
    return [_class_of(target, len(probabilities), names or []) for target in targets]


def _class_of(target, n_classes, names):
    if not isinstance(target, str):
        return class_index(target, n_classes)
    if target not in names:
        raise ValueError(
            f"No class is called {target!r}; the model has {', '.join(names[:20]) or 'no class names'}. "
            "For the most probable classes say top=3."
        )
    if names.count(target) > 1:
        raise ValueError(f"{names.count(target)} classes are called {target!r}; give the number of one.")
    return names.index(target)


def _explain_as_suited(explain, classifier, picture):
    *better, simplest = suited(classifier, picture)
    for methods in better:
        with suppress(TypeError):
            return explain(methods)
    return explain(simplest)


def _explain(classifier, picture, classes, layer, seed, progress, methods):
    """What is asked, as `chosen` gives it; the maps (k, H, W) of each method; and words below each map."""
    asked = chosen(methods, classifier, picture, layer, seed)
    maps, words = {}, {}
    for name, (method, options) in asked.items():
        maps_of = _maps_of_ours if is_ours(method) else _maps_of_theirs
        method = _ready(method, options, progress)
        maps[name], words[name] = maps_of(name, method, classifier, picture, classes)
    return asked, maps, words


def _ready(method, options, progress):
    """A method to be called with a model, images and targets alone."""
    return partial(method, **(quietly(method, progress) | options))


def _maps_of_ours(name, method, classifier, picture, classes):
    """All classes at once: their passes are shared."""
    maps, details = method(classifier, picture[None], _weights(classifier, classes), details=True)
    if not hasattr(details, "accounts_for"):
        return maps[0], [""] * len(classes)
    where = "before its ReLU " if name in LOOK_INSIDE else ""
    return maps[0], [where + words for words in adds_up(details)]


def _maps_of_theirs(name, method, classifier, picture, classes):
    maps = np.float32([method(classifier, picture, k) for k in classes])
    if maps.shape[1:] != picture.shape[:2] or not np.isfinite(maps).all():
        raise ValueError(f"{name} gave shape {maps.shape[1:]}; want finite numbers {picture.shape[:2]}.")
    return maps, [""] * len(classes)


def _weights(classifier, classes):
    """The classes as targets of one image, (1, k, K)."""
    weights = np.zeros((1, len(classes), classifier.n_classes), np.float32)
    weights[0, range(len(classes)), classes] = 1
    return weights


def _tests(method, classifier, picture, classes, known, progress):
    """How alike each map is with a little noise and, where there are weights, with others, in words.

    `known` may hold the maps of the picture and the model as they are.
    """
    pictures = np.repeat(picture[None], len(classes), axis=0)

    def method_for_all(model, pictures, targets):
        """The maps of all classes in one picture, with the noise of the first: their passes are shared."""
        if known and np.array_equal(pictures[0], picture):
            return known.pop()  # with other weights it is asked again
        return method(model, pictures[:1], _weights(classifier, targets))[0]

    asked = classifier, pictures, method_for_all, classes
    sane = None
    with warnings.catch_warnings(action="ignore"):  # the explanation has said them
        steady = stability(*asked, runs=COPIES, noise=NOISE, progress=progress)
        if _has_weights(classifier):
            sane = randomisation_check(*asked, steps=LAYERS, progress=progress)
    return badges(stability=steady, sanity=sane)


def _has_weights(classifier):
    is_model = framework_of(classifier.model) is not None
    return is_model and any(classifier.weights_of(layer) for _, layer in classifier.parts())
