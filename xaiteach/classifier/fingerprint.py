"""Which weights and which versions an answer came from."""

import hashlib
from importlib.metadata import version

import numpy as np

from xaiteach.classifier.frameworks import framework_of


def fingerprint(classifier):
    """The sha256 of all weights of a Keras or PyTorch model, in hexadecimal; None for anything else."""
    arrays = _weights(classifier.model)
    if arrays is None:
        return None
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def settings(classifier):
    """What an answer depends on beside the weights: how many classes there are, and how the model was wrapped."""
    return {"classes": classifier.n_classes, **classifier.settings}


def versions(classifier):
    """From names of packages that an answer depends on to their versions."""
    framework = framework_of(classifier.model)
    return {name: version(name) for name in ("xaiteach", "numpy", *([framework] if framework else []))}


def _weights(model):
    kind = framework_of(model)
    if kind == "torch":
        return (tensor.detach().cpu().float().numpy() for tensor in model.state_dict().values())
    return (np.asarray(variable) for variable in model.weights) if kind == "keras" else None
