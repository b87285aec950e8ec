"""What is said of wrong answers in the exercises of lesson 09 where a table of mistakes is not enough."""

import numpy as np


def neither(known):
    return f"{(~known).sum()} pictures are neither. Are they in another order, or is the paint not `paint`?"


def not_half(shares):
    if not shares.any():
        return "None is painted."
    if (shares == 1).all():
        return "All are painted. A cue that all have teaches the model nothing about pictures without it."
    if set(shares) <= {0, 1}:
        return "Whole classes are painted, so the cue still tells the class."
    k = abs(shares - 0.5).argmax()
    return (
        f"Of class {k} it is {100 * shares[k]:.0f} %. As long as the shares differ, the cue tells something."
    )


def not_by_chance(halves, labels):
    """Why the halves that some seeds give, (seeds, N), follow a rule; nothing where they don't.

    By chance, hardly two halves of the largest class are the same.
    """
    largest = labels == np.bincount(labels).argmax()
    different = len(np.unique(halves[:, largest], axis=0))
    if different == 1:
        return "Each seed gives the same half. Let chance decide which, by `seed`."
    if different < len(halves) - 2:
        return (
            f"Of one class, {len(halves)} seeds give only {different} different halves. By chance, hardly two would be "
            "the same. Draw the pictures, not only where the half begins."
        )
    if set(halves.mean(axis=0)) & {0, 1}:
        return "Some pictures are painted with every seed, or with none. Let chance decide about each."
    return ""


def not_that_class(k, case):
    if k in case.decoys:
        return "All its pictures have a square, but the model does not use it. Ask the model, not the data."
    if k == case.proud:
        return f"The patch of class {k:g} counts for its own pictures, but it turns no others. Transplant it, and count."
    return f"You accuse class {k:g}. Which patch turns most of the other pictures into its class?"


def not_there(got, place):
    if np.array_equal(got, place[::-1]):
        return "Row and column are exchanged."
    if np.array_equal(got, place + 1):
        return "This is the middle of the square. Want its upper left corner."
    if abs(got - place).max() <= 2:
        return "The square is only partly in your patch. Where is the sum over 3×3 pixels of the mean map largest?"
    return "The cue is elsewhere. Want row and column of the upper left corner of the square, counted from 0."
