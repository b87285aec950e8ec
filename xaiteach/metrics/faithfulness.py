"""Do the numbers of the map go with what happens when single pixels are removed, or put in?"""

import numpy as np

from xaiteach.methods.occlusion import occlusion
from xaiteach.metrics.base import Measured, hides, measures
from xaiteach.metrics.ranks import block_sums, correlation
from xaiteach.metrics.removing import area_under


@measures
def faithfulness(
    classifier, images, maps, targets, *, block=1, fill=0.0, of="probability", batch_size=None, progress=True
):
    """The correlation between the map and what the answer loses when each pixel alone is removed.

    `.value` (N,) from −1 to 1; **high is good**, 0 is chance, and what a map gets that is the same
    everywhere. It is right for a model that adds up pixels; where evidence is there twice, each of the two
    loses nothing, whatever a map may say. The scale of the map does not count.

    Args:
        block: side of the squares that are removed, each with the sum of the map in it.

    Source: Alvarez-Melis and Jaakkola, Towards robust interpretability with self-explaining neural networks,
        NeurIPS 2018, section 5; `faithfulness_metric` of AIX360.
    """
    options = {"fill": fill, "of": of, "batch_size": batch_size, "progress": progress}
    _, details = occlusion(classifier, images, targets[:, None], window=block, details=True, **options)
    return Measured(correlation(block_sums(maps, block), details.drops[:, 0]))


@hides(of="probability")
def monotonicity(answer, images, hidden, maps, *, steps=None, block=1, seed=0):
    """Whether the answer never falls while pixels are put in one by one, lowest value of the map first.

    **True is good.** A strict test: a single step down, but for rounding (a millionth of the largest answer),
    fails it, so `.curve` tells more. `steps`, `block` and errors are those of `deletion`.

    Returns:
        `.value` (N,) True or False; `.curve` (N, M) the answers; `.fraction` (M,) of the pixels in by then.

    Source: Luss et al., Leveraging latent features for local explanations, KDD 2021; `monotonicity_metric` of
        AIX360.
    """
    way = area_under(answer, hidden, images, -maps, steps, block, seed)
    rounding = 1e-6 * abs(way.curve).max(axis=1, keepdims=True)
    never_falls = (np.diff(way.curve, axis=1) >= -rounding).all(axis=1)
    return Measured(never_falls, way.curve, way.fraction)
