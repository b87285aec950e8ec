"""Exercises of lesson 12: what can be measured in a report on a case.

Each looks at a dictionary, the report as far as it is written: {"case": case, "accuracy_test": 0.93, …}.
"""

from itertools import combinations

import numpy as np

import xaiteach as xt
import xaiteach_course.check.lesson_12.figures as example
from xaiteach.figures.words import rounded
from xaiteach_course.cases.case import Case
from xaiteach_course.cases.flaws import KINDS, moved
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_12.reasons import (
    LOOK_AT,
    as_classes,
    as_region,
    lowered,
    why_classes,
    why_no_pair,
    why_not,
    why_region,
    why_same,
    why_strange,
)
from xaiteach_course.check.old import Wrong, array, number, quietly, result
from xaiteach_course.check.verdict import Line


def _parts(report, *keys):
    """The case, and what the report says under these keys."""
    if not isinstance(report, dict):
        raise Wrong(
            "it is a report", f'Given a {type(report).__name__}; want a dictionary {{"case": case, …}}.'
        )
    missing = [key for key in ("case", *keys) if key not in report]
    if set(keys) <= set(missing):
        raise NotImplementedError
    if missing:
        raise Wrong("nothing is missing", f"Missing: {', '.join(missing)}.")
    if not isinstance(report["case"], Case):
        raise Wrong("the case is there", 'Want under "case" what `xt.load_case(seed)` returned.')
    return report["case"], *(report[key] for key in keys)


def _number(what, answer):
    try:
        return number(answer)
    except Wrong as wrong:
        raise Wrong(what, wrong.args[0].why) from None


def _share(what, answer, wanted, within, mistakes=()):
    """A line about a number; `mistakes` are pairs of words and the number that the mistake gives, made when asked."""
    got, what = _number(what, answer), f"{what}, within {within:g}"
    if abs(got - wanted) <= within:
        return Line(what, True)
    if abs(got) > 1 and abs(got / 100 - wanted) <= within:
        return Line(
            what, False, f"Yours is {rounded(got)}: that is per cent. A share is wanted, such as 0.93."
        )
    known = (words for words, value in mistakes if abs(got - value) <= within)
    side = "lower" if wanted < got else "higher"
    return Line(what, False, next(known, f"Yours is {rounded(got, 3)}. Measured here, it is {side}."))


def _answers(case, images):
    return case.model.predict(images).argmax(axis=1)


def _accuracy(case, part):
    return (_answers(case, getattr(case, f"x_{part}")) == getattr(case, f"y_{part}")).mean()


def _taken_for(case, other):
    yield "Test and field are exchanged.", other
    yield "That is the accuracy on the pictures it was trained on.", _accuracy(case, "train")


@exercise(
    "Report where a model fails",
    hints=[
        "A recall is of one class: of the pictures that ARE an 8, how many are called 8? Ask about the field.",
        "answers = case.model.predict(case.x_field).argmax(axis=1)\n"
        "recall = [(answers[case.y_field == k] == k).mean() for k in range(10)]\n"
        "worst = int(np.argmin(recall))",
        example.figure_of_failure,
    ],
    draws=1,
)
def case_numbers(report, seed=0):
    """Both accuracies, the class with the lowest recall in the field, and that recall."""
    keys = "accuracy_test", "accuracy_field", "worst_class", "worst_recall"
    case, test, field, worst, recall = _parts(report, *keys)
    answers, labels = _answers(case, case.x_field), case.y_field
    in_test, in_field = _accuracy(case, "test"), (answers == labels).mean()
    yield _share("accuracy in the test", test, in_test, 0.005, _taken_for(case, in_field))
    yield _share("accuracy in the field", field, in_field, 0.005, _taken_for(case, in_test))
    recalls = np.array([(answers[labels == k] == k).mean() for k in range(10)])
    worst = _number("the worst class is a class", worst)
    if worst not in range(10):
        raise Wrong("the worst class is a class", f"Given {rounded(worst)}; want a whole number from 0 to 9.")
    why = "Another class has a lower recall in the field. (Low precision is something else.)"
    yield Line("the worst class", recalls[int(worst)] <= recalls.min() + 1e-9, why)
    precision = (labels[answers == worst] == worst).mean() if (answers == worst).any() else 0
    yield _share(
        "its recall in the field", recall, recalls[int(worst)], 0.005, [("That is its precision.", precision)]
    )


