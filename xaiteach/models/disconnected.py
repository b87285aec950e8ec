"""A model whose right answer is known: each of its scores sees one cell of the picture, and nothing else."""

from xaiteach.classifier.frameworks import framework_of
from xaiteach.classifier.wrap import as_classifier


def build_disconnected_grid(model, grid=2, *, side=28):
    """Put one model behind each cell of a mosaic, without any connection between the cells.

    Score number c·K + k is the score of class k for cell c, row by row. So whatever explains it must be
    exactly 0 outside of that cell, and the same as for the cell alone inside.

    Args:
        model: of one cell, from images to K scores; bare, or wrapped (its preprocessing is left out).
        grid: 2 for 2×2 cells.
        side: height and width of a cell in pixels.

    Returns:
        A model of the same framework, from mosaics to (N, grid² · K) scores.

    Source: Rao, Böhle and Schiele, Towards better understanding attribution methods, CVPR 2022 (DiFull).
    """
    model = as_classifier(model).model
    return _keras(model, grid, side) if framework_of(model) == "keras" else _torch(model, side)


def _keras(model, grid, side):
    import keras

    mosaic = keras.Input((grid * side, grid * side, model.input_shape[-1]))
    starts = range(0, grid * side, side)
    cells = [mosaic[:, row : row + side, column : column + side] for row in starts for column in starts]
    return keras.Model(mosaic, keras.layers.Concatenate()([model(cell) for cell in cells]))


def _torch(model, side):
    import torch

    class Disconnected(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = model

        def forward(self, mosaic):
            cells = [part for row in mosaic.split(side, dim=2) for part in row.split(side, dim=3)]
            return torch.cat([self.cell(cell) for cell in cells], dim=1)

    return Disconnected()
