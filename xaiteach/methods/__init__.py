"""The explanation methods: one short file each, one signature for all."""

from xaiteach.methods.activation_maps import activation_maps
from xaiteach.methods.grad_cam import grad_cam
from xaiteach.methods.gradient_shap import gradient_shap
from xaiteach.methods.guided_backpropagation import guided_backpropagation
from xaiteach.methods.hires_cam import hires_cam
from xaiteach.methods.input_x_gradient import input_x_gradient
from xaiteach.methods.integrated_gradients import integrated_gradients
from xaiteach.methods.lime import lime
from xaiteach.methods.occlusion import occlusion
from xaiteach.methods.saliency import saliency
from xaiteach.methods.segments import top_segments
from xaiteach.methods.smooth_grad import smooth_grad

__all__ = [
    "activation_maps",
    "grad_cam",
    "gradient_shap",
    "guided_backpropagation",
    "hires_cam",
    "input_x_gradient",
    "integrated_gradients",
    "lime",
    "occlusion",
    "saliency",
    "smooth_grad",
    "top_segments",
]
