"""PyTorch's answers to the three questions."""

from contextlib import nullcontext
from itertools import chain
from types import BuiltinFunctionType, FunctionType

import numpy as np
import torch
from torch.nn.parameter import is_lazy

from xaiteach.classifier.base import Classifier, need_gradient, warn_without_relu
from xaiteach.classifier.outputs import need_one
from xaiteach.classifier.torch_hooks import GuidedReLU, LastSquash, evaluating
from xaiteach.layers.calls import LayerCall
from xaiteach.layers.torch import Attention, narrow_steps, opened, recording, stopping_at_kernel


class TorchClassifier(Classifier):
    """A `torch.nn.Module` from (N, C, H, W) to (N, K). It is put to eval for each call, and back after."""

    usual = (1, 2, 0)
    options = (bool, str, FunctionType, BuiltinFunctionType)

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

    def _layer_output(self, part, call):
        with evaluating(self.model), opened(call) as leaf:
            self._call(self._tensor(part))
        return _numpy(leaf[0].movedim(call.batch, 0))

    def _layer_output_and_gradient(self, part, weights, call, outputs=None):
        with evaluating(self.model), opened(call, outputs) as leaf:
            gradients = self._backward(self._tensor(part), leaf, weights)
        output, *gradients = (_numpy(each.movedim(call.batch, 0)) for each in (*leaf, *gradients))
        return output, np.stack(gradients, axis=1)

    def _gradient_inside(self, part, outputs, weights, call):
        return self._layer_output_and_gradient(part, weights, call, outputs)[1]

    def _scores_inside(self, part, outputs, call):
        with evaluating(self.model), opened(call, outputs):
            return _numpy(self._score_tensor(self._tensor(part)))

    @staticmethod
    def weights_of(layer):
        """The parameters of a layer itself, without those of layers inside it, as arrays."""
        own = [parameter.detach().cpu() for parameter in layer.parameters(recurse=False)]
        wide = [each.float() if each.dtype == torch.bfloat16 else each for each in own]  # for numpy
        return [each.numpy().copy() for each in wide]

    @staticmethod
    def set_weights_of(layer, arrays):
        with torch.no_grad():
            for parameter, array in zip(layer.parameters(recurse=False), arrays, strict=True):
                parameter.copy_(torch.as_tensor(array))

    def _score_model(self, shape):
        return _ScoreModule(self)

    def _list_layers(self, pictures):
        n = 1 if self._takes_one else len(pictures)
        for calls in zip(*map(self._watched, np.split(pictures, len(pictures) // n)), strict=True):
            call, output, _ = calls[0]
            batch = 1 if output.ndim == 3 and len(output) != n else 0  # of tokens (T, N, F)
            outputs, gradient = (_together([each[i] for each in calls], batch, n) for i in (1, 2))
            yield call._replace(batch=batch), outputs, gradient

    def _watched(self, pictures):
        """Each call of a layer, its output, and the gradient of a mixture of the scores to that."""
        with evaluating(self.model, gradient=True), Attention() as attention:
            images = self._tensor(pictures).requires_grad_()
            with recording(self.model, attention.callers) as recorded:
                scores = self._score_tensor(images)
            gradients = _gradients(scores, [output for _, _, output in recorded])
            narrow = narrow_steps(scores, images)
        for (name, layer, output), gradient in zip(recorded, gradients, strict=True):
            is_narrow = output.grad_fn in narrow
            yield (
                LayerCall(name, layer, inside=attention.holds(name), is_bottleneck=is_narrow),
                output,
                gradient,
            )

    def _first_input(self, inputs):
        with evaluating(self.model), stopping_at_kernel(self.model) as is_watched:
            if is_watched:
                self._ask(self._tensor(inputs).permute(0, 3, 1, 2).contiguous())

    def parts(self):
        """Each module and its name, in the order of the model."""
        return list(self.model.named_modules())

    def _parts(self):
        parts = [module for module in self.model.modules() if module is not self.model]
        return (
            parts,
            self._options((self.model, *parts)),
            [None if is_lazy(each) else each.shape for each in self.model.parameters()],
        )

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        inputs = images.permute(0, 3, 1, 2).clone(memory_format=self._layout)
        # Once it is known how the model ends nobody needs to watch it, which takes time.
        is_watched = self._looks_through and self._ending in (None, "squashed")
        with LastSquash() if is_watched else nullcontext() as last:
            outputs = self._take(self._ask(self._preprocess(inputs)))
            need_one(outputs, torch.is_tensor, torch.is_floating_point)
        return last.look_through(outputs) if is_watched else (outputs, None)

    def _ask(self, inputs):
        """What the model gives to a batch, and to what `inputs=` adds to it."""
        given = self._inputs(inputs)
        if isinstance(given, dict):
            return self.model(**given)
        return self.model(*given) if isinstance(given, (list, tuple)) else self.model(given)

    def _preprocessed(self, images):
        inputs = self._tensor(images).permute(0, 3, 1, 2)
        return _numpy(self._preprocess(inputs).permute(0, 2, 3, 1))

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
        floats = [each for each in tensors if not is_lazy(each) and each.is_floating_point()]
        like = max(floats, key=torch.Tensor.dim, default=torch.empty(0))  # a kernel, not a scale of its own
        return torch.tensor(array, dtype=like.dtype, device=like.device)

    _as_inputs = _tensor

    def _constant(self, channels):
        return self._tensor(channels).view(-1, 1, 1)


class _ScoreModule(torch.nn.Module):
    """PyTorch does not see the classifier in it, so nobody's train() or zero_grad() reaches its model."""

    def __init__(self, classifier):
        super().__init__()
        self._classifier = classifier

    def forward(self, images):
        with evaluating(self._classifier.model, gradient=torch.is_grad_enabled()):
            return self._classifier._score_tensor(images)


def _gradients(scores, tensors):
    """The gradient of a random mixture of the scores to each tensor, None where they don't depend on it."""
    reached = [tensor for tensor in tensors if tensor.requires_grad]
    if not reached or not scores.requires_grad:
        return [None] * len(tensors)
    weights = np.random.default_rng(0).normal(size=scores.shape[1])
    mixture = (scores * torch.tensor(weights).to(scores)).sum()
    gradients = iter(torch.autograd.grad(mixture, reached, allow_unused=True))
    return [next(gradients) if tensor.requires_grad else None for tensor in tensors]


def _together(tensors, batch, n):
    """Outputs, or gradients, of n pictures each as one array, the batch first; None for what has no batch."""
    first = tensors[0]
    if first is None or not first.is_floating_point() or first.shape[batch : batch + 1] != (n,):
        return None
    return np.concatenate([_numpy(each.movedim(batch, 0)) for each in tensors])


def _numpy(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())
