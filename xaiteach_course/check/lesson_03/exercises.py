"""Exercises of lesson 03: Grad-CAM."""

import numpy as np

import xaiteach as xt
from xaiteach.methods.grad_cam import bilinear
from xaiteach.models.photo_classifier import CLASSES
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.numpy_models import PaperCNN

ABS = "abs() turns evidence against the class into evidence for it. A ReLU makes it zero."
LARGEST = "It is divided by its largest value. That is for drawing; the method gives units of the score."


def draw_maps(n, seed):
    """Feature maps of `n` images as a ReLU leaves them, and gradients of both signs: (n, 5, 7, 6) each."""
    draw = np.random.default_rng(seed).normal
    maps = np.maximum(draw(0, 4, size=(n, 5, 7, 6)), 0)
    return maps, draw(0, 2, size=(n, 5, 7, 6))


def weighted(maps, weights):
    """The ReLU of the sum over the units, (…, h, w): maps (…, h, w, F), weights of a shape that fits."""
    return np.maximum((maps * weights).sum(axis=-1), 0)


def two_photos():
    """Cat and coffee side by side (96, 192, 3), and Grad-CAM of both classes (2, 96, 192)."""
    photos = [xt.load_photo(name, size=96) for name in ("cat", "coffee")]
    picture = np.concatenate(photos, axis=1)
    model = PaperCNN("photos")
    maps = model.feature_maps(picture[None])[0]
    weights = model.W[:, [CLASSES.index("cat"), CLASSES.index("coffee")]]
    places = maps.shape[0] * maps.shape[1]
    cams = np.maximum(maps @ weights / places, 0).transpose(2, 0, 1)
    return picture, bilinear(cams[None], picture.shape[:2])[0]


def figure_of_a_map():
    maps, gradients = draw_maps(1, seed=0)
    cam = weighted(maps[0], gradients[0].mean(axis=(0, 1)))
    return xt.show(None, cam, titles="the map of the first trial")


def figure_of_two_photos():
    picture, (cat, coffee) = two_photos()
    return xt.show(picture, {"cat": cat, "coffee": coffee})


def figure_of_a_scale():
    cam = np.array([[0, 1, 2], [4, 2, 0], [0, 0, 1.0]])
    return xt.show(None, {"before": cam, "from 0 to 1": cam / cam.max()})


