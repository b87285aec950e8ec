"""Ways to watch a PyTorch module at work, and to leave it as it was."""

from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import checkpoint

SQUASHES = ("softmax", "log_softmax", "sigmoid", "log_sigmoid", "expit")
# What moves numbers about and leaves them as they are.
MOVES = "view reshape view_as reshape_as flatten unflatten squeeze unsqueeze cat concat concatenate stack"
MOVES += " clone contiguous to float double half transpose permute __getitem__"


class LastSquash(TorchFunctionMode):
    """Watches for the softmax or sigmoid that makes a model's output, to see the scores that go into it.

    What only moves probabilities about (a view, a squeeze, several heads in one) is done to the scores, too.
    """

    def __init__(self):
        super().__init__()
        self._before = {}  # from the id of a tensor: itself, so that the id stays its own, and its scores

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "").removeprefix("special_")
        given = args[0] if args else kwargs.get("input")
        parts = given if isinstance(given, (list, tuple)) else [given]
        known = [self._before[id(part)] for part in parts if id(part) in self._before]
        scores = None
        if name in SQUASHES:
            scores = given
        elif name.removesuffix("_") in SQUASHES:  # in place
            scores = given.clone()
        elif known and len(known) == len(parts) and name in MOVES.split():
            scores = [scores for _, scores, _ in known]
            scores = function(scores if given is parts else scores[0], *args[1:], **kwargs)
        outputs = function(*args, **kwargs)
        if known and scores is None and name.endswith("_"):  # changed in place
            del self._before[id(given)]
        if scores is not None and torch.is_tensor(outputs):
            is_log = name.startswith("log_") or any(is_log for _, _, is_log in known)
            self._before[id(outputs)] = outputs, scores, is_log
        return outputs

    def look_through(self, outputs):
        """Probabilities, and the scores that they were made of; else `outputs` and None."""
        _, scores, is_log = self._before.get(id(outputs), (None, None, False))
        return outputs.exp() if is_log else outputs, scores


class GuidedReLU(TorchFunctionMode):
    """Every ReLU, a module or a function, in place or not, lets only positive gradients back through it."""

    def __init__(self):
        super().__init__()
        self.met = False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        outputs = function(*args, **kwargs)
        name = getattr(function, "__name__", "")
        is_relu_6 = name == "hardtanh" and kwargs.get("min_val", args[1:2]) in (0, (0,))
        if (name in ("relu", "relu_", "relu6") or is_relu_6) and outputs.requires_grad:
            outputs.register_hook(lambda gradient: gradient.clamp(min=0))
            self.met = True
        return outputs


@contextmanager
def evaluating(model, gradient=False):
    """Every module in eval mode, and back to what it was after; gradients on or off, as said here."""
    if gradient and any(parameter.is_inference() for parameter in model.parameters()):
        raise TypeError(
            "The model was made in torch.inference_mode, so that no gradient can be followed through its "
            "weights. Make it outside of that; or try occlusion or lime, which only ask."
        )
    modules = list(model.modules())
    training = [module for module in modules if getattr(module, "training", False)]
    calls = {module: getattr(module, "_compiled_call_impl", None) for module in modules}
    compiled = {module: call for module, call in calls.items() if call is not None}
    for module in training:
        module.training = False
    for module in compiled:  # what is compiled can't be looked into
        module._compiled_call_impl = None
    try:
        with torch.inference_mode(False), torch.set_grad_enabled(gradient), _without_checkpoints():
            yield
    finally:
        for module in training:
            module.training = True
        for module, call in compiled.items():
            module._compiled_call_impl = call


@contextmanager
def _without_checkpoints():
    """Layers in a checkpoint are called again on the way back, so that what was recorded is not followed."""

    def as_it_is(*_, **__):
        yield

    class Plain:
        apply = staticmethod(lambda function, preserve, *inputs: function(*inputs))

    plain = {name: as_it_is for name in vars(checkpoint) if "without_reentrant_generator" in name}
    with patch.multiple(checkpoint, CheckpointFunction=Plain, **plain):
        yield
