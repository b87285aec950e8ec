"""A plain function from images to probabilities: it answers the first question only."""

import numpy as np

from xaiteach.classifier.base import Classifier


class FunctionClassifier(Classifier):
    """A function (N, H, W, C) → (N, K), or an object with `predict_proba` on flat rows, as scikit-learn's."""

    could_not_run = (
        "A function is given an array (N, H, W, C) and gives one (N, K). Wrap a PyTorch or Keras model "
        "itself, or turn the array into what it wants: torch.tensor(images).permute(0, 3, 1, 2)."
    )

    def __init__(self, model, *, outputs="probabilities", **options):
        super().__init__(model, outputs=outputs or "probabilities", **options)
        self._function = getattr(model, "predict_proba", model)
        owner = getattr(self._function, "__self__", None)
        self._flat = hasattr(owner, "predict_proba")

    def _forward(self, part):
        inputs = self._preprocess(part.copy())  # whatever the function does to it
        inputs = np.reshape(inputs, (len(part), -1)) if self._flat else inputs
        outputs = self._take(self._function(self._inputs(inputs)))
        return np.asarray(outputs, dtype=np.float32), None

    def _only_predicts(self, *_, **__):
        raise TypeError(
            "This model only predicts: a plain function has no gradients and no layers to look into. "
            "Try occlusion or lime, or wrap the Keras or PyTorch model itself."
        )

    gradient = gradients = activations = find_layer = layer_calls = bare = _only_predicts
    layers = property(_only_predicts)