@exercise(
    "One number a unit, then a sum over the units. Which axes hold the places, and which the units?",
    "alpha = gradients.mean(axis=(…, …))      # one weight a unit, shape (F,)\n"
    "cam = (maps * alpha).sum(axis=…)         # one number a place, shape (h, w)\n"
    "return …                                 # what of it speaks FOR the class?",
    figure_of_a_map,
)
def build_grad_cam(look, answer, seed=0):
    """A function of feature maps and gradients (h, w, F) that returns the map (h, w)."""
    (maps,), (gradients,) = draw_maps(1, seed)
    alpha = gradients.mean(axis=(0, 1))
    wanted = weighted(maps, alpha)
    got = look.result(answer, maps, gradients, shape=(5, 7))
    mistakes = {
        "The ReLU at the end is missing.": maps @ alpha,
        "The ReLU comes too early. First add up over all units.": weighted(maps, np.maximum(alpha, 0)),
        "The gradients are not averaged over height and width.": weighted(maps, gradients),
        LARGEST: wanted / wanted.max(),
        ABS: np.abs(maps @ alpha),
    }
    look.same("the map", got, wanted, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    signed = maps - maps.mean()
    got = look.again(answer, signed, gradients, shape=(5, 7))
    look.same("maps with negative values", got, weighted(signed, alpha), within=1e-4)
    empty = look.again(answer, maps, -np.abs(gradients), shape=(5, 7))
    if look.wrong:
        return
    why = "All gradients were negative here."
    look.that("a class without evidence gets zeros", np.abs(empty).max() <= 1e-6, why)


@exercise(
    "What is the largest value of a map of zeros, and what happens when you divide by it?",
    "largest = cam.max()\nif largest > 0:\n    return …\nreturn …",
    figure_of_a_scale,
)
def scale_a_map(look, answer, seed=0):
    """A function of a map (h, w) that is not negative: the largest value becomes 1, zero stays 0."""
    cam = np.random.default_rng(seed).uniform(0.5, 7, (4, 6))
    got = look.result(answer, cam, shape=(4, 6))
    smallest = "The smallest value is drawn as 0. But 0 means “no evidence”, and here nothing is 0."
    mistakes = {smallest: (cam - cam.min()) / (cam.max() - cam.min())}
    look.same("a map with values", got, cam / cam.max(), within=1e-6, mistakes=mistakes)
    part = cam * (np.arange(24).reshape(4, 6) % 4 > 0)
    got = look.again(answer, part, shape=(4, 6))
    look.same("a map with zeros and values", got, part / part.max(), within=1e-6)
    small = look.again(answer, cam * 1e-12, shape=(4, 6))
    empty = look.again(answer, np.zeros((4, 6)), shape=(4, 6))
    if look.wrong:
        return
    why = "Is a small number added to the divisor, or compared with the largest value? Ask: is it 0?"
    scaled = np.allclose(small, cam / cam.max(), atol=1e-6)
    look.that("a map of very small values is scaled as well", scaled, why)
    look.that("a map of zeros stays zeros", not empty.any(), "It should say: nothing speaks for this class.")


@exercise(
    "`xt.grad_cam` takes a list of classes only for as many images. Ask twice, once for each class.",
    "maps = [xt.grad_cam(photos, picture, k) for k in (…, …)]   # k: index in class_names",
    figure_of_two_photos,
    draws=1,
)
def explain_two_photos(look, answer, seed=0):
    """The maps of "cat" and "coffee" (2, 96, 192) of the picture with both."""
    _, wanted = two_photos()
    got = look.array(answer, wanted.shape)
    if look.wrong:
        return
    mistakes = {
        "The two maps are exchanged: first the cat, then the coffee.": wanted[::-1],
        LARGEST: wanted / wanted.max(axis=(1, 2), keepdims=True),
    }
    look.that("nothing is negative", got.min() >= 0, "Is there a `relu=False` too much? Leave it out.")
    look.same("both maps", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Ask for the map of one image alone, then in a batch. Are they the same? Then look at the axes.",
    "alpha = gradients.mean(axis=(…, …), keepdims=True)     # (N, 1, 1, F): of EACH\n"
    "cam = (maps * alpha).sum(axis=-1)\n"
    "return np.maximum(cam, 0)                              # what would abs() do?",
    figure_of_a_map,
)
def mend_grad_cam(look, answer, seed=0):
    """A function of feature maps and gradients (N, h, w, F) that returns the maps (N, h, w)."""
    maps, gradients = draw_maps(3, seed)
    alpha, over_all = gradients.mean(axis=(1, 2), keepdims=True), gradients.mean(axis=(0, 1, 2))
    wanted = weighted(maps, alpha)
    got = look.result(answer, maps, gradients, shape=(3, 5, 7))
    wrong_axes = gradients.mean(axis=(0, 1), keepdims=True)
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": np.abs(maps @ over_all),
        "The weights are averaged over the images of the batch too.": weighted(maps, over_all),
        "Axis 0 holds the images: the places are axes 1 and 2.": weighted(maps, wrong_axes),
        ABS: np.abs((maps * alpha).sum(axis=-1)),
    }
    look.same("the maps", got, wanted, within=1e-4, mistakes=mistakes)
    alone = look.again(answer, maps[1:2], gradients[1:2], shape=(1, 5, 7))
    if look.wrong:
        return
    same = np.allclose(alone, got[1:2], atol=1e-4)
    look.that("an image alone has the map that it has in a batch", same, "Which axis holds the images?")


@exercise(
    "For each sentence: how could it be false, and would the map look different then?",
    "One is about what was *looked at*, one about *how fine* it is, one about *against*, one on a sum.",
    figure_of_two_photos,
)
def read_the_map(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: the cat is red. But for another class another place is red, in the same picture.",
        "b": "The layer has 24×48 places for 96×192 pixels. What is finer was drawn by the resizing.",
        "c": "Tempting: no colour, no role. But the ReLU took away what speaks against. Try `relu=False`.",
        "d": "With this head, the sum over the layer's places is the score less the bias. It could fail.",
    }
    look.choice(answer, right="bd", why=why)
