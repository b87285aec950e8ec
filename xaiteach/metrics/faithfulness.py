"""Do the numbers of the map go with what happens when single pixels are removed, or put in?"""

import numpy as np

from xaiteach.methods.hiding import replacement
from xaiteach.methods.occlusion import occlusion
from xaiteach.metrics.base import Measured, measures
from xaiteach.metrics.ranks import block_sums, correlation
from xaiteach.metrics.removing import curve_from


@measures
def faithfulness(
    classifier, images, maps, targets, *, block=1, fill=0.0, of="probability", batch_size=None, progress=True
):
    """The correlation between what the map gives to each pixel and what the answer loses when it alone is removed.

    From −1 to 1; **high is good**, 0 is chance, and what a map gets that is the same everywhere. It is right for a
    model that adds up pixels; where evidence is there twice, each of the two loses nothing, whatever a map may say.

    Args:
        images: (N, H, W, C) in [0, 1], or one image.
        maps: (N, H, W), one number a pixel; its scale does not count.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9).
        block: side of the squares that are removed, each with the sum of the map in it.
        fill: what is seen instead, as in `xt.occlusion`.
        of: "probability" or "score".
        batch_size: pictures a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        progress: False hides the bar.

    Returns:
        `.value` (N,).

    Source: Alvarez-Melis and Jaakkola, Towards robust interpretability with self-explaining neural networks, NeurIPS
        2018, section 5; `faithfulness_metric` of AIX360.
    """
    options = {"fill": fill, "of": of, "batch_size": batch_size, "progress": progress}
    _, known = occlusion(classifier, images, targets[:, None], window=block, details=True, **options)
    return Measured(correlation(block_sums(maps, block), known.drops[:, 0]))


@measures
def monotonicity(
    classifier,
    images,
    maps,
    targets,
    *,
    steps=None,
    block=1,
    fill=0.0,
    of="probability",
    seed=0,
    batch_size=None,
    progress=True,
):
    """Whether the answer never falls while pixels are put in one after the other, lowest value of the map first.

    **True is good.** A strict test: a single step down, however small, fails it, so `.curve` tells more. A map that
    puts pixels against the class first fails where they are. Arguments and errors are those of `deletion`.

    Returns:
        `.value` (N,) True or False; `.curve` (N, M) the answers; `.fraction` (M,) of the pixels that are in by then.

    Source: Luss et al., Leveraging latent features for local explanations, KDD 2021; `monotonicity_metric` of AIX360.
    """
    other = replacement(fill, images, classifier.value_range)
    found = curve_from(
        classifier, other, images, -maps, targets, steps, block, of, seed, batch_size, progress
    )
    return Measured((np.diff(found.curve, axis=1) >= -1e-6).all(axis=1), found.curve, found.fraction)
