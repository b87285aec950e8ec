"""An explanation as a thing to keep: shown, described, saved without pickle, loaded, and compared with its model."""

import base64
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xaiteach.explaining.file import pack
from xaiteach.figures.show import SIGNS, show
from xaiteach.figures.words import describe, per_cent, rounded
from xaiteach.files.whole import write_whole
from xaiteach.methods import METHODS

UNLIKELY = 0.01
ENDINGS = (".npz", ".png", ".html")


class Prediction(NamedTuple):
    """A class, its name, its probability in [0, 1], and the same in words."""

    target: int
    name: str
    probability: float
    per_cent: str


class Comparison(NamedTuple):
    """How far a model's answers are from those of an explanation.

    Attributes:
        same_weights: whether the sha256 of the weights is the same; None where it is not known. The same weights have
            another one in Keras than in PyTorch.
        probability: the largest difference between two probabilities.
        maps: from method to the largest difference between two values, as a share of the largest value.
        settings: what the model was told otherwise when it was wrapped: "preprocess", "outputs".
    """

    same_weights: bool | None
    probability: float
    maps: dict
    settings: list

    def __str__(self):
        weights = {
            True: "is the same",
            False: "is another (as it is in the other framework)",
            None: "is not known",
        }
        lines = [f"The sha256 of the weights {weights[self.same_weights]}."]
        lines += [f"The model is wrapped with another {name}." for name in self.settings]
        lines += [f"Probabilities differ by {rounded(self.probability)} at most."]
        lines += [
            f"{METHODS.get(name, name)}: differs by {rounded(far)} of its largest value."
            for name, far in self.maps.items()
        ]
        return "\n".join(lines)