@exercise(
    "Report what three methods say",
    hints=[
        "Take pictures on which the cue must be, if there is one: of the suspected class, from the test. Explain them "
        "for that class.",
        "pictures = case.x_test[case.y_test == k][:10]\n"
        'maps = {"occlusion": xt.occlusion(case.model, pictures, k, window=4), …}\n'
        'report |= {"pictures": pictures, "target": k, "maps": maps}\n'
        "share = xt.metrics.mass_in_mask(case.model, pictures, maps[…], k, masks=region).value.mean()\n"
        "pairs = itertools.combinations(maps.values(), 2)      # xt.metrics.agreement(a, b) of each, then the mean",
        example.figure_of_maps,
    ],
    draws=1,
)
def case_maps(report, seed=0):
    """Maps (N, 28, 28) of three methods, how far they agree, and how much of each is in the suspected region."""
    keys = "pictures", "target", "maps", "agreement", "region", "in_region"
    case, pictures, target, maps, agreement, region, in_region = _parts(report, *keys)
    maps = _maps(maps)
    yield Line("three methods", True)
    pairs = [xt.metrics.agreement(a, b).mean() for a, b in combinations(maps.values(), 2)]
    why = why_same(maps, pairs)
    yield Line("each says something else", why is None, why or "")
    why = why_strange(case, pictures, target, maps)
    yield Line("the pictures are of this case", why is None, why or "")
    if why is None:
        yield _found_by_two(case, pictures, target, maps)
    one = [("That is one pair. Take the mean of all pairs.", pair) for pair in pairs]
    yield _share("the agreement, mean of all pairs", agreement, np.mean(pairs), 0.02, one)
    if region is None:
        yield Line("shares in a region", in_region is None, 'You name no region. Then "in_region" is None.')
        return
    region = as_region(region)
    if not isinstance(in_region, dict) or set(in_region) != set(maps):
        raise Wrong(
            "a share for each method", f"Want a dictionary with a number for each of {', '.join(maps)}."
        )
    for name, found in maps.items():
        absolute = ("These are absolute values. Count what speaks FOR the class.", _mass(abs(found), region))
        wanted = _mass(np.maximum(found, 0), region)
        yield _share(f"the share of {name} in the region", in_region[name], wanted, 0.02, [absolute])


def _maps(maps):
    if not isinstance(maps, dict) or len(maps) < 3 or not all(isinstance(name, str) for name in maps):
        raise Wrong("three methods", "Want a dictionary with at least three: {name: maps (N, 28, 28)}.")
    first = np.shape(next(iter(maps.values())))
    if len(first) != 3 or first[0] < 5:
        raise Wrong(
            "three methods", "Want maps (N, 28, 28) of at least 5 pictures: one picture is an anecdote."
        )
    return {
        name: quietly(array(found, (first[0], 28, 28)), f"the maps of {name}") for name, found in maps.items()
    }


def _found_by_two(case, pictures, target, maps):
    """A line about whether two of the methods say of the model what is so."""
    drops = {name: lowered(case.model, pictures, target, one) for name, one in maps.items()}
    seen = ", ".join(f"{name} {rounded(drop, 2)}" for name, drop in drops.items())
    why = (
        f"Hiding what they call highest, rather than lowest, lowers the score of the target by: {seen} (median). Want "
        "1 or more for two of them. Are they maps of these pictures, in this order, and of the target?"
    )
    return Line(
        "what two of them call high matters to the model", sum(drop >= 1 for drop in drops.values()) >= 2, why
    )


