"""What the exercises of lesson 10 are tried on, and the figures of their hints."""

import numpy as np
from PIL import Image
from scipy.special import expit, softmax

import xaiteach as xt
from xaiteach.models.photo_classifier import CLASSES
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork


def save_a_report(classifier, path):
    """Write an explanation as a colleague saved it, .npz; what is odd is for the learner to find out.

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


def day_program(seed):
    """A program from grey pictures (N, 6, 8), 0 to 255, to the probability of day (N,)."""
    weights = np.random.default_rng(seed).normal(1, 2, size=(6, 8))

    def program(pictures):
        if pictures.shape[1:] != (6, 8):
            raise ValueError(f"the program got shape {pictures.shape}; it wants grey pictures (N, 6, 8).")
        return expit(((pictures / 255 - 0.3) * weights).sum(axis=(1, 2)))

    return program


def dark_to_bright(seed):
    """Pictures (5, 6, 8, 3) for the program: night, day, and three in between."""
    images = np.random.default_rng(seed + 1).uniform(0, 0.6, (5, 6, 8, 3)).astype(np.float32)
    images[0] *= 0.3
    images[1] += 0.3
    return images


def filled(colours):
    """Pictures (F, 96, 96, 3), each of one colour (F, 3)."""
    return np.broadcast_to(colours[:, None, None], (len(colours), 96, 96, 3))


def colour_classifier(seed):
    """A classifier of the mean colour, pictures (N, 96, 96, 3) to probabilities (N, 4)."""
    W = 2 * np.random.default_rng(seed).normal(size=(3, 4))

    def predict(images):
        if images.shape[1:] != (96, 96, 3):
            raise ValueError(f"predict got shape {images.shape}; it wants pictures (N, 96, 96, 3).")
        return softmax((images**2).mean(axis=(1, 2)) @ W, axis=1)

    return predict


def two_pieces(seed):
    """A map (13, 21) up to 8: a large piece, a small one, and pixels that a wrong threshold takes in."""
    rng = np.random.default_rng(seed)
    cam = rng.uniform(-0.4, 0.4, (13, 21))
    cam[4:9, 4:8] = rng.uniform(5, 7, (5, 4))
    cam[3:5, 12:15] = rng.uniform(5, 7, (2, 3))
    cam[6, 5] = 8
    cam[[10, 7, 5, 1, 11], [6, 17, 2, 9, 18]] = 3.6, 1.8, 4, -5, 1
    return np.roll(cam, rng.integers(0, 2, 2), axis=(0, 1))


def box_of(on):
    """(top, left, bottom, right) around all that is on."""
    rows, columns = np.flatnonzero(on.any(axis=1)), np.flatnonzero(on.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])


def paper_network(seed):
    """Pictures (N, 5, 6, 3) from −1 to 1 to probabilities (N, 4)."""
    network = PaperNetwork((5, 6, 3), classes=4, seed=seed)
    network.value_range = None
    return network.predict


def stretched(images, axis):
    """Pictures from their darkest value, 0, to their brightest, 1."""
    low, high = images.min(axis=axis, keepdims=True), images.max(axis=axis, keepdims=True)
    return (images - low) / (high - low)


def figure_of_a_weave():
    photo = xt.load_photo("coffee", size=96)
    woven = np.moveaxis(photo.reshape(3, 96, 96), 0, -1)
    return xt.show(np.stack([photo, woven]), titles=["axis moved", "reshaped"])


def figure_of_the_upper_half():
    def night_and_day(images):
        day = images[:, :12].mean(axis=(1, 2, 3))
        return np.stack([1 - day, day], axis=-1)

    rocket = xt.load_photo("rocket", size=24)
    day = xt.occlusion(xt.wrap(night_and_day), rocket, 1, window=4, stride=2, progress=False)
    return xt.show(rocket, {"day": day})


def figure_of_fills():
    mean = xt.load_photo("coffee", size=48).mean(axis=(0, 1))
    fills = filled(np.array([mean, [0, 0, 1]], np.float32))
    chances = PaperCNN("photos").predict(fills)[:, CLASSES.index("coffee")]
    return xt.show(fills, titles=[f"mean colour: {chances[0]:.0%}", f"blue: {chances[1]:.0%}"])


def figure_of_a_box():
    cam = two_pieces(0)
    top, left, bottom, right = box_of(cam > 0.5 * cam.max())
    inside = np.zeros_like(cam)
    inside[top:bottom, left:right] = cam.max()
    return xt.show(None, {"map": cam, "box above 0.5": inside})


def figure_of_the_dark():
    photo = xt.load_photo("coffee", size=96)
    dark = 0.35 * photo
    pictures = [photo, dark, stretched(dark, axis=None)]
    return xt.show(np.stack(pictures), titles=["a photo", "a dark one", "as the broken one sees it"])


def figure_of_two_coffees():
    return xt.show(np.stack([xt.load_photo("coffee", size=96), squeezed()]), titles=["cut", "squeezed"])
