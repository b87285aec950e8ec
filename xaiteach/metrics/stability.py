"""Is the map the same twice?"""

from functools import partial
from itertools import combinations

import numpy as np

from xaiteach.figures.words import rounded
from xaiteach.methods.base import bar
from xaiteach.metrics.agreement import agreement
from xaiteach.metrics.base import Measured, asks


@asks
def stability(classifier, images, explain, *, runs=3, noise=0.0, kind="rank", top=0.1, progress=True):
    """How far maps of several runs agree: of other seeds, or of the image with a little noise.

    `.value` (N,), the mean over all pairs of runs, is from −1 to 1, or for the top pixels from 0 to 1. **High
    is good**, and no more than a beginning: a map that never changes is perfectly stable.

    Args:
        method: takes the model, images and targets; and for `noise=0` also `seed=`.
        runs: how many, with the seeds 0, 1, …
        noise: standard deviation of normal noise, as a share of the value range, cut off at its ends. 0 for
            the same image with other seeds.

    Source: Alvarez-Melis and Jaakkola, On the robustness of interpretability methods, 2018.
    """
    if runs < 2:
        raise ValueError(f"runs={runs}; want at least 2 to compare.")

    def run(seed):
        if not noise:
            return explain(images, seed=seed)
        normal = np.random.default_rng(seed).standard_normal(images.shape)
        return explain(_shaken(images, noise * normal, classifier))

    maps = [run(seed) for seed in bar(range(runs), runs, "stability", progress)]
    pairs = [agreement(*pair, kind=kind, top=top) for pair in combinations(maps, 2)]
    asked = f"same under {rounded(100 * noise)} % noise" if noise else f"same with {runs} seeds"
    return Measured(np.mean(pairs, axis=0), asked=asked)


@asks
def sensitivity_max(classifier, images, explain, *, radius=0.02, n_samples=10, seed=0, progress=True):
    r"""How much a map can change, at most, when the image hardly does.

    .. math:: \max_{\lVert \delta \rVert_\infty \le r}
        \frac{\lVert M(x + \delta) - M(x) \rVert}{\lVert M(x) \rVert}

    `.value` (N,) from 0; **low is good**, and a map that never changes has 0. The maximum is over a few
    random δ, so the true one is not smaller. Infinite where only the map of the image itself is all zeros.

    Args:
        radius: r as a share of the value range; what would leave that range is cut off.
        n_samples: random δ an image.
        seed: of the δ.

    Source: Yeh et al., On the (in)fidelity and sensitivity of explanations, NeurIPS 2019, definition 3.1.
    """
    random = np.random.default_rng(seed)
    maps = explain(images)
    norm = partial(np.linalg.norm, axis=(1, 2))
    changes = []
    for _ in bar(range(n_samples), n_samples, "sensitivity", progress):
        shift = random.uniform(-radius, radius, images.shape)
        changes.append(norm(explain(_shaken(images, shift, classifier)) - maps))
    size, change = norm(maps), np.max(changes, axis=0)
    of_nothing = np.where(change > 0, np.inf, 0.0)
    return Measured(np.divide(change, size, out=of_nothing, where=size > 0))


def _shaken(images, shift, classifier):
    """Images with a shift, in units of the value range, that stay inside of it."""
    if classifier.value_range is None:
        spread = np.ptp(images, axis=(1, 2, 3), keepdims=True)
        return (images + shift * spread).astype(np.float32)
    low, high = classifier.value_range
    return np.clip(images + (high - low) * shift, low, high).astype(np.float32)
