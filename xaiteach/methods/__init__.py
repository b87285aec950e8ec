"""The explanation methods: one short file each, one signature for all."""

from xaiteach.methods.activation_maps import activation_maps
from xaiteach.methods.grad_cam import grad_cam
from xaiteach.methods.lime import lime
from xaiteach.methods.occlusion import occlusion
from xaiteach.methods.saliency import saliency
from xaiteach.methods.segments import top_segments

__all__ = ["activation_maps", "grad_cam", "lime", "occlusion", "saliency", "top_segments"]
