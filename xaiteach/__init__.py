"""xaiteach: see why an image classifier decides what it decides, and tell a true explanation from a pretty one."""

import os as _os

for _name, _value in {
    "KERAS_BACKEND": "tensorflow",
    "OMP_WAIT_POLICY": "passive",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}.items():
    _os.environ.setdefault(_name, _value)

from xaiteach.classifier import Classifier, wrap  # noqa: E402
from xaiteach.frameworks import framework  # noqa: E402
from xaiteach.methods import activation_maps, grad_cam, saliency  # noqa: E402
from xaiteach.models.cnn import build_cnn, build_dense, load_cnn  # noqa: E402
from xaiteach.models.train import train  # noqa: E402

__version__ = "0.1.0"
