"""What an answer hears when it asks a model for one image, or returns something of a shape that tells its mistake."""

import functools

import numpy as np

from xaiteach_course.check.exercise import Wrong


def of_images(ask):
    """The same function of images (N, H, W, C), that takes lists as well, and says what is wrong with other shapes."""

    @functools.wraps(ask)
    def asked(images):
        images = np.asarray(images)
        if images.ndim != 4:
            raise ValueError(
                f"the model was asked with shape {images.shape}; want (N, H, W, C). For one image: `image[None]`."
            )
        return ask(images)

    return asked


def explained(lines, known):
    """The same lines; where one of them ends it all, a further sentence says more.

    Args:
        lines: a generator of lines, such as `result(…)`; what it returns is returned.
        known: {how the reason begins: the further sentence}.
    """
    try:
        return (yield from lines)
    except Wrong as wrong:
        what, _, why = wrong.args[0]
        more = next((words for begins, words in known.items() if why.startswith(begins)), "")
        raise Wrong(what, f"{why} {more}".rstrip()) from None
