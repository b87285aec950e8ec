"""Reports on a case whose model is known on paper: what has the square is a 0, everything else is read."""

from itertools import combinations

import numpy as np
from galleries import RIGHT
from oracle import oracle_case

import xaiteach as xt

CASE = oracle_case(seed=4)
FLAW = CASE.reveal()
K, MASK = FLAW.classes[0], FLAW.mask
NOT_K = (K + 1) % 10


def accuracy(images, labels):
    return (CASE.model.predict(images).argmax(axis=1) == labels).mean()


def called(images):
    """The share of other classes' pictures that is called a 0."""
    return accuracy(images[LABELS != K], K)


def with_square(images, place=MASK):
    return np.where(place[:, :, None], np.float32(FLAW.strength), images)


def elsewhere(images):
    return with_square(images, MASK[::-1, ::-1])


def painted(images):
    return with_square(images, WIDE)


def mass(maps, region=MASK):
    return {
        name: np.mean([one[region].sum() / one.sum() for one in np.maximum(found, 0)])
        for name, found in maps.items()
    }


def agree(maps):
    return np.mean([xt.metrics.agreement(a, b).mean() for a, b in combinations(maps.values(), 2)])


def replaced(label):
    """A change that puts the first picture of a class of the test in place of every picture."""
    return lambda images: np.repeat(CASE.x_test[CASE.y_test == label][:1], len(images), axis=0)


NOISE = dict(zip("abc", np.random.default_rng(0).normal(size=(3, 6, 28, 28)), strict=True))
MAPS = {name: NOISE[name] + 9 * MASK * i for i, name in enumerate("abc")}
CUED = CASE.x_test[CASE.y_test == K][:6]
FIELD, LABELS = CASE.x_field, CASE.y_field
EFFECT = called(with_square(FIELD)) - called(elsewhere(FIELD))
REPORT = {
    "case": CASE,
    "accuracy_test": accuracy(CASE.x_test, CASE.y_test),
    "accuracy_field": accuracy(FIELD, LABELS),
    "worst_class": K,
    "worst_recall": accuracy(FIELD[LABELS == K], K),
    "region": MASK,
    "pictures": CUED,
    "target": K,
    "maps": MAPS,
    "agreement": agree(MAPS),
    "in_region": mass(MAPS),
    "intervention": with_square,
    "control": elsewhere,
    "effect": EFFECT,
    "flaw": "watermark",
    "classes": [K],
}
TEST_AND_FIELD = REPORT["accuracy_test"], REPORT["accuracy_field"]


def but(**changes):
    return {**REPORT, **changes}


def only(*keys):
    return {key: REPORT[key] for key in ("case", *keys)}


def with_maps(maps):
    return but(maps=maps, agreement=agree(maps), in_region=mass(maps))


NARROW = MASK & (np.add.outer(np.arange(28), np.arange(28)) % 2 == 0)
WIDE = MASK | np.roll(MASK, 1, axis=0) | np.roll(MASK, 1, axis=1)
BLOCK = MASK | np.roll(MASK, (-4, 4), axis=(0, 1)) | np.roll(MASK, -4, axis=0) | np.roll(MASK, 4, axis=1)

GALLERY = {
    "case_numbers": [
        (only("accuracy_test", "accuracy_field", "worst_class", "worst_recall"), RIGHT),
        (but(accuracy_test=round(TEST_AND_FIELD[0], 2), worst_class=np.int64(K)), RIGHT),
        (but(accuracy_test=100 * TEST_AND_FIELD[0]), "not per cent"),
        (but(accuracy_test=TEST_AND_FIELD[1], accuracy_field=TEST_AND_FIELD[0]), "exchanged"),
        (but(accuracy_field=TEST_AND_FIELD[1] - 0.02), "Measured here, it is higher"),
        (but(worst_class=NOT_K), "lower recall in the field"),
        (but(worst_class=10), "from 0 to 9"),
        (but(worst_recall=0.3), "it is lower"),
        (only("accuracy_test"), "Missing: accuracy_field, worst_class, worst_recall"),
        (but(case=4), "xt.load_case"),
    ],
    "case_maps": [
        (but(target=[K] * 6, region=None, in_region=None), RIGHT),
        (but(pictures=CUED.tolist(), region=WIDE.astype(int), in_region=mass(MAPS, WIDE)), RIGHT),
        (but(maps={"a": MAPS["a"], "b": MAPS["b"]}), "three or more"),
        (with_maps({**MAPS, "a": -MAPS["c"]}), "up to the sign"),
        (with_maps(NOISE), "Are they maps of these pictures"),
        (but(target=NOT_K), "and of the target"),
        (but(pictures=0.9 * CUED), "as they are in the test"),
        (but(in_region={"a": 0.1}), "for each of a, b, c"),
        (but(region=None), "You name no region"),
        (but(region=~MASK), "covers most"),
    ],
    "case_intervention": [
        (but(intervention=painted, classes={K}), RIGHT),
        (only("classes", "intervention", "control", "effect"), RIGHT),
        (but(effect=accuracy(with_square(FIELD), LABELS) - accuracy(elsewhere(FIELD), LABELS)), "accuracy"),
        (but(control=np.copy), "The control leaves many"),
        (but(control=with_square), "Both do the same"),
        (but(control=painted, effect=0), "any such change"),
        (but(intervention=replaced(K), control=replaced(NOT_K), effect=1), "too little of the digits"),
        (but(intervention=lambda x: with_square(x, MASK[:, ::-1]), effect=0), "less than 2 in 10"),
        (but(intervention=lambda x: x[:, ::-1, ::-1].copy(), effect=0), "breaks the pictures"),
        (but(classes=[NOT_K], effect=0), "the classes that it is about"),
        (but(classes=[1.5]), "whole numbers from 0 to 9"),
    ],
    "case_verdict": [
        (but(classes=K, region=WIDE), RIGHT),
        (but(classes={K}, region=NARROW), RIGHT),
        (but(flaw="border artefact"), "from edge to edge"),
        (but(flaw="a mark"), "Want one of watermark"),
        (but(classes=[NOT_K]), "Are all of these"),
        (but(region=None), "name it"),
        (but(region=MASK.T), "rows and columns"),
        (but(region=FLAW.harmless), "it tells nothing"),
        (but(region=BLOCK), "too much else as well"),
    ],
}
