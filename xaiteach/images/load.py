"""Pictures from wherever they are, an array, a file, bytes or an address, as our convention has them."""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from xaiteach.files.errors import short
from xaiteach.images.batch import as_batch, whole_pair

MOST_BYTES = 50_000_000
MOST_PIXELS = 50_000_000
TOO_LARGE = f"{{}} has more than {MOST_PIXELS:,} pixels. Save it smaller, some 1,000 pixels wide."
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
FEW_BITS = (8, 10, 12)  # that cameras and microscopes store in 16
FEWER_BITS = (
    "The values end at {} of 65,535, which would be nearly black: taken for a picture of {} bits, divided by "
    "{:,}. If it is dark indeed, give array / 65535."
)
DARK = (
    "Nearly all values end at {} of 65,535: a dark picture. If it is one of 14 bits, give array / 16383; of "
    "13, array / 8191."
)
UPPER_BITS = (
    "{} has 16 bits a colour; the upper 8 are read, and leave it nearly black. If it uses 12 of them, read "
    "it with tifffile or imageio, and give array / 4095."
)
SEE_THROUGH = ("PA", "RGBA", "RGBa")
LUMINANCE = np.float32([0.299, 0.587, 0.114])  # ITU-R BT.601, as in PIL


def load_image(source, *, size=None, channels=None):
    """One picture, checked, upright and in [0, 1].

    Args:
        source: an array (H, W) or (H, W, C), of bytes 0…255, of 16 bits or of floats 0…1; a PIL image;
            a path; the bytes of a file; an open file; or an https address. Files: PNG, JPEG, GIF, BMP,
            WebP, TIFF, PPM. Where 12, 10 or 8 of 16 bits are used, these are scaled, with a warning.
        size: (H, W) in pixels, or one number for a square. The middle of the picture in that shape is cut
            out and resized (Lanczos), so nothing is stretched. None keeps the size.
        channels: 1 for the luminance, 3 for colour (a grey picture three times); None keeps what it is.

    Returns:
        (H, W, C) float32 in [0, 1], C 1 or 3. The camera's rotation (EXIF) is undone, what is see-through is
        on white, CMYK and palettes become colours, of an animation the first frame is taken, with a warning.

    Raises:
        ValueError: for what is no picture, damaged, of more than 50 million pixels or 50 MB, or for an
            address that is not https, not public, too large or too slow.
        FileNotFoundError: for a path where nothing is.
    """
    picture = with_channels(_on_white(_as_array(source)), channels)
    return picture if size is None else fit(picture, size)


def fit(picture, size):
    """The middle of a picture (H, W, C), cut out and resized to `size`; unchanged where it has that size."""
    height, width = as_size(size)
    if picture.shape[:2] == (height, width):
        return picture
    images = map(Image.fromarray, np.ascontiguousarray(np.moveaxis(picture, -1, 0)))
    resized = [ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS) for image in images]
    return np.stack(resized, axis=-1).clip(0, 1)  # Lanczos swings beyond black and white


def with_channels(picture, channels):
    """A picture of 1 or 3 channels with as many as are wanted, 1, 3 or None for either."""
    if channels not in (None, 1, 3):
        raise ValueError(f"channels={channels!r}; a picture has 1 (grey) or 3 (colour).")
    if channels in (None, picture.shape[-1]):
        return picture
    return np.repeat(picture, 3, axis=-1) if channels == 3 else picture @ LUMINANCE[:, None]


def as_size(size):
    """Height and width in pixels from (H, W) or one number, checked."""
    pair = whole_pair(size)
    if pair is None:
        raise ValueError(f"size={size!r}; want (H, W) or one number, whole and at least 1.")
    height, width = pair
    if height * width > MOST_PIXELS:
        raise ValueError(f"size={size!r}; want at most {MOST_PIXELS:,} pixels.")
    return height, width


def _as_array(source):
    """Numbers (H, W, C) in [0, 1], C from 1 to 4."""
    if isinstance(source, Image.Image):
        return _decoded(source, "the PIL image")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), "the bytes given")
    if hasattr(source, "read"):
        return _from_bytes(source.read(MOST_BYTES + 1), "the open file")
    if isinstance(source, str) and "://" in source[:20]:
        from xaiteach.files.download import download

        return _from_bytes(download(source, MOST_BYTES), source)
    if isinstance(source, (str, os.PathLike)):
        return _from_file(Path(source))
    return _from_numbers(source)


