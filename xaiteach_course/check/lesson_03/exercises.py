"""Exercises of lesson 03: Grad-CAM."""

import numpy as np

import xaiteach as xt
from xaiteach.methods.grad_cam import bilinear
from xaiteach.models.photo_classifier import CLASSES
from xaiteach_course.check.exercise import Line, exercise
from xaiteach_course.check.look import again, alike, array, chosen, result
from xaiteach_course.check.numpy_models import PaperCNN


def _maps_and_gradients(n, seed):
    """Feature maps of `n` images as a ReLU leaves them, and gradients of both signs: (n, 5, 7, 6) each."""
    draw = np.random.default_rng(seed).normal
    return np.maximum(draw(0, 4, size=(n, 5, 7, 6)), 0), draw(0, 2, size=(n, 5, 7, 6))


def _grad_cam(maps, gradients):
    """(N, h, w) from (N, h, w, F)."""
    return np.maximum(np.einsum("nhwf,nf->nhw", maps, gradients.mean(axis=(1, 2))), 0)


def _figure_of_a_map():
    maps, gradients = _maps_and_gradients(1, seed=0)
    return xt.show(None, _grad_cam(maps, gradients)[0], titles="the map of the first trial")


def _figure_of_two_photos():
    picture, maps = _two_photos()
    return xt.show(picture, dict(zip(("cat", "coffee"), maps, strict=True)))


def _figure_of_a_scale():
    cam = np.array([[0, 1, 2], [4, 2, 0], [0, 0, 1.0]])
    return xt.show(None, {"before": cam, "from 0 to 1": cam / cam.max()})


def _two_photos():
    """Cat and coffee side by side (96, 192, 3), and Grad-CAM of both classes (2, 96, 192)."""
    picture = np.concatenate([xt.load_photo(name, size=96) for name in ("cat", "coffee")], axis=1)
    model = PaperCNN("photos")
    maps = model.feature_maps(picture[None])
    cams = [maps[0] @ model.W[:, CLASSES.index(name)] / maps[0, ..., 0].size for name in ("cat", "coffee")]
    return picture, bilinear(np.maximum(cams, 0)[None], picture.shape[:2])[0]


@exercise(
    "Write Grad-CAM from its formula",
    hints=[
        "Two lines are enough: one number a unit, then a sum over the units. Which axes hold the places, and which the "
        "units?",
        "alpha = gradients.mean(axis=(…, …))      # one weight a unit, shape (F,)\n"
        "cam = (maps * alpha).sum(axis=…)         # one number a place, shape (h, w)\n"
        "return …                                 # what of it speaks FOR the class?",
        _figure_of_a_map,
    ],
)
def build_grad_cam(answer, seed=0):
    """A function of feature maps and gradients (h, w, F) that returns the map (h, w)."""
    maps, gradients = (array[0] for array in _maps_and_gradients(1, seed))
    wanted, alpha = _grad_cam(maps[None], gradients[None])[0], gradients.mean(axis=(0, 1))
    got = yield from result(answer, maps, gradients, shape=wanted.shape)
    before = maps @ alpha
    mistakes = {
        "The negative values are still there: the ReLU at the end is missing.": before,
        "What is negative is thrown away too early. First add up over all units, then keep what is positive.": maps
        @ np.maximum(alpha, 0),
        "The gradients are not averaged over height and width: each place has its own weight here.": np.maximum(
            (maps * gradients).sum(axis=-1), 0
        ),
        "The gradients are averaged over the units, axis −1. Average over the places, axes 0 and 1.": np.maximum(
            (maps * gradients.mean(axis=-1, keepdims=True)).sum(axis=-1), 0
        ),
        "These are means over the units; the formula has a sum.": wanted / maps.shape[-1],
        "It is divided by its largest value. That is for drawing; the method gives units of the score.": wanted
        / wanted.max(),
        "abs() turns evidence against the class into evidence for it. A ReLU makes it zero.": np.abs(before),
        "The weight of a unit is the MEAN of its gradients, not the largest one.": np.maximum(
            maps @ gradients.max(axis=(0, 1)), 0
        ),
        **{
            f"The gradients are averaged over axis {k} alone. Average over both, 0 and 1.": np.maximum(
                (maps * gradients.mean(axis=k, keepdims=True)).sum(axis=-1), 0
            )
            for k in (0, 1)
        },
    }
    line = alike("the map", got, wanted, within=1e-4, mistakes=mistakes)
    yield line
    if not line.right:
        return
    signed = maps - maps.mean()
    why = "Is there a ReLU before the sum? The formula has one, at the end."
    other = again(answer, signed, gradients, shape=wanted.shape)
    early = {why: np.maximum(np.maximum(signed, 0) @ alpha, 0)}
    yield alike(
        "maps with negative values", other, np.maximum(signed @ alpha, 0), within=1e-4, mistakes=early
    )
    nothing = again(answer, maps, -np.abs(gradients), shape=wanted.shape)
    yield Line(
        "a class without evidence gets zeros",
        not np.abs(nothing).max() > 1e-6,
        "All gradients were negative here.",
    )


