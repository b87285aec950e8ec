"""Finding a layer by its shape, whatever its name and however deep it sits."""

import warnings
from collections import defaultdict
from difflib import get_close_matches
from itertools import count
from numbers import Integral
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from xaiteach.layers.grid import Grid, changes_along, find_grids

BRANCH = (
    "The score does not come through any one layer alone: {} is a branch of several, and the map is of what "
    "comes through that. Give layer= for another branch, or explain each."
)
LOST = (
    "Late layers of this model, such as {}, give numbers of many places, and where in the picture these are "
    "can't be told. Say an earlier layer, layer= one of {}; or try saliency, occlusion or lime."
)


class LayerCall(NamedTuple):
    """One call of a layer during a pass through the model."""

    name: str
    layer: Any
    shape: tuple = ()  # of its output for one image, as a grid (h, w, F) where it is one
    grid: Grid | None = None
    feeds_score: bool = True  # by its grid, not by a class token alone
    inside: bool = False  # of attention, or of no use to Grad-CAM, since its gradients cancel
    is_bottleneck: bool = False  # every way from the image to the score leads through it
    batch: int = 0  # which axis of its output that is
    turn: int = 0  # among the calls of this layer

    @property
    def has_grid(self):
        return self.grid is not None and self.grid.size != (1, 1)

    @property
    def is_lost(self):
        """Whether it gives numbers of several places that feed the score, and it is not known which."""
        several = len(self.shape) > 1 and min(self.shape) > 1
        return self.grid is None and self.feeds_score and several and not self.inside

    def __str__(self):
        shape = "×".join(map(str, self.shape))
        return f"{self.name} ({shape})"


def as_calls(recorded, frame, usual):
    """The calls whose outputs change with the picture, whole, and whether any gradient was met.

    Args:
        recorded: for each call a `LayerCall` without shape, grid and turn; its output for `probes`, the batch
            first; and the gradient of the score to that, or None.
        frame, usual: as in `find_grids`.
    """
    turns, changes, calls = defaultdict(count), [], []
    for call, outputs, gradient in recorded:
        turn = next(turns[id(call.layer)])
        along = changes_along(outputs, gradient)
        if along is not None:
            changes.append(along)
            shape, feeds = outputs.shape[1:], gradient is not None
            inside = call.inside or _is_table(outputs)
            calls.append(call._replace(shape=shape, feeds_score=feeds, inside=inside, turn=turn))
    grids = find_grids(changes, frame, usual)
    steepest = [axis[2].max() for along in changes for axis in along]
    return list(map(_with_grid, calls, grids, changes)), max(steepest, default=0) > 0


def _is_table(outputs):
    """Whether these are weights of places against each other, as attention makes them."""
    is_square = outputs.ndim > 2 and outputs.shape[-1] == outputs.shape[-2]
    return is_square and outputs.min() >= 0 and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3)


def _with_grid(call, grid, changes):
    if grid is None:
        return call
    slopes = changes[grid.order[0]][2]
    aside_only = len(grid.order) == 2 and slopes.any() and not slopes[grid.tokens].any()
    feeds = call.feeds_score and not aside_only
    total, summed = changes[grid.order[-1]][2:]
    cancels = np.abs(summed).max() < 1e-4 * total.max() / 3  # of three pictures
    shape = (*grid.size, call.shape[grid.order[-1]])
    return call._replace(grid=grid, shape=shape, feeds_score=feeds, inside=call.inside or bool(cancels))


def bottlenecks(end, start, sources):
    """The nodes of a graph that every way from `end` back to `start` leads through.

    `sources(node)` gives those that a node is computed from.
    """
    graph, nodes = nx.DiGraph(), [end]
    for node in nodes:
        for source in sources(node):
            if source not in graph:
                nodes.append(source)
            graph.add_edge(node, source)
    if start not in graph:
        return []
    before, found = nx.immediate_dominators(graph, end), [start]
    while found[-1] is not end:
        found.append(before[found[-1]])
    return found


def choose(calls, layer, must_feed=False):
    """The call of `layer`: a name, an index, a layer or call itself, or None for the last one with a grid.

    A ValueError where it has no grid, or must feed the score and does not, names those that would do.
    """
    usable = [call for call in calls if call.has_grid and call.feeds_score]
    usable = [call for call in usable if not call.inside] or usable
    usable = [call for call in usable if call.shape[-1] > 1] or usable  # a lone map is a gate to others
    if not calls:
        raise ValueError(
            "No layer of this model can be watched: it runs as a whole (TorchScript, an export, one image a "
            "pass) or has none. Give the module it was made from; or try saliency, occlusion or lime."
        )
    if layer is None:
        if not usable and any(call.has_grid for call in calls):
            raise ValueError(
                "No gradient comes from the score to any layer: a step between is not differentiable, or "
                "gradients are off inside of the model (torch.no_grad). Try occlusion or lime."
            )
        if not usable:
            raise ValueError(
                "This model has no layer with height and width that feeds the score, so there is no grid to "
                "draw. Try saliency, occlusion or lime, or a model with convolutions."
            )
        chosen = _whole(usable)
        later = calls[calls.index(chosen) + 1 :]
        lost = [call for call in later if call.is_lost]
        if lost:
            raise ValueError(LOST.format(lost[-1], _names(usable)))
        return chosen
    call = layer if isinstance(layer, LayerCall) else _find(calls, layer)
    if not call.has_grid:
        others = f"Layers that would do: {_names(usable)}." if usable else "No layer has a grid."
        raise ValueError(
            f"Layer {call} has no height and width, only a list of numbers, so it can't be drawn over the "
            f"image. {others}"
        )
    if must_feed and usable and not call.feeds_score:
        raise ValueError(f"The score does not depend on layer {call}. It does on {_names(usable)}.")
    return call


def _whole(usable):
    """The last of these calls, or the last one of its size that is no branch; tokens have ways past each."""
    last = usable[-1]
    if last.is_bottleneck or len(last.grid.order) == 2:
        return last
    whole = [call for call in usable if call.is_bottleneck and call.grid.size == last.grid.size]
    if not whole:
        warnings.warn(BRANCH.format(last), stacklevel=2)
    return whole[-1] if whole else last


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
        close = get_close_matches(str(layer), [call.name for call in calls], n=5, cutoff=0.3)
        near = [call for call in calls if call.name in close] or calls[-10:]
        raise ValueError(f"No layer {layer!r} is called in this model. It has, for example, {_names(near)}.")
    if len({id(call.layer) for call in found}) > 1:
        raise ValueError(f"Several layers are called {layer!r}; give the layer itself, or its index.")
    return found[-1]


def _names(calls):
    """The last ten, by name and shape."""
    return ", ".join(map(str, calls[-10:]))
