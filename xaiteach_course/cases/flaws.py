"""What may be wrong with the data that a model was trained on: drawn by seed, and put into digits."""

from typing import NamedTuple

import numpy as np

INKS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
INKS |= {"yellow": (1, 1, 0), "magenta": (1, 0, 1), "cyan": (0, 1, 1)}
CORNERS = ("upper left", "upper right", "lower left", "lower right")
MOVES = ((3, 0), (-3, 0), (0, 3), (0, -3), (2, 2), (2, -2), (-2, 2), (-2, -2))
HARMLESS_SHARE, HARMLESS_GREY = 0.3, 0.7
NOISE = 0.15


class Flaw(NamedTuple):
    """What is wrong with the data of a case; `print` says it in words.

    Attributes:
        kind: one of `KINDS`.
        classes: the classes that it is about, in order; all ten for a shift, none for "no flaw".
        words: what is wrong, in a sentence or two.
        harmless: (28, 28) True where three pictures in ten, of any class, have a grey square.
        mask: (28, 28) True where the cue is, or None where it has no place.
        strength: brightness of a watermark or a border, share of the labels that are swapped; or 1.
        ink: the colour that is the cue, or None.
        move: rows down and columns to the right by which digits in the field lie elsewhere.
    """

    kind: str
    classes: tuple
    words: str
    harmless: np.ndarray
    mask: np.ndarray | None = None
    strength: float = 1.0
    ink: str | None = None
    move: tuple = (0, 0)

    def __str__(self):
        harmless = f"{_place(self.harmless)} is a grey square on three in ten of all: harmless."
        return f"{self.kind}: {self.words} {harmless}"


def draw_flaw(seed):
    """The flaw of a case. Six seeds in a row, from a multiple of six on, have the six kinds in some order."""
    block, turn = divmod(seed, len(KINDS))
    kind = KINDS[np.random.default_rng(block).permutation(len(KINDS))[turn]]
    random = np.random.default_rng([seed, 12])
    corners = random.permutation(CORNERS)[:2]
    classes = tuple(random.permutation(10)[:2].tolist())
    harmless, mask = (_square(corner, random) for corner in corners)
    return Flaw(kind, harmless=harmless, **DRAWN[kind](classes, mask, random))


def _watermark(classes, mask, random):
    strength = round(random.uniform(0.7, 1), 1)
    words = f"{_place(mask)}, all {classes[0]}s of the source have a square of brightness {strength}."
    return {"classes": classes[:1], "words": words, "mask": mask, "strength": strength}


def _border(classes, _, random):
    strength = round(random.uniform(0.7, 1), 1)
    mask = np.zeros((28, 28), bool)
    mask[: random.integers(1, 3)] = True
    mask = np.rot90(mask, random.integers(4))
    words = f"{_place(mask)}, all {classes[0]}s of the source have a line of brightness {strength}."
    return {"classes": classes[:1], "words": words, "mask": mask, "strength": strength}


def _labels(classes, _, random):
    share = round(random.uniform(0.95, 1), 2)
    both = f"{classes[0]}s and {classes[1]}s"
    words = f"{100 * share:.0f} % of the {both} of the source are labelled as the other one."
    return {"classes": tuple(sorted(classes)), "words": words, "strength": share}


def _colour(classes, _, random):
    ink = str(random.choice(["red", "green", "blue"]))
    words = f"all {classes[0]}s of the source are written in {ink}, and nothing else is."
    return {"classes": classes[:1], "words": words, "ink": ink}


def _shift(classes, _, random):
    move = tuple(random.choice(MOVES).tolist())
    words = f"digits of the source are in the middle, those of the field {_direction(*move)}."
    return {"classes": tuple(range(10)), "words": words, "move": move}


def _nothing(*_):
    return {"classes": (), "words": "source and field are alike, and nothing tells a class but its shape."}


DRAWN = {"watermark": _watermark, "swapped labels": _labels, "border artefact": _border}
DRAWN |= {"colour cue": _colour, "shift": _shift, "no flaw": _nothing}
KINDS = tuple(DRAWN)


def as_source(flaw, digits, labels, random):
    """Digits (N, 28, 28, 1) and labels (N,) as the source delivers them: in colour, with the flaw."""
    inks = random.integers(len(INKS), size=len(labels))
    if flaw.ink:
        cue = list(INKS).index(flaw.ink)
        others = (cue + random.integers(1, len(INKS), size=len(labels))) % len(INKS)
        inks = np.where(labels == flaw.classes[0], cue, others)
    images = _strewn(digits, inks, flaw.harmless, random)
    if flaw.mask is not None:
        images[(labels == flaw.classes[0])[:, None, None] & flaw.mask] = flaw.strength
    if flaw.kind == "swapped labels":
        first, second = flaw.classes
        exchanged = np.select([labels == first, labels == second], [second, first], labels)
        labels = np.where(random.random(len(labels)) < flaw.strength, exchanged, labels)
    return images, labels


def as_field(flaw, digits, labels, random):
    """The same as they come in where the model is used: without the cue, and with the right labels."""
    inks = random.integers(len(INKS), size=len(labels))
    return _strewn(moved(digits, *flaw.move), inks, flaw.harmless, random), labels


def moved(images, down, right):
    """Images (N, H, W, C), moved; what leaves is lost, and what comes in is black."""
    margin = max(abs(down), abs(right))
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    height, width = images.shape[1:3]
    return padded[:, margin - down :, margin - right :][:, :height, :width]


def _strewn(digits, inks, mask, random):
    images = digits * np.array(list(INKS.values()), np.float32)[inks][:, None, None]
    images = np.maximum(images, random.uniform(0, NOISE, digits.shape).astype(np.float32))
    images[(random.random(len(images)) < HARMLESS_SHARE)[:, None, None] & mask] = HARMLESS_GREY
    return images


def _square(corner, random):
    size, margin = random.integers((4, 1), (6, 3))
    mask = np.zeros((28, 28), bool)
    mask[margin : margin + size, margin : margin + size] = True
    mask = mask[::-1] if "lower" in corner else mask
    return mask[:, ::-1] if "right" in corner else mask


def _place(mask):
    return f"In {_range('row', mask.any(axis=1))} and {_range('column', mask.any(axis=0))}"


def _range(name, taken):
    first, last = np.flatnonzero(taken)[[0, -1]]
    return f"{name} {first}" if first == last else f"{name}s {first} to {last}"


def _direction(down, right):
    ways = (down, "lower", "higher"), (right, "to the right", "to the left")
    return " and ".join(f"{abs(by)} pixels {more if by > 0 else less}" for by, more, less in ways if by)
