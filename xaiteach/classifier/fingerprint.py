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
    if framework == "keras":
        arrays = map(np.asarray, classifier.model.weights)
    else:
        arrays = (tensor.detach().cpu().float().numpy() for tensor in classifier.model.state_dict().values())
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def settings(classifier):
    """What an answer depends on beside the weights: how many classes there are, how the model was wrapped."""
    return {"classes": classifier.n_classes, **classifier.settings}


def versions(classifier):
    """From names of packages that an answer depends on to their versions."""
    framework = framework_of(classifier.model)
    names = ["numpy"] + ([framework] if framework else [])
    ours = sys.modules["xaiteach"].__version__  # the course runs where its package is not installed, too
    return {"xaiteach": ours} | {name: version(name) for name in names}
