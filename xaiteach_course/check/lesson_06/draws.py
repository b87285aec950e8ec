"""What an explainer of lesson 06 did, told by the points where it asked for the gradient, without luck."""

import numpy as np

from xaiteach_course.check.lesson_06.truth import over


def find_ways(points, image, background):
    """The picture whose way to the image a point is on, how far along it, and how far off it, (n,) each."""
    ways, gone = image - background, points[:, None] - background
    alphas = np.einsum("nmhwc,mhwc->nm", gone, ways) / (ways**2).sum(axis=(1, 2, 3))
    off = np.abs(gone - alphas[..., None, None, None] * ways).max(axis=(2, 3, 4))
    pictures = off.argmin(axis=1)
    nearest = np.arange(len(points)), pictures
    return pictures, alphas[nearest], off[nearest]


def look_at_points(look, points, image, background):
    """Whether these points of 1,000 draws are draws from the ways to the image."""
    why = f"With n_samples = 1000, yours asks for {len(points)}. Where does `n_samples` go?"
    look.that("a gradient for each draw", 1000 <= len(points) < 2000, why)
    if look.wrong:
        return
    why = "All draws ask about the same point. Where is the generator made, and how often?"
    look.that("the draws differ", np.ptp(points, axis=0).max() > 1e-6, why)
    on_a_way = find_ways(points, image, background)[2].max() < 1e-4
    from_grey = find_ways(points, image, background.mean(axis=0, keepdims=True))[2].max() < 1e-4
    why = "Some points are on no way. A draw takes ONE picture and ONE alpha, for all pixels and channels."
    if from_grey:
        why = "All ways begin at the mean of the background, a grey picture. Draw a picture for each."
    look.that("each draw is on the way from a picture of the background to the image", on_a_way, why)


def look_at_draws(look, got, points, gradient, image, background):
    """Whether alphas and pictures are drawn evenly, and whether the map is that of these draws."""
    pictures, alphas, _ = find_ways(points, image, background)
    even = (np.arange(len(points)) + 0.5) / len(points)
    evenly = np.abs(np.sort(alphas) - even).max() < 0.08
    low, high = alphas.min(), alphas.max()
    why = f"Yours are from {low:.2f} to {high:.2f}. Draw alpha from 0 to 1, anew for each draw."
    look.that("alpha is spread evenly from 0 to 1", evenly, why)
    times, wanted = np.bincount(pictures, minlength=len(background)), len(points) / len(background)
    why = f"They are drawn {', '.join(map(str, times))} times. Draw from all of them."
    often = np.abs(times - wanted).max() < wanted / 2
    look.that("all pictures of the background are drawn equally often", often, why)
    means = [alphas[pictures == k].mean() for k in np.unique(pictures)]
    why = "Some pictures get small alphas, others large ones. Does one random number serve for both?"
    look.that("alpha does not depend on the picture", np.ptp(means) < 0.25, why)
    map_of_these = over(gradient(points) * (image - background[pictures]))
    look.same("the map of these draws", got, map_of_these, within=0.01)
