"""PyTorch's answers to the three questions."""

from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.layers import LayerCall, need_gradient, number_turns


class TorchClassifier(Classifier):
    """A `torch.nn.Module` from (N, C, H, W) to (N, K). It is put to eval for each call, and back after."""

    def _forward(self, part):
        with torch.inference_mode(), evaluating(self.model):
            outputs, before_squash = self._call(self._tensor(part))
        return _numpy(outputs), (None if before_squash is None else _numpy(before_squash))

    def _gradient(self, part, weights):
        with torch.enable_grad(), evaluating(self.model):
            leaf = self._tensor(part).requires_grad_()
            gradients = self._backward(self._call(leaf), leaf, weights)
        return np.stack([_numpy(g) for g in gradients], axis=1)

    def _activations(self, part, call):
        with torch.inference_mode(), evaluating(self.model), recording(self.model, call.layer) as outputs:
            self._call(self._tensor(part))
        return _channels_last(outputs[call.turn].tensor)

    def _activations_and_gradient(self, part, weights, call):
        with torch.enable_grad(), evaluating(self.model), recording(self.model, call.layer) as outputs:
            ends = self._call(self._tensor(part).requires_grad_())
            maps = outputs[call.turn].tensor
            gradients = self._backward(ends, maps, weights)
        return _channels_last(maps), np.stack([_channels_last(g) for g in gradients], axis=1)

    def _list_layers(self, example):
        with torch.enable_grad(), evaluating(self.model), recording(self.model) as outputs:
            scores = self._explained(*self._call(self._tensor(example).requires_grad_()))
            tensors = [output.tensor for output in outputs]
            gradients = torch.autograd.grad(scores.sum(), tensors, allow_unused=True) if tensors else ()
        return number_turns(
            LayerCall(output.name, output.layer, _shape(output.tensor), gradient is not None)
            for output, gradient in zip(outputs, gradients, strict=True)
        )

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        with LastSquash() as last:
            outputs = self.model(self._preprocess(images.permute(0, 3, 1, 2).clone()))
        return last.look_through(outputs)

    def _backward(self, ends, tensor, weights):
        """The gradient of Σₖ weight · score with respect to `tensor`, one for each target."""
        scores = self._explained(*ends)
        rows = self._tensor(weights).unbind(1)
        more = [True] * (len(rows) - 1) + [False]
        need_gradient(scores.requires_grad)
        gradients = [
            torch.autograd.grad(scores, tensor, row, retain_graph=keep, allow_unused=True)[0]
            for row, keep in zip(rows, more, strict=True)
        ]
        need_gradient(gradients[0] is not None)
        return gradients

    def _tensor(self, array):
        like = next((p for p in self.model.parameters() if p.is_floating_point()), torch.empty(0))
        return torch.tensor(array, dtype=like.dtype, device=like.device)

    def _constant(self, channels):
        return self._tensor(channels).view(-1, 1, 1)


class LastSquash(TorchFunctionMode):
    """Watches for the softmax or sigmoid that makes a model's output, to get at the scores that go into it."""

    def __init__(self):
        super().__init__()
        self.name = self.inputs = self.outputs = None

    def __torch_function__(self, function, types, args=(), kwargs=None):
        outputs = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "")
        if name in ("softmax", "log_softmax", "sigmoid"):
            self.name, self.inputs, self.outputs = name, args[0], outputs
        return outputs

    def look_through(self, outputs):
        """`outputs` and what they were made of; log-probabilities are replaced by the scores they were made of."""
        if outputs is None or outputs is not self.outputs:
            return outputs, None
        return (self.inputs, None) if self.name == "log_softmax" else (outputs, self.inputs)


@contextmanager
def evaluating(model):
    """Every module in eval mode, and back to what it was after."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


class Output(NamedTuple):
    name: str
    layer: Any
    tensor: torch.Tensor


@contextmanager
def recording(model, only=None):
    """The outputs of `only` that module, or of all but the model itself, in the order of their calls.

    The model goes on with a copy of each, so that a later in-place module can't overwrite what was recorded.
    """
    outputs = []

    def record(name):
        def hook(module, inputs, output):
            if not isinstance(output, torch.Tensor):
                return None
            outputs.append(Output(name, module, output))
            return output.clone()

        return hook

    watched = [(name, m) for name, m in model.named_modules() if m is not model and only in (None, m)]
    handles = [module.register_forward_hook(record(name)) for name, module in watched]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def _shape(tensor):
    """The shape for one image, channels last."""
    shape = tuple(tensor.shape[1:])
    return (*shape[1:], shape[0]) if len(shape) == 3 else shape


def _channels_last(tensor):
    return _numpy(tensor.permute(0, 2, 3, 1))


def _numpy(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())
