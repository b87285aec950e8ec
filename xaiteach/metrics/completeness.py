"""Does the map add up to the score?"""

import numpy as np

from xaiteach.methods.sums import as_baselines, explained_score
from xaiteach.metrics.base import Measured, measures


@measures
def completeness_gap(classifier, images, maps, targets, *, baseline=0.0, relative=False, batch_size=None):
    r"""The sum of the map less the difference of the score from that of the baseline.

    .. math:: \sum_p M_p - \bigl(S_t(x) - S_t(x')\bigr)

    `.value` (N,) in units of the score, of either sign; **0 is good**. For maps that promise to add up, as
    those of integrated gradients do. A map may add up and be wrong everywhere.

    Args:
        baseline: as in `xt.integrated_gradients`, a list for the mean over several.
        relative: True for a share of the absolute difference (NaN where that is 0).

    Source: Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, ICML 2017, proposition 1.
    """

    def score(pictures):
        return explained_score(classifier, pictures, targets[:, None], batch_size)[:, 0]

    starts = as_baselines(baseline, images, classifier)
    difference = score(images) - np.mean([score(start) for start in starts], axis=0)
    gap = maps.sum(axis=(1, 2)) - difference
    if relative:
        nothing = np.full_like(gap, np.nan)
        gap = np.divide(gap, abs(difference), out=nothing, where=difference != 0)
    return Measured(gap)