@exercise(
    "Scale a map from 0 to 1, and never divide by zero",
    hints=[
        "What is the largest value of a map of zeros, and what happens when you divide by it?",
        "largest = cam.max()\nif largest > 0:\n    return …\nreturn …",
        _figure_of_a_scale,
    ],
)
def scale_a_map(answer, seed=0):
    """A function of a map (h, w) that is not negative: the largest value becomes 1, zero stays 0."""
    cam = np.random.default_rng(seed).uniform(0.5, 7, (4, 6))
    got = yield from result(answer, cam, shape=cam.shape)
    mistakes = {
        "Nothing is scaled yet.": cam,
        "The smallest value is drawn as 0. But 0 means “no evidence”, and here nothing is 0.": (
            cam - cam.min()
        )
        / (cam.max() - cam.min()),
        "It is divided by the sum, not by the largest value.": cam / cam.sum(),
        "Values above 1 are cut off: that is a clip, not a scale.": np.minimum(cam, 1),
    }
    line = alike("a map with values", got, cam / cam.max(), within=1e-6, mistakes=mistakes)
    yield line
    if not line.right:
        return
    part = cam * (np.arange(24).reshape(4, 6) % 4 > 0)
    scaled = again(answer, part, shape=cam.shape)
    why = {"It is left as it was. Some values are 0, but the largest is not: ask for that one.": part}
    yield alike("a map with zeros and values", scaled, part / part.max(), within=1e-6, mistakes=why)
    small = again(answer, cam * 1e-12, shape=cam.shape)
    why = "Is a small number added to the divisor, or is the largest value compared with one? Ask whether it is 0."
    yield Line(
        "a map of very small values is scaled as well", np.allclose(small, cam / cam.max(), atol=1e-6), why
    )
    empty = again(answer, np.zeros((4, 6)), shape=(4, 6))
    yield Line("a map of zeros stays zeros", not empty.any(), "It should say: nothing speaks for this class.")


@exercise(
    "Grad-CAM on another data set",
    hints=[
        "`xt.grad_cam` takes a list of classes only for as many images. Ask twice, once for each class.",
        "maps = np.stack([xt.grad_cam(photos, picture, CLASS) for CLASS in (…, …)])   # CLASS: index in class_names",
        _figure_of_two_photos,
    ],
    draws=1,
)
def explain_two_photos(answer, seed=0):
    """The maps of "cat" and "coffee" (2, 96, 192) of the picture with both."""
    picture, wanted = _two_photos()
    got = yield from array(answer, wanted.shape)
    mistakes = {
        "The two maps are exchanged: first the cat, then the coffee.": wanted[::-1],
        "Both are the map of the cat.": wanted[[0, 0]],
        "Both are the map of the coffee.": wanted[[1, 1]],
        "Each is divided by its largest value. Keep the units of the score, so that they can be compared.": wanted
        / wanted.max(axis=(1, 2), keepdims=True),
    }
    yield Line("nothing is negative", bool(got.min() >= 0), "Is there a `relu=False` too much? Leave it out.")
    yield alike("both maps", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Mend a broken Grad-CAM",
    hints=[
        "Ask for the map of one image alone, then of the same image in a batch. Are they the same? Then "
        "look at the axes.",
        "alpha = gradients.mean(axis=(…, …), keepdims=True)     # (N, 1, 1, F): one weight a unit, for EACH image\n"
        "cam = (maps * alpha).sum(axis=-1)\n"
        "return np.maximum(cam, 0)                              # what does abs() make of evidence against?",
        _figure_of_a_map,
    ],
)
def mend_grad_cam(answer, seed=0):
    """A function of feature maps and gradients (N, h, w, F) that returns the maps (N, h, w)."""
    maps, gradients = _maps_and_gradients(3, seed)
    wanted = _grad_cam(maps, gradients)
    alpha, over_all = gradients.mean(axis=(1, 2), keepdims=True), gradients.mean(axis=(0, 1, 2))
    got = yield from result(answer, maps, gradients, shape=wanted.shape)
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": np.abs(maps @ over_all),
        "The weights are averaged over the images of the batch too: a map depends on its neighbours.": np.maximum(
            maps @ over_all, 0
        ),
        "abs() turns evidence against the class into evidence for it.": np.abs((maps * alpha).sum(axis=-1)),
        "Each map is divided by its largest value: that is for drawing.": wanted
        / wanted.max(axis=(1, 2), keepdims=True),
        "Evidence against the class is still there: the ReLU at the end is missing.": (maps * alpha).sum(
            axis=-1
        ),
        "What is negative is thrown away too early. First add up over all units.": np.sum(
            maps * np.maximum(alpha, 0), axis=-1
        ),
        "The gradients are not averaged over the places.": np.maximum((maps * gradients).sum(axis=-1), 0),
        "The gradients are averaged over axes 0 and 1. Here axis 0 holds the images, so the places are 1 and 2.": (
            np.maximum((maps * gradients.mean(axis=(0, 1), keepdims=True)).sum(axis=-1), 0)
        ),
        "All images get the weights of the first one.": np.maximum((maps * alpha[:1]).sum(axis=-1), 0),
        "These are means over the units; the formula has a sum.": wanted / maps.shape[-1],
    }
    yield alike("the maps", got, wanted, within=1e-4, mistakes=mistakes)
    alone = again(answer, maps[1:2], gradients[1:2], shape=wanted[1:2].shape)
    same = np.allclose(alone, got[1:2], atol=1e-4)
    yield Line("an image alone has the map that it has in a batch", same, "Which axis holds the images?")


@exercise(
    "Say what a map can tell",
    hints=[
        "For each sentence: how could it be false, and would the map look different then?",
        "One sentence is about what was *looked at*, one about *how fine* a map can be, one about *against*, one about "
        "a sum. Two of the four are true.",
        _figure_of_two_photos,
    ],
)
def read_the_map(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="bd",
        why={
            "a": "Tempting, since the cat is red. But the map was made for the class “cat”. For another class another "
            "place is red, in the same picture, by the same network.",
            "b": "The layer has 24×48 places for 96×192 pixels. What is finer was drawn by the resizing.",
            "c": "Tempting: no colour, no role. But the ReLU took away what speaks against the class. Look at "
            "`relu=False`.",
            "d": "With this head, the sum over the layer's places is the score less the bias. It could fail, so it is "
            "worth checking.",
        },
    )
