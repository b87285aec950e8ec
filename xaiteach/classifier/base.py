"""The interface: three questions, and all that every classifier shares."""

from functools import partial

import numpy as np

from xaiteach.classifier.batches import in_batches, in_groups, pass_size, unpack
from xaiteach.classifier.layers import choose
from xaiteach.classifier.outputs import (
    ENDINGS,
    check_outputs,
    check_probabilities,
    ending_of,
    normalise,
)
from xaiteach.classifier.preprocessing import as_preprocessing, in_words
from xaiteach.classifier.targets import as_names, as_weights, best, is_ranked
from xaiteach.files.errors import short
from xaiteach.images.batch import as_batch, as_image_shape, as_value_range


class Classifier:
    """A model that answers up to three questions about images (N, H, W, C), values as a person sees them.

    1. `predict`, and `scores` before the softmax: what do you predict?
    2. `gradient`: how would each input value change the score?
    3. `activations`: what do your layers see, and how would each feature map change the score?

    Make one with `xt.wrap(model)`. One image (H, W, C) may stand for a batch; then the answer has no N either.

    Attributes:
        model: what was wrapped; no call changes it.
        class_names: K names, or None.
        input_shape: (H, W, C) that is wanted, None for any length, or None where it is not known.
        settings: what else `xt.wrap` was told, in numbers and words.
    """

    def __init__(
        self, model, *, preprocess=None, class_names=None, input_shape=None, value_range=(0, 1), outputs=None
    ):
        if outputs not in (None, *ENDINGS):
            raise ValueError(f'outputs={outputs!r}; want "scores", "probabilities", or None to find out.')
        self.model = model
        self.class_names = as_names(class_names)
        self.input_shape = as_image_shape(input_shape)
        self.value_range = as_value_range(value_range)
        self._preprocess = as_preprocessing(preprocess, self._constant)
        self.settings = {"preprocess": in_words(preprocess), "outputs": outputs}
        self._outputs = outputs
        self._ending = None
        self._n_classes = None
        self._seen = {}
        self._calls = {}

    def predict(self, images, *, batch_size=None):
        """Probabilities (N, K) float32, in [0, 1]: what the model gives, or the softmax of its scores (of a lone
        score the sigmoid)."""
        batch, single = self._checked(images)
        probabilities = in_batches(self._probabilities, batch_size, batch)
        return probabilities[0] if single else probabilities

    def scores(self, images, *, batch_size=None):
        """Scores before the softmax (N, K) float32.

        Raises:
            TypeError: where the model gives probabilities only.
        """
        batch, single = self._checked(images)
        self._need_scores()
        scores = in_batches(self._scores, batch_size, batch)
        return scores[0] if single else scores

    def gradient(self, images, targets=None, *, guided=False, batch_size=None):
        """How the score of a class changes with each input value.

        Args:
            images: (N, H, W, C) or one image.
            targets: a class; one class an image; None for the predicted class; a pair (4, 9) for the difference of
                two scores; "all" for every class, (N, K, H, W, C) with the forward pass shared; "top3" for the three
                that score highest, (N, 3, H, W, C).
            guided: True for the rule of guided backpropagation: no ReLU passes a negative gradient back.
            batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.

        Returns:
            (N, H, W, C) float32, in units of the score a unit of brightness.

        Raises:
            TypeError: where the model only predicts.
        """
        batch, single = self._checked(images)
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        gradient = in_batches(self._guided_gradient if guided else self._gradient, batch_size, batch, weights)
        return unpack(gradient, single, squeeze)

    def gradients(self, points, weights, *, inside=None, batch_size=None):
        """The gradients at many points, a point at a time, several points a pass where images are few.

        Args:
            points: an iterable of arrays like the images, (N, H, W, C), or with `inside` like its feature maps.
            weights: the targets as (N, T, K), see `target_weights`.
            inside: a pair of images and a call of a layer (see `find_layer`), whose output the points stand in for.
            batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.

        Yields:
            For each point (N, T, H, W, C) float32.
        """
        self._need_scores()
        images, call = inside or (None, None)
        ask = self._gradient if images is None else partial(self._gradient_inside, call=call)
        a_pass = lambda point: pass_size(batch_size, (point if images is None else images).shape)  # noqa: E731
        for group in in_groups(points, lambda point: a_pass(point) // len(weights)):
            asked = [[] if images is None else [images] * len(group), group, [weights] * len(group)]
            stacked = [np.concatenate(arrays).astype(np.float32) for arrays in asked if arrays]
            yield from np.split(in_batches(ask, batch_size, *stacked), len(group))

    def scores_inside(self, images, maps, call, *, batch_size=None):
        """Scores (N, K) of images where the output of one call of a layer (see `find_layer`) is replaced by `maps`,
        (N, h, w, F)."""
        self._need_scores()
        return in_batches(partial(self._scores_inside, call=call), batch_size, images, maps)

    def activations(self, images, layer=None, targets=None, *, batch_size=None):
        """The feature maps of a layer and, with targets, how the score changes with each of their values.

        Args:
            images: (N, H, W, C) or one image.
            layer: name, index in `.layers`, or the layer itself; None for the last layer that still has a grid of
                height and width and feeds the score. A name that is called more than once means its last call.
            targets: as in `gradient`, or None for the feature maps alone.
            batch_size: images a pass; None for 32, or fewer large ones.

        Returns:
            (N, h, w, F) float32; with targets a pair of that and its gradient, of the same shape.

        Raises:
            ValueError: for a layer that does not exist or has no grid, naming those that would do.
            TypeError: where the model only predicts.
        """
        batch, single = self._checked(images)
        call = self.find_layer(batch, layer, must_feed=targets is not None)
        if targets is None:
            maps = in_batches(partial(self._activations, call=call), batch_size, batch)
            return maps[0] if single else maps
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        maps, gradient = in_batches(
            partial(self._activations_and_gradient, call=call), batch_size, batch, weights
        )
        return (maps[0] if single else maps), unpack(gradient, single, squeeze)

    def bare(self, *images):
        """A model of the framework from images (N, H, W, C) to scores (N, K), preprocessing inside, for libraries.

        Returns:
            The model, then each of the images in the framework's form. The wrapped model stays untouched by it.

        Raises:
            TypeError: where the model only predicts.
        """
        batches = [self._checked(some)[0] for some in images]
        self._need_scores()
        return self._score_model(batches[0].shape[1:]), *map(self._as_inputs, batches)

    @staticmethod
    def _constant(channels):
        """One number a channel, as the framework's tensors can be reckoned with."""
        return channels

    @property
    def layers(self):
        """Names of the layers, in the order in which they are called."""
        return [call.name for call in self._trace_layers(self._example())]

    @property
    def n_classes(self):
        """K, known once images have been seen."""
        return self._n_classes

    def target_weights(self, batch, targets):
        """Targets as one weight a score, (N, T, K), and whether T is to be dropped from the answer.

        The score that is explained is always Σₖ weight · score: 1 for a class, +1 and −1 for a pair.
        """
        self._ask_once(batch)
        if targets is None or is_ranked(targets):
            scores = in_batches(self._scores, None, batch)
            targets = scores.argmax(axis=1) if targets is None else best(targets, scores)
        return as_weights(targets, len(batch), self._n_classes)

    def find_layer(self, batch, layer, must_feed=False):
        """The call of `layer` (see `activations`) as a `LayerCall`."""
        return choose(self._trace_layers(batch[:1]), layer, must_feed)

    def layer_calls(self, images):
        """Every call of a layer on such images, in order, as a `LayerCall`."""
        return self._trace_layers(self._checked(images)[0])

    def _trace_layers(self, batch):
        shape = batch.shape[1:]
        if shape not in self._calls:
            self._ask_once(batch)
            self._calls[shape] = self._list_layers(batch[:1])
        return self._calls[shape]

    def _example(self):
        """An image of the shape seen last, or else of the shape that is wanted."""
        if not self._seen and self.input_shape is None:
            raise ValueError(
                "Layers are known once images were seen: predict first, or wrap(input_shape=(H, W, C))."
            )
        shape = next(reversed(self._seen), None) or tuple(side or 64 for side in self.input_shape)
        return np.zeros((1, *shape), np.float32)

    def _checked(self, images):
        batch, single = as_batch(images, input_shape=self.input_shape, value_range=self.value_range)
        self._ask_once(batch)
        return batch, single

    def _ask_once(self, batch):
        """The first image of a shape tells whether it fits, how many classes there are, and how the model ends."""
        shape = batch.shape[1:]
        if shape in self._seen:
            return
        try:
            outputs, before_squash = self._forward(batch[:1])
        except Exception as error:
            raise ValueError(
                f"The model could not be run on an image of shape {shape} (H, W, C). Is this the size it was trained "
                "on? Say it: wrap(model, input_shape=(H, W, C)). Does it need preprocess=? "
                f"It said: {short(error, 400)}"
            ) from error
        check_outputs(outputs, 1)
        self._n_classes = outputs.shape[1]
        if self.class_names is not None and len(self.class_names) != self._n_classes:
            alone = " It gives one probability: name the class it stands for." if self._n_classes == 1 else ""
            raise ValueError(
                f"{len(self.class_names)} class names for a model with {self._n_classes} classes.{alone}"
            )
        self._ending = self._ending or ending_of(outputs, before_squash, self._outputs)
        self._seen[shape] = True

    def _answer(self, part):
        outputs, before_squash = self._forward(part)
        check_outputs(outputs, len(part))
        return outputs, before_squash

    def _probabilities(self, part):
        outputs, _ = self._answer(part)
        if self._ending == "scores":
            return normalise(outputs)
        if self._ending == "probabilities":
            check_probabilities(outputs)
        return outputs

    def _scores(self, part):
        return self._explained(*self._answer(part))

    @staticmethod
    def _explained(outputs, before_squash):
        """The scores: what went into the final softmax or sigmoid, or else the outputs themselves."""
        return outputs if before_squash is None else before_squash

    def _need_scores(self):
        if self._ending == "probabilities":
            raise TypeError(
                "This model gives probabilities, and its scores before the softmax can't be had. Wrap the model "
                'without its softmax, or say wrap(model, outputs="scores") if these are scores.'
            )
