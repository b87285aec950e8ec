"""One convention for images, and the checks that hold it: float32 (N, H, W, C) with values as a person sees them."""

import numpy as np


def as_batch(images, *, input_shape=None, value_range=(0, 1)):
    """Images as a float32 batch, checked.

    Args:
        images: one image (H, W, C), a batch (N, H, W, C), or a list of images.
        input_shape: (H, W, C) that is wanted, None for a side of any length.
        value_range: lowest and highest value allowed; None switches that check off.

    Returns:
        The batch (N, H, W, C) float32, and whether it was a single image.

    Raises:
        ValueError: in words, for anything else.
    """
    batch = _as_array(images)
    single = batch.ndim == 3
    batch = batch[None] if single else batch
    _check_shape(batch, input_shape)
    _check_values(batch, value_range)
    return batch, single


def _as_array(images):
    try:
        batch = np.asarray(images, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Images must be numbers, all of one size; given {type(images).__name__} ({error}). "
            "Resize them to one size, then stack them with np.stack(images)."
        ) from error
    if batch.ndim == 2:
        raise ValueError(
            f"Given a shape {batch.shape} without channels; want (H, W, C). "
            "For one grey image add the channel: image[..., None]."
        )
    if batch.ndim not in (3, 4):
        raise ValueError(f"Given shape {batch.shape}; want one image (H, W, C) or a batch (N, H, W, C).")
    return batch


def _check_shape(batch, input_shape):
    if 0 in batch.shape:
        raise ValueError(f"The batch is empty, its shape is {batch.shape}; give at least one image (H, W, C).")
    given = batch.shape[1:]
    if input_shape is not None and _fits(given, input_shape):
        return
    first, rest = given[0], given[1:]
    if _looks_channels_first(given) and (input_shape is None or _fits((*rest, first), input_shape)):
        raise ValueError(
            f"Images of shape {given} look channels first (C, H, W); want channels last (H, W, C). "
            "Move the axis: np.moveaxis(images, -3, -1)."
        )
    if input_shape is not None:
        raise ValueError(f"Images of shape {given}; {_wrong_size(given, input_shape)}")


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(want in (None, side) for side, want in zip(shape, wanted, strict=True))


def _looks_channels_first(shape):
    return shape[0] in (1, 3, 4) and shape[-1] > 4


def _wrong_size(given, wanted):
    words = "the model wants " + "×".join("any" if side is None else str(side) for side in wanted) + " (H×W×C). "
    if _fits((given[0], given[1], wanted[2]), wanted):
        advice = f"It wants {wanted[2]} channel(s), given {given[2]}: "
        return (
            words + advice + ("turn them grey." if wanted[2] == 1 else "np.repeat(images, 3, axis=-1) for grey ones.")
        )
    if len(given) == 3 and given[0] * given[1] == 1:
        return words + "Was a batch with a missing axis given?"
    return words + "Resize them, for example with skimage.transform.resize."


def _check_values(batch, value_range):
    if not np.isfinite(batch).all():
        bad = int((~np.isfinite(batch)).sum())
        raise ValueError(f"{bad} of the values are NaN or infinite; want finite numbers. See np.isnan(images).")
    if value_range is None:
        return
    low, high = value_range
    lowest, highest = float(batch.min()), float(batch.max())
    slack = 1e-4 * (high - low)
    if lowest < low - slack or highest > high + slack:
        raise ValueError(
            f"Values from {lowest:g} to {highest:g}; want {low:g} to {high:g}. {_range_advice(lowest, highest, low, high)}"
        )


def _range_advice(lowest, highest, low, high):
    if (low, high) == (0, 1) and lowest >= 0 and 1 < highest <= 255:
        return "Divide by 255."
    if (low, high) == (0, 1) and -1 <= lowest and highest <= 1:
        return "Give (images + 1) / 2, and let preprocess= bring them back to what the model wants."
    return "Rescale them, or say wrap(model, value_range=(low, high)); None switches this check off."
