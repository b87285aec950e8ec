"""Why a report on a case is wrong: in words, or None where it is right."""

import numpy as np

from xaiteach.check.base import Wrong
from xaiteach.check.looking import array, quietly

LOOK_AT = {
    "watermark": "Is there something on every picture of one class, and on no other? Its mean picture shows it.",
    "swapped labels": "Look at the confusion in the field: what is the worst class taken for, and what for it?",
    "border artefact": "Look at the outermost rows and columns of the mean pictures, from edge to edge.",
    "colour cue": "What has no place? Count the colours of each class, in the source and in the field.",
    "shift": "Does one class fail, or do all? Compare the mean picture of the test with that of the field.",
    "no flaw": "What fails in the field that did not fail in the test? With 60 pictures a class, think of chance.",
}


def why_not(flaw, answers, labels):
    """Why an intervention does not show this flaw; None where it does.

    Args:
        flaw: the flaw of the case.
        answers: three arrays of the model's: pictures as they are, with the intervention, with the control.
        labels: the right ones.
    """
    before, done, idle = ((one == labels).mean() for one in answers)
    if flaw.kind == "shift":
        better = done - max(before, idle) >= 0.2
        return None if better else "The field fails as before. Find the change that sets it right, for all classes."
    if len(flaw.classes) != 1:
        harm = "This change does harm by itself, like any damage. Try what is on the pictures already."
        return harm if before - done > 0.1 else None
    turned, other = ((one[labels != flaw.classes[0]] == flaw.classes[0]).mean() for one in answers[1:])
    if turned - other >= 0.2:
        return None
    if other >= 0.2:
        return "The control turns pictures into the class as well. Then it is not this cue, but any such change."
    if before - done > 0.3:
        return "Answers change, but not to the one class: it breaks the pictures, rather than put the cue in."
    return "It turns next to no picture into another class: the cue is not in it, or is too weak."


def why_no_pair(images, changed, control):
    """Why two changes of images are no intervention with its control; None where they are."""
    if np.allclose(changed, images):
        return "The intervention changes nothing."
    if np.allclose(control, images):
        return "The control changes nothing. Make the same change, where it should do nothing."
    if np.allclose(changed, control):
        return "Both do the same. The control makes the same change where it should do nothing."
    return None


def why_classes(named, true):
    if len(true) in (0, 10):
        return "Compare the recalls of the classes in test and field: is one class alone the matter?"
    if named < true:
        return "There is one more."
    return "One of them suffers from the flaw, but not all." if named & true else "Which recall is lowest in the field?"


def why_region(region, truth):
    """Why a region is not that of the cue; None where it is: half of the cue in it, and at most four times its size."""
    if truth.mask is None:
        return None if region is None else "This flaw has no place in the picture. Then the region is None."
    if region is None:
        return "The cue has a place: name it."
    region = as_region(region)
    found = {name: region[mask].mean() for name, mask in (("cue", truth.mask), ("turned", truth.mask.T))}
    if found["cue"] >= 0.5:
        return None if region.sum() <= 4 * truth.mask.sum() else "The cue is in it, but it is far smaller than that."
    if found["turned"] >= 0.5:
        return "It is transposed: rows and columns are exchanged."
    if region[truth.harmless].mean() >= 0.5:
        return "There is a mark, but on pictures of all classes alike: it tells nothing."
    return "It misses more than half of the cue."


def as_classes(classes):
    named = quietly(array(classes, np.shape(classes)), "the classes")
    if named.ndim != 1 or not set(named) <= set(range(10)):
        raise Wrong("the classes", "Want a list of whole numbers from 0 to 9: [3]; [] where it is about none.")
    return named.astype(int).tolist()


def as_region(region):
    region = quietly(array(region, (28, 28)), "the region is a mask (28, 28)") > 0
    if not 0 < region.mean() <= 0.5:
        words = "is empty" if not region.any() else "covers most of the picture: any map has its mass in there"
        raise Wrong("the region is a part of the picture", f"It {words}.")
    return region
