"""One line from a picture to an explanation that can be shown, saved, and compared with later."""

from functools import partial
from inspect import signature

import numpy as np

import xaiteach as xt
from xaiteach.classifier.fingerprint import fingerprint, settings, versions
from xaiteach.classifier.frameworks import framework_of
from xaiteach.classifier.targets import class_index
from xaiteach.classifier.wrap import as_classifier
from xaiteach.explaining.explanation import Explanation
from xaiteach.figures.words import adds_up
from xaiteach.images.load import fit, load_image, with_channels
from xaiteach.methods import METHODS, find_method
from xaiteach.metrics import badges, randomisation_check, stability

LONGEST = 512
LOOK_INSIDE = ("grad_cam", "hires_cam")
NOISE = 0.02
FIXED = ("details", "per_channel", "progress")
UNTOLD = ("batch_size", *FIXED)  # they change no map (H, W)


def explain(
    model, image, methods=None, top=3, *, targets=None, layer=None, seed=0, check=False, progress=True
):
    """Ask a model what it sees in a picture, and several methods why.

    Args:
        model: a wrapped classifier, a bare Keras or PyTorch model, a function from images to probabilities, or the
            path of a model as `xt.load_model` takes it.
        image: whatever `xt.load_image` takes: an array, a PIL image, a path, bytes, an https address. Its middle is cut
            out and resized to what the model wants. A PyTorch module doesn't know the size it was trained on: wrap it
            with input_shape=(H, W, C), or the picture keeps its size, up to 512 pixels a side.
        methods: a name such as "grad_cam", a method such as `xt.lime`, a list of them, or a dictionary from them to
            their options, such as {"occlusion": {"window": 45, "stride": 9}}. None for Grad-CAM, integrated gradients
            and occlusion; occlusion and LIME for a model that only predicts.
        top: how many classes are explained, the most probable first.
        targets: the classes that are explained instead, indices or names.
        layer: for Grad-CAM and HiResCAM: name, index, or the layer itself; None for the last one that will do.
        seed: for the methods that draw at random.
        check: True puts each map to two tests, which takes a map a layer and more, and tells the results below it:
            "same twice 0.93", how alike the maps of three copies of the picture with 2 % of noise are (1 is good), and
            "weights redrawn 0.02", how alike the map of a model is that has learnt nothing (0 is good). See
            `xt.metrics.stability` and `xt.metrics.randomisation_check`.
        progress: False hides the bars.

    Returns:
        An `Explanation`, with `.table`, `.maps`, `.figure`, `.describe()` and `.save(path)`. Occlusion takes a window
        of a seventh of the picture, moved by half of it, and gradient SHAP a black, a grey and a white picture as its
        background, unless their options say otherwise.

    Raises:
        ValueError, TypeError: in a sentence, for a picture, a method, an option, a class or a layer that does not fit.
    """
    classifier = xt.load_model(model) if _is_path(model) else as_classifier(model)
    _need_pictures(classifier)
    picture = _as_wanted(load_image(image), classifier)
    probabilities = classifier.predict(picture)
    classes = _classes(targets, top, probabilities, classifier.class_names)
    asked = _asked_for(methods, classifier, picture)
    if layer is not None and not any(_name(method) in LOOK_INSIDE for method in asked):
        raise ValueError(f"layer={layer!r} is for {' and '.join(LOOK_INSIDE)}; none of them is asked for.")
    options = {method: _complete(method, asked[method], classifier, picture, layer, seed) for method in asked}
    ask = partial(
        _answer, classifier=classifier, picture=picture, classes=classes, check=check, progress=progress
    )
    answers = {_name(method): ask(method, options[method]) for method in asked}
    names = classifier.class_names or [str(k) for k in range(len(probabilities))]
    return Explanation(
        image=picture,
        targets=classes,
        names=[names[k] for k in classes],
        probabilities=[float(probabilities[k]) for k in classes],
        maps={name: maps for name, (maps, _) in answers.items()},
        badges={name: badges for name, (_, badges) in answers.items()},
        options={_name(method): found for method, found in options.items()},
        weights=fingerprint(classifier),
        versions=versions(classifier),
        settings=settings(classifier),
    )


def _is_path(model):
    return isinstance(model, str) or hasattr(model, "__fspath__")


def _need_pictures(classifier):
    if classifier.value_range not in (None, (0, 1)):
        raise ValueError(
            f"The model was wrapped with value_range={classifier.value_range}, and pictures are in [0, 1] here. Leave "
            "it out, and let preprocess= bring them to what the model wants."
        )
    if classifier.input_shape is not None and classifier.input_shape[2] not in (1, 3, None):
        raise ValueError(
            f"The model wants {classifier.input_shape[2]} channels, and pictures have 1 or 3 here. Call the methods "
            "themselves: xt.grad_cam(model, array), …"
        )


def _as_wanted(picture, classifier):
    """The picture with the height, the width and the channels that the model wants."""
    height, width, channels = classifier.input_shape or (None, None, _channels_of(classifier.model))
    shrink = min(1, LONGEST / max(picture.shape[:2]))
    own = [max(1, round(side * shrink)) for side in picture.shape[:2]]
    return fit(with_channels(picture, channels), (height or own[0], width or own[1]))


