"""Finding a layer by its shape, whatever its name and however deep it sits."""

import warnings
from collections import defaultdict
from itertools import count
from numbers import Integral
from typing import Any, NamedTuple


class LayerCall(NamedTuple):
    """One call of a layer during a pass through the model."""

    name: str
    layer: Any
    shape: tuple  # of its output for one image, channels last
    feeds_score: bool
    turn: int = 0  # among the calls of this layer

    @property
    def has_grid(self):
        return len(self.shape) == 3 and self.shape[0] * self.shape[1] > 1

    def __str__(self):
        shape = "×".join(map(str, self.shape))
        return f"{self.name} ({shape})"


def number_turns(calls):
    """The calls as a list; a layer that is called again gets the turns 0, 1, …"""
    turns = defaultdict(count)
    return [call._replace(turn=next(turns[id(call.layer)])) for call in calls]


def choose(calls, layer, must_feed=False):
    """The call of `layer`: a name, an index, the layer itself, or None for the last one with a grid.

    A ValueError where it has no grid, or must feed the score and does not, names those that would do.
    """
    usable = [call for call in calls if call.has_grid and call.feeds_score]
    if layer is None:
        if not usable:
            raise ValueError(
                "This model has no layer with height and width that feeds the score: every layer gives a "
                "plain list of numbers, so there is no grid to draw. Try saliency, occlusion or lime, or "
                "a model with convolutions."
            )
        return usable[-1]
    call = _find(calls, layer)
    if not call.has_grid:
        others = f"Layers that would do: {_names(usable)}." if usable else "No layer has a grid."
        raise ValueError(
            f"Layer {call} has no height and width, only a list of numbers, so it can't be drawn over the "
            f"image. {others}"
        )
    if must_feed and usable and not call.feeds_score:
        raise ValueError(f"The score does not depend on layer {call}. It does on {_names(usable)}.")
    return call


def _find(calls, layer):
    if isinstance(layer, Integral):
        if not -len(calls) <= layer < len(calls):
            raise ValueError(f"Layer {layer} is out of range; there are {len(calls)}: {_names(calls)}.")
        return calls[layer]
    if isinstance(layer, str):
        found = [call for call in calls if call.name == layer]
    else:
        found = [call for call in calls if call.layer is layer]
    if not found:
        raise ValueError(f"No layer {layer!r} is called in this model. Its layers: {_names(calls)}.")
    if len({id(call.layer) for call in found}) > 1:
        raise ValueError(f"Several layers are called {layer!r}; give the layer itself, or its index.")
    return found[-1]


def _names(calls):
    return ", ".join(map(str, calls))


def warn_without_relu(met):
    """A warning where there was nothing for guided backpropagation to guide."""
    if not met:
        warnings.warn("This model has no ReLU that can be seen: this is its plain gradient.", stacklevel=2)


def need_gradient(found):
    """A TypeError in words where the score can't be followed back."""
    if not found:
        raise TypeError(
            "The score does not depend on the image through differentiable steps, so it has no gradient. "
            "Try occlusion or lime, which only ask for predictions."
        )
