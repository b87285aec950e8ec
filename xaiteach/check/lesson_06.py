"""Exercises of lesson 06: fair shares, expected gradients, and what a background can't see."""

import numpy as np

from xaiteach.check.base import Line, Wrong, exercise
from xaiteach.check.looking import again, alike, array, chosen, result
from xaiteach.check.paper_06 import (
    SHAPE,
    curved,
    figure_of_a_map,
    figure_of_blindness,
    figure_of_draws,
    figure_of_orders,
    limits,
    network_and_image,
    over,
    points_on,
    starts_and_alphas,
    values_of_draws,
)

DRAWS = 2000


@exercise(
    "Share a score among three players by hand",
    hints=[
        "Write down the six orders. In each of them exactly one stroke gets all 12 points: the one that completes the "
        "4. Which one is it?",
        "left, right, crossbar:   the crossbar completes it, 12 for the crossbar\n"
        "left, crossbar, right:   the crossbar again\n"
        "crossbar, left, right:   the left arm, 12 for the left arm\n"
        "…                        three more, then the mean of each column",
        figure_of_orders,
    ],
)
def share_by_hand(answer, seed=0):
    """The Shapley values of the left arm, the right arm and the crossbar."""
    got = yield from array(answer, (3,))
    why = f"Yours come to {got.sum():.3g}. In each order 12 points are handed out, so their mean is 12, too."
    yield Line("together they are 12, within 0.01", abs(got.sum() - 12) < 0.01, why)
    mistakes = {
        "This is what is lost without each one, as occlusion asks. Let them come in, in all six orders.": [0, 0, 12],
        "Equal parts. But does the crossbar add something as often as the left arm?": [4, 4, 4],
        "These are the means over groups. The mean goes over the six orders.": [3, 3, 9],
        "These are sums over the six orders: divide by 6.": [12, 12, 48],
        "This says how often each one adds something. Each time it adds 12 points: multiply.": [1 / 6, 1 / 6, 4 / 6],
        "The crossbar is in the wrong place. The order is left arm, right arm, crossbar.": [8, 2, 2],
    }
    yield alike("the three shares", got, [2, 2, 8], within=0.01, mistakes=mistakes)


@exercise(
    "Write expected gradients from their formula",
    hints=[
        "How does a number for each draw meet a picture for each draw? What is the shape of `alphas`, and what should "
        "it be so that NumPy can multiply it with (n, H, W, C)?",
        "ways = image - starts                                   # (n, H, W, C)\n"
        "points = starts + alphas[:, None, None, None] * …      # (n, H, W, C)\n"
        "values = … * gradient(points)                           # what each draw says\n"
        "return values.mean(axis=…).sum(axis=…)                  # (H, W)",
        figure_of_a_map,
    ],
)
def build_expected_gradients(answer, seed=0):
    """A function of a gradient, an image (H, W, C), starts (n, H, W, C) and alphas (n,) that returns the map (H, W)."""
    gradient, image = network_and_image(seed)
    starts, alphas = starts_and_alphas(9, seed)
    ways, points = image - starts, points_on(starts, alphas, image)
    slopes, from_black = gradient(points), gradient(points_on(0 * starts, alphas, image))
    from_end, at_start, at_end = (
        gradient(points_on(starts, a, image)) for a in (1 - alphas, 0 * alphas, 0 * alphas + 1)
    )
    wanted = over(ways * slopes)
    got = yield from result(answer, gradient, image, starts, alphas, shape=wanted.shape)
    wrong = {
        "The way is missing: this is the mean gradient. Multiply each by its own way, image − start.": slopes,
        "The gradients are multiplied by the image. Multiply each by its own way, image − start.": image * slopes,
        "The mean way times the mean gradient: multiply draw by draw, then take the mean.": ways.mean(axis=0) * slopes,
        "All gradients are taken at the image, where the network may be saturated: where is alpha?": ways * at_end,
        "All gradients are taken at the starts: where is alpha?": ways * at_start,
        "The ways are walked from the wrong end: alpha 0 is the start, 1 the image.": ways * from_end,
        "The points are alpha · image: all ways begin at a black picture, not at their starts.": ways * from_black,
        "These are means over the channels; a pixel's share is the sum of its channels.": ways * slopes / SHAPE[-1],
    }
    mistakes = {why: over(values) for why, values in wrong.items()}
    yield alike("the map", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Plan how many draws are needed",
    hints=[
        "First one number a draw: what it gives to all pixels together. How far do these numbers scatter? The error of "
        "their mean is this scatter, divided by the root of their number.",
        "sums = values.sum(axis=(1, 2))     # (n,): one sum a draw\n"
        "spread = sums.std()                # of one draw\n"
        "# spread / sqrt(draws) = error     → solve for draws\n"
        "return …",
        figure_of_draws,
    ],
)
def plan_the_draws(answer, seed=0):
    """A function of values (n, H, W) and the standard error that is wanted: how many draws it takes."""
    error, wanted = 0.08, np.random.default_rng([3, seed]).uniform(800, 900)
    values = values_of_draws(150, error * np.sqrt(wanted), seed)
    got = yield from result(answer, values, error, shape=())
    mistakes = {
        "Here twice the draws halve the error. It falls like 1/√n: four times the draws do. Square it.": np.sqrt(
            wanted
        ),
        "The variances of the pixels are added up. But the pixels of one draw go up and down together. Add up each "
        "draw first, then see how far the sums scatter.": values.var(axis=0).sum() / error**2,
        "This is the spread of single values. Add up the pixels of each draw first.": values.var() / error**2,
        "This says how many times as many draws, not how many. Multiply by the draws you have.": wanted / 150,
    }
    yield alike("the number of draws", got, wanted, within=8, mistakes=mistakes)
    half = again(answer, values, error / 2, shape=())
    why = "The error falls like 1/√n: four times the draws for half of the error."
    yield Line("half of the error takes four times the draws", abs(half - 4 * got) < 0.01 * half, why)
    more = again(answer, np.concatenate([values, values, values]), error, shape=())
    why = "What is needed does not depend on how long you tried. Is there a number of draws left in your formula?"
    yield Line("three times the trial draws need the same", abs(more - got) < 0.02 * got, why)


