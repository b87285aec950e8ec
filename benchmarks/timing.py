"""Seconds of several ways to do the same thing, taken in turns so that a busy moment hits all of them."""

import time
from statistics import median


def interleaved(ways, rounds, at_least=0.0):
    """Median seconds of each of the functions, and the median of their ratios to the first, round by round.

    Args:
        ways: from names to functions without arguments; the first is what the others are compared with.
        rounds: how often each is run at least, after once to warm up.
        at_least: seconds that all of it takes at least, so that quick ones are run more often.

    Returns:
        A dictionary from names to (seconds, ratio).
    """
    for way in ways.values():
        way()
    taken = []
    while len(taken) < rounds or sum(sum(round_.values()) for round_ in taken) < at_least:
        taken.append({name: seconds(way) for name, way in ways.items()})
    first = next(iter(ways))
    return {
        name: (median(t[name] for t in taken), median(t[name] / t[first] for t in taken)) for name in ways
    }


def seconds(way):
    start = time.perf_counter()
    way()
    return time.perf_counter() - start
