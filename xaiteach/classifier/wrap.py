"""From a model of any kind to a `Classifier`."""

from weakref import WeakKeyDictionary

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.frameworks import framework_of
from xaiteach.classifier.function import FunctionClassifier

OLD_KERAS = ("tf_keras.", "tensorflow.python.keras.", "keras.engine.")


def wrap(
    model, *, preprocess=None, class_names=None, input_shape=None, value_range=(0, 1), inputs=None,
    outputs=None,
):  # fmt: skip
    """Wrap a model, so that every method of the course works on it.

    Args:
        model: a Keras 3 model, a `torch.nn.Module`, a function from images (N, H, W, C) to probabilities
            (N, K), or an object with `predict_proba` on flat rows (scikit-learn).
        preprocess: from a picture in [0, 1] to what the model wants: a pair (mean, deviation), one number
            each or one a channel; or a function of the framework's own tensors, in PyTorch (N, C, H, W),
            else (N, H, W, C). Maps stay in the space of the picture.
        class_names: K names for titles.
        input_shape: (H, W, C); found out where the model knows it.
        value_range: images outside are refused (the usual mistake is 0…255); None switches that check off.
        inputs: a function from the batch of images, preprocessed tensors of the framework, to what the model
            is called with: a tuple of arguments, or a dictionary of them by name.
        outputs: a function from what the model gives to scores (N, K), in its framework, such as
            `lambda out: out["logits"]`. Or a word, where the model's last step can't be recognised: "scores",
            "probabilities", "independent" (several labels, a sigmoid each), "value" (a regression: nothing is
            made a probability). Or a pair of a word and a function.

    Returns:
        A `Classifier`; a TypeError for something that is no model. The model itself is never changed.
    """
    framework = framework_of(model)
    if framework == "keras":
        from xaiteach.classifier.keras import KerasClassifier as kind
    elif framework == "torch":
        from xaiteach.classifier.torch import TorchClassifier as kind
    elif any(kind.__module__.startswith(OLD_KERAS) for kind in type(model).__mro__):
        raise TypeError(
            "Given a model of Keras 2 (tf_keras); want one of Keras 3. Save it, model.save('model.h5'), and "
            "load it with xt.load_model('model.h5')."
        )
    elif not isinstance(model, type) and (callable(model) or hasattr(model, "predict_proba")):
        kind = FunctionClassifier
    else:
        raise TypeError(
            f"Given a {type(model).__name__}; want a Keras model, a torch.nn.Module, or a function from "
            "images (N, H, W, C) to probabilities (N, K)."
        )
    options = {"preprocess": preprocess, "class_names": class_names, "input_shape": input_shape}
    return kind(model, value_range=value_range, inputs=inputs, outputs=outputs, **options)


def as_classifier(model):
    """A wrapped classifier as it is; a bare Keras or PyTorch model wrapped with the defaults, once."""
    if isinstance(model, Classifier):
        return model
    if framework_of(model) is None:
        return wrap(model)
    if model not in _WRAPPED:
        _WRAPPED[model] = wrap(model)
        _WRAPPED[model].let_go()
    return _WRAPPED[model]


_WRAPPED = WeakKeyDictionary()  # bare models, while they live
