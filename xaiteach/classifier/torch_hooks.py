"""Ways to watch a PyTorch module at work, and to leave it as it was."""

from contextlib import contextmanager
from itertools import count

import torch
from torch.overrides import TorchFunctionMode


class LastSquash(TorchFunctionMode):
    """Watches for the softmax or sigmoid that makes a model's output, to see the scores that go into it."""

    def __init__(self):
        super().__init__()
        self.name = self.inputs = self.outputs = None

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        outputs = function(*args, **kwargs)
        name = getattr(function, "__name__", "").removeprefix("special_")
        if name in ("softmax", "log_softmax", "sigmoid", "expit"):
            self.name = name
            self.inputs = args[0] if args else kwargs["input"]
            self.outputs = outputs
        return outputs

    def look_through(self, outputs):
        """Probabilities, and the scores that they were made of; else `outputs` and None."""
        if outputs is not self.outputs:
            return outputs, None
        probabilities = outputs.exp() if self.name == "log_softmax" else outputs
        return probabilities, self.inputs


class GuidedReLU(TorchFunctionMode):
    """Every ReLU, a module or a function, in place or not, lets only positive gradients back through it."""

    def __init__(self):
        super().__init__()
        self.met = False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        outputs = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") in ("relu", "relu_") and outputs.requires_grad:
            outputs.register_hook(lambda gradient: gradient.clamp(min=0))
            self.met = True
        return outputs


@contextmanager
def evaluating(model, gradient=False):
    """Every module in eval mode, and back to what it was after; gradients on or off, as said here."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        with torch.inference_mode(False), torch.set_grad_enabled(gradient):
            yield
    finally:
        for module in training:
            module.training = True


@contextmanager
def recording(model, only=None):
    """Triples (name, module, output) of `only` that module, or of all but the model, in the order of calls.

    The model goes on with a copy of each, so that a later in-place module can't overwrite what was recorded.
    """
    outputs = []

    def record(name):
        def hook(module, inputs, output):
            if not isinstance(output, torch.Tensor):
                return None
            outputs.append((name, module, output))
            return output.clone()

        return hook

    handles = []
    for name, module in model.named_modules():
        is_watched = module is not model and only in (None, module)
        if is_watched and not isinstance(module, torch.jit.ScriptModule):  # which takes no hooks
            handles.append(module.register_forward_hook(record(name)))
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def opened(call, maps=None):
    """From this call of a layer on, what is computed can be followed back to its output, or else to `maps`.

    Gives a list that will hold that tensor. Nothing is kept of what comes before the layer.
    """
    leaf = []
    turns = count()

    def hook(module, inputs, output):
        if next(turns) != call.turn:
            return None
        torch.set_grad_enabled(True)
        leaf.append((output if maps is None else maps).detach().requires_grad_())
        return leaf[0].clone()

    handle = call.layer.register_forward_hook(hook)
    try:
        yield leaf
    finally:
        handle.remove()