def _from_numbers(array):
    array = np.asarray(array)
    array = array[..., None] if array.ndim == 2 else array
    if array.dtype.kind == "i" and array.size and array.min() >= 0 and 255 < array.max() < 2**16:
        array = array.astype(np.uint16)
    if array.dtype.kind == "u" and array.dtype.itemsize <= 2:
        array = _from_whole(array, np.iinfo(array.dtype).max)
    batch, single = as_batch(array)
    if not single:
        raise ValueError(f"Given {len(batch)} images, shape {batch.shape}; want one, such as images[0].")
    return batch[0].clip(0, 1)


def _from_whole(array, white):
    """Whole numbers from 0 to `white` in [0, 1]; those of 16 bits as far as their bits are used."""
    most = array.max(initial=0)
    if white > 255 and 0 < most < 2 ** FEW_BITS[-1] and not _is_spread(array):
        bits = next(bits for bits in FEW_BITS if most < 2**bits)
        white = 2**bits - 1
        warnings.warn(FEWER_BITS.format(most, bits, white), stacklevel=6)
    elif (
        white > 255
        and 0 < (most := np.percentile(array, 99.9, method="higher")) < 2**14
        and not _is_spread(array)
    ):
        warnings.warn(DARK.format(int(most)), stacklevel=6)
    return np.divide(array, white, dtype=np.float32)


def _is_spread(array):
    """Whether 8 bits were brought to 16 already, so that a dark picture is dark: by 256·v or by 257·v."""
    return not (array % 256).any() or not (array % 257).any()


def _from_file(path):
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {problem}; want the path of a picture: check name and folder.")
    with path.open("rb") as file:
        return _from_bytes(file.read(MOST_BYTES + 1), path.name)


def _from_bytes(data, name):
    if len(data) > MOST_BYTES:
        raise ValueError(f"{name} has more than {MOST_BYTES:,} bytes. Save it smaller.")
    try:
        with warnings.catch_warnings(action="ignore"):
            opened = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(TOO_LARGE.format(name)) from None
    except Exception as error:
        want = f"want one of {', '.join(FORMATS)}. Open it in a picture program and save it as PNG."
        raise ValueError(f"{name} is not a picture that can be read; {want}") from error
    return _decoded(opened, name)


def _decoded(opened, name):
    """What PIL opened as an array in [0, 1]; its size is known before its pixels are decoded."""
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError(TOO_LARGE.format(name))
    if opened.mode == "F":
        raise ValueError(f"{name} holds floats of unknown range; give an array in [0, 1] instead.")
    try:
        with warnings.catch_warnings(action="ignore"):
            animated = opened.format != "MPO" and getattr(opened, "is_animated", False)
            has_16_bits = ";16" in str(getattr(opened, "tile", ""))  # which is emptied by decoding
            array = _pixels(ImageOps.exif_transpose(opened))
    except Exception as error:
        raise ValueError(f"{name} is damaged ({short(error)}). Save it anew, or take another.") from error
    if animated:
        warnings.warn(f"{name} holds several pictures; the first is taken.", stacklevel=5)
    if has_16_bits and array.dtype == np.uint8 and array[..., :3].max() < 16:
        warnings.warn(UPPER_BITS.format(name), stacklevel=5)
    if array.min() < 0 or array.max() > 65535:
        raise ValueError(f"{name} holds whole numbers beyond 16 bits; give an array in [0, 1] instead.")
    return _from_whole(array, 255 if array.dtype == np.uint8 else 65535)


def _pixels(image):
    """Whole numbers (H, W, C): of 8 bits, or grey ones of more."""
    if image.mode in ("LA", "La"):
        image = image.convert("LA")
    elif image.mode in SEE_THROUGH or "transparency" in image.info:
        image = image.convert("RGBA")
    elif not image.mode.startswith("I"):
        image = image.convert("L" if image.mode in ("1", "L") else "RGB")
    array = np.asarray(image)
    return array if array.ndim == 3 else array[..., None]


def _on_white(picture):
    """Grey or colour with how opaque each pixel is (2 or 4 channels), in front of white."""
    if picture.shape[-1] in (1, 3):
        return picture
    colour, opaque = picture[..., :-1], picture[..., -1:]
    return colour * opaque + (1 - opaque)
