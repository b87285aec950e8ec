"""Why a report on a case is wrong: in words, or None where it is right."""

import numpy as np

LOOK_AT = {  # by the kind that is named: what has to be there, if it is this one
    "watermark": "Then all of one class, and no others, have a mark at one place. Look at its mean picture.",
    "swapped labels": "Then two classes fail in the field, and each is taken for the other. Is it so?",
    "border artefact": "Then one class differs in the outermost rows or columns, from edge to edge.",
    "colour cue": "Then one class has another colour in the source than in the field. Count the colours.",
    "shift": "Then all classes fail in the field, and all ten mean pictures have a bright and a dark edge.",
    "no flaw": "Then no class is much worse in the field than in the test. Think of chance, too.",
}
CHANGE, PIXELS = 0.1, 10  # what counts as a change of a picture: so much, in so many pixels
SHOWN, TENTH = 20, 78  # how many pictures are tried on the model, and how many of their pixels are hidden


def why_no_pair(images, changed, control):
    """Why two changes of images are no intervention with its control."""
    for name, one in (("intervention", changed), ("control", control)):
        why = why_no_change(images, one)
        if why:
            return f"The {name} {why}"
    if np.allclose(changed, control):
        return "Both do the same. The control makes the same change where it should do nothing."
    return None


def why_no_change(images, changed):
    """Why a change of images can't show anything: too weak, of too few of them, or nothing is left."""
    seen = (np.abs(changed - images).max(axis=3) >= CHANGE).sum(axis=(1, 2)) >= PIXELS
    if min(part.mean() for part in np.array_split(seen, 5)) < 0.5:
        return f"leaves many pictures as they are. Want {PIXELS} pixels of each changed, by {CHANGE} or more."
    before, after = (np.abs(np.diff(one.max(axis=3), axis=0)).mean(axis=(1, 2)) for one in (images, changed))
    kept = np.cov(before, after)[0, 1] / before.var(ddof=1)
    return "leaves too little of the digits: they become alike, or others." if kept < 0.25 else None


def why_not(flaw, answers, labels, classes):
    """Why an intervention does not show this flaw.

    The answers (4, N) are to pictures as they are, with the intervention, with the control, and set right.
    """
    before, done, idle, best = (answers == labels).mean(axis=1)
    if flaw.kind == "shift":
        if done - max(before, idle) < 0.2:
            return "The field fails as before. Find the change that sets it right, for all classes."
        if done < best - 0.03:
            return "It helps, but there is more to be had. Is this the whole of what is different?"
    elif len(flaw.classes) != 1:
        if before - done > 0.1:
            return "This change does harm by itself, like any damage. Try what is on the pictures already."
    else:
        turned, other = (answers[1:3, labels != flaw.classes[0]] == flaw.classes[0]).mean(axis=1)
        if turned - other < 0.2:
            if other >= 0.2:
                return "The control turns pictures into the class as well: it is no cue, but any such change."
            if before - done > 0.3:
                return "Answers change, but not to the one class: it breaks the pictures."
            return "It turns less than 2 in 10 into one class. Is it the whole cue, and as bright?"
    if set(classes) != set(flaw.classes):
        return "It shows something. But are these the classes that it is about, all of them and no others?"
    return None


def lowered(model, pictures, targets, maps):
    """By how much the score falls without the tenth called highest rather than lowest; median of pictures.

    Hidden in black; where values are equal, chance decides. About 0 for maps that know nothing of the model.
    """
    pictures, flat = pictures[:SHOWN], maps[:SHOWN].reshape(-1, 28 * 28)
    ranked = np.lexsort((np.random.default_rng(0).random(flat.shape), flat))

    def scores_without(places):
        hidden = pictures.reshape(*flat.shape, 3).copy()
        np.put_along_axis(hidden, places[:, :, None], 0, axis=1)
        return model.scores(hidden.reshape(pictures.shape))[np.arange(len(flat)), targets[:SHOWN]]

    return np.median(scores_without(ranked[:, :TENTH]) - scores_without(ranked[:, -TENTH:]))


def why_region(region, flaw):
    """Why a region is not that of the cue: of all pixels in either, half have to be in both."""
    if region[flaw.mask].mean() >= 0.5:
        return "Half of the cue or more is in it, but too much else as well."
    if region[flaw.harmless].mean() >= 0.5:
        return "There is a mark, but on pictures of all classes alike: it tells nothing."
    return "It misses more than half of the cue. Are rows and columns exchanged?"
