"""xaiteach: see why an image classifier decides what it decides, and tell a true explanation from a pretty one.

Names are loaded when they are first used, so that `import xaiteach` is quick and loads neither framework.
"""

import importlib as _importlib
import os as _os
import sys as _sys

for _name, _value in {
    "KERAS_BACKEND": "tensorflow",
    "OMP_WAIT_POLICY": "passive",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}.items():
    _os.environ.setdefault(_name, _value)

# PyTorch's CUDA build brings triton, whose LLVM ends the process when it is loaded after TensorFlow's. The course runs
# on the CPU and does without it; import triton before xaiteach to keep it.
_sys.modules.setdefault("triton", None)

_HOMES = {
    "cases": ["load_case"],
    "check.helping": ["hint", "progress"],
    "classifier": ["Classifier", "wrap"],
    "curves": ["plot_confusion", "plot_history"],
    "datasets": ["load_mnist", "load_photo"],
    "datasets.digit_grids": ["load_digit_grids"],
    "datasets.watermark": ["load_watermarked_digits"],
    "explaining": ["explain"],
    "explanation": ["Explanation"],
    "frameworks": ["framework"],
    "libraries": ["for_lime", "for_shap", "shap_panels"],
    "methods.activation_maps": ["activation_maps"],
    "methods.fused_cam": ["fused_cam"],
    "methods.grad_cam": ["grad_cam"],
    "methods.gradient_shap": ["gradient_shap"],
    "methods.guided_backpropagation": ["guided_backpropagation"],
    "methods.hires_cam": ["hires_cam"],
    "methods.input_x_gradient": ["input_x_gradient"],
    "methods.integrated_gradients": ["integrated_gradients"],
    "methods.lime": ["lime"],
    "methods.occlusion": ["occlusion"],
    "methods.saliency": ["saliency"],
    "methods.segments": ["top_segments"],
    "methods.smooth_grad": ["smooth_grad"],
    "models": ["build_cnn", "build_dense", "load_cnn", "train"],
    "models.disconnected": ["build_disconnected_grid"],
    "models.files": ["load_model"],
    "models.imagenet": ["load_imagenet"],
    "models.photo_classifier": ["load_photo_classifier"],
    "models.teachable_machine": ["load_teachable_machine"],
    "pictures": ["load_image"],
    "places": ["localise"],
    "plotting": ["Captioned", "show", "views"],
    "readiness": ["doctor"],
    "stored": ["load_explanation"],
    "words": ["adds_up", "describe", "top_class"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
_MODULES = ("callbacks", "check", "metrics")
__all__ = sorted([*_HOME_OF, *_MODULES])


def __getattr__(name):
    if name in _MODULES:
        return _importlib.import_module(f"xaiteach.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"xaiteach has no {name!r}; it has {', '.join(__all__)}.")
    found = getattr(_importlib.import_module(f"xaiteach.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__():
    return [*globals(), *__all__]
