"""An explanation as a thing to keep: shown, described, saved without pickle, loaded, compared."""

import base64
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xaiteach.explaining.ask import ask
from xaiteach.explaining.file import pack, unpack
from xaiteach.figures.show import SIGNS, show, strongest
from xaiteach.figures.words import answer_in_words, describe, rounded
from xaiteach.files.whole import write_whole
from xaiteach.methods import METHODS

UNLIKELY = 0.01
ENDINGS = (".npz", ".png", ".html")


class Prediction(NamedTuple):
    """A class, its name, its probability in [0, 1] (of a model with outputs="value" the value), in words."""

    target: int
    name: str
    probability: float
    per_cent: str


class Comparison(NamedTuple):
    """How far a model's answers are from those of an explanation.

    Attributes:
        same_weights: whether the sha256 of the weights is the same; None where it is not known. The same
            weights have another one in Keras than in PyTorch.
        probability: the largest difference between two probabilities.
        maps: from method to the largest difference between two values, as a share of the largest value.
        settings: what the model was told otherwise when it was wrapped: "preprocess", "outputs".
    """

    same_weights: bool | None
    probability: float
    maps: dict
    settings: list

    def __str__(self):
        other = "is another (as it is in the other framework)"
        weights = {True: "is the same", False: other, None: "is not known"}
        lines = [f"The sha256 of the weights {weights[self.same_weights]}."]
        lines += [f"The model is wrapped with another {name}." for name in self.settings]
        lines.append(f"Probabilities differ by {rounded(self.probability)} at most.")
        for name, share in self.maps.items():
            lines.append(f"{_title(name)}: differs by {rounded(share)} of its largest value.")
        return "\n".join(lines)


