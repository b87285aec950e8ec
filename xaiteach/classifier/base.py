"""The interface: three questions, and all that every classifier shares."""

import warnings
from copy import copy
from functools import partial
from weakref import ref

import numpy as np

from xaiteach.classifier.batches import in_batches, in_groups, pass_size, unpack
from xaiteach.classifier.outputs import (
    NOT_SEEN,
    NoScores,
    as_outputs,
    as_probabilities,
    check_outputs,
    ending_of,
)
from xaiteach.classifier.preprocessing import as_preprocessing, in_words
from xaiteach.classifier.targets import as_names, as_weights
from xaiteach.files.errors import short
from xaiteach.images.batch import as_batch, as_image_shape, as_value_range
from xaiteach.layers.calls import as_calls, choose
from xaiteach.layers.frame import FirstInput, Frame, frame_of
from xaiteach.layers.grid import probes

WHITES = (255, 4095, 65535, 16)  # values of white that models scale themselves
SCALED = (
    "This model scales pictures itself: its first layer gets {:.3g} for black and {:.3g} for white. So it is "
    "given values up to {}. If that is wrong, say preprocess=, such as lambda x: x for none."
)

DARK = (
    "The model says nearly the same of this picture and of a black one, and not of one with values up to "
    "255. If it was trained on those, say wrap(model, preprocess=lambda x: 255 * x)."
)