def _channels_of(model):
    """How many channels the first convolution of a PyTorch module takes; None where that is no picture's number."""
    parts = model.modules() if framework_of(model) == "torch" else ()
    found = next((part.in_channels for part in parts if hasattr(part, "in_channels")), None)
    return found if found in (1, 3) else None


def _classes(targets, top, probabilities, names):
    if targets is not None:
        given = [targets] if isinstance(targets, str) or np.ndim(targets) == 0 else list(targets)
        if not given:
            raise ValueError("targets is empty; want at least one class, or None for the most probable ones.")
        return [_class_of(target, len(probabilities), names or []) for target in given]
    if not isinstance(top, (int, np.integer)) or top < 1:
        raise ValueError(f"top={top!r}; want how many classes to explain, a whole number from 1.")
    return np.argsort(-probabilities, kind="stable")[:top].tolist()


def _class_of(target, n_classes, names):
    if not isinstance(target, str):
        return class_index(target, n_classes)
    if target not in names:
        raise ValueError(
            f"No class is called {target!r}; the model has {', '.join(names[:20]) or 'no class names'}. For the most "
            "probable classes say top=3."
        )
    if names.count(target) > 1:
        raise ValueError(f"{names.count(target)} classes are called {target!r}; give the number of one.")
    return names.index(target)


def _asked_for(methods, classifier, picture):
    """From methods, by name or as functions, to their options."""
    methods = _suited(classifier, picture) if methods is None else methods
    methods = [methods] if isinstance(methods, str) or callable(methods) else methods
    if not isinstance(methods, (dict, list, tuple)):
        raise TypeError(
            f"methods is a {type(methods).__name__}; want a name, a method, a list or a dictionary of them."
        )
    given = methods if isinstance(methods, dict) else dict.fromkeys(methods, {})
    found = {find_method(method): dict(options or {}) for method, options in given.items()}
    if not found:
        raise ValueError(f"No methods are given; choose from {', '.join(METHODS)}.")
    if len(set(map(_name, found))) < len(found):
        raise ValueError(
            f"Of {', '.join(map(_name, found))} two have the same name; give each its own, with def."
        )
    return found


def _suited(classifier, picture):
    """The methods that can be asked of such a model without being told more."""
    try:
        classifier.gradient(picture, 0)
    except TypeError:
        return ["occlusion", "lime"]
    try:
        classifier.find_layer(picture[None], None, must_feed=True)
    except ValueError:
        return ["integrated_gradients", "occlusion"]
    return ["grad_cam", "integrated_gradients", "occlusion"]


def _name(method):
    return getattr(method, "__name__", type(method).__name__)


def _complete(method, options, classifier, picture, layer, seed):
    """All options, those that were left out too, so that they tell the whole story."""
    name, known = _name(method), signature(method).parameters
    free = [option for option in list(known)[3:] if option not in FIXED]
    unknown = sorted(set(options) - set(free))
    if unknown and getattr(xt, name, None) is method:
        raise ValueError(f"{name} has no option {', '.join(unknown)} here; it has {', '.join(free)}.")
    chosen = {
        option: p.default for option, p in known.items() if p.kind is p.KEYWORD_ONLY and option not in UNTOLD
    }
    chosen |= {"seed": seed} if "seed" in known else {}
    if name in LOOK_INSIDE:
        found = classifier.find_layer(picture[None], options.get("layer", layer), must_feed=True)
        return chosen | options | {"layer": found.name}
    if name == "occlusion":
        window = options.get("window", max(1, min(picture.shape[:2]) // 7))
        chosen |= {"window": window, "stride": np.maximum(1, np.asarray(window) // 2).tolist()}
    if name == "gradient_shap":
        chosen |= {"background": np.stack([np.full_like(picture, grey) for grey in (0, 0.5, 1)])}
    return chosen | options


def _answer(method, options, *, classifier, picture, classes, check, progress):
    """The maps of the classes (k, H, W), and words below each."""
    if getattr(xt, _name(method), None) is not method:
        maps = np.float32([method(classifier, picture, k, **options) for k in classes])
        if maps.shape[1:] != picture.shape[:2] or not np.isfinite(maps).all():
            raise ValueError(
                f"{_name(method)} gave shape {maps.shape[1:]}; want finite numbers {picture.shape[:2]}."
            )
        return maps, [""] * len(classes)
    quiet = {"progress": progress} if "progress" in signature(method).parameters else {}
    weights = np.eye(classifier.n_classes, dtype=np.float32)[classes][None]
    maps, known = method(classifier, picture[None], weights, details=True, **options, **quiet)
    where = "before its ReLU " if _name(method) in LOOK_INSIDE else ""
    sums = [[where + words for words in adds_up(known)]] if hasattr(known, "accounts_for") else []
    tests = (
        [[_tests(partial(method, **options), classifier, picture, k, progress) for k in classes]]
        if check
        else []
    )
    return maps[0], ["; ".join(words) for words in zip(*sums, *tests, strict=True)] or [""] * len(classes)


def _tests(method, classifier, picture, k, progress):
    """How alike the map is with a little noise and, where there are weights, with others."""
    asked = classifier, picture, method, k
    steady = stability(*asked, noise=NOISE, progress=progress)
    sane = randomisation_check(*asked, progress=progress) if framework_of(classifier.model) else None
    return badges(stability=steady, sanity=sane)
