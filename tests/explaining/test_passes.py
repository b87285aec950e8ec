"""How often a picture goes through the model: as often as the methods need, and once for the prediction."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.classifier.keras import KerasClassifier

PAIR = ["grad_cam", "saliency"]


class Counted:
    """How many pictures each pass of a model takes, whatever the framework."""

    def __init__(self, framework, monkeypatch):
        self.passes = []
        self.model = xt.wrap(xt.build_cnn(framework))
        if framework == "torch":
            self.model.model.register_forward_hook(lambda _, inputs, __: self.passes.append(len(inputs[0])))
            return
        # Each call of a compiled Keras question is a pass of its images, the first of its arrays.
        for name in ("_forward", "_gradient", "_layer_output_and_gradient", "_scores_inside"):
            monkeypatch.setattr(KerasClassifier, name, self._counted(getattr(KerasClassifier, name)))

    def _counted(self, ask):
        def ask_and_count(classifier, images, *more, **call):
            self.passes.append(len(images))
            return ask(classifier, images, *more, **call)

        return ask_and_count

    def explain(self, image, methods=None, **options):
        self.passes.clear()
        xt.explain(self.model, image, methods, progress=False, **options)
        return list(self.passes)


@pytest.fixture
def counted(framework, monkeypatch):
    return Counted(framework, monkeypatch)


@pytest.fixture
def image():
    return np.random.default_rng(0).uniform(0.1, 0.9, (28, 28, 1)).astype(np.float32)


def test_a_picture_takes_one_pass_for_its_prediction_and_those_of_its_methods(counted, framework, image):
    """Saliency takes one, Grad-CAM one, and one with its layer at zero for "adds up to 9.81 of 9.83".

    The first time, a pass of three pictures tells whether the model takes three. In PyTorch another one finds
    the layers; those of Keras are traced without one, but a black picture and one of values up to 255 tell
    whether values up to 1 are what the model wants. The default methods share what they ask: after
    the prediction and two of Grad-CAM 50 points on a path, its black end, 169 windows and none.
    """
    finding = [3, 3] if framework == "torch" else [1, 1, 3]
    assert counted.explain(image, PAIR) == [1, *finding, 1, 1, 1]
    assert counted.explain(image, PAIR) == [1] * 4
    assert counted.explain(image) == [1, 1, 1, 32, 18, 1, 32, 32, 32, 32, 32, 10]


@pytest.mark.parametrize("framework", ["torch"])
def test_classes_share_all_passes_those_of_the_tests_too(counted, image):
    counted.explain(image, PAIR, top=1)
    one = counted.explain(image, PAIR, top=1, check=True)
    assert counted.explain(image, PAIR, top=3, check=True) == one


def test_a_function_sees_the_picture_once_and_then_only_covered(image):
    passes = []

    def model(images):
        passes.extend(images)
        return np.tile([0.7, 0.3], (len(images), 1))

    xt.explain(model, image, "occlusion", progress=False)
    as_it_is = [np.array_equal(each, image) for each in passes]
    assert len(passes) == 1 + 170 and sum(as_it_is) == 2, "for the prediction, and among the 170 of occlusion"


def test_a_model_that_learnt_in_between_is_asked_anew(counted, image):
    before = xt.explain(counted.model, image, "saliency", progress=False)
    for layer in {call.layer for call in counted.model.layer_calls(image[None])}:
        arrays = counted.model.weights_of(layer)
        counted.model.set_weights_of(layer, [array + 0.1 for array in arrays])
    after = xt.explain(counted.model, image, "saliency", targets=before.targets, progress=False)
    assert after.probabilities != before.probabilities
