"""What all watchers share: which epochs they look at, what they keep, and where their pictures go."""

import io
import re
import warnings
from numbers import Integral
from pathlib import Path

import numpy as np
from PIL import Image

from xaiteach.classifier.wrap import as_classifier
from xaiteach.figures.draw import draw
from xaiteach.figures.panels import Panel
from xaiteach.figures.show import show, strongest
from xaiteach.files.whole import write_whole

MOST_COLUMNS = 10
FRAME_TIME, LAST_FRAME_TIME = 500, 2000  # milliseconds


class Watch:
    """Looks at a model after some of its epochs, keeps what it sees, and draws it.

    Every watcher takes:
        every: look at the epochs, counted from 1, that this number divides. `watch(model, 0)` before the
            training keeps the untrained model.
        folder: of PNG files, one an epoch, such as grad_cam_epoch_0005.png. Files of these names are
            replaced, so two watchers of one name want two folders.
        tensorboard: a log folder, a new one for each training; each picture is there as soon as its epoch is
            over. Of many TensorBoard shows ten, unless started with --samples_per_plugin images=1000.
        scale: value of the strongest colour. None for the largest of each picture while the training runs,
            and for the largest of all epochs in `film` and in an animation.

    A folder that can't be written is an OSError at once; one that fails later (a full disk) costs a warning
    and that picture, not the training. Looking draws no random numbers, and leaves weights, gradients and
    train mode as they were. All maps stay in memory as float32: 28 KB an epoch for nine digits, 1.8 MB for
    nine images of 224×224, and more for feature maps and filters.

    Attributes:
        epochs: that were looked at.
        captions: of each of these epochs, the words at each map.
    """

    # Subclasses have `_look(classifier)`, which gives maps and captions, and `_drawn(i)`: the pictures
    # (P, H, W, C) or None, and the maps (P, H, W) over them, of the i-th epoch.
    single = False  # whether one image was given, not a batch
    style = "heatmap"

    def __init_subclass__(cls):
        _, _, shared = Watch.__doc__.partition("\n")
        cls.__doc__ += f"\n{shared}"

    def __init__(self, name, *, every=1, folder=None, tensorboard=None, scale=None):
        self.name = re.sub(r"\W+", "_", name).strip("_")
        if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
            raise ValueError(f"every={every!r}; want a whole number of epochs, at least 1.")
        self.every, self.scale = every, scale
        self.epochs, self.captions, self._maps, self._last = [], [], [], -1
        self._folder = None if folder is None else _writable(Path(folder))
        self._events = None
        if tensorboard is not None:
            from xaiteach.callbacks.events import EventFile

            self._events = EventFile(_writable(Path(tensorboard) / self.name))

    def __call__(self, model, epoch):
        """Look at the model, where it is the turn of this epoch.

        Args:
            model: a Keras or PyTorch model, bare or wrapped.
            epoch: how many are done. It must grow: a second training goes on counting, or has a new watcher.
        """
        self._check(epoch)
        self._last = int(epoch)
        if epoch % self.every == 0:
            maps, captions = self._look(as_classifier(model))
            self.epochs.append(self._last)
            self.captions.append(captions)
            self._maps.append(np.asarray(maps, np.float32))
            self._send()

    def for_keras(self, classifier=None):
        """A Keras callback, for `model.fit(…, callbacks=[watch.for_keras()])`.

        `classifier` is the same model wrapped, where it needs `preprocess` or has class names.
        """
        import keras

        callback = keras.callbacks.Callback()
        callback.on_epoch_begin = lambda epoch, logs=None: self._check(epoch + 1)
        callback.on_epoch_end = lambda epoch, logs=None: self(classifier or callback.model, epoch + 1)
        return callback

    @property
    def maps(self):
        """All that was seen, float32, the epochs first: (E, N, H, W); of one image without N."""
        if not self.epochs:
            raise ValueError(f"No epoch was looked at yet (every={self.every}); train first.")
        maps = np.stack(self._maps)
        return maps[:, 0] if self.single else maps

    def film(self):
        """A film strip, a matplotlib figure: a row a map, a column an epoch, on one colour scale.

        Of more than ten epochs it shows ten, the first and the last among them.
        """
        scale = self._scale_of_all()
        shown = min(len(self.epochs), MOST_COLUMNS)
        chosen = np.linspace(0, len(self.epochs) - 1, shown).round().astype(int)
        columns = [self._panels(i) for i in chosen]
        pictures, _ = self._drawn(0)
        if pictures is not None:
            columns.insert(0, [Panel(picture, None, "") for picture in pictures])
        rows = list(zip(*columns, strict=True))
        return draw(rows, scale, f", {self.name} while it trains, as {self.style}")

    def save(self, path):
        """Write, whole or not at all, the film strip (`.png`) or an animation of all epochs (`.gif`).

        A ValueError for another ending, or before the first epoch; an OSError where it can't be written.
        """
        ending = Path(path).suffix.lower()
        if ending not in (".png", ".gif"):
            raise ValueError(f"{Path(path).name} ends in {ending or 'nothing'}; want .png (a film) or .gif.")
        write_whole(path, _png(self.film()) if ending == ".png" else self._animation())

    def _check(self, epoch):
        if not isinstance(epoch, Integral) or isinstance(epoch, bool) or epoch < 0:
            raise ValueError(f"epoch={epoch!r}; want how many epochs are done, from 0: watch(model, epoch).")
        if epoch <= self._last:
            advice = "Make a new watcher for a second training, or go on counting (initial_epoch=…)."
            raise ValueError(f"Epoch {epoch} comes after epoch {self._last}. {advice}")

    def _panels(self, i):
        pictures, maps = self._drawn(i)
        pictures = [None] * len(maps) if pictures is None else pictures
        title = f"epoch {self.epochs[i]}"
        rows = zip(pictures, maps, self.captions[i], strict=True)
        return [Panel(picture, map, title, caption, self.style) for picture, map, caption in rows]

    def _frame(self, i, scale):
        pictures, maps = self._drawn(i)
        figure = show(pictures, maps, titles=self.captions[i], style=self.style, scale=scale)
        figure.suptitle(f"epoch {self.epochs[i]}", fontsize=10)
        figure.alt = f"Epoch {self.epochs[i]}. {figure.alt}"
        return figure

    def _send(self):
        if self._folder is None and self._events is None:
            return
        png = _png(self._frame(-1, self.scale))
        try:
            if self._folder is not None:
                write_whole(self._folder / f"{self.name}_epoch_{self._last:04d}.png", png)
            if self._events is not None:
                self._events.add_picture(self.name, png, self._last)
        except OSError as error:
            warnings.warn(f"{error} The training goes on, and its maps are kept in .maps.", stacklevel=4)

    def _animation(self):
        scale = self._scale_of_all()
        pngs = [_png(self._frame(i, scale)) for i in range(len(self.epochs))]
        frames = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
        times = [FRAME_TIME] * (len(frames) - 1) + [LAST_FRAME_TIME]
        file = io.BytesIO()
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
        return file.getvalue()

    def _scale_of_all(self):
        maps = self.maps
        return self.scale or strongest(maps)


def _writable(folder):
    """The folder, made where it is missing; an OSError in a sentence where it can't be written to."""
    probe = folder / ".probe"
    write_whole(probe, b"")
    probe.unlink()
    return folder


def _png(figure):
    """The figure as PNG with its alternative text, always of the same size for the same panels."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=80, metadata={"Description": figure.alt})
    return file.getvalue()
