"""One convention for images, and its checks: float32 (N, H, W, C) with values as a person sees them."""

import warnings

import numpy as np


def as_batch(images, *, input_shape=None, value_range=(0, 1)):
    """Images as a float32 batch, checked.

    Args:
        images: one image (H, W, C), a batch (N, H, W, C), or a list of images.
        input_shape: (H, W, C) that is wanted, None for a side of any length.
        value_range: lowest and highest value allowed; None switches that check off.

    Returns:
        The batch (N, H, W, C), and whether it was a single image; a ValueError in words for anything else.
    """
    batch = _as_array(images)
    single = batch.ndim == 3
    batch = batch[None] if single else batch
    _check_shape(batch, single, input_shape)
    _check_values(batch, value_range)
    return np.ascontiguousarray(batch), single  # PyTorch refuses a mirrored view such as image[:, ::-1]


def as_image_shape(shape):
    """The shape (H, W, C) of the images a model wants as a tuple, checked; None where it is not known."""
    if shape is None:
        return None
    if len(shape) != 3 or _looks_channels_first(shape):
        raise ValueError(
            f"The model's images are given as {tuple(shape)}; want (H, W, C), height and width first, "
            "channels last. Where the model itself wants them first, move the axis in preprocess=."
        )
    return tuple(shape)


def as_value_range(pair):
    """The range (lowest, highest) of values that is allowed, checked; None where that check is off."""
    if pair is None:
        return None
    if np.shape(pair) != (2,) or not pair[0] < pair[1]:
        raise ValueError(f"value_range={pair!r}; want a pair (lowest, highest), or None for no check.")
    return tuple(pair)


def whole_pair(value):
    """Two whole numbers from 1, given as a pair or as one number for both; None for anything else."""
    pair = np.asarray(value)
    is_whole = pair.dtype.kind in "iu"
    if not is_whole or pair.shape not in ((), (2,)) or pair.min() < 1:
        return None
    first, second = np.broadcast_to(pair, 2)
    return int(first), int(second)


def _as_array(images):
    if type(images).__module__.partition(".")[0] in ("torch", "tensorflow"):
        move = ".permute(0, 2, 3, 1)" if type(images).__module__.startswith("torch") else ""
        raise ValueError(
            f"Given a tensor {tuple(images.shape)}; want an array (N, H, W, C): images{move}.numpy()."
        )
    try:
        batch = np.asarray(images)
        if batch.dtype.kind not in "biuf":
            raise TypeError(f"type {batch.dtype}")
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"Images must be numbers, all of one size; given {type(images).__name__} ({error}). "
            "Read files with xt.load_image(path, size=(H, W)), then stack them with np.stack(images)."
        ) from error
    if batch.ndim == 2:
        raise ValueError(
            f"Given a shape {batch.shape} without channels; want (H, W, C). One grey image becomes so by "
            "np.asarray(image)[..., None], rows of pixels by rows.reshape(-1, 28, 28, 1)."
        )
    if batch.ndim not in (3, 4):
        raise ValueError(f"Given shape {batch.shape}; want one image (H, W, C) or a batch (N, H, W, C).")
    return batch.astype(np.float32, copy=False)


def _check_shape(batch, single, input_shape):
    if 0 in batch.shape:
        raise ValueError(f"The batch is empty, of shape {batch.shape}; give at least one image (H, W, C).")
    given = batch.shape[1:]
    if input_shape is not None and not _fits(given, input_shape):
        raise ValueError(_misfit(given, single, input_shape))
    if input_shape is None and (given[2] > 4 or _looks_channels_first(given)):
        raise ValueError(_misfit(given, single, (None, None, None)))


def _fits(shape, wanted):
    """Whether each side has the length that is wanted, None for any."""
    return all(want in (None, side) for side, want in zip(shape, wanted, strict=True))


def _looks_channels_first(shape):
    first, height, width = shape
    large = all(side is None or side > 4 for side in shape[1:])
    return first in (1, 3, 4) and (large or height == width > first)


def _misfit(given, single, wanted):
    """What is wrong with images of a shape that is not wanted, and what to do."""
    height, width, channels = given
    if _looks_channels_first(given) and _fits((width, channels, height), wanted):
        return (
            f"Images of shape {given} look channels first (C, H, W); want channels last (H, W, C). "
            "Move the axis: np.moveaxis(images, -3, -1)."
        )
    if single and _fits((width, channels, 1), wanted) and (width == channels or wanted[2] is not None):
        return f"Shape {given} looks like {height} images without channels; want (N, H, W, C): [..., None]."
    if wanted[2] is None:
        of_many = f" Where it is {height} images without channels, give images[..., None]." if single else ""
        return (
            f"Images of shape {given} would have {channels} channels; want (H, W, C) with 1 to 4. "
            f"Where {channels} is right, say wrap(model, input_shape=(H, W, {channels})).{of_many}"
        )
    sides = "×".join("any" if side is None else str(side) for side in wanted)
    words = f"Images of shape {given}; the model wants {sides} (H×W×C)."
    if not _fits((height, width), wanted[:2]):
        return f"{words} Resize them, for example with skimage.transform.resize."
    advice = "turn them grey" if wanted[2] == 1 else "np.repeat(images, 3, axis=-1) for grey ones"
    return f"{words} It wants {wanted[2]} channel(s), given {channels}: {advice}."


def _check_values(batch, value_range):
    finite = np.isfinite(batch)
    if not finite.all():
        raise ValueError(f"{(~finite).sum()} of the values are NaN or infinite; want finite numbers.")
    if value_range is None:
        return
    low, high = value_range
    lowest, highest = float(batch.min()), float(batch.max())
    slack = 1e-4 * (high - low)
    if lowest < low - slack or highest > high + slack:
        advice = _range_advice(lowest, highest, low, high)
        raise ValueError(f"Values from {lowest:g} to {highest:g}; want {low:g} to {high:g}. {advice}")
    within_one = lowest >= 0 and highest <= 1
    if high > 16 and within_one and (batch % 1).any():
        words = f"Values from {lowest:g} to {highest:g} are nearly black where {high:g} is white."
        warnings.warn(words, stacklevel=5)


def _range_advice(lowest, highest, low, high):
    if (low, high) == (0, 1):
        if lowest >= 0 and 16 < highest <= 255:
            return "Divide by 255."
        if lowest >= -1 and highest <= 1:
            return "Give (images + 1) / 2, and let preprocess= bring them back to what the model wants."
    return "Rescale them, or say wrap(model, value_range=(low, high)); None switches this check off."