class Explanation:
    """What a model sees in one picture, and what several methods say of why; made by `xt.explain`.

    Attributes:
        image: (H, W, C) float32 in [0, 1], as the model saw it.
        targets: the k classes that are explained.
        names: of these.
        probabilities: of these.
        maps: from method to (k, H, W) float32, signed.
        badges: from method to k strings, such as "adds up to 9.81 of 9.83", or empty.
        options: from method to the options it was called with, the seed and the layer among them.
        weights: sha256 of the model's weights in hexadecimal, or None.
        versions: from package to version.
        settings: how many classes the model has, and how it was wrapped.
    """

    def __init__(self, **facts):
        vars(self).update(facts)

    @property
    def table(self):
        """A list of `Prediction`, the k classes that are explained."""
        rows = []
        for target, name, answer in zip(self.targets, self.names, self.probabilities, strict=True):
            words = answer_in_words(answer, self.settings["outputs"])
            rows.append(Prediction(target, name, answer, words))
        return rows

    @property
    def figure(self):
        """A column a class, a row a method; each method on a scale of its own, whose strongest value is 1."""
        return self.show()

    def show(self, *, style="overlay", sign="all"):
        """The figure in another style or sign, see `xt.show`."""
        images = np.repeat(self.image[None], len(self.targets), axis=0)
        maps = {}
        for name, values in self.maps.items():
            scale = strongest(values)
            maps[f"{_title(name)}\n1 = {rounded(scale)}"] = values / scale
        badges = None
        if sign == "all":  # a sum is that of the whole map
            badges = np.transpose(list(self.badges.values())).ravel().tolist()
        titles = [f"{row.name} ({row.per_cent})" for row in self.table]
        figure = show(images, maps, titles=titles, badges=badges, style=style, sign=sign, scale=1.0)
        figure.alt = f"Maps as {style}, {sign} values. {self._words(sign)}"
        return figure

    def describe(self):
        """The predictions and each map in a sentence."""
        return self._words("all")

    __repr__ = describe

    def _words(self, sign):
        lines = ["; ".join(f"{row.name} {row.per_cent}" for row in self.table) + "."]
        lines += self._notes()
        for method, maps in self.maps.items():
            for name, map, badge in zip(self.names, maps, self.badges[method], strict=True):
                sums = f"; {badge}" if badge and sign == "all" else ""
                lines.append(f"{_title(method)}, why {name}: {describe(SIGNS[sign](map))}{sums}.")
        return "\n".join(lines + self._warnings())

    def _notes(self):
        """What probabilities mean where they are not those of classes, of which one is right."""
        if self.settings["outputs"] == "value":
            return []
        if self.settings["classes"] == 1:
            name, is_against = self.names[0], self.probabilities[0] < 0.5
            return [f"The model gives one probability, and says rather not {name}."] if is_against else []
        if self.settings["outputs"] == "independent" or sum(self.probabilities) > 1.01:
            return ["Each label has a probability of its own: several may be right, or none."]
        return []

    def _warnings(self):
        """Which of the classes are so unlikely that their maps say little."""
        if self.settings["classes"] == 1 or self.settings["outputs"] == "value":
            return []
        names = ", ".join(row.name for row in self.table if row.probability < UNLIKELY)
        words = f"The model hardly believes in {names}: a map of such a class explains little."
        return [words] if names else []

    def save(self, path):
        """Write it, whole or not at all, as `.npz` to load again, `.png`, or `.html` with all inside.

        Of options that are no numbers, words or arrays, such as functions, an .npz keeps their kind alone.

        Raises:
            ValueError: for another ending.
            OSError: where it can't be written.
        """
        ending = ending_of(path)
        if ending == ".npz":
            content = pack(vars(self))
        else:
            content = self._png() if ending == ".png" else self._page().encode()
        write_whole(path, content)

    def compare(self, model):
        """Ask a model the same again, and see how far its answers are from these.

        Returns:
            A `Comparison`; print it for a sentence a method.

        Raises:
            ValueError: for a model that wants other pictures or has other classes, or a method that is not
                xaiteach's.
        """
        _need_options(self.options)
        again = ask(model, self.image, self.options, targets=self.targets, progress=False)
        self._need_same_classes(again)
        known = self.weights and again["weights"]
        return Comparison(
            same_weights=self.weights == again["weights"] if known else None,
            probability=float(np.abs(np.subtract(again["probabilities"], self.probabilities)).max()),
            maps={name: _difference(self.maps[name], again["maps"][name]) for name in self.maps},
            settings=[name for name in self.settings if again["settings"][name] != self.settings[name]],
        )

    def _need_same_classes(self, again):
        before, now = self.settings["classes"], again["settings"]["classes"]
        if now != before:
            raise ValueError(f"The model has {now} classes; the explained one had {before}.")
        numbers = list(map(str, self.targets))  # the names of classes without names
        if again["names"] != self.names and numbers not in (again["names"], self.names):
            now, before = (", ".join(names) for names in (again["names"], self.names))
            raise ValueError(f"The classes are called {now} now, {before} before.")

    def _png(self):
        return self.figure._repr_mimebundle_()[0]["image/png"]

    def _page(self):
        head = (
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Why {escape(self.names[0])}?</title>"
        )
        body = self._repr_html_()
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'

    def _repr_html_(self):
        source = base64.b64encode(self._png()).decode()
        words = escape(self.describe())
        picture = f'<img src="data:image/png;base64,{source}" alt="{words}" style="max-width:100%">'
        caption = f'<figcaption style="white-space:pre-line">{words}</figcaption>'
        return f'<figure style="margin:0">{picture}{caption}</figure>'


def load_explanation(path):
    """Load what `Explanation.save` wrote as .npz; the model is not needed.

    Raises:
        FileNotFoundError: where nothing is.
        ValueError: for a file that is something else, damaged, or unpacks to more than 200 MB.
    """
    return Explanation(**unpack(Path(path)))


def ending_of(path):
    """The ending of a path that an explanation can be saved to; a ValueError for another."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"{Path(path).name} ends in {ending or 'nothing'}; want .npz, .png or .html.")
    return ending


def _title(method):
    return METHODS.get(method, method)


def _need_options(options):
    for method, chosen in options.items():
        for option, value in chosen.items():
            if "not saved" in str(value):
                raise ValueError(f"{method} was called with a {option} that a file can't hold; explain anew.")


def _difference(before, after):
    """The largest difference of two maps, as a share of the largest value."""
    if before.shape != after.shape:
        raise ValueError(f"The model wants another size: maps {after.shape[1:]}, before {before.shape[1:]}.")
    return float(np.abs(after - before).max()) / strongest(before)
