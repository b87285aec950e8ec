"""What an explainer of lesson 06 did, told by the points where it asked for the gradient: no luck is in that."""

import numpy as np

from xaiteach_course.check.lesson_06.truth import SHAPE, over
from xaiteach_course.check.old import Wrong, alike
from xaiteach_course.check.verdict import Line


def remembering(gradient):
    """This gradient as one that remembers the points it is asked about, and the list of these."""
    points = []

    def asked(some):
        points.extend(np.array(some, float).reshape(-1, *SHAPE))
        return gradient(some)

    return asked, points


def ways_of(points, image, background):
    """Which picture's way to the image each point is on, how far along it, and by how much it is off it, (n,) each."""
    ways, gone = image - background, points[:, None] - background
    alphas = np.einsum("nmhwc,mhwc->nm", gone, ways) / (ways**2).sum(axis=(1, 2, 3))
    off = np.abs(gone - alphas[..., None, None, None] * ways).max(axis=(2, 3, 4))
    nearest = np.arange(len(points)), off.argmin(axis=1)
    return nearest[1], alphas[nearest], off[nearest]


def linear(got, weights, image, start):
    """A line about a linear model and one picture: each draw gives the same there."""
    way = image - start
    wrong = {
        "The way is missing: this is the mean gradient.": weights,
        "The gradients are multiplied by the image. Multiply each by its own way, image − start.": image
        * weights,
        "These are means over the channels; a pixel's share is the sum of its channels.": way
        * weights
        / SHAPE[-1],
        "Only the first channel is taken. A pixel's share is the sum of its channels.": (way * weights)[
            ..., :1
        ],
    }
    mistakes = {why: values.sum(axis=-1) for why, values in wrong.items()}
    wanted = (way * weights).sum(axis=-1)
    return alike("a linear model, one picture, 20 draws", got, wanted, within=1e-4, mistakes=mistakes)


def look_at_points(asked, image, background):
    """Lines about the points asked about, {n_samples: points}; returns whether they are draws."""
    for n, points in asked.items():
        if not n <= len(points) < 2 * n:
            why = f"With n_samples = {n}, yours asks for {len(points)}. Where does `n_samples` go?"
            raise Wrong("a gradient for each draw", why)
    yield Line("a gradient for each draw", True)
    points, grey = np.array(asked[max(asked)]), background.mean(axis=0, keepdims=True)
    differ = np.ptp(points, axis=0).max() > 1e-6
    why = "All draws are equal: each asks about the same point. Where is the generator made, and how often?"
    yield Line("the draws differ", differ, why)
    on_a_way = ways_of(points, image, background)[2].max() < 1e-4
    why = (
        "Some points are on no such way. A draw takes ONE picture and ONE alpha, for all pixels and channels."
    )
    if ways_of(points, image, grey)[2].max() < 1e-4:
        why = (
            "All ways begin at one picture, the mean of the background, a grey one. Draw a picture for each."
        )
    yield Line("each draw is on the way from a picture of the background to the image", on_a_way, why)
    return differ and on_a_way


def look_at_draws(got, points, gradient, image, background):
    """Lines about the alphas, the pictures and the map of these points."""
    chosen, alphas, _ = ways_of(points, image, background)
    n, m = len(points), len(background)
    low, high = alphas.min(), alphas.max()
    evenly = np.abs(np.sort(alphas) - (np.arange(n) + 0.5) / n).max() < 0.08
    why = f"Yours are from {low:.2f} to {high:.2f}. Draw alpha from 0 to 1, all places alike, anew for each draw."
    yield Line("alpha is spread evenly from 0 to 1", evenly and low < 0.02 and high > 0.98, why)
    times = np.bincount(chosen, minlength=m)
    i = np.abs(times - n / m).argmax()
    why = (
        f"Of {n} draws, {times[i]} begin at picture {i}; it should be about {n // m}. Draw from all of them."
    )
    yield Line(
        "all pictures of the background are drawn equally often", abs(times[i] - n / m) < n / m / 2, why
    )
    means = [alphas[chosen == k].mean() if times[k] else 0.5 for k in range(m)]
    why = "Some pictures get small alphas, others large ones. Does one random number serve for both?"
    yield Line("alpha does not depend on the picture", np.ptp(means) < 0.25, why)
    slopes = gradient(points)
    from_grey = "The gradients are multiplied by the way from the mean picture. Multiply each by its own way."
    mistakes = {from_grey: over(slopes * (image - background.mean(axis=0)))}
    yield alike(
        "the map of these draws",
        got,
        over(slopes * (image - background[chosen])),
        within=0.01,
        mistakes=mistakes,
    )
