"""What the exercises of lesson 10 are tried on, and the figures of their hints."""

import numpy as np
from PIL import Image
from scipy.special import expit, softmax

import xaiteach as xt
from xaiteach.check.paper import PaperCNN
from xaiteach.models.photo_classifier import CLASSES


def save_a_report(classifier, path):
    """Write an explanation as a colleague saved it, .npz; what is odd about it is for the learner to find out.

    Args:
        classifier: the photo classifier, wrapped, in either framework.
        path: where to, ending in .npz.
    """
    told = {"class_names": classifier.class_names, "outputs": "scores", "preprocess": (0.5, 0.5)}
    options = {"occlusion": {"window": 24, "stride": 12, "fill": "mean", "batch_size": 8}}
    xt.explain(xt.wrap(classifier.model, **told), squeezed(), options, top=2, progress=False).save(path)


def squeezed():
    """The whole photo of the coffee, 600 pixels wide and 400 high, as 96×96."""
    photo = Image.fromarray(np.uint8(255 * xt.load_photo("coffee")))
    return np.asarray(photo.resize((96, 96), Image.Resampling.LANCZOS), np.float32) / 255


def middle(photo):
    side = min(photo.shape[:2])
    top, left = (photo.shape[0] - side) // 2, (photo.shape[1] - side) // 2
    return photo[top : top + side, left : left + side]


def prepared(photo, mean, deviation):
    """(3, S, S) of a photo (H, W, 3) from 0 to 255."""
    return np.moveaxis((middle(photo) / 255 - mean) / deviation, -1, 0)


def day_program(seed):
    """A program from grey pictures (N, 6, 8), 0 to 255, to the probability of day (N,)."""
    weights = np.random.default_rng(seed).normal(size=(6, 8))

    def program(pictures):
        pictures = np.asarray(pictures, float)
        if pictures.ndim != 3 or pictures.shape[1:] != (6, 8):
            raise ValueError(f"the program got shape {pictures.shape}; it wants grey pictures (N, H, W), here 6×8.")
        return expit(((pictures / 255 - 0.3) * weights).sum(axis=(1, 2)))

    return program


def colour_classifier(seed):
    """A classifier of the mean colour, pictures (N, H, W, 3) to probabilities (N, 4)."""
    W = 2 * np.random.default_rng(seed).normal(size=(3, 4))

    def predict(images):
        images = np.asarray(images, float)
        if images.ndim != 4 or images.shape[-1] != 3:
            raise ValueError(f"predict got shape {images.shape}; it wants pictures (N, H, W, 3).")
        if images.max() > 1:
            raise ValueError(f"predict got values up to {images.max():.0f}; it wants pictures from 0 to 1.")
        return softmax((images**2).mean(axis=(1, 2)) @ W, axis=1)

    return predict


def two_pieces(seed):
    """A map (12, 20) with a large piece on the left, a small one on the right, and one that is below zero."""
    rng = np.random.default_rng(seed)
    cam = rng.normal(size=(12, 20)) / 5
    top, left = rng.integers(2, 5), rng.integers(2, 4)
    cam[top : top + 5, left : left + 4] = rng.uniform(5, 8, (5, 4))
    cam[top + 1 : top + 3, left + 10 : left + 13] = rng.uniform(5, 8, (2, 3))
    cam[11, 18:] = -9
    return cam


def box_of(on):
    """(top, left, bottom, right) around all that is on."""
    rows, columns = np.flatnonzero(on.any(axis=1)), np.flatnonzero(on.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])


def paper_network(seed):
    """Pictures (N, 5, 6, 3) from −1 to 1 to probabilities (N, 4)."""
    W = np.random.default_rng(seed).normal(size=(90, 4)) / 3

    def network(images):
        images = np.asarray(images, float)
        if images.ndim != 4 or images.shape[1:] != (5, 6, 3):
            raise ValueError(f"the network got shape {images.shape}; it wants (N, H, W, 3), here 5×6.")
        return softmax(images.reshape(len(images), -1) @ W, axis=1)

    return network


def figure_of_a_weave():
    photo = xt.load_photo("coffee", size=96)
    woven = np.moveaxis(photo.reshape(3, 96, 96), 0, -1)
    return xt.show(np.stack([photo, woven]), titles=["axis moved", "reshaped"])


def figure_of_the_upper_half():
    day = xt.wrap(lambda images: np.stack([1 - images[:, :12].mean((1, 2, 3)), images[:, :12].mean((1, 2, 3))], -1))
    rocket = xt.load_photo("rocket", size=24)
    return xt.show(rocket, {"day": xt.occlusion(day, rocket, 1, window=4, stride=2, progress=False)})


def figure_of_fills():
    picture = xt.load_photo("coffee", size=48)
    fills = np.stack([np.full_like(picture, colour) for colour in (picture.mean(axis=(0, 1)), [0, 0, 1])])
    chances = PaperCNN("photos").predict(fills)[:, CLASSES.index("coffee")]
    return xt.show(fills, titles=[f"{name}: {p:.0%}" for name, p in zip(("mean colour", "blue"), chances, strict=True)])


def figure_of_a_box():
    cam = two_pieces(0)
    top, left, bottom, right = box_of(cam > 0.5 * cam.max())
    inside = np.zeros_like(cam)
    inside[top:bottom, left:right] = cam.max()
    return xt.show(None, {"map": cam, "box above 0.5": inside})


def figure_of_the_dark():
    photo = xt.load_photo("coffee", size=96)
    dark = 0.35 * photo
    pictures = np.stack([photo, dark, (dark - dark.min()) / (dark.max() - dark.min())])
    return xt.show(pictures, titles=["a photo", "a dark one", "as the broken one sees it"])


def figure_of_two_coffees():
    return xt.show(np.stack([xt.load_photo("coffee", size=96), squeezed()]), titles=["cut", "squeezed"])