def _mass(positive, region):
    """The share of positive maps (N, 28, 28) in a region, mean of all."""
    whole = positive.sum(axis=(1, 2))
    return np.divide(positive[:, region].sum(axis=1), whole, out=np.zeros(len(whole)), where=whole > 0).mean()


def _measured(answers, labels, classes):
    if len(classes) == 1:
        return (answers[labels != classes[0]] == classes[0]).mean()
    return (answers == labels).mean()


@exercise(
    "Intervene, with a control",
    hints=[
        "Pictures of the field have no cue. Put it into ALL of them, or set right what is different in the field. The "
        "control does the same at another place, in another colour, the other way.",
        "def intervention(images):\n    changed = images.copy()\n"
        "    changed[:, region] = …     # a cue that has a place; a colour or a move changes the whole picture\n"
        "    return changed\n\n\n"
        "def control(images):\n    …                 # the same change, where it should do nothing\n\n\n"
        "others = case.x_field[case.y_field != k]        # or all, and the accuracy, where it is not about one class\n"
        "effect = called(intervention(others), k) - called(control(others), k)",
        example.figure_of_intervention,
    ],
    draws=1,
)
def case_intervention(report, seed=0):
    """Two functions from images to images, and what the first does more than the second, in the field.

    Where one class is named: to the share of the other classes' pictures that are called so. Else to the accuracy.
    """
    case, classes, change, control, effect = _parts(report, "classes", "intervention", "control", "effect")
    images = case.x_kept
    named = {"the intervention": change, "the control": control}
    changed = [quietly(result(one, images, shape=images.shape), name) for name, one in named.items()]
    why = why_no_pair(images, *changed)
    yield Line("both change all pictures, each in its own way", why is None, why or "")
    if why is not None:
        return
    truth = case.reveal()
    set_right = moved(images, *(-step for step in truth.move))
    answers = [_answers(case, one) for one in (images, *changed, set_right)]
    classes = as_classes(classes)
    before, done, idle = (_measured(one, case.y_kept, classes) for one in answers[:3])
    mistakes = [("Turn the sign: intervention less control.", idle - done)]
    mistakes += [("That is against pictures left as they are. Compare with the control.", done - before)]
    accuracies = [(one == case.y_kept).mean() for one in answers[1:3]]
    why = "That is the accuracy. You name one class: count how many pictures of the others are called so."
    mistakes += [(why, accuracies[0] - accuracies[1])]
    yield _share("the effect, on the pictures kept back", effect, done - idle, 0.1, mistakes)
    why = why_not(truth, answers, case.y_kept, classes)
    yield Line("the intervention tells what is wrong, or that nothing is", why is None, why or "")


@exercise(
    "Give a verdict",
    hints=[
        "Does one class fail in the field, or two, or all, or none? That leaves two kinds at most. Then: does the cue "
        "have a place?",
        'report |= {"flaw": "…", "classes": […], "region": …}\n'
        f"# flaw: one of {', '.join(KINDS)}\n"
        "# classes: all that it is about; [] for no flaw\n"
        "# region: a mask (28, 28) of the cue, None where it has no place",
        example.figure_of_means,
    ],
    draws=1,
)
def case_verdict(report, seed=0):
    """The kind of flaw, the classes that it is about, and the region of the cue."""
    case, flaw, classes, region = _parts(report, "flaw", "classes", "region")
    truth = case.reveal()
    if not isinstance(flaw, str) or flaw not in KINDS:
        raise Wrong("the kind of flaw is known", f"Want one of {', '.join(KINDS)}.")
    yield Line("the kind of flaw", flaw == truth.kind, LOOK_AT[flaw])
    named, true = set(as_classes(classes)), set(truth.classes)
    yield Line("the classes that it is about", named == true, why_classes(named, true))
    if flaw != truth.kind:
        return
    why = why_region(region, truth)
    yield Line("the region", why is None, why or "")
