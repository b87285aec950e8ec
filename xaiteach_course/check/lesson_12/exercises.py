"""Exercises of lesson 12: what can be measured in a report on a case.

Each looks at a dictionary, the report as far as it is written: {"case": case, "accuracy_test": 0.93, …}.
"""

from functools import cache
from itertools import combinations

import numpy as np

import xaiteach as xt
from xaiteach.figures.words import rounded
from xaiteach_course.cases.case import Case
from xaiteach_course.cases.flaws import KINDS, moved
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_12 import reasons

SEED, CLASS = 14, 8  # of another case, for the figures: its 8s have a bright left border in the source
load_case = cache(xt.load_case)


def example():
    print(f"This is case {SEED}. Yours may have another flaw.")
    return load_case(SEED, xt.framework("torch"))


def figure_of_failure():
    case = example()
    return xt.plot_confusion(case.y_field, answers_of(case, case.x_field))


def figure_of_maps():
    case = example()
    picture = case.x_test[case.y_test == CLASS][0]
    methods = {"int. gradients": xt.integrated_gradients, "occlusion": xt.occlusion, "Grad-CAM": xt.grad_cam}
    maps = {name: method(case.model, picture, CLASS) for name, method in methods.items()}
    return xt.show(picture, {name: one / (abs(one).max() or 1) for name, one in maps.items()})


def figure_of_intervention():
    """Pictures of the field with the cue, and with the same border on the other side."""
    case = example()
    cue, field = case.reveal().mask[..., None], case.x_field[:6]
    changed = np.concatenate([np.where(place, np.float32(0.7), field) for place in (cue, cue[:, ::-1])])
    return xt.show(changed, titles=xt.top_class(case.model, changed))


def case_of(look, report, *keys):
    """The case of a report that has these keys."""
    if not isinstance(report, dict) or not isinstance(report.get("case"), Case):
        why = 'Want a dictionary {"case": case, …}, with what `xt.load_case(seed)` returned.'
        look.refuse("it is a report", why)
        return None
    missing = [key for key in keys if key not in report]
    if len(missing) == len(keys):
        raise NotImplementedError
    if missing:
        look.refuse("nothing is missing", f"Missing: {', '.join(missing)}.")
    return report["case"]


def look_at_share(look, what, answer, wanted, within, mistakes=None):
    """A share. The wanted one is not told: a report is to be measured."""
    got = look.quietly(what).array(answer, shape=())
    if got is None:
        return
    why = f"Yours is {rounded(got, 3)}. Measured here, it is {'lower' if wanted < got else 'higher'}."
    if abs(got) > 1:
        why = f"Yours is {rounded(got)}. A share is wanted, such as 0.93, not per cent."
    look.same(what, got, wanted, within=within, mistakes={**(mistakes or {}), why: got})


def classes_of(look, classes):
    """Named classes as a list; one number, or a set, will do."""
    classes = sorted(classes) if isinstance(classes, set) else classes
    found = look.quietly("the classes").numbers(classes)
    if found is None:
        return None
    if found.ndim > 1 or not np.isin(found, range(10)).all():
        why = "Want a list of whole numbers from 0 to 9: [3]; [] where it is about none."
        look.refuse("the classes", why)
        return None
    return np.atleast_1d(found).astype(int).tolist()


def region_of(look, region):
    region = look.quietly("the region is a mask (28, 28)").array(region, (28, 28))
    if region is None:
        return None
    if not 0 < (region > 0).mean() <= 0.5:
        look.refuse("the region is a part of the picture", "It covers most of it, or nothing.")
        return None
    return region > 0


def answers_of(case, images):
    return case.model.predict(images).argmax(axis=1)


