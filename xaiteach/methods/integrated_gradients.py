"""Integrated gradients: how much of the score each pixel accounts for, on the way from a baseline."""

import numpy as np

from xaiteach.methods.base import bar, explains
from xaiteach.methods.sums import add_up, as_baselines, at_least_one, explained_score


@explains
def integrated_gradients(
    classifier, images, targets, *, baseline=0.0, steps=50, batch_size=None, progress=True
):
    r"""Average the gradient along the straight path from the baseline x′ to the image x, times the path.

    .. math:: (x - x')\,\int_0^1 \nabla S_t\bigl(x' + \alpha\,(x - x')\bigr)\,d\alpha

    The integral is a midpoint sum, so on a linear model one step is exact. The map sums to S(x) − S(x′), up
    to the error of that sum ("completeness"). A pixel that equals its baseline gets nothing.

    Args:
        baseline: what "nothing to see" looks like: a number, an image (H, W, C), an array with one an image
            (N, H, W, C), or a list of such baselines, over which the maps are averaged.
        steps: points on the path; 50 leave about 1 % of the score of a digit.
        details: True for the maps and a namespace of `accounts_for` (the sum of the map), `difference`
            (S(x) − S(x′), the mean over baselines) and `gap` (the first less the second), each (N,).

    Returns:
        (N, H, W) float32, signed, in units of the score.

    Raises:
        ValueError: for a baseline of a wrong shape or range, or no steps.

    Source: Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, ICML 2017, equation 1.
    """
    at_least_one(steps=steps)
    starts = as_baselines(baseline, images, classifier)
    alphas = [(k + 0.5) / steps for k in range(steps)]

    def attribution(start):
        path = images - start
        points = (start + alpha * path for alpha in alphas)
        gradients = classifier.gradients(points, targets, batch_size=batch_size)
        total = sum(bar(gradients, steps, "integrated gradients", progress))
        return path[:, None] * total / steps

    def balance():
        score = explained_score(classifier, images, targets, batch_size)
        scores_at_start = [explained_score(classifier, start, targets, batch_size) for start in starts]
        return add_up(maps, score - np.mean(scores_at_start, axis=0))

    maps = sum(map(attribution, starts)) / len(starts)
    return maps, balance
