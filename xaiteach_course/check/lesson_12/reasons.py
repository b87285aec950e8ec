"""Why a report on a case is wrong: in words, or None where it is right."""

from itertools import combinations

import numpy as np

from xaiteach_course.check.old import Wrong, array, quietly

LOOK_AT = {  # by the kind that is named: what has to be there, if it is this one
    "watermark": "Then all pictures of one class, and no others, have a mark at one place. Its mean picture shows it.",
    "swapped labels": "Then two classes fail in the field, and each is taken for the other. Is it so?",
    "border artefact": "Then one class differs in the outermost rows or columns, from edge to edge. Does one?",
    "colour cue": "Then one class has another colour in the source than in the field. Count the colours of each.",
    "shift": "Then all classes fail in the field, and all ten mean pictures have a bright and a dark edge. Have they?",
    "no flaw": "Then no class is much worse in the field than in the test. Is none? Think of chance, too.",
}
CHANGE, PIXELS = 0.1, 10  # what counts as a change of a picture: so much, in so many pixels
SHOWN, TENTH = 20, 78  # how many pictures are tried on the model, and how many of their pixels are hidden


def why_not(flaw, answers, labels, classes):
    """Why an intervention does not show this flaw; None where it does.

    Args:
        flaw: the flaw of the case.
        answers: four arrays of the model's: pictures as they are, with the intervention, with the control, set right.
        labels: the right ones.
        classes: those that the report names.
    """
    before, done, idle, best = ((one == labels).mean() for one in answers)
    if flaw.kind == "shift":
        better = done - max(before, idle) >= 0.2
        if not better:
            return "The field fails as before. Find the change that sets it right, for all classes."
        if done < best - 0.03:
            return "It helps, but there is more to be had. Is this the whole of what is different?"
        return "It helps pictures of all classes, and you name one." if len(classes) == 1 else None
    if len(flaw.classes) != 1:
        harm = "This change does harm by itself, like any damage. Try what is on the pictures already."
        return harm if before - done > 0.1 else None
    turned, other = ((one[labels != flaw.classes[0]] == flaw.classes[0]).mean() for one in answers[1:3])
    if turned - other >= 0.2:
        ours = "It turns pictures into one class. Is it the one that you name?"
        return None if list(classes) == list(flaw.classes) else ours
    if other >= 0.2:
        return (
            "The control turns pictures into the class as well. Then it is not this cue, but any such change."
        )
    if before - done > 0.3:
        return "Answers change, but not to the one class: it breaks the pictures, rather than put the cue in."
    return "More than with the control, it turns less than 2 in 10 into one class. Is it the whole cue, and as bright?"


def why_no_pair(images, changed, control):
    """Why two changes of images are no intervention with its control; None where they are."""
    for name, one in (("intervention", changed), ("control", control)):
        why = why_no_change(images, one)
        if why is not None:
            return f"The {name} {why}"
    if np.allclose(changed, control):
        return "Both do the same. The control makes the same change where it should do nothing."
    return None


def why_no_change(images, changed):
    """Why a change of images can't show anything: too weak, of too few of them, or nothing is left of them."""
    if np.allclose(changed, images):
        return "changes nothing."
    seen = (np.abs(changed - images).max(axis=3) >= CHANGE).sum(axis=(1, 2)) >= PIXELS
    if not seen.any():
        return f"changes too little to prove anything. Want {PIXELS} pixels of a picture or more, by {CHANGE} or more."
    if min(part.mean() for part in np.array_split(seen, 5)) < 0.5:
        return f"leaves many pictures as they are, or changes less than {PIXELS} pixels of them by {CHANGE}. Want all."
    if _kept(images, changed) < 0.25:
        return "leaves too little of the digits: what becomes of two pictures is alike, or any other picture."
    return None


def _kept(images, changed):
    """How much of the difference between one picture and the next is still there: 1 for all, 0 for nothing."""
    before, after = (np.abs(np.diff(one.max(axis=3), axis=0)).mean(axis=(1, 2)) for one in (images, changed))
    return np.cov(before, after)[0, 1] / before.var(ddof=1)


