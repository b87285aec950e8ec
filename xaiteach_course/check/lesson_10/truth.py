"""What the exercises of lesson 10 are tried on, and the figures of their hints."""

import numpy as np
from PIL import Image
from scipy.special import expit, softmax

import xaiteach as xt
from xaiteach.models.photo_classifier import CLASSES
from xaiteach_course.check.numpy_models import PaperCNN


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
    return normalised(middle(photo), mean, deviation)


def normalised(square, mean, deviation):
    return np.moveaxis((square / 255 - mean) / deviation, -1, 0)


def other_cuts(photo):
    """Squares that are not the middle one, by what is to be said of them."""
    side = min(photo.shape[:2])
    top, left = ((length - side + 1) // 2 for length in photo.shape[:2])
    return {
        "The upper left corner is cut out, not the middle.": photo[:side, :side],
        "The lower right corner is cut out, not the middle.": photo[-side:, -side:],
        "It begins one row or column too late: a half is rounded down, as by //.": photo[top:, left:][
            :side, :side
        ],
    }


def day_program(seed):
    """A program from grey pictures (N, 6, 8), 0 to 255, to the probability of day (N,)."""
    weights = np.random.default_rng(seed).normal(1, 2, size=(6, 8))

    def program(pictures):
        pictures = np.asarray(pictures, float)
        if pictures.ndim != 3 or pictures.shape[1:] != (6, 8):
            raise ValueError(
                f"the program got shape {pictures.shape}; it wants grey pictures (N, H, W), here 6×8."
            )
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
        images = np.asarray(images, float)
        if images.ndim != 4 or images.shape[1:] != (96, 96, 3):
            raise ValueError(f"predict got shape {images.shape}; it wants pictures (N, 96, 96, 3).")
        if images.max() > 1:
            raise ValueError(f"predict got values up to {images.max():.0f}; it wants pictures from 0 to 1.")
        return softmax((images**2).mean(axis=(1, 2)) @ W, axis=1)

    return predict


def two_pieces(seed):
    """A map (13, 21) up to 8: a large piece on the left, a small one on the right, and five odd pixels around them.

    Their values are such that each mistake with a threshold of half the largest value takes in others of them.
    """
    rng = np.random.default_rng(seed)
    cam = rng.uniform(-0.4, 0.4, (13, 21))
    cam[4:9, 4:8] = rng.uniform(5, 7, (5, 4))
    cam[3:5, 12:15] = rng.uniform(5, 7, (2, 3))
    cam[6, 5] = 8
    for place, value in {(10, 6): 3.6, (7, 17): 1.8, (5, 2): 4, (1, 9): -5, (11, 18): 1}.items():
        cam[place] = value
    return np.roll(cam, rng.integers(0, 2, 2), axis=(0, 1))


def piece_at_the_edge(seed):
    """A map up to 8 with one piece in the lower right corner, that has a brighter part in the same corner."""
    height, width = np.random.default_rng(seed).integers(2, 4, 2)
    cam = np.zeros((9, 11))
    cam[-5:, -5:] = 5
    cam[-height:, -width:] = 8
    return cam


def other_boxes(cam, share):
    """Boxes as mistakes make them, by what is to be said of them."""
    on = cam > share * cam.max()
    wanted = top, left, bottom, right = box_of(on)
    first, last = np.argwhere(on)[[0, -1]]
    return {
        "Bottom and right are the last ones inside. Want them just outside, as in cam[top:bottom, left:right].": wanted
        - [0, 0, 1, 1],
        "Columns come first here. Want rows first, as in an array: top, left, bottom, right.": wanted[
            [1, 0, 3, 2]
        ],
        "Rows and columns are in pairs: want top, left, bottom, right.": wanted[[0, 2, 1, 3]],
        "The last two are height and width. Want bottom and right.": (top, left, bottom - top, right - left),
        "These are the first and the last pixel, row by row. The left one need not be the first.": (
            *first,
            *last + 1,
        ),
        "A pixel that is just at the share is not above it.": box_of(cam >= share * cam.max()),
        "This is the box above 0.4. Does it depend on the share that is asked for?": box_of(
            cam > 0.4 * cam.max()
        ),
        "The threshold is a share of the largest value. Here it was taken as a value.": box_of(cam > share),
        "This is the whole map. Want a share of the largest value, not of the pixels: no quantile.": box_of(
            cam > np.quantile(cam, share)
        ),
        "This is the box of the largest piece alone, as xt.localise has it. Want one around all pieces.": xt.localise(
            cam, threshold=share
        ).box,
        "What is strongly negative is in the box: it speaks against the class.": box_of(
            abs(cam) > share * cam.max()
        ),
        "The share is taken from the smallest value up. Take it from 0, which means “no evidence”.": box_of(
            cam > cam.min() + share * (cam.max() - cam.min())
        ),
    }


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
    day = xt.wrap(
        lambda images: np.stack([1 - images[:, :12].mean((1, 2, 3)), images[:, :12].mean((1, 2, 3))], -1)
    )
    rocket = xt.load_photo("rocket", size=24)
    return xt.show(rocket, {"day": xt.occlusion(day, rocket, 1, window=4, stride=2, progress=False)})


def figure_of_fills():
    picture = xt.load_photo("coffee", size=48)
    fills = np.stack([np.full_like(picture, colour) for colour in (picture.mean(axis=(0, 1)), [0, 0, 1])])
    chances = PaperCNN("photos").predict(fills)[:, CLASSES.index("coffee")]
    return xt.show(
        fills, titles=[f"{name}: {p:.0%}" for name, p in zip(("mean colour", "blue"), chances, strict=True)]
    )


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
