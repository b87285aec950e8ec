"""What an explainer of lesson 06 did, told by the points where it asked for the gradient, without luck."""

import numpy as np

from xaiteach_course.check.lesson_06.truth import SHAPE, over


def remembering(gradient):
    """This gradient as one that remembers the points it is asked about, and the list of these."""
    points = []

    def asked(some):
        points.extend(np.array(some, float).reshape(-1, *SHAPE))
        return gradient(some)

    return asked, points


def find_ways(points, image, background):
    """The picture whose way to the image a point is on, how far along it, and how far off it, (n,) each."""
    ways, gone = image - background, points[:, None] - background
    alphas = np.einsum("nmhwc,mhwc->nm", gone, ways) / (ways**2).sum(axis=(1, 2, 3))
    off = np.abs(gone - alphas[..., None, None, None] * ways).max(axis=(2, 3, 4))
    pictures = off.argmin(axis=1)
    nearest = np.arange(len(points)), pictures
    return pictures, alphas[nearest], off[nearest]


def look_at_points(look, few, many, image, background):
    """Whether these points of 20 and of 1,000 draws are draws from the ways to the image."""
    for n, points in ((20, few), (1000, many)):
        if not n <= len(points) < 2 * n:
            why = f"With n_samples = {n}, yours asks for {len(points)}. Where does `n_samples` go?"
            look.refuse("a gradient for each draw", why)
            return
    look.that("a gradient for each draw", True)
    points = np.array(many)
    why = "All draws ask about the same point. Where is the generator made, and how often?"
    look.that("the draws differ", np.ptp(points, axis=0).max() > 1e-6, why)
    on_a_way = find_ways(points, image, background)[2].max() < 1e-4
    from_grey = find_ways(points, image, background.mean(axis=0, keepdims=True))[2].max() < 1e-4
    why = "Some points are on no way. A draw takes ONE picture and ONE alpha, for all pixels and channels."
    if from_grey:
        why = "All ways begin at the mean of the background, a grey picture. Draw a picture for each."
    look.that("each draw is on the way from a picture of the background to the image", on_a_way, why)


def look_at_draws(look, got, many, gradient, image, background):
    """Whether alphas and pictures are drawn evenly, and whether the map is that of these draws."""
    points, m = np.array(many), len(background)
    pictures, alphas, _ = find_ways(points, image, background)
    low, high = alphas.min(), alphas.max()
    even = (np.arange(len(points)) + 0.5) / len(points)
    evenly = np.abs(np.sort(alphas) - even).max() < 0.08 and low < 0.02 and high > 0.98
    why = f"Yours are from {low:.2f} to {high:.2f}. Draw alpha from 0 to 1, anew for each draw."
    look.that("alpha is spread evenly from 0 to 1", evenly, why)
    times, wanted = np.bincount(pictures, minlength=m), len(points) / m
    i = np.abs(times - wanted).argmax()
    why = f"{times[i]} draws begin at picture {i}; it should be about {wanted:.0f}. Draw from all of them."
    often = abs(times[i] - wanted) < wanted / 2
    look.that("all pictures of the background are drawn equally often", often, why)
    means = [alphas[pictures == k].mean() for k in np.unique(pictures)]
    why = "Some pictures get small alphas, others large ones. Does one random number serve for both?"
    look.that("alpha does not depend on the picture", np.ptp(means) < 0.25, why)
    slopes = gradient(points)
    from_grey = over(slopes * (image - background.mean(axis=0)))
    mistakes = {"Each gradient counts its own way, not the way from the mean picture.": from_grey}
    map_of_these = over(slopes * (image - background[pictures]))
    look.same("the map of these draws", got, map_of_these, within=0.01, mistakes=mistakes)
