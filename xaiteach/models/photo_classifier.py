"""A small classifier that knows eight photos of scikit-image, whole or in parts."""

import numpy as np
from PIL import Image

from xaiteach.classifier import wrap
from xaiteach.datasets.photos import load_photo
from xaiteach.models.cnn import WEIGHTS, build_cnn, read_arrays, set_weights

CLASSES = ("astronaut", "brick", "cat", "coffee", "coins", "grass", "gravel", "rocket")
LUMINANCE = np.float32([0.2125, 0.7154, 0.0721])
UPPER = 0.7


def load_photo_classifier(framework="torch"):
    """The shipped photo classifier, wrapped: the CNN of `xt.build_cnn` on colour pictures.

    Each of its eight classes is one single photo of scikit-image, so it knows this cat, not cats; any other
    picture gets the class of the photo it looks most like. It was trained on `photo_crops` of the upper 70 %
    of each photo, with a wrong label now and then, so that it is never quite sure. Of crops of the rest it
    gets about four in five right (one in eight by chance): nearly all of grass, half of the astronaut.

    It looks at texture more than at colour: without colour it is as sure, blurred it is lost. Whatever is
    even goes by its brightness and hue: it knows the rocket by the sky, and a black square is a rocket too.

    Args:
        framework: "keras" or "torch".

    Returns:
        A `Classifier` of images (N, H, W, 3) in [0, 1], best from 64×64 to 224×224; grey pictures need three
        equal channels. Each place of its last feature maps sees 24×24 pixels.

    Raises:
        FileNotFoundError: where the weights are missing (`make weights` trains them again).
    """
    model = build_cnn(framework, channels=3, n_classes=len(CLASSES))
    set_weights(model, read_arrays(WEIGHTS / "photos.npz"))
    return wrap(model, class_names=CLASSES, input_shape=(None, None, 3), outputs="scores")


def photo_crops(n, *, unseen=False, size=48, seed=0):
    """Random square crops of the eight photos, in turn, mirrored and changed in colour at random.

    A crop's side is from a sixth of the photo's shorter side to all that there is. Two fifths of the crops
    are grey, as four photos are, and all get more or less of contrast, of brightness and of each colour.

    Args:
        n: how many.
        unseen: False for the upper 70 % of each photo, on which the weights were trained; True for the rest.
        size: side of the crops in pixels.
        seed: of all that is random.

    Returns:
        Images (n, size, size, 3) float32 in [0, 1], and their classes (n,).
    """
    rng = np.random.default_rng(seed)
    photos = [_part(name, unseen) for name in CLASSES]
    labels = np.arange(n) % len(CLASSES)
    return np.stack([_recoloured(_crop(*photos[label], size, rng), rng) for label in labels]), labels


def _part(name, unseen):
    """The lower or the upper part of a photo in three channels, and the shortest side of its crops."""
    photo = load_photo(name)
    height, width, channels = photo.shape
    end = int(UPPER * height)
    pixels = np.uint8(np.round(255 * np.repeat(photo, 3 // channels, axis=2)))
    return Image.fromarray(pixels[end:] if unseen else pixels[:end]), min(height, width) / 6


def _crop(photo, shortest, size, rng):
    side = np.exp(rng.uniform(np.log(shortest), np.log(min(photo.size))))
    left, top = rng.uniform(0, photo.width - side), rng.uniform(0, photo.height - side)
    crop = photo.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    pixels = np.asarray(crop, np.float32) / 255
    return pixels[:, ::-1] if rng.random() < 0.5 else pixels


def _recoloured(image, rng):
    grey = (image @ LUMINANCE)[..., np.newaxis]
    saturation = 0.0 if rng.random() < 0.4 else rng.uniform(0.6, 1.2)
    image = grey + saturation * (image - grey)
    image = (image - 0.5) * rng.uniform(0.8, 1.2) + 0.5 + rng.uniform(-0.1, 0.1)
    return np.clip(image * rng.uniform(0.8, 1.2, 3), 0, 1).astype(np.float32)
