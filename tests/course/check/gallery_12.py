"""Reports on a case whose model is known on paper: whatever has the square is a 0, everything else is read."""

from itertools import combinations

import numpy as np
from galleries import Gallery
from oracle import oracle_case

import xaiteach as xt

CASE = oracle_case(seed=4)
FLAW = CASE.reveal()
K, MASK = FLAW.classes[0], FLAW.mask
ANYWHERE = np.zeros((28, 28), bool)
ANYWHERE[12:16, 12:16] = True


def accuracy(images, labels):
    return (CASE.model.predict(images).argmax(axis=1) == labels).mean()


def called(images):
    """The share that is called a 0."""
    return (CASE.model.predict(images).argmax(axis=1) == K).mean()


def with_square(images, place=MASK):
    return np.where(place[:, :, None], np.float32(FLAW.strength), images)


def elsewhere(images):
    return with_square(images, MASK[::-1, ::-1])


def painted(images):
    images = images.copy()
    images[:, MASK] = 0.9
    return images


def in_place(images):
    images[:, MASK] = 0.9
    return images


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


def first_300(images):
    return np.concatenate([with_square(images[:300]), images[300:]])


def upside_down(images):
    return images[:, ::-1, ::-1].copy()


noise = np.random.default_rng(0).normal(size=(3, 6, 28, 28))
NOISE = dict(zip("abc", noise, strict=True))
MAPS = {name: one + 9 * MASK * i for i, (name, one) in enumerate(zip("abc", noise, strict=True))}
CUED = CASE.x_test[CASE.y_test == K][:6]
ANSWERS, LABELS = CASE.model.predict(CASE.x_field).argmax(axis=1), CASE.y_field
TEST, FIELD = accuracy(CASE.x_test, CASE.y_test), accuracy(CASE.x_field, LABELS)
OTHERS = CASE.x_field[LABELS != K]
EFFECT = called(with_square(OTHERS)) - called(elsewhere(OTHERS))
REPORT = {
    "case": CASE,
    "accuracy_test": TEST,
    "accuracy_field": FIELD,
    "worst_class": K,
    "worst_recall": (ANSWERS == K)[LABELS == K].mean(),
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


def but(**changes):
    return {**REPORT, **changes}


def only(*keys):
    return {key: REPORT[key] for key in ("case", *keys)}


NOT_K = next(k for k in range(10) if k != K)
PART = {**MAPS, "c": MAPS["a"]}
NARROW = MASK & (np.add.outer(np.arange(28), np.arange(28)) % 2 == 0)
WIDE = MASK | np.roll(MASK, 1, axis=0) | np.roll(MASK, 1, axis=1)
BLOCK = MASK | np.roll(MASK, (-4, 4), axis=(0, 1)) | np.roll(MASK, -4, axis=0) | np.roll(MASK, 4, axis=1)

GALLERY = {
    "case_numbers": Gallery(
        right=[
            REPORT,
            only("accuracy_test", "accuracy_field", "worst_class", "worst_recall"),
            but(accuracy_test=round(TEST, 2), worst_class=np.int64(K)),
        ],
        wrong=[
            (but(accuracy_test=100 * TEST), "that is per cent"),
            (but(accuracy_test=FIELD, accuracy_field=TEST), "exchanged"),
            (but(accuracy_test=accuracy(CASE.x_train, CASE.y_train)), "trained on"),
            (but(accuracy_field=FIELD - 0.02), "Measured here, it is higher"),
            (but(worst_class=NOT_K), "lower recall in the field"),
            (but(worst_class=10), "from 0 to 9"),
            (but(worst_class="eight"), "Given a str"),
            (but(worst_recall=0.3), "it is lower"),
            (only("accuracy_test"), "Missing: accuracy_field, worst_class, worst_recall"),
            (but(case=4), "xt.load_case"),
            ([REPORT], "Given a list"),
        ],
    ),
    "case_maps": Gallery(
        right=[
            REPORT,
            but(
                region=MASK.astype(int),
                in_region={name: round(share, 2) for name, share in mass(MAPS).items()},
            ),
            but(region=None, in_region=None),
            but(region=ANYWHERE, in_region=mass(MAPS, ANYWHERE)),
            but(target=[K] * 6),
            but(pictures=CUED.tolist(), target=np.full(6, K)),
        ],
        wrong=[
            (but(maps={"a": MAPS["a"], "b": MAPS["b"]}), "at least three"),
            (but(maps=list(MAPS.values())), "at least three"),
            (but(maps={name: one[0] for name, one in MAPS.items()}), "an anecdote"),
            (but(maps={**MAPS, "b": MAPS["b"][:, :14, :14]}), "6×14×14"),
            (but(maps={**MAPS, "b": MAPS["b"] * np.nan}), "NaN"),
            (but(maps=PART, agreement=agree(PART), in_region=mass(PART)), "are the same"),
            (but(maps={**MAPS, "a": -MAPS["c"]}), "up to the sign"),
            (but(maps=dict.fromkeys("abc", np.zeros((6, 28, 28)))), "are the same"),
            (
                but(maps=NOISE, agreement=agree(NOISE), in_region=mass(NOISE)),
                "Are they maps of these pictures",
            ),
            (but(target=NOT_K), "and of the target"),
            (but(pictures=CUED[:5]), "Yours is 5×28×28×3"),
            (but(pictures=0.9 * CUED), "as they are in the test"),
            (but(target=10), "whole numbers from 0 to 9"),
            (but(target=[K, K]), "one for each picture"),
            ({key: value for key, value in REPORT.items() if key != "pictures"}, "Missing: pictures"),
            (but(agreement=xt.metrics.agreement(MAPS["b"], MAPS["c"]).mean()), "the mean of all pairs"),
            (but(agreement=agree(MAPS) + 0.1), "it is lower"),
            (but(in_region=mass({name: abs(one) for name, one in MAPS.items()})), "absolute values"),
            (but(in_region={name: 100 * share for name, share in mass(MAPS).items()}), "per cent"),
            (but(in_region={"a": 0.1}), "for each of a, b, c"),
            (but(region=None), "You name no region"),
            (but(region=~MASK), "covers most"),
            (but(region=MASK & False), "is empty"),
            (but(region=(20, 24, 1, 5)), "Yours is 4"),
        ],
    ),
    "case_intervention": Gallery(
        right=[
            REPORT,
            but(intervention=painted),
            only("classes", "intervention", "control", "effect"),
            but(classes=K),
            but(classes={K}),
        ],
        wrong=[
            (but(effect=-EFFECT), "Turn the sign"),
            (but(effect=100 * EFFECT), "per cent"),
            (but(effect=EFFECT - 0.2), "it is higher"),
            (but(intervention=in_place), "in place"),
            (but(intervention=MASK), "hand over the function itself"),
            (but(intervention=lambda images: images[:, :14]), "14×28"),
            (but(intervention=lambda images: 255 * images), "It raised ValueError"),
            (but(control=np.copy), "The control changes nothing"),
            (but(intervention=np.copy), "The intervention changes nothing"),
            (but(control=with_square), "Both do the same"),
            (but(control=painted, effect=0), "any such change"),
            (but(intervention=np.zeros_like), "too little of the digits"),
            (but(intervention=replaced(K), control=replaced(NOT_K), effect=1), "too little of the digits"),
            (
                but(intervention=lambda x: 0.99 * x, control=lambda x: 0.98 * x, effect=0),
                "changes too little",
            ),
            (but(control=lambda x: 0.98 * x), "The control changes too little"),
            (but(intervention=first_300), "leaves many pictures as they are"),
            (but(intervention=upside_down, effect=0), "breaks the pictures"),
            (but(intervention=lambda x: with_square(x, MASK[:, ::-1]), effect=0), "less than 2 in 10"),
            (but(classes=[NOT_K], effect=0), "Is it the one that you name"),
            (
                but(
                    effect=accuracy(with_square(CASE.x_field), LABELS)
                    - accuracy(elsewhere(CASE.x_field), LABELS)
                ),
                "That is the accuracy",
            ),
            (but(classes=None), "[] where it is about none"),
            (but(classes=[1.5]), "whole numbers from 0 to 9"),
        ],
    ),
    "case_verdict": Gallery(
        right=[
            REPORT,
            but(classes=(K,)),
            but(classes=K),
            but(classes={K}),
            but(region=WIDE),
            but(region=NARROW),
        ],
        wrong=[
            (but(flaw="border artefact"), "from edge to edge"),
            (but(flaw="colour cue"), "Count the colours"),
            (but(flaw="a mark"), "Want one of watermark"),
            (but(flaw=["watermark"]), "Want one of watermark"),
            (but(classes=[NOT_K]), "Which recall is lowest"),
            (but(classes=range(10)), "Not all of them"),
            (but(classes="0"), "Given a str"),
            (but(region=None), "name it"),
            (but(region=MASK.T), "transposed"),
            (but(region=FLAW.harmless), "it tells nothing"),
            (but(region=ANYWHERE), "misses more than half"),
            (but(region=np.tri(28, k=-6) > 0), "too much else as well"),
            (but(region=BLOCK), "too much else as well"),
            (but(classes=None), "[] where it is about none"),
        ],
    ),
}