class Explanation:
    """What a model sees in one picture, and what several methods say of why; made by `xt.explain`.

    Attributes:
        image: (H, W, C) float32 in [0, 1], as the model saw it.
        targets: the k classes that are explained.
        names: of these.
        probabilities: of these.
        maps: from method to (k, H, W) float32, signed.
        badges: from method to k strings, such as "adds up to 9.81 of 9.83", empty where there is nothing to say.
        options: from method to the options it was called with, the seed and the layer among them.
        weights: sha256 of the model's weights in hexadecimal, or None.
        versions: from package to version.
        settings: how many classes the model has, and how it was wrapped.
    """

    def __init__(self, *, image, maps, **facts):
        self.image, self.maps = image, maps
        self.targets, self.names, self.probabilities = (
            facts["targets"],
            facts["names"],
            facts["probabilities"],
        )
        self.badges, self.options = facts["badges"], facts["options"]
        self.weights, self.versions, self.settings = facts["weights"], facts["versions"], facts["settings"]

    @property
    def table(self):
        """A list of `Prediction`, the k classes that are explained."""
        each = zip(self.targets, self.names, self.probabilities, strict=True)
        return [Prediction(target, name, p, per_cent(min(p, 1 - 1e-9))) for target, name, p in each]

    @property
    def figure(self):
        """A column a class, a row a method; each method on a scale of its own, whose strongest value is 1."""
        return self.show()

    def show(self, *, style="overlay", sign="all"):
        """The figure in another style or sign, see `xt.show`."""
        strongest = {name: float(np.abs(maps).max()) or 1.0 for name, maps in self.maps.items()}
        titles = [f"{row.name} ({row.per_cent})" for row in self.table]
        maps = {
            f"{METHODS.get(name, name)}\n1 = {rounded(strongest[name])}": self.maps[name] / strongest[name]
            for name in self.maps
        }
        kept = sign == "all"  # a sum is that of the whole map
        badges = [self.badges[name][i] if kept else "" for i in range(len(titles)) for name in self.maps]
        images = np.repeat(self.image[None], len(titles), axis=0)
        figure = show(images, maps, titles=titles, badges=badges, style=style, sign=sign, scale=1.0)
        figure.alt = f"Maps as {style}, {sign} values. {self._words(sign)}"
        return figure

    def describe(self):
        """The predictions and each map in a sentence."""
        return self._words("all")

    def _words(self, sign):
        lines = ["; ".join(f"{row.name} {row.per_cent}" for row in self.table) + "."]
        if self.settings["classes"] == 1 and self.probabilities[0] < 0.5:
            lines.append(f"The model gives one probability, and says rather not {self.names[0]}.")
        for name, maps in self.maps.items():
            for row, one, badge in zip(self.table, maps, self.badges[name], strict=True):
                told = f"; {badge}" if badge and sign == "all" else ""
                lines.append(
                    f"{METHODS.get(name, name)}, why {row.name}: {describe(SIGNS[sign](one))}{told}."
                )
        unlikely = [row.name for row in self.table if row.probability < UNLIKELY]
        if unlikely and self.settings["classes"] > 1:
            lines.append(
                f"The model hardly believes in {', '.join(unlikely)}: a map of such a class explains little."
            )
        return "\n".join(lines)

    def save(self, path):
        """Write the explanation whole or not at all: `.npz` to load again, `.png`, or `.html` with all inside.

        An .npz keeps options that are numbers, words and arrays; of others, such as functions, it keeps their kind.

        Raises:
            ValueError: for another ending.
            OSError: where it can't be written.
        """
        pages = dict(zip(ENDINGS, (lambda: pack(self), self._png, self._page), strict=True))
        write_whole(path, pages[ending_of(path)]())

    def compare(self, model):
        """Ask a model the same again, and see how far its answers are from these.

        Returns:
            A `Comparison`; print it for a sentence a method.

        Raises:
            ValueError: for a model that wants other pictures or has other classes, or a method that is not xaiteach's.
        """
        from xaiteach.explaining.ask import explain

        self._need_options()
        again = explain(model, self.image, self.options, targets=self.targets, progress=False)
        if again.settings["classes"] != self.settings["classes"]:
            raise ValueError(
                f"The model has {again.settings['classes']} classes; the explained one had {self.settings['classes']}."
            )
        if _are_named(again) and _are_named(self) and again.names != self.names:
            raise ValueError(
                f"The classes are called {', '.join(again.names)} now, {', '.join(self.names)} before."
            )
        far = np.abs(np.subtract(again.probabilities, self.probabilities)).max()
        differences = {name: _difference(self.maps[name], again.maps[name]) for name in self.maps}
        same = again.weights == self.weights if self.weights and again.weights else None
        others = [name for name in self.settings if again.settings[name] != self.settings[name]]
        return Comparison(same, float(far), differences, others)

    def _need_options(self):
        for name, options in self.options.items():
            for option, value in options.items():
                if "not saved" in str(value):
                    raise ValueError(
                        f"{name} was called with a {option} that a file can't hold; explain anew."
                    )

    def _png(self):
        return self.figure._repr_mimebundle_()[0]["image/png"]

    def _page(self):
        title = escape(f"Why {self.names[0]}?")
        head = (
            f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        )
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{self._repr_html_()}</body></html>'.encode()

    def _repr_html_(self):
        source = base64.b64encode(self._png()).decode()
        words = escape(self.describe())
        picture = f'<img src="data:image/png;base64,{source}" alt="{words}" style="max-width:100%">'
        return f'<figure style="margin:0">{picture}<figcaption style="white-space:pre-line">{words}</figcaption></figure>'

    def __repr__(self):
        return self.describe()


def _are_named(explanation):
    return explanation.names != list(map(str, explanation.targets))


def ending_of(path):
    """The ending of a path that an explanation can be saved to; a ValueError for another."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"{Path(path).name} ends in {ending or 'nothing'}; want .npz, .png or .html.")
    return ending


def _difference(before, after):
    if before.shape != after.shape:
        raise ValueError(
            f"Maps of shape {after.shape[1:]} now, {before.shape[1:]} before: the model wants another size."
        )
    return float(np.abs(after - before).max() / (np.abs(before).max() or 1))