@exercise(
    "Find the pixels that a background can't see",
    hints=[
        "When is the way of a pixel 0? And when is it 0 for EVERY picture of the background, in EVERY channel?",
        "same = background == image          # (M, H, W, C)\nreturn same.all(axis=(…, …))        # (H, W)",
        figure_of_blindness,
    ],
)
def find_blind_pixels(answer, seed=0):
    """A function of an image (H, W, C) and a background (M, H, W, C): True where each map must be 0, (H, W)."""
    draw = np.random.default_rng([4, seed])
    image = draw.choice([0, 0.5, 1], size=SHAPE)
    background = np.stack([image] * 4)
    background[1:, 0], background[:-1, 1] = 0.3, 0.7  # like the image in the first picture only, in the last only
    background[:, 2, :, 1], background[:, 4, :3, 0] = 0.2, 0.8  # in two of three channels
    background[:, 3] += np.array([-0.2, 0.2, -0.1, 0.1])[:, None, None]  # in the mean
    same, mean = background == image, np.isclose(background.mean(axis=0), image)
    wanted = same.all(axis=(0, -1))
    got = yield from result(answer, image, background, shape=wanted.shape)
    mistakes = {
        "It is the other way round: these are the pixels that can get something.": ~wanted,
        "One picture like the image is not enough: want all pictures of the background.": same.all(axis=-1).any(axis=0),
        "Only the first picture of the background is looked at.": same[0].all(axis=-1),
        "One channel like the image is not enough: the others have a way to go.": same.all(axis=0).any(axis=-1),
        "Only the first channel is looked at.": same[..., 0].all(axis=0),
        "The mean of the background is compared. But the ways −0.2 and 0.2 do not cancel.": mean.all(axis=-1),
        "These are the black pixels. Black can be seen against what is not black there.": (image == 0).all(axis=-1),
    }
    yield alike("the pixels", got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Mend broken expected gradients",
    hints=[
        "Print `start` and `random.uniform()` in each round. What should be different from round to round, and is not?",
        "random = np.random.RandomState(seed)            # once\n"
        "for _ in range(n_samples):\n"
        "    start = background[random.choice(…)]        # one picture, another one each time\n"
        "    …",
        figure_of_a_map,
    ],
)
def mend_expected_gradients(answer, seed=0):
    """A function of a gradient, an image (H, W, C), a background (M, H, W, C), n_samples and a seed: the map (H, W)."""
    gradient, image, background = curved(seed)
    wanted, mistakes, spread = limits(gradient, image, background)
    states = [_global_state()]
    few = yield from result(answer, gradient, image, background, 20, seed, shape=wanted.shape)
    states.append(_global_state())

    def ask(n, seed):
        return again(answer, gradient, image, background, n, seed, shape=wanted.shape)

    if np.allclose(ask(1, seed), few, atol=1e-6):
        why = "One draw gives the same map as 20: all draws are equal. Where is the generator made, and how often?"
        raise Wrong("more draws make another map", why)
    yield Line("more draws make another map", True)
    within = float(f"{5 * spread / np.sqrt(DRAWS):.1g}")
    yield alike(f"the map of {DRAWS} draws", ask(DRAWS, seed), wanted, within=within, mistakes=mistakes)
    yield Line("the same seed makes the same map", np.allclose(few, ask(20, seed)), "Where does `seed` go?")
    another = ask(20, seed + 1)
    states.append(_global_state())
    yield Line("another seed makes another map", not np.allclose(few, another, atol=1e-6), "The seed is not used.")
    why = "NumPy's global generator was used. Make one of your own: `np.random.RandomState(seed)`."
    yield Line("the global random numbers are left alone", len(set(states)) == 1, why)


def _global_state():
    _, keys, *rest = np.random.get_state()
    return keys.tobytes(), *rest


@exercise(
    "Say which of the maps tells what",
    hints=[
        "For each sentence: how could it be false, and would the maps or the badges look different then?",
        "One sentence is about the root of n, one about luck, one about what a zero means, one about a name, one about "
        "a way of length 0. Two of the five are true.",
        figure_of_blindness,
    ],
)
def judge_the_maps(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="ae",
        why={
            "a": "The error falls like 1/√n: four times the draws, half of the error.",
            "b": "Tempting: the sum is right. But both have the same standard error, so it was luck. And a sum does "
            "not know where the shares are.",
            "c": "Tempting: no colour, no role. But black less black is a way of length 0. It could not say it.",
            "d": "Tempting: it's in the name. They add up as Shapley values do, but adding up is one promise of four.",
            "e": "Its way is 0 from each of them, in every draw.",
        },
    )
