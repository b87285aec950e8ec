"""What methods that add up to a score share: where they start, what they average, what they account for."""

import numpy as np

from xaiteach.images.batch import as_batch


def at_least_one(**counts):
    """A ValueError for a count below 1."""
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} is {count}; want at least 1.")


def as_baselines(baseline, images, classifier):
    """A baseline, or a list of them, as a list of arrays like the images, checked."""
    several = baseline if isinstance(baseline, (list, tuple)) else [baseline]
    if not len(several):
        raise ValueError("The list of baselines is empty; give at least one.")
    return [_as_baseline(each, images, classifier) for each in several]


def _as_baseline(baseline, images, classifier):
    array = np.asarray(baseline, dtype=np.float32)
    if array.shape not in ((), images.shape[1:], images.shape):
        raise ValueError(
            f"A baseline of shape {array.shape} for images {images.shape}; want a number, an image "
            f"{images.shape[1:]}, or one an image {images.shape}. Several are averaged, as a list."
        )
    return checked("baseline", np.broadcast_to(array, images.shape), images, classifier)


def checked(name, others, images, classifier):
    """Images beside those that are explained, as a batch of the same size and range."""
    try:
        return as_batch(others, input_shape=images.shape[1:], value_range=classifier.value_range)[0]
    except ValueError as error:
        raise ValueError(f"{name}=: {error}") from error


class Running:
    """The mean and the variance of arrays that come one at a time, none of which is kept (Welford, 1962)."""

    def __init__(self):
        self.count = 0
        self.mean = 0.0
        self._squares = 0.0  # of the distances from the mean, summed

    def add(self, sample):
        self.count += 1
        step = sample - self.mean
        self.mean += step / self.count
        self._squares += step * (sample - self.mean)

    @property
    def variance(self):
        return self._squares / self.count

    @property
    def mean_of_squares(self):
        return self.variance + self.mean**2


def explained_score(classifier, images, targets, batch_size):
    """The scores (N, T) that the maps explain, for target weights (N, T, K)."""
    return weighted(classifier.scores(images, batch_size=batch_size), targets)


def weighted(scores, targets):
    """Σₖ weight · score, (N, T), of scores (N, K) and target weights (N, T, K)."""
    return np.einsum("nk,ntk->nt", scores, targets)


def add_up(maps, difference):
    """How much of a difference of scores (N, T) the maps (N, T, …) account for."""
    pixels = tuple(range(2, maps.ndim))
    accounts_for = maps.sum(axis=pixels, dtype=float)
    return {"accounts_for": accounts_for, "difference": difference, "gap": accounts_for - difference}
