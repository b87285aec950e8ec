"""PyTorch's answers to the three questions."""

from contextlib import nullcontext
from itertools import chain

import numpy as np
import torch

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.layers import LayerCall, need_gradient, number_turns, warn_without_relu
from xaiteach.classifier.outputs import need_one
from xaiteach.classifier.torch_hooks import GuidedReLU, LastSquash, evaluating, opened, recording


class TorchClassifier(Classifier):
    """A `torch.nn.Module` from (N, C, H, W) to (N, K). It is put to eval for each call, and back after."""

    def __init__(self, model, **options):
        uncompiled = getattr(model, "_orig_mod", model)  # what torch.compile makes can't be looked into
        super().__init__(uncompiled, **options)
        self._layout = torch.channels_last

    def _forward(self, part):
        """Channels last in memory is up to twice as fast, but a `.view` of the model may need them first."""
        try:
            return self._forward_once(part)
        except RuntimeError:
            if self._layout is torch.contiguous_format:
                raise
        self._layout = torch.contiguous_format
        return self._forward_once(part)

    def _forward_once(self, part):
        with evaluating(self.model):
            outputs, before_squash = self._call(self._tensor(part))
        return _numpy(outputs), None if before_squash is None else _numpy(before_squash)

    def _gradient(self, part, weights):
        with evaluating(self.model, gradient=True):
            leaf = self._tensor(part).requires_grad_()
            gradients = self._backward(leaf, [leaf], weights)
        return np.stack([*map(_numpy, gradients)], axis=1)

    def _guided_gradient(self, part, weights):
        with GuidedReLU() as relu:
            gradient = self._gradient(part, weights)
        warn_without_relu(relu.met)
        return gradient

    def _activations(self, part, call):
        with evaluating(self.model), recording(self.model, call.layer) as outputs:
            self._call(self._tensor(part))
        return _channels_last(outputs[call.turn][2])

    def _activations_and_gradient(self, part, weights, call, maps=None):
        with evaluating(self.model), opened(call, self._channels_first(maps)) as leaf:
            gradients = self._backward(self._tensor(part), leaf, weights)
        return _channels_last(leaf[0]), np.stack([*map(_channels_last, gradients)], axis=1)

    def _gradient_inside(self, part, maps, weights, call):
        return self._activations_and_gradient(part, weights, call, maps)[1]

    def _scores_inside(self, part, maps, call):
        with evaluating(self.model), opened(call, self._channels_first(maps)):
            return _numpy(self._score_tensor(self._tensor(part)))

    @staticmethod
    def weights_of(layer):
        """The parameters of a layer itself, without those of layers inside it, as arrays."""
        return [parameter.detach().cpu().numpy().copy() for parameter in layer.parameters(recurse=False)]

    @staticmethod
    def set_weights_of(layer, arrays):
        with torch.no_grad():
            for parameter, array in zip(layer.parameters(recurse=False), arrays, strict=True):
                parameter.copy_(torch.as_tensor(array))

    def _score_model(self, shape):
        return _ScoreModule(self)

    def _list_layers(self, example):
        with evaluating(self.model, gradient=True), recording(self.model) as outputs:
            scores = self._score_tensor(self._tensor(example).requires_grad_())
            feeding = _feeding(scores, [tensor for _, _, tensor in outputs])
        calls = []
        for name, layer, tensor in outputs:
            shape = tuple(tensor.shape[1:])
            shape = shape[1:] + shape[:1] if len(shape) == 3 else shape  # channels last
            calls.append(LayerCall(name, layer, shape, feeds_score=id(tensor) in feeding))
        return number_turns(calls)

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        inputs = images.permute(0, 3, 1, 2).clone(memory_format=self._layout)
        # Once it is known that the model ends in scores nobody needs to watch it, which takes time.
        ends_in_scores = "scores" in (self._outputs, self._ending)
        with nullcontext() if ends_in_scores else LastSquash() as last:
            outputs = self.model(self._preprocess(inputs))
        need_one(outputs, torch.is_tensor)
        return (outputs, None) if ends_in_scores else last.look_through(outputs)

    def _backward(self, images, leaf, weights):
        """The gradient of Σₖ weight · score to the tensor in the list `leaf`, one for each target."""
        scores = self._score_tensor(images)
        need_gradient(scores.requires_grad)
        rows = self._tensor(weights).unbind(1)
        gradients = []
        for i, row in enumerate(rows):
            needed_again = i < len(rows) - 1  # the last one may free what the forward pass has kept
            gradients += torch.autograd.grad(scores, leaf, row, retain_graph=needed_again, allow_unused=True)
        need_gradient(gradients[0] is not None)
        return gradients

    def _tensor(self, array):
        """An array in the precision and on the device of the model, asked anew: both may have changed."""
        tensors = chain(self.model.parameters(), self.model.buffers())
        floats = (tensor for tensor in tensors if tensor.is_floating_point())
        like = next(floats, torch.empty(0))
        return torch.tensor(array, dtype=like.dtype, device=like.device)

    _as_inputs = _tensor

    def _constant(self, channels):
        return self._tensor(channels).view(-1, 1, 1)

    def _channels_first(self, maps):
        if maps is None:
            return None
        return self._tensor(maps).permute(0, 3, 1, 2).contiguous(memory_format=self._layout)


class _ScoreModule(torch.nn.Module):
    """PyTorch does not see the classifier in it, so nobody's train() or zero_grad() reaches its model."""

    def __init__(self, classifier):
        super().__init__()
        self._classifier = classifier

    def forward(self, images):
        with evaluating(self._classifier.model, gradient=torch.is_grad_enabled()):
            return self._classifier._score_tensor(images)


def _feeding(scores, tensors):
    """The ids of those tensors on which the scores depend."""
    tensors = [tensor for tensor in tensors if tensor.requires_grad]
    if not tensors or not scores.requires_grad:
        return set()
    gradients = torch.autograd.grad(scores.sum(), tensors, allow_unused=True)
    pairs = zip(tensors, gradients, strict=True)
    return {id(tensor) for tensor, gradient in pairs if gradient is not None}


def _channels_last(tensor):
    return _numpy(tensor.permute(0, 2, 3, 1))


def _numpy(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())
