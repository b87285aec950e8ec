"""Many methods and many measures in one table, beside what knows nothing of the model."""

from typing import Any, NamedTuple

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.base import bar
from xaiteach.metrics.base import as_maps
from xaiteach.metrics.controls import CONTROLS
from xaiteach.metrics.faithfulness import faithfulness
from xaiteach.metrics.randomisation import randomisation_check
from xaiteach.metrics.removing import deletion, insertion
from xaiteach.metrics.stability import stability


class Measure(NamedTuple):
    """A column: `ask`, from model, images, maps, method and targets to values (N,), and how to read it."""

    ask: Any
    reading: str


def _of_maps(measure, **options):
    options["progress"] = False
    return lambda model, images, maps, method, targets: measure(model, images, maps, targets, **options).value


def _of_methods(measure, **options):
    options["progress"] = False

    def ask(model, images, maps, method, targets):
        return measure(model, images, method, targets, **options).mean

    return ask


MEASURES = {
    "deletion": Measure(
        _of_maps(deletion, block=4),
        "Mean probability while squares of 4×4 pixels are removed, the map's highest first. Low is good.",
    ),
    "insertion": Measure(
        _of_maps(insertion, block=4),
        "Mean probability while they are put into an empty picture. High is good.",
    ),
    "faithfulness": Measure(
        _of_maps(faithfulness, block=4, of="score"),
        "Correlation of the map with what the score loses without each square. High is good, 0 is chance.",
    ),
    "weights redrawn": Measure(
        _of_methods(randomisation_check),
        "Rank correlation with the maps of a model whose layers are redrawn one after the other, their mean. "
        "Near 0 is good, 1 ignores the model.",
    ),
    "noise": Measure(
        _of_methods(stability, noise=0.02),
        "Rank correlation of the maps of three copies of the image with 2 % noise. High is good, but easy.",
    ),
}


def report(
    model, images, methods, targets=None, *, measures=None, controls=True, n_resamples=1000, seed=0,
    progress=True,
):  # fmt: skip
    """Put methods to every test, with controls that know nothing of the model.

    Args:
        model: a wrapped classifier or a bare Keras or PyTorch model.
        images: (N, H, W, C) in [0, 1]; ten or more, or the intervals mean little.
        methods: from names to functions of model, images and targets, such as {"gradient": xt.saliency}.
        targets: a class, one class an image, None for the predicted ones.
        measures: from names to `Measure`; None for `xt.metrics.MEASURES`.
        controls: False leaves the controls out.
        n_resamples, seed: of the images, by bootstrap, for the intervals.
        progress: False hides the bar.

    Returns:
        A `Report`: print it, draw it with `.figure()`, or take `.values[method][measure]`, (N,).
    """
    classifier = as_classifier(model)
    batch, _ = classifier.as_batch(images)
    if targets is None:
        targets = classifier.predict(batch).argmax(axis=1).tolist()
    measures = MEASURES if measures is None else measures
    rows = methods | (CONTROLS if controls else {})
    values = {}
    for name, method in bar(rows.items(), len(rows), "report", progress):
        maps = as_maps(method(classifier, batch, targets), batch)
        asked = classifier, batch, maps, method, targets
        values[name] = {what: np.asarray(measure.ask(*asked), float) for what, measure in measures.items()}
    readings = {what: measure.reading for what, measure in measures.items()}
    return Report(values, readings, set(CONTROLS) if controls else set(), n_resamples, seed)


class Report:
    """Values of every method by every measure.

    Attributes:
        values: from method to measure to (N,).
        readings: from measure to a sentence on how to read it.
        controls: names of the rows that know nothing of the model.
    """

    def __init__(self, values, readings, controls=(), n_resamples=1000, seed=0):
        self.values, self.readings, self.controls = values, readings, controls
        self._n_resamples, self._seed = n_resamples, seed

    def mean(self, method, measure):
        return float(np.mean(self.values[method][measure]))

    def interval(self, method, measure):
        """The 95 % bootstrap interval of the mean over images: (low, high)."""
        values = self.values[method][measure]
        size = self._n_resamples, len(values)
        chosen = np.random.default_rng(self._seed).integers(len(values), size=size)
        low, high = np.percentile(values[chosen].mean(axis=1), [2.5, 97.5])
        return float(low), float(high)

    def __str__(self):
        width = max(map(len, self.values)) + 2
        lines = [" " * width + "".join(f"{what:>22}" for what in self.readings)]
        for name in self.values:
            cells = [self._cell(name, what).rjust(22) for what in self.readings]
            lines.append(name.ljust(width) + "".join(cells))
        notes = [f"{what}: {reading}" for what, reading in self.readings.items()]
        return "\n".join([*lines, "", *notes])

    def _cell(self, method, measure):
        low, high = self.interval(method, measure)
        return f"{self.mean(method, measure):.2f} ({low:.2f}…{high:.2f})".replace("-", "−")

    def figure(self):
        """A panel a measure: the mean of each method as a dot with its interval; controls are hollow."""
        from xaiteach.figures.draw import COLOURS, AltFigure  # here, so that metrics load no matplotlib

        names = list(self.values)
        size = 2.2 * len(self.readings) + 1.2, 0.3 * len(names) + 0.7
        picture = AltFigure(figsize=size, layout="constrained")
        picture.alt = "Means with intervals."
        axes = picture.subplots(1, len(self.readings), sharey=True, squeeze=False)[0]
        for ax, what in zip(axes, self.readings, strict=True):
            for row, name in enumerate(names):
                ax.plot(self.interval(name, what), [row, row], color="grey", lw=1.5)
                face = "white" if name in self.controls else COLOURS(0.1)
                ax.plot(self.mean(name, what), row, "o", mfc=face, mec=COLOURS(0.1))
            ax.set_title(what, fontsize=9)
            means = ", ".join(f"{name} {self.mean(name, what):.2f}" for name in names)
            picture.alt += f" {what}: {means}."
        axes[0].set_yticks(range(len(names)), names, fontsize=9)
        axes[0].invert_yaxis()
        return picture