class Classifier:
    """A model that answers up to three questions about images (N, H, W, C), values as a person sees them.

    1. `predict`, and `scores` before the softmax: what do you predict?
    2. `gradient`: how would each input value change the score?
    3. `activations`: what do your layers see, and how would each feature map change the score?

    Make one with `xt.wrap(model)`. One image (H, W, C) may stand for a batch; the answer has no N then.

    Attributes:
        class_names: K names, or None.
        input_shape: (H, W, C) that is wanted, None for any length, or None where it is not known.
        n_classes: K, known once images have been seen.
        settings: what else `xt.wrap` was told, in numbers and words.
    """

    could_not_run = (
        "Was it trained on another size? Say wrap(model, input_shape=(H, W, C)). Does it want more than the "
        "image? wrap(model, inputs=lambda images: (images, other)). Is it preprocess=? That is given a batch "
        "of tensors, in PyTorch (N, C, H, W)."
    )
    options = ()  # kinds of attributes with which a layer may do something else
    often_up_to_255 = False  # whether many models of the framework are trained on such values
    usual = (0, 1, 2)  # the order of axes of a layer with a grid, where nothing tells another

    def __init__(
        self, model, *, preprocess=None, class_names=None, input_shape=None, value_range=(0, 1), inputs=None,
        outputs=None,
    ):  # fmt: skip
        self._model = lambda: model
        self.class_names = as_names(class_names)
        self.input_shape = as_image_shape(input_shape)
        self.value_range = as_value_range(value_range)
        self.n_classes = None
        self._preprocess = self._given = as_preprocessing(preprocess, self._constant)
        self._inputs = inputs or (lambda images: images)
        self._said, self._take = as_outputs(outputs)
        self._looks_through = self._said not in ("scores", "value")
        self.settings = {"preprocess": in_words(preprocess), "outputs": self._said}
        self._ending = None  # how the model ends, see `ending_of`
        self._takes_one = False  # image a pass
        self._frames = {}  # for shapes of images, see `frame`
        self._known = None  # the model's parts, when the following was found out
        self._shapes = []  # of the images that it has been tried on
        self._calls = {}  # of its layers, for each of these shapes
        self._graphs = {}  # that were compiled

    @property
    def model(self):
        """What was wrapped; no call changes it."""
        return self._model()

    def let_go(self):
        """Hold the model weakly, so that it is freed when nobody else uses it."""
        self._model = ref(self.model)

    def as_batch(self, images):
        """Images as a checked batch (N, H, W, C) float32, and whether it was a single image (H, W, C)."""
        batch, single = as_batch(images, input_shape=self.input_shape, value_range=self.value_range)
        self._try_once(batch)
        return batch, single

    def predict(self, images, *, batch_size=None):
        """Probabilities (N, K) float32, given by the model or by the softmax (a lone score's sigmoid)."""
        batch, single = self.as_batch(images)
        return unpack(self._in_batches(self._probabilities, batch_size, batch), single)

    def scores(self, images, *, batch_size=None):
        """Scores before the softmax (N, K) float32; a TypeError where the model gives probabilities only."""
        batch, single = self.as_batch(images)
        self._need_scores()
        return unpack(self._in_batches(self._scores, batch_size, batch), single)

    def gradient(self, images, targets=None, *, guided=False, batch_size=None):
        """How the score of a class changes with each input value.

        Args:
            images: (N, H, W, C) or one image.
            targets: a class; one class an image; None for the predicted class; a pair (4, 9) for the
                difference of two scores; "all" for every class, (N, K, H, W, C) with the forward pass shared;
                "top3" for the three that score highest, (N, 3, H, W, C).
            guided: True for the rule of guided backpropagation: no ReLU passes a negative gradient back.
            batch_size: images a pass; bounds the memory, not the result. None for 32, or fewer large ones.

        Returns:
            (N, H, W, C) float32, in units of the score a unit of brightness; a TypeError where the model
            only predicts.
        """
        batch, single = self.as_batch(images)
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        ask = self._guided_gradient if guided else self._gradient
        return unpack(self._in_batches(ask, batch_size, batch, weights), single, squeeze)

    def gradients(self, points, weights, *, inside=None, batch_size=None):
        """The gradients at many points, for each (N, T, H, W, C), several points a pass where images are few.

        Args:
            points: an iterable of arrays like the images (N, H, W, C), with `inside` like its feature maps.
            weights: the targets as (N, T, K), see `target_weights`.
            inside: images and a call of a layer (see `find_layer`), whose output the points stand in for.
        """
        self._need_scores()
        ask, images, as_maps = self._gradient, [], np.asarray
        if inside is not None:
            images, call = inside[:1], inside[1]
            ask, as_maps = partial(self._gradient_inside, call=call), call.grid.maps
            points = map(partial(call.grid.output, like=self._tokens(*images, call, batch_size)), points)

        def points_a_pass(first):
            return pass_size(batch_size, [*images, first][0].shape) // len(weights)

        # Methods ask about tens of points of one image: a pass for each would take several times as long.
        for group in in_groups(points, points_a_pass):
            n = len(group)
            *copies, of_weights = (np.concatenate([each] * n) for each in (*images, weights))
            together = np.concatenate(group, dtype=np.float32)
            gradients = self._in_batches(ask, batch_size, *copies, together, of_weights)
            yield from np.split(as_maps(gradients), n)

    def activations(self, images, layer=None, targets=None, *, batch_size=None):
        """The feature maps of a layer and, with targets, how the score changes with each of their values.

        Args:
            images: (N, H, W, C) or one image.
            layer: name, index in `.layers`, or the layer itself, whose last call is meant; None for the last
                layer that still has a grid of height and width and feeds the score.
            targets: as in `gradient`, or None for the feature maps alone.
            batch_size: as in `gradient`.

        Returns:
            (N, h, w, F) float32; with targets a pair of that and its gradient, of the same shape.

        Raises:
            ValueError: for a layer that does not exist or has no grid, naming those that would do.
            TypeError: where the model only predicts.
        """
        batch, single = self.as_batch(images)
        call = self.find_layer(batch, layer, must_feed=targets is not None)
        if targets is None:
            return unpack(call.grid.maps(self._output(batch, call, batch_size)), single)
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        ask = partial(self._layer_output_and_gradient, call=call)
        maps, gradient = map(call.grid.maps, self._in_batches(ask, batch_size, batch, weights))
        return unpack(maps, single), unpack(gradient, single, squeeze)

    def scores_inside(self, images, maps, call, *, batch_size=None):
        """Scores (N, K) where `maps` (N, h, w, F) replace what a call of a layer gives (see `find_layer`)."""
        self._need_scores()
        outputs = call.grid.output(maps, self._tokens(images, call, batch_size))
        return self._in_batches(partial(self._scores_inside, call=call), batch_size, images, outputs)

    def bare(self, *images):
        """For libraries: a model of the framework from images to scores (N, K), with preprocessing inside.

        With it comes each of the images in the framework's form. The wrapped model stays untouched.
        """
        batches = [self.as_batch(each)[0] for each in images]
        self._need_scores()
        own, model = copy(self), self.model
        own._model = lambda: model  # what is given away holds it
        return own._score_model(batches[0].shape[1:]), *map(self._as_inputs, batches)

    @property
    def layers(self):
        """Names of the layers, in the order in which they are called."""
        if not self._shapes and self.input_shape is None:
            raise ValueError("No layers are known yet: predict first, or wrap(input_shape=(H, W, C)).")
        shape = self._shapes[-1] if self._shapes else [side or 64 for side in self.input_shape]
        return [call.name for call in self.layer_calls(np.zeros((1, *shape), np.float32))]

    def target_weights(self, batch, targets):
        """Targets as one weight a score, (N, T, K), and whether T is to be dropped from the answer.

        The score that is explained is always Σₖ weight · score: 1 for a class, +1 and −1 for a pair.
        """
        self._try_once(batch)
        scores = partial(self._in_batches, self._scores, None, batch)
        return as_weights(targets, len(batch), self.n_classes, scores)

    def find_layer(self, batch, layer, must_feed=False):
        """The call of `layer` (see `activations`) as a `LayerCall`."""
        return choose(self.layer_calls(batch), layer, must_feed)

    def layer_calls(self, batch):
        """Every call of a layer on such images, in order, as a `LayerCall`."""
        shape = batch.shape[1:]
        self._try_once(batch)
        if shape in self._calls:
            return self._calls[shape]
        frame = self.frame(batch)
        pictures = probes(shape, self.value_range, frame)
        self._in_batches(self._scores, 3, pictures)  # does it take three?
        calls, is_final = as_calls(self._list_layers(pictures), frame, self.usual)
        if is_final:  # no gradient comes from a last layer whose weights are all zero, until it is trained
            self._calls[shape] = calls
        return calls

    def frame(self, batch):
        """Which part of such images the model gets to see, a `Frame`."""
        shape = batch.shape[1:]
        if shape not in self._frames:
            self._frames[shape] = frame_of(self._seen, shape, self.value_range)
        return self._frames[shape]

    def _seen(self, pictures):
        """What becomes of pictures on the way to the model and, or None, to its first layer with a kernel."""
        preprocessed = self._preprocessed(pictures)
        try:
            self._first_input(preprocessed)
        except FirstInput as first:
            return preprocessed, first.args[0]
        except Exception:  # a model that takes one picture only, or no function of it
            pass
        return preprocessed, None

    def _output(self, batch, call, batch_size):
        """What a call of a layer gives to the images, the batch first."""
        return self._in_batches(partial(self._layer_output, call=call), batch_size, batch)

    def _tokens(self, batch, call, batch_size):
        """The same of a layer of tokens, not all of which belong to its grid; None for any other."""
        return self._output(batch, call, batch_size) if len(call.grid.order) == 2 else None

    def _parts(self):
        """What tells whether the model is another now."""
        return ()

    def _options(self, parts):
        """The attributes of layers that decide what they do, beside their weights."""
        attributes = [attribute for part in parts for attribute in vars(part).items()]
        named = [each for each in attributes if each[0][0] != "_" and each[0] not in ("training", "built")]
        return [(name, value) for name, value in named if isinstance(value, self.options)]

    def _preprocessed(self, images):
        """What `preprocess=` makes of images, as an array."""
        return images

    def _first_input(self, preprocessed):
        """A `FirstInput` for pictures that were preprocessed, where that is known."""

    def _try_once(self, batch):
        """The first image of a shape tells if it fits, how many classes there are, and how the model ends."""
        self._look_for_changes()
        shape = batch.shape[1:]
        if shape in self._shapes:
            return
        if not self._shapes:
            self._look_for_scaling(shape)
        try:
            outputs, before_squash = self._forward(batch[:1])
        except NoScores:
            raise
        except Exception as error:
            raise ValueError(
                f"The model could not be run on an image of shape {shape}; it said: {short(error, 300)}. "
                + self.could_not_run
            ) from error
        check_outputs(outputs, 1)
        self.n_classes = outputs.shape[1]
        if self.class_names is not None and len(self.class_names) != self.n_classes:
            alone = " It gives one probability: name the class it stands for." if self.n_classes == 1 else ""
            given = f"{len(self.class_names)} class names for a model with {self.n_classes} classes."
            raise ValueError(given + alone)
        if self._ending is None:
            self._ending = ending_of(outputs, before_squash, self._said, partial(self._is_bounded, shape))
            if self._ending == "bounded" and self._said is None:
                warnings.warn(NOT_SEEN, stacklevel=3)
        if not self._shapes:
            self._look_for_darkness(batch[:1], self._explained(outputs, before_squash))
        self._shapes.append(shape)

    def _in_batches(self, function, size, *arrays):
        """`in_batches`; one image at a time for a model that takes no more."""
        size = 1 if self._takes_one else pass_size(size, arrays[0].shape)
        try:
            return in_batches(function, size, *arrays)
        except NoScores:
            raise
        except Exception:
            if size == 1 or len(arrays[0]) == 1:
                raise
        answer = in_batches(function, 1, *arrays)
        self._takes_one = True
        return answer

    def _look_for_scaling(self, shape):
        """A model that scales pictures up to 255 itself would take one up to 1 for a black one."""
        if not self._may_scale():
            return
        _, first = self._seen(np.stack([np.zeros(shape, np.float32), np.ones(shape, np.float32)]))
        if first is None or len(first) != 2 or not np.isfinite(first).all():
            return
        spread, most = np.abs(first[1] - first[0]).max(), np.abs(first).max()
        # Of usual values; or the model makes larger ones of those up to 1.
        if (spread > 0.1 and most < 10) or spread > 10:
            return
        white = next((white for white in WHITES if 0.3 < spread * white < 10), 255)
        self._preprocess = lambda images: white * images
        self._graphs.clear()
        warnings.warn(SCALED.format(first[0].flat[0], first[1].flat[0], white), stacklevel=4)

    def _look_for_darkness(self, image, scores):
        """A model for values up to 255 says nearly the same of a picture up to 1 and of a black one."""
        has_scores = self._ending not in ("probabilities", "bounded")
        if self.often_up_to_255 and self._may_scale() and has_scores and image.max() > 0.1:
            black, bright = (self._explained(*self._forward(factor * image)) for factor in (0, 255))
            spread = np.ptp(black) or np.abs(black).max()
            if np.abs(scores - black).max() < 0.02 * spread < 0.02 * np.abs(bright - black).max():
                warnings.warn(DARK, stacklevel=4)

    def _may_scale(self):
        """Whether nothing was said of how large values are, nor found out."""
        return self.settings["preprocess"] is None and self.value_range == (0, 1)

    def _look_for_changes(self):
        """Where a part of the model is another now, or a weight has another shape, all is found out anew."""
        parts = self._parts()
        if parts != self._known:
            self._known, self._ending, self.n_classes = parts, None, None
            self._preprocess = self._given
            for found in (self._shapes, self._calls, self._graphs, self._frames):
                found.clear()

    def _is_bounded(self, shape):
        """Whether all that the model gives lies between 0 and 1, for pictures beyond all brightness, too."""
        noise = probes(shape, self.value_range, Frame(shape[:2]))[:1]
        outputs = [self._forward(factor * noise)[0] for factor in (1, -1, 100, -100)]
        return np.min(outputs) >= 0 and np.max(outputs) <= 1 and np.ptp(outputs) > 1e-3

    def _probabilities(self, part):
        outputs, _ = self._checked_forward(part)
        return as_probabilities(outputs, self._ending)

    def _scores(self, part):
        return self._explained(*self._checked_forward(part))

    def _checked_forward(self, part):
        outputs, before_squash = self._forward(part)
        check_outputs(outputs, len(part))
        if self._ending == "squashed" and before_squash is None:  # an option of the model was changed
            self._known = None
            self._try_once(part)
        return outputs, before_squash

    def _score_tensor(self, images):
        return self._explained(*self._call(images))

    @staticmethod
    def _explained(outputs, before_squash):
        """The scores: what went into the final softmax or sigmoid, or else the outputs themselves."""
        return outputs if before_squash is None else before_squash

    @staticmethod
    def _constant(channels):
        """One number a channel, as the framework's tensors can be reckoned with."""
        return channels

    def _need_scores(self):
        if self._ending in ("probabilities", "bounded"):
            raise TypeError(
                "This model gives probabilities, and its scores before the softmax or sigmoid can't be had. "
                "Wrap the model without it. Or give outputs= a function that undoes it: the logarithm of "
                'a softmax, or ("independent", logit) for sigmoids. Or say outputs="scores" if these are '
                "scores."
            )


def warn_without_relu(met):
    """A warning where there was nothing for guided backpropagation to guide."""
    if not met:
        warnings.warn("This model has no ReLU that can be seen: this is its plain gradient.", stacklevel=2)


def need_gradient(found):
    """A TypeError in words where the score can't be followed back."""
    if not found:
        raise TypeError(
            "The score does not depend on the image through differentiable steps, so it has no gradient; or "
            "gradients are off inside of the model (torch.no_grad). Try occlusion or lime, which only ask."
        )
