"""See why an image classifier decides what it decides, and tell a true explanation from a pretty one.

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

# PyTorch's CUDA build brings triton, whose LLVM ends the process when it is loaded after TensorFlow's. The
# course runs on the CPU and does without it; import triton before xaiteach to keep it.
_sys.modules.setdefault("triton", None)

_HOMES = {
    "xaiteach.classifier": ["Classifier", "wrap"],
    "xaiteach.classifier.frameworks": ["framework"],
    "xaiteach.datasets": ["load_mnist", "load_photo"],
    "xaiteach.datasets.digit_grids": ["load_digit_grids"],
    "xaiteach.datasets.watermark": ["load_watermarked_digits"],
    "xaiteach.explaining.explain": ["explain"],
    "xaiteach.explaining.explanation": ["Explanation", "load_explanation"],
    "xaiteach.figures.boxes": ["localise"],
    "xaiteach.figures.charts": ["plot_confusion", "plot_history"],
    "xaiteach.figures.show": ["Captioned", "show", "views"],
    "xaiteach.figures.words": ["adds_up", "describe", "top_class"],
    "xaiteach.images.load": ["load_image"],
    "xaiteach.loading.imagenet": ["load_imagenet"],
    "xaiteach.loading.model": ["load_model"],
    "xaiteach.loading.teachable_machine": ["load_teachable_machine"],
    "xaiteach.methods.activation_maps": ["activation_maps"],
    "xaiteach.methods.fused_cam": ["fused_cam"],
    "xaiteach.methods.grad_cam": ["grad_cam"],
    "xaiteach.methods.gradient_shap": ["gradient_shap"],
    "xaiteach.methods.guided_backpropagation": ["guided_backpropagation"],
    "xaiteach.methods.hires_cam": ["hires_cam"],
    "xaiteach.methods.input_x_gradient": ["input_x_gradient"],
    "xaiteach.methods.integrated_gradients": ["integrated_gradients"],
    "xaiteach.methods.libraries": ["for_lime", "for_shap", "shap_panels"],
    "xaiteach.methods.lime": ["lime"],
    "xaiteach.methods.occlusion": ["occlusion"],
    "xaiteach.methods.saliency": ["saliency"],
    "xaiteach.methods.segments": ["top_segments"],
    "xaiteach.methods.smooth_grad": ["smooth_grad"],
    "xaiteach.models": ["build_cnn", "build_dense", "load_cnn", "train"],
    "xaiteach.models.disconnected": ["build_disconnected_grid"],
    "xaiteach.models.photo_classifier": ["load_photo_classifier"],
    "xaiteach_course.cases": ["load_case"],
    "xaiteach_course.check.hints": ["hint", "progress"],
    "xaiteach_course.doctor": ["doctor"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
_MODULES = {
    "callbacks": "xaiteach.callbacks",
    "check": "xaiteach_course.check",
    "metrics": "xaiteach.metrics",
}
__all__ = sorted([*_HOME_OF, *_MODULES])


def __getattr__(name):
    if name in _MODULES:
        return _importlib.import_module(_MODULES[name])
    if name not in _HOME_OF:
        raise AttributeError(f"xaiteach has no {name!r}; it has {', '.join(__all__)}.")
    found = getattr(_importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__():
    return [*globals(), *__all__]
