"""Which weights and which versions an answer came from."""

import hashlib
import sys
from importlib.metadata import version

import numpy as np

from xaiteach.classifier.frameworks import framework_of


def fingerprint(classifier):
    """The sha256 of all weights of a Keras or PyTorch model, in hexadecimal; None for anything else."""
    framework = framework_of(classifier.model)
    if framework is None:
        return None
    weights = classifier.model.weights if framework == "keras" else classifier.model.state_dict().values()
    digest = hashlib.sha256()
    for weight in weights:
        array = _as_array(weight)
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _as_array(weight):
    """A weight as an array; what a quantised model keeps beside them in words."""
    if hasattr(weight, "dequantize"):
        return weight.dequantize().detach().cpu().float().numpy()
    return np.asarray(weight) if hasattr(weight, "shape") else np.array(str(weight))


def settings(classifier):
    """What an answer depends on beside the weights: how many classes there are, how the model was wrapped."""
    return {"classes": classifier.n_classes, **classifier.settings}


def versions(classifier):
    """From names of packages that an answer depends on to their versions."""
    framework = framework_of(classifier.model)
    names = ["numpy"] + ([framework] if framework else [])
    ours = sys.modules["xaiteach"].__version__  # the course runs where its package is not installed, too
    return {"xaiteach": ours} | {name: version(name) for name in names}