def why_same(maps, agreements):
    """Why two maps of {method: maps} are one witness; None where all differ. Agreements come pair by pair."""
    for (one, other), agreement in zip(combinations(maps, 2), agreements, strict=True):
        if abs(agreement) > 0.999 or np.allclose(maps[one], maps[other]):
            return f"{one} and {other} are the same here, up to the sign. Take a method that asks something else."
    return None


def why_strange(case, pictures, target, maps):
    """Why pictures and their target are not what maps of this case explain; None where they may be."""
    number = len(next(iter(maps.values())))
    pictures = quietly(array(pictures, (number, 28, 28, 3)), "the pictures, as many as maps").astype(
        np.float32
    )
    known = {one.tobytes() for part in (case.x_test, case.x_field) for one in part}
    if not all(one.tobytes() in known for one in pictures):
        return "Want pictures as they are in the test or in the field."
    target = quietly(array(target, np.shape(target)), "the target")
    if target.shape not in ((), (number,)) or not np.isin(target, range(10)).all():
        return 'Under "target", want the class that is explained, or one for each picture: whole numbers from 0 to 9.'
    return None


def lowered(model, pictures, target, maps):
    """By how much the score of the target falls where the tenth that the maps call highest is hidden, rather than the
    tenth that they call lowest. Hidden in black; median of the first pictures; where values are equal, chance decides.
    About 0 for maps that have nothing to do with the model."""
    targets = np.broadcast_to(target, len(pictures))[:SHOWN].astype(int)
    flat = maps[:SHOWN].reshape(len(targets), 28 * 28)
    chance = np.random.default_rng(0).permuted(np.indices(flat.shape)[1], axis=1)
    ranked = np.take_along_axis(chance, np.take_along_axis(flat, chance, 1).argsort(axis=1, kind="stable"), 1)

    def without(places):
        hidden = np.array(pictures[:SHOWN], np.float32).reshape(len(targets), 28 * 28, 3)
        np.put_along_axis(hidden, places[:, :, None], 0, axis=1)
        return model.scores(hidden.reshape(-1, 28, 28, 3))[np.arange(len(targets)), targets]

    return np.median(without(ranked[:, :TENTH]) - without(ranked[:, -TENTH:]))


def why_classes(named, true):
    if named < true:
        return "Which classes are worse in the field than in the test? Not all of them are named."
    if len(named) == 10:
        return "Not all of them are worse in the field than in the test."
    if not true:
        return "Is it worse in the field than in the test? With 60 pictures a class, think of chance."
    return (
        "One of them suffers from the flaw, but not all."
        if named & true
        else "Which recall is lowest in the field?"
    )


def why_region(region, truth):
    """Why a region is not that of the cue; None where it is: of all pixels in either, half in both."""
    if truth.mask is None:
        return None if region is None else "This flaw has no place in the picture. Then the region is None."
    if region is None:
        return "The cue has a place: name it."
    region = as_region(region)
    found = {name: region[mask].mean() for name, mask in (("cue", truth.mask), ("turned", truth.mask.T))}
    if found["cue"] >= 0.5:
        common = (region & truth.mask).sum() / (region | truth.mask).sum()
        return None if common >= 0.5 else "Half of the cue or more is in it, but too much else as well."
    if found["turned"] >= 0.5:
        return "It is transposed: rows and columns are exchanged."
    if region[truth.harmless].mean() >= 0.5:
        return "There is a mark, but on pictures of all classes alike: it tells nothing."
    return "It misses more than half of the cue."


def as_classes(classes):
    """Named classes as a list; one number, or a set, will do."""
    if classes is None:
        raise Wrong("the classes", "Want a list: [] where it is about none.")
    classes = sorted(classes) if isinstance(classes, (set, frozenset)) else classes
    named = np.atleast_1d(quietly(array(classes, np.shape(classes)), "the classes"))
    if named.ndim != 1 or not set(named) <= set(range(10)):
        raise Wrong(
            "the classes", "Want a list of whole numbers from 0 to 9: [3]; [] where it is about none."
        )
    return named.astype(int).tolist()


def as_region(region):
    region = quietly(array(region, (28, 28)), "the region is a mask (28, 28)") > 0
    if not 0 < region.mean() <= 0.5:
        words = (
            "is empty" if not region.any() else "covers most of the picture: any map has its mass in there"
        )
        raise Wrong("the region is a part of the picture", f"It {words}.")
    return region
