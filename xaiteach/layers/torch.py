"""Ways to watch the layers of a PyTorch module at work, and to leave it as it was."""

from contextlib import contextmanager
from itertools import count

import torch
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from xaiteach.layers.calls import bottlenecks
from xaiteach.layers.frame import FirstInput


class Attention(TorchFunctionMode):
    """Notes which modules weigh places against each other: by a softmax over a table of them."""

    def __init__(self):
        super().__init__()
        self.callers = []  # names of the modules that are running, outermost first
        self._found = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name == "scaled_dot_product_attention" or (name == "softmax" and args and args[0].ndim > 2):
            self._found.update(self.callers[-1:])
        return function(*args, **(kwargs or {}))

    def holds(self, name):
        """Whether a module is part of one that does."""
        return any(name.startswith(f"{outer}.") for outer in self._found)


@contextmanager
def recording(model, callers):
    """Of all modules but the model, in the order of calls: name, module, output.

    The model goes on with a copy of each, so that a later in-place module can't overwrite what was recorded.
    Names of the modules that are running are put into the list `callers`.
    """
    outputs = []

    def record(name):
        def enter(module, inputs):
            is_tool = isinstance(module, torch.nn.Softmax)  # of the module around it
            callers.append(name.rpartition(".")[0] if is_tool else name)

        def leave(module, inputs, output):
            callers.pop()
            if not isinstance(output, torch.Tensor):
                return None
            outputs.append((name, module, output))
            return output.clone()

        return enter, leave

    handles = []
    for name, module in model.named_modules():
        if module is not model and _can_be_watched(name, module):
            enter, leave = record(name)
            handles.append(module.register_forward_pre_hook(enter))
            handles.append(module.register_forward_hook(leave))
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def _can_be_watched(name, module):
    """Not what TorchScript runs, which takes no hooks, nor what makes weights out of weights."""
    return not isinstance(module, torch.jit.ScriptModule) and "parametrizations" not in name.split(".")


@contextmanager
def stopping_at_kernel(model):
    """The model stops at the first module with a kernel or a matrix, by a `FirstInput` with what it gets.

    Gives whether it has one. What is a picture has its channels last.
    """

    def stop(module, inputs):
        first = inputs[0].detach().cpu().double()
        if first.ndim and len(first) > 1 and (first == first[:1]).all():  # what comes beside the pictures
            return
        is_picture = first.ndim == 4 and not isinstance(module, torch.nn.Linear)
        raise FirstInput((first.permute(0, 2, 3, 1) if is_picture else first).numpy())

    handles = []
    for module in model.modules():
        own = [each for each in module.parameters(recurse=False) if not is_lazy(each)]
        has_kernel = any(each.ndim > 1 for each in own) and not any(module.children())
        if has_kernel and not isinstance(module, torch.jit.ScriptModule):
            handles.append(module.register_forward_pre_hook(stop))
    try:
        yield bool(handles)
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def opened(call, outputs=None):
    """From this call of a layer on, what is computed can be followed back to its output, or to `outputs`.

    Gives a list that will hold that tensor. Nothing is kept of what comes before the layer.
    """
    leaf = []
    turns = count()

    def hook(module, inputs, output):
        if next(turns) != call.turn:
            return None
        torch.set_grad_enabled(True)
        leaf.append(output.detach().clone())
        if outputs is not None:
            leaf[0].copy_(torch.from_numpy(outputs).movedim(0, call.batch))
        leaf[0].requires_grad_()
        return leaf[0].clone()

    handle = call.layer.register_forward_hook(hook)
    try:
        yield leaf
    finally:
        handle.remove()


def narrow_steps(scores, images):
    """The steps that autograd knows, through which all that the scores get from the images comes."""
    if scores.grad_fn is None:
        return []
    [(start, _)] = images.view_as(images).grad_fn.next_functions
    return bottlenecks(scores.grad_fn, start, lambda step: [each for each, _ in step.next_functions if each])
