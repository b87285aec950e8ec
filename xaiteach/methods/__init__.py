"""The explanation methods: one short file each, one signature for all, loaded when it is first used."""

from importlib import import_module

# What can be asked for by name, and what it is called in a figure.
METHODS = {
    "grad_cam": "Grad-CAM",
    "hires_cam": "HiResCAM",
    "fused_cam": "fused Grad-CAM",
    "integrated_gradients": "integrated gradients",
    "gradient_shap": "gradient SHAP",
    "occlusion": "occlusion",
    "lime": "LIME",
    "saliency": "gradient",
    "smooth_grad": "SmoothGrad",
    "input_x_gradient": "input × gradient",
    "guided_backpropagation": "guided backpropagation",
}


def find_method(method):
    """A method by its name; a function as it is.

    Raises:
        ValueError: for another name, naming those that are known.
    """
    if callable(method):
        return method
    if method not in METHODS:
        raise ValueError(f"The method {method!r} is not known; choose from {', '.join(METHODS)}.")
    module = import_module(f"{__name__}.{method}")
    return getattr(module, method)


def is_ours(method):
    """Whether a function is one of these methods, and not another one of the same name."""
    name = getattr(method, "__name__", None)
    return name in METHODS and find_method(name) is method
