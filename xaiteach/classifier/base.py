"""The interface: three questions, and all that every classifier shares."""

import numpy as np
from scipy.special import softmax

from xaiteach.classifier.layers import choose
from xaiteach.classifier.targets import as_weights
from xaiteach.images import as_batch

ENDINGS = ("scores", "probabilities")


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
    """

    def __init__(self, model, *, preprocess=None, class_names=None, input_shape=None, value_range=(0, 1), outputs=None):
        if outputs not in (None, *ENDINGS):
            raise ValueError(f'outputs={outputs!r}; want "scores", "probabilities", or None to find out.')
        self.model = model
        self.class_names = None if class_names is None else [str(name) for name in class_names]
        self.input_shape = None if input_shape is None else tuple(input_shape)
        self.value_range = value_range
        self._preprocess = preprocess if callable(preprocess) else self._standardise(preprocess)
        self._outputs = outputs
        self._ending = None
        self._n_classes = None
        self._calls = {}

    def predict(self, images, *, batch_size=32):
        """Probabilities (N, K) float32, in [0, 1]."""
        batch, single = self._checked(images)
        probabilities = self._in_batches(self._probabilities, batch_size, batch)
        return probabilities[0] if single else probabilities

    def scores(self, images, *, batch_size=32):
        """Scores before the softmax (N, K) float32.

        Raises:
            TypeError: where the model gives probabilities only.
        """
        batch, single = self._checked(images)
        self._need_scores()
        scores = self._in_batches(lambda part: self._explained(*self._forward(part)), batch_size, batch)
        return scores[0] if single else scores

    def gradient(self, images, targets=None, *, batch_size=32):
        """How the score of a class changes with each input value.

        Args:
            images: (N, H, W, C) or one image.
            targets: a class; one class an image; None for the predicted class; a pair (4, 9) for the difference of
                two scores; "all" for every class, (N, K, H, W, C) with the forward pass shared.
            batch_size: images a pass; bounds the memory, never changes the result.

        Returns:
            (N, H, W, C) float32, in units of the score a unit of brightness.

        Raises:
            TypeError: where the model only predicts.
        """
        batch, single = self._checked(images)
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        gradient = self._in_batches(self._gradient, batch_size, batch, weights)
        return _unpack(gradient, single, squeeze)

    def activations(self, images, layer=None, targets=None, *, batch_size=32):
        """The feature maps of a layer and, with targets, how the score changes with each of their values.

        Args:
            images: (N, H, W, C) or one image.
            layer: name, index in `.layers`, or the layer itself; None for the last layer that still has a grid of
                height and width and feeds the score. A name that is called more than once means its last call.
            targets: as in `gradient`, or None for the feature maps alone.
            batch_size: images a pass.

        Returns:
            (N, h, w, F) float32; with targets a pair of that and its gradient, of the same shape.

        Raises:
            ValueError: for a layer that does not exist or has no grid, naming those that would do.
            TypeError: where the model only predicts.
        """
        batch, single = self._checked(images)
        call = self.find_layer(batch, layer)
        if targets is None:
            maps = self._in_batches(lambda part: self._activations(part, call), batch_size, batch)
            return maps[0] if single else maps
        weights, squeeze = self.target_weights(batch, targets)
        self._need_scores()
        together = lambda *parts: self._activations_and_gradient(*parts, call)  # noqa: E731
        maps, gradient = self._in_batches(together, batch_size, batch, weights)
        return (maps[0] if single else maps), _unpack(gradient, single, squeeze)

    def _standardise(self, pair):
        """From (mean, deviation) to a function of the framework's tensors: (x − mean) / deviation; None to nothing."""
        if pair is None:
            return lambda inputs: inputs
        if len(pair) != 2:
            raise ValueError(f"preprocess has {len(pair)} parts; want a function or a pair (mean, deviation).")
        mean, deviation = (self._constant(np.asarray(part, np.float32).reshape(-1)) for part in pair)
        return lambda inputs: (inputs - mean) / deviation

    @staticmethod
    def _constant(channels):
        return channels

    @property
    def layers(self):
        """Names of the layers, in the order in which they are called."""
        if not self._calls:
            self._trace_layers(self._example())
        return [call.name for call in next(reversed(self._calls.values()))]

    @property
    def n_classes(self):
        """K, known once images have been seen."""
        return self._n_classes

    def target_weights(self, batch, targets):
        """Targets as one weight a score, (N, T, K), and whether T is to be dropped from the answer.

        The score that is explained is always Σₖ weight · score: 1 for a class, +1 and −1 for a pair.
        """
        self._ask_once(batch)
        if targets is None:
            targets = self.predict(batch).argmax(axis=1)
        return as_weights(targets, len(batch), self._n_classes)

    def find_layer(self, batch, layer):
        """The call of `layer` (see `activations`) as a `LayerCall`."""
        return choose(self._trace_layers(batch[:1]), layer)

    def _trace_layers(self, batch):
        shape = batch.shape[1:]
        if shape not in self._calls:
            self._ask_once(batch)
            self._calls[shape] = self._list_layers(batch[:1])
        return self._calls[shape]

    def _example(self):
        if self.input_shape is None:
            raise ValueError("Layers are known once images were seen: predict first, or wrap(input_shape=(H, W, C)).")
        shape = tuple(side or 64 for side in self.input_shape)
        return np.zeros((1, *shape), np.float32)

    def _checked(self, images):
        batch, single = as_batch(images, input_shape=self.input_shape, value_range=self.value_range)
        self._ask_once(batch)
        return batch, single

    def _ask_once(self, batch):
        """The first image tells how many classes there are, and whether the model ends in scores."""
        if self._ending is not None:
            return
        try:
            outputs, before_squash = self._forward(batch[:1])
        except Exception as error:
            raise ValueError(
                f"The model could not be run on an image of shape {batch.shape[1:]} (H, W, C). Is this the size it was "
                f"trained on, and does it need preprocess=? It said: {error}"
            ) from error
        self._check_outputs(outputs, 1)
        self._n_classes = outputs.shape[1]
        if self.class_names is not None and len(self.class_names) != self._n_classes:
            raise ValueError(f"{len(self.class_names)} class names for a model with {self._n_classes} classes.")
        recognised = self._outputs or (before_squash is not None and "squashed")
        self._ending = recognised or _guess_ending(outputs)

    def _probabilities(self, part):
        outputs, _ = self._forward(part)
        self._check_outputs(outputs, len(part))
        if self._ending == "scores":
            return softmax(outputs, axis=1)
        if self._ending == "probabilities":
            _check_probabilities(outputs)
        return outputs

    def _explained(self, outputs, before_squash):
        """The scores: what went into the final softmax or sigmoid, or else the outputs themselves."""
        return outputs if before_squash is None or self._outputs == "scores" else before_squash

    def _check_outputs(self, outputs, n):
        shape = getattr(outputs, "shape", None)
        if shape is None or len(shape) != 2 or shape[0] != n:
            raise ValueError(
                f"For {n} image(s) the model gave {_shape_words(outputs)}; want (N, K), one number a class."
            )
        if not np.isfinite(outputs).all():
            raise ValueError("The model gave NaN or infinite values; look at its weights and its preprocessing.")

    def _need_scores(self):
        if self._ending == "probabilities":
            raise TypeError(
                "This model gives probabilities, and its scores before the softmax can't be had. Wrap the model without "
                'its softmax, or say wrap(model, outputs="scores") if these are scores.'
            )

    @staticmethod
    def _in_batches(function, size, *arrays):
        if size < 1:
            raise ValueError(f"batch_size is {size}; want at least 1.")
        parts = [function(*(a[i : i + size] for a in arrays)) for i in range(0, len(arrays[0]), size)]
        if isinstance(parts[0], tuple):
            return tuple(np.concatenate(column) for column in zip(*parts, strict=True))
        return np.concatenate(parts)


def _unpack(result, single, squeeze):
    result = result[:, 0] if squeeze else result
    return result[0] if single else result


def _guess_ending(outputs):
    """Rows that are not negative and sum to 1 are probabilities; a lone output is a score."""
    alike = outputs.shape[1] > 1 and (outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-4)
    return "probabilities" if alike else "scores"


def _check_probabilities(outputs):
    sums = outputs.sum(axis=1)
    if outputs.min() < -1e-4 or not np.allclose(sums, 1, atol=1e-2):
        raise ValueError(
            f"Want probabilities: not negative, each row summing to 1. The model gave values from {outputs.min():.3g} to "
            f"{outputs.max():.3g}, rows summing to {sums.min():.3g} … {sums.max():.3g}. "
            'Put a softmax behind it, or say wrap(model, outputs="scores"). For one probability p return (1 − p, p).'
        )


def _shape_words(outputs):
    shape = getattr(outputs, "shape", None)
    return f"a {type(outputs).__name__}" if shape is None else f"shape {tuple(shape)}"
