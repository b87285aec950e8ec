"""Which methods are asked, and with which options: all of them, so that they tell the whole story."""

from inspect import signature

import numpy as np

from xaiteach.methods import METHODS, find_method, is_ours

LOOK_INSIDE = ("grad_cam", "hires_cam")
FIXED = ("details", "per_channel", "progress")
FEWER = {"integrated_gradients": "steps"}
FEWER |= dict.fromkeys(["lime", "smooth_grad", "gradient_shap"], "n_samples")
UNTOLD = ("batch_size", *FIXED)  # they change no map (H, W)


def suited(classifier, picture):
    """Lists of methods that need not be told more, each for models where one before finds no gradient."""
    try:
        classifier.find_layer(picture[None], None, must_feed=True)
        to_a_layer = ["grad_cam"]
    except (TypeError, ValueError):
        to_a_layer = []
    return [
        [*to_a_layer, "integrated_gradients", "occlusion"],
        [*to_a_layer, "occlusion", "lime"],
        ["occlusion", "lime"],
    ]


def chosen(methods, classifier, picture, layer, seed):
    """From the name of each method to the method and its options."""
    named = {}
    for method, options in _as_dictionary(methods).items():
        method = find_method(method)
        name = getattr(method, "__name__", type(method).__name__)
        if name in named and named[name][0] is not method:
            raise ValueError(f"Two methods have the same name, {name}; give each its own, with def.")
        named[name] = method, options or {}
    if not named:
        raise ValueError(f"No methods are given; choose from {', '.join(METHODS)}.")
    if layer is not None and not set(LOOK_INSIDE) & set(named):
        raise ValueError(f"layer={layer!r} is for {' and '.join(LOOK_INSIDE)}; none of them is asked for.")
    for name, (method, options) in named.items():
        if is_ours(method):
            options = _checked(name, options, classifier, picture, layer)
        named[name] = method, _defaults(method, seed) | options
    return named


def quietly(method, progress):
    """The option that hides the bar, where a method has one."""
    return {"progress": progress} if "progress" in signature(method).parameters else {}


def for_tests(name, options, size):
    """What makes a method four or five times cheaper while its map is tested, as options and in words."""
    if name == "occlusion":
        window = np.broadcast_to(options["window"], 2)
        stride = options["stride"] or window
        height, width = np.minimum(2 * window, size).tolist()
        coarser = np.minimum(2 * np.asarray(stride), (height, width)).tolist()
        return {"window": (height, width), "stride": coarser}, f"tested with windows of {height}×{width}"
    if name not in FEWER:
        return {}, ""
    option = FEWER[name]
    count = max(options[option] // 5, min(options[option], 5))
    return {option: count}, f"tested with {count} {option.removeprefix('n_')}"


def _as_dictionary(methods):
    if isinstance(methods, dict):
        return methods
    if isinstance(methods, str) or callable(methods):
        return {methods: {}}
    if isinstance(methods, (list, tuple)):
        return dict.fromkeys(methods, {})
    raise TypeError(f"methods is a {type(methods).__name__}; want a name, a method, or a list of them.")


def _defaults(method, seed):
    defaults = {}
    for option, parameter in signature(method).parameters.items():
        free = parameter.kind is parameter.KEYWORD_ONLY and parameter.default is not parameter.empty
        if option == "seed":
            defaults[option] = seed
        elif free and option not in UNTOLD:
            defaults[option] = parameter.default
    return defaults


def _checked(name, options, classifier, picture, layer):
    """The options given to one of our methods, checked, and those that depend on the picture or the model."""
    free = [option for option in list(signature(find_method(name)).parameters)[3:] if option not in FIXED]
    unknown = sorted(set(options) - set(free))
    if unknown:
        raise ValueError(f"{name} has no option {', '.join(unknown)} here; it has {', '.join(free)}.")
    if name == "occlusion":
        window = options.get("window", max(1, min(picture.shape[:2]) // 7))
        stride = np.maximum(1, np.asarray(window) // 2).tolist()
        return {"window": window, "stride": stride} | options
    if name == "gradient_shap":
        background = np.stack([np.full_like(picture, grey) for grey in (0, 0.5, 1)])
        return {"background": background} | options
    if name in LOOK_INSIDE:
        call = classifier.find_layer(picture[None], options.get("layer", layer), must_feed=True)
        return options | {"layer": _name_of(call, classifier.layer_calls(picture[None]))}
    return options


def _name_of(call, calls):
    """What a file can hold of a call of a layer: its name, or its index where the name means another one."""
    called_so = [each for each in calls if each.name == call.name]
    is_the_last = called_so[-1] is call
    if is_the_last and all(each.layer is call.layer for each in called_so):
        return call.name
    return next(index for index, each in enumerate(calls) if each is call)
