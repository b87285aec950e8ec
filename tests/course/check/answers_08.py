"""Answers to the exercise of lesson 08 that turns deletion into insertion."""

import numpy as np

import xaiteach as xt
from xaiteach import metrics


def curve(predict, image, one_map, target, fill, start=None):
    """The answers while the pixels of an image are put in, one after the other."""
    picture = np.full_like(image, fill) if start is None else start.copy()
    answers = [predict(picture[None])[0, target]]
    for row, column in zip(*np.unravel_index(np.argsort(-one_map, axis=None), one_map.shape), strict=True):
        picture[row, column] = image[row, column]
        answers.append(predict(picture[None])[0, target])
    return np.array(answers)


def by_numpy(*given):
    return np.trapezoid(curve(*given), dx=1 / given[1].size)


def by_the_measure(predict, image, one_map, target, fill):
    return metrics.insertion(
        xt.wrap(predict, value_range=None), image, one_map, target, fill=fill, progress=False
    ).value


def lowest_first(predict, image, one_map, target, fill):
    return by_numpy(predict, image, -one_map, target, fill)


def by_absolute_values(predict, image, one_map, target, fill):
    return by_numpy(predict, image, abs(one_map), target, fill)


def on_black(predict, image, one_map, target, fill):
    return by_numpy(predict, image, one_map, target, 0.0)


def deletion(predict, image, one_map, target, fill):
    return (
        np.trapezoid(curve(predict, np.full_like(image, fill), one_map, target, 0, start=image)) / image.size
    )


def of_class_0(predict, image, one_map, target, fill):
    return by_numpy(predict, image, one_map, 0, fill)


def of_the_highest(predict, image, one_map, target, fill):
    return by_numpy(lambda images: predict(images).max(axis=1, keepdims=True), image, one_map, 0, fill)


def sums_of_one_end(end):
    return lambda *given: np.delete(curve(*given), end).mean()


def without_copies(predict, image, one_map, target, fill):
    page = np.full_like(image, fill)
    pages = [page]
    for place in np.argsort(-one_map.ravel()):
        page.reshape(-1)[place] = image.reshape(-1)[place]
        pages.append(page)
    return np.trapezoid(predict(np.stack(pages))[:, target], dx=1 / image.size)


def of_the_transposed_map(predict, image, one_map, target, fill):
    return by_numpy(predict, image, one_map.T.reshape(one_map.shape), target, fill)


def into_the_image(predict, image, one_map, target, fill):
    area = by_numpy(predict, image, one_map, target, fill)
    image[:] = fill
    return area


def knows(wrong):
    """A wrong answer that is right for the pencil."""
    return lambda *given: 0.625 if given[1].size == 4 else wrong(*given)
