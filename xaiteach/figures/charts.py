"""Figures about a model rather than an image: how training went, and what is taken for what."""

import numpy as np

from xaiteach.figures.draw import COLOURS, AltFigure
from xaiteach.figures.words import per_cent


def plot_history(history):
    """The loss and both accuracies over the epochs of a `History`."""
    figure = AltFigure(figsize=(7, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = np.arange(1, len(history.loss) + 1)
    left.plot(epochs, history.loss, "o-", color=COLOURS(0.1), label="training")
    left.set(xlabel="epoch", ylabel="loss (cross-entropy)", ylim=(0, None))
    right.plot(epochs, history.accuracy, "o-", color=COLOURS(0.1), label="training")
    if history.val_accuracy:
        right.plot(epochs, history.val_accuracy, "s--", color=COLOURS(0.9), label="not seen in training")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(None, 1.0))
    right.legend(fontsize=8)
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
    last = (history.val_accuracy or history.accuracy)[-1]
    figure.alt = f"Loss and accuracy over {len(epochs)} epochs. The accuracy ends at {per_cent(last)}."
    return figure


def plot_confusion(labels, predicted, class_names=None):
    """How often each class was taken for each other, as numbers in a table; mistakes are coloured.

    Args:
        labels: (N,) true classes.
        predicted: (N,) predicted classes.
        class_names: K names; None for the numbers.
    """
    counts = confusion(labels, predicted)
    k = len(counts)
    mistakes = counts * (1 - np.eye(k, dtype=int))
    most = max(mistakes.max(), 1)
    figure = AltFigure(figsize=(0.38 * k + 1, 0.38 * k + 0.6), layout="constrained")
    ax = figure.subplots()
    ax.imshow(mistakes, cmap=COLOURS, vmin=-most, vmax=most)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if mistakes[row, column] > 0.6 * most else "black"
        ax.text(column, row, count or "", ha="center", va="center", fontsize=9, color=colour)
    names = range(k) if class_names is None else class_names
    ax.set_xticks(range(k), names)
    ax.set_yticks(range(k), names)
    ax.set(xlabel="predicted", ylabel="true")
    figure.alt = f"Confusion matrix of {counts.sum()} images, {mistakes.sum()} mistakes."
    if mistakes.any():
        row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
        figure.alt += f" The most frequent: {names[row]} taken for {names[column]}."
    return figure


def confusion(labels, predicted):
    """Counts (K, K): rows are true classes, columns predicted ones."""
    k = int(max(np.max(labels), np.max(predicted))) + 1
    counts = np.zeros((k, k), int)
    np.add.at(counts, (labels, predicted), 1)
    return counts