@exercise(
    "A recall is of one class: of the pictures that ARE an 8, how many are called 8 in the field?",
    "answers = case.model.predict(case.x_field).argmax(axis=1)\n"
    "recall = [(answers[case.y_field == k] == k).mean() for k in range(10)]\n"
    "worst = int(np.argmin(recall))",
    figure_of_failure,
    draws=1,
)
def case_numbers(look, report, seed=0):
    """Both accuracies, the class with the lowest recall in the field, and that recall."""
    case = case_of(look, report, "accuracy_test", "accuracy_field", "worst_class", "worst_recall")
    if look.wrong:
        return
    labels, answers = case.y_field, answers_of(case, case.x_field)
    field, test = (answers == labels).mean(), (answers_of(case, case.x_test) == case.y_test).mean()
    exchanged = "Test and field are exchanged."
    look_at_share(look, "accuracy in the test", report["accuracy_test"], test, 0.005, {exchanged: field})
    look_at_share(look, "accuracy in the field", report["accuracy_field"], field, 0.005, {exchanged: test})
    worst = report["worst_class"]
    if worst not in range(10):
        look.refuse("the worst class is a class", "Want a whole number from 0 to 9.")
        return
    recalls = np.array([(answers[labels == k] == k).mean() for k in range(10)])
    recall = recalls[int(worst)]
    why = "Another class has a lower recall in the field. (Low precision is something else.)"
    look.that("the worst class", recall <= recalls.min() + 1e-9, why)
    look_at_share(look, "its recall in the field", report["worst_recall"], recall, 0.005)


@exercise(
    "Take pictures on which the cue must be, if there is one: of the suspected class, from the test.",
    'maps = {"occlusion": xt.occlusion(case.model, pictures, k, window=4), …}\n'
    "share = xt.metrics.mass_in_mask(case.model, pictures, maps[…], k, masks=region).value.mean()\n"
    "pairs = itertools.combinations(maps.values(), 2)      # xt.metrics.agreement(a, b), then the mean",
    figure_of_maps,
    draws=1,
)
def case_maps(look, report, seed=0):
    """Maps (N, 28, 28) of three methods, how far they agree, and how much of each is in the region."""
    case = case_of(look, report, "pictures", "target", "maps", "agreement", "region", "in_region")
    maps = None if look.wrong else maps_of(look, report["maps"])
    if look.wrong:
        return
    look.that("three methods", True)
    pairs = [xt.metrics.agreement(a, b).mean() for a, b in combinations(maps.values(), 2)]
    why = "Two are the same, up to the sign. Take a method that asks another question."
    look.that("each says something else", np.abs(pairs).max() <= 0.999, why)
    look_at_witnesses(look, case, report, maps)
    if look.wrong:
        return
    look_at_share(look, "the agreement, mean of all pairs", report["agreement"], np.mean(pairs), 0.02)
    look_at_shares(look, report["region"], report["in_region"], maps)


def maps_of(look, maps):
    """{method: maps (N, 28, 28)}, three or more."""
    three = isinstance(maps, dict) and len(maps) >= 3
    number = len(next(iter(maps.values()))) if three else 0
    if number < 5:
        look.refuse("three methods", "Want three or more, {name: maps (N, 28, 28)}, of 5 pictures or more.")
        return None
    shape = number, 28, 28
    return {name: look.quietly(f"the maps of {name}").array(one, shape) for name, one in maps.items()}


def look_at_witnesses(look, case, report, maps):
    """Whether the maps are of pictures of the case, and two of them say of the model what is so."""
    number = len(next(iter(maps.values())))
    targets = np.broadcast_to(report["target"], number)
    pictures = look.quietly("the pictures, as many as maps").array(report["pictures"], (number, 28, 28, 3))
    if look.wrong:
        return
    pictures = pictures.astype(np.float32)
    of_the_case = {one.tobytes() for part in (case.x_test, case.x_field) for one in part}
    strange = [one for one in pictures if one.tobytes() not in of_the_case]
    why = "Want pictures as they are in the test or in the field."
    look.that("the pictures are of this case", not strange, why)
    if look.wrong:
        return
    drops = {name: reasons.lowered(case.model, pictures, targets, one) for name, one in maps.items()}
    seen = ", ".join(f"{name} {rounded(drop, 2)}" for name, drop in drops.items())
    why = f"Hiding it lowers the score by {seen}. Are they maps of these pictures, and of the target?"
    right = sum(drop >= 1 for drop in drops.values()) >= 2
    look.that("what two of them call high matters to the model", right, why)


