"""Pictures from anywhere become float32 (H, W, C) in [0, 1], or a sentence."""

import io
import random
import struct
import warnings
import zlib

import numpy as np
import pytest
from known import damaged
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageOps

import xaiteach as xt
from xaiteach.images import load as pictures

COLOUR = (51, 102, 204)
PLAIN = np.float32(COLOUR) / 255
EXACT = ["BMP", "PNG", "PPM", "TIFF"]


def flat(mode, colour, size=(3, 2)):
    return Image.new(mode, size, colour)


def as_bytes(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(seed=0, shape=(20, 30, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (flat("RGB", COLOUR), PLAIN),
        (flat("RGB", COLOUR).quantize(2), PLAIN),
        (flat("LA", (0, 51)), [0.8]),
        (flat("RGBA", (255, 0, 0, 51)), [1, 0.8, 0.8]),
        (flat("La", (0, 51)), [0.8]),
        (flat("PA", (0, 51)), [0.8, 0.8, 0.8]),
        (flat("RGBa", (51, 0, 0, 51)), [1, 0.8, 0.8]),
        (flat("CMYK", (0, 255, 255, 0)), [1, 0, 0]),
        (flat("I;16", 13107), [0.2]),
        (flat("I", 13107), [0.2]),
    ],
)
def test_every_mode_becomes_what_a_person_sees(image, expected):
    picture = xt.load_image(image)
    assert picture.shape == (2, 3, len(expected))
    assert picture.dtype == np.float32
    assert_allclose(picture[0, 0], expected, atol=1 / 255)


def test_a_palette_with_a_see_through_colour_stands_on_white():
    image = flat("P", 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert_allclose(xt.load_image(as_bytes(image, "GIF", transparency=0)), 1)


@pytest.mark.parametrize("kind", EXACT)
def test_files_bytes_and_paths_give_what_was_saved(kind, tmp_path):
    array = noise()
    data = as_bytes(Image.fromarray(array), kind)
    path = tmp_path / f"photo.{kind.lower()}"
    path.write_bytes(data)
    for source in (data, path, str(path)):
        assert_array_equal(xt.load_image(source, size=(20, 30)), np.float32(array) / 255)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_files_are_read_too(kind):
    smooth = np.float32(np.indices((32, 32, 3)).sum(axis=0)) / 70
    data = as_bytes(Image.fromarray((255 * smooth).astype(np.uint8)), kind, quality=95)
    assert_allclose(xt.load_image(data), smooth, atol=0.05)


def test_sixteen_bits_keep_their_precision_in_either_order_of_bytes():
    array = np.array([[0, 1, 65535]], np.uint16)
    data = as_bytes(Image.fromarray(array))
    for source in (array, array.astype(">u2"), data, io.BytesIO(data)):
        assert_allclose(xt.load_image(source)[..., 0], array / 65535, rtol=1e-6)


def test_zeros_and_ones_of_any_type_are_black_and_white():
    for kind in (np.uint32, np.int64, bool, float):
        assert_array_equal(xt.load_image(np.eye(9, dtype=kind))[..., 0], np.eye(9))
    assert xt.load_image(np.full((9, 9), 1.00005)).max() == 1


@pytest.mark.parametrize(("most", "bits"), [(255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12)])
def test_of_sixteen_bits_those_that_are_used_count_and_that_is_said(most, bits):
    array = np.array([[0, 1, most]], np.uint16)
    for source in (array, as_bytes(Image.fromarray(array)), Image.fromarray(array.astype(np.int32))):
        with pytest.warns(UserWarning, match=f"taken for a picture of {bits} bits, divided by"):
            picture = xt.load_image(source)
        assert_allclose(picture[..., 0], array / (2**bits - 1), rtol=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("array", [[[0, 7, 16384]], [[0, 256, 3840]], [[0, 257, 3855]], [[0, 0, 0]]])
def test_a_dark_picture_of_sixteen_bits_is_dark(array):
    """It reaches beyond 14 bits, or was brought from 8 to 16 already."""
    assert_allclose(xt.load_image(np.uint16(array))[..., 0], np.divide(array, 65535), rtol=1e-6)


def test_a_picture_that_may_be_of_14_bits_is_taken_as_it_is_and_that_is_said():
    array = np.array([[0, 7, 16383]], np.uint16)
    with pytest.warns(UserWarning, match="end at 16383 of 65,535: .* 14 bits, give array / 16383"):
        assert_allclose(xt.load_image(array)[..., 0], array / 65535, rtol=1e-6)


def png_of_16_bits(array):
    """A colour PNG, which Pillow can read but not write."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = array.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_colour_file_of_16_bits_that_uses_12_is_warned_of(recwarn):
    array = np.random.default_rng(0).integers(0, 65536, (8, 9, 3), np.uint16)
    assert_allclose(xt.load_image(png_of_16_bits(array)), array / 65535, atol=1 / 255)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="the bytes given has 16 bits a colour; the upper 8 are read"):
        xt.load_image(png_of_16_bits(array // 16))


def test_the_rotation_of_the_camera_is_undone():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: to be shown a quarter turn clockwise
    image = Image.fromarray(np.uint8([[0, 255]]))
    upright = xt.load_image(as_bytes(image, "PNG", exif=exif))
    assert_array_equal(upright[..., 0], [[0], [1]])


@pytest.mark.filterwarnings("error")
def test_of_several_pictures_the_first_is_taken_and_that_is_said_but_of_stereo_photos():
    frames = [flat("L", 255), flat("L", 0)]
    animation, stereo = (as_bytes(frames[0], k, save_all=True, append_images=frames) for k in ("GIF", "MPO"))
    with pytest.warns(UserWarning, match="several pictures; the first is taken"):
        assert (xt.load_image(animation) == 1).all()
    assert_allclose(xt.load_image(stereo), 1, atol=0.01)


def test_the_middle_is_cut_out_and_resized_as_pillow_does_it():
    """Lanczos swings: about 5 % beyond black and white, where it is cut off."""
    image = Image.fromarray((255 * xt.load_photo("cat")).astype(np.uint8))
    expected = np.asarray(ImageOps.fit(image, (96, 64), Image.Resampling.LANCZOS)) / 255
    assert_allclose(xt.load_image(image, size=(64, 96)), expected, atol=1.5 / 255)
    resized = xt.load_image(np.repeat(np.eye(2), 8, axis=0).repeat(8, axis=1), size=24)
    assert resized.min() == 0 and resized.max() == 1


def test_grey_becomes_colour_and_colour_grey():
    assert (xt.load_image(flat("L", 51), channels=3) == np.float32(0.2)).all()
    grey = xt.load_image(flat("RGB", COLOUR), channels=1)
    assert_allclose(grey[..., 0], 0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.8, rtol=1e-5)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "not a picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be read"),
        (as_bytes(Image.fromarray(noise()))[:-40], "damaged"),
        (flat("F", 0.5), "floats of unknown range"),
        (flat("I", 70000), "beyond 16 bits"),
        (flat("I", -1), "beyond 16 bits"),
        (np.full((9, 9, 3), 255.0), "Divide by 255"),
        (np.zeros((2, 9, 9, 3)), "want one, such as images"),
        (np.zeros((9, 9, 7)), "channels"),
        (flat("1", 0, (10_000, 10_000)), "more than 50,000,000 pixels"),
        (as_bytes(flat("1", 0, (20_000, 20_000))), "more than 50,000,000 pixels"),
        ("no such file.png", "does not exist"),
        (".", "is a folder"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(source, words):
    with pytest.raises((ValueError, FileNotFoundError), match=words) as refusal:
        xt.load_image(source)
    assert "\n" not in str(refusal.value)


def test_files_that_are_too_long_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)
    (tmp_path / "a.png").write_bytes(bytes(101))
    for source in (tmp_path / "a.png", bytes(101), io.BytesIO(bytes(101))):
        with pytest.raises(ValueError, match="has more than 100 bytes"):
            xt.load_image(source)


@pytest.mark.parametrize("size", [0, (3, 4, 5), 2.5, "large", 100_000])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="want .H, W. or one number|at most 50,000,000"):
        xt.load_image(np.zeros((9, 9, 3)), size=size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_two_hundred_damaged_files_give_a_picture_or_a_sentence(kind):
    whole, rng = as_bytes(Image.fromarray(noise()), kind), random.Random(0)
    refused = 0
    for _ in range(200):
        try:
            with warnings.catch_warnings(action="ignore"):
                picture = xt.load_image(damaged(whole, rng))
            assert picture.min() >= 0 and picture.max() <= 1
        except ValueError as sentence:
            refused += 1
            assert len(str(sentence).splitlines()) == 1
    assert refused > 20