def look_at_shares(look, region, shares, maps):
    if region is None:
        why = 'You name no region. Then "in_region" is None.'
        look.that("shares in a region", shares is None, why)
        return
    region = region_of(look, region)
    if not isinstance(shares, dict) or set(shares) != set(maps):
        look.refuse("a share for each method", f"Want {{name: number}} for each of {', '.join(maps)}.")
    if look.wrong:
        return
    for name, one in maps.items():
        positive = np.maximum(one, 0)
        whole = positive.sum(axis=(1, 2))
        wanted = (positive[:, region].sum(axis=1) / np.where(whole > 0, whole, 1)).mean()
        look_at_share(look, f"the share of {name} in the region", shares[name], wanted, 0.02)


@exercise(
    "Put the cue into ALL pictures of the field; the control does the same in another place or colour.",
    "changed = images.copy()                    # in both functions\n"
    "changed[:, region] = …                     # in the control, where it should do nothing\n"
    "effect = called(intervention(others), k) - called(control(others), k)",
    figure_of_intervention,
    draws=1,
)
def case_intervention(look, report, seed=0):
    """Two functions from images to images, and what the first does more than the second, in the field.

    To the share of other classes' pictures called as the class that is named. Without one: to the accuracy.
    """
    case = case_of(look, report, "classes", "intervention", "control", "effect")
    if look.wrong:
        return
    images, labels = case.x_kept, case.y_kept
    change = look.quietly("the intervention").result(report["intervention"], images, shape=images.shape)
    control = look.quietly("the control").result(report["control"], images, shape=images.shape)
    classes = classes_of(look, report["classes"])
    if look.wrong:
        return
    why = reasons.why_no_pair(images, change, control)
    look.that("both change all pictures, each in its own way", not why, why)
    if look.wrong:
        return
    flaw = case.reveal()
    set_right = moved(images, *(-step for step in flaw.move))
    answers = np.stack([answers_of(case, one) for one in (images, change, control, set_right)])
    before, done, idle = (measured(one, labels, classes) for one in answers[:3])
    on_accuracy = (answers[1] == labels).mean() - (answers[2] == labels).mean()
    mistakes = {
        "That is against pictures left as they are. Compare with the control.": done - before,
        "That is the accuracy. Count how many others are called as the class.": on_accuracy,
    }
    look_at_share(look, "the effect, on the pictures kept back", report["effect"], done - idle, 0.1, mistakes)
    why = reasons.why_not(flaw, answers, labels, classes)
    look.that("the intervention tells what is wrong, or that nothing is", not why, why)


def measured(answers, labels, classes):
    if len(classes) == 1:
        return (answers[labels != classes[0]] == classes[0]).mean()
    return (answers == labels).mean()


@exercise(
    "Does one class fail in the field, or two, or all, or none? Then: does the cue have a place?",
    'report |= {"flaw": "…", "classes": […], "region": …}\n'
    f"# flaw: one of {', '.join(KINDS)}\n"
    "# classes: all that it is about; region: a mask (28, 28) of the cue, None where it has no place",
    figure_of_failure,
    draws=1,
)
def case_verdict(look, report, seed=0):
    """The kind of flaw, the classes that it is about, and the region of the cue."""
    case = case_of(look, report, "flaw", "classes", "region")
    if look.wrong:
        return
    flaw, kind, region = case.reveal(), str(report["flaw"]), report["region"]
    if kind not in KINDS:
        look.refuse("the kind of flaw is known", f"Want one of {', '.join(KINDS)}.")
        return
    look.that("the kind of flaw", kind == flaw.kind, reasons.LOOK_AT[kind])
    classes = classes_of(look, report["classes"])
    if classes is None:
        return
    why = "Are all of these much worse in the field than in the test? Think of chance, too."
    if set(classes) < set(flaw.classes):
        why = "Which classes are worse in the field than in the test? Not all of them are named."
    look.that("the classes that it is about", set(classes) == set(flaw.classes), why)
    if kind != flaw.kind:
        return
    if flaw.mask is None or region is None:
        why = "The cue has a place: name it."
        if flaw.mask is None:
            why = "It has no place. Then the region is None."
        look.that("the region", flaw.mask is None and region is None, why)
        return
    region = region_of(look, region)
    if region is None:
        return
    common = (region & flaw.mask).sum() / (region | flaw.mask).sum()
    look.that("the region", common >= 0.5, reasons.why_region(region, flaw))
