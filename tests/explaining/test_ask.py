"""One line from a picture to an explanation."""

from functools import partial

import numpy as np
import pytest
from known import build
from PIL import Image

import xaiteach as xt
from xaiteach.explaining.options import for_tests

NAMES = [f"digit {k}" for k in range(10)]


@pytest.fixture(scope="module")
def named():
    return xt.wrap(xt.load_cnn("torch"), class_names=NAMES)


def explain(*arguments, **options):
    return xt.explain(*arguments, progress=False, **options)


def unsure(images):
    """A model that only predicts, 70 % and 30 % whatever it sees."""
    return np.tile([0.7, 0.3], (len(images), 1))


def test_the_table_holds_the_most_probable_classes_first(named, digits):
    image = digits.x_test[8]
    found, p = explain(named, image, "saliency", top=4), named.predict(image)
    assert found.targets == np.argsort(-p)[:4].tolist()
    assert [row.name for row in found.table] == [NAMES[k] for k in found.targets]
    np.testing.assert_allclose([row.probability for row in found.table], p[found.targets])
    assert found.table[0].per_cent in ("over 99 %", f"{100 * p.max():.0f} %")


def test_each_map_is_what_the_method_gives_for_that_class(cnn, digits):
    image = digits.x_test[3]
    found = explain(cnn, image, top=2)
    methods = {"grad_cam": xt.grad_cam, "integrated_gradients": xt.integrated_gradients}
    methods["occlusion"] = partial(xt.occlusion, window=4, stride=2)
    assert list(found.maps) == list(methods)
    for i, k in enumerate(found.targets):
        for name, method in methods.items():
            np.testing.assert_allclose(found.maps[name][i], method(cnn, image, k), atol=1e-5)


def test_badges_say_how_much_adds_up_and_how_a_map_did_in_two_tests(cnn, digits):
    image = digits.x_test[3]
    found = explain(cnn, image, ["integrated_gradients", "occlusion"], top=1)
    score = (cnn.scores(image) - cnn.scores(0 * image))[found.targets[0]]
    assert found.badges["integrated_gradients"][0].endswith(f"of {score:.1f}")
    assert found.badges["occlusion"] == [""]
    found = explain(cnn, image, ["saliency", "integrated_gradients"], top=2, check=True)
    for i, k in enumerate(found.targets):
        assert found.badges["saliency"][i] == badge_of(cnn, image, xt.saliency, k)
    sums, *_, how = found.badges["integrated_gradients"][0].split("; ")
    assert sums.startswith("adds up to ") and how == "tested with 10 steps"
    fewer = badge_of(cnn, image, partial(xt.integrated_gradients, steps=10), found.targets[0])
    assert f"; {fewer}; " in found.badges["integrated_gradients"][0]


def badge_of(model, image, method, k):
    """The badge of two copies with noise, and of five layers on the way."""
    steady = xt.metrics.stability(model, image, method, k, noise=0.02, runs=2, progress=False)
    sane = xt.metrics.randomisation_check(model, image, method, k, steps=5, progress=False)
    return xt.metrics.badges(stability=steady, sanity=sane)


def test_the_tests_ask_the_model_with_its_other_weights_where_it_has_some(named, digits):
    """Pictures that go one by one are passes of the same picture again, with weights that were drawn anew."""
    model, image = xt.wrap(xt.load_cnn("torch")), digits.x_test[3]
    found = explain(model, image, {"occlusion": {"window": 7, "batch_size": 1}}, 1, check=True)
    method = partial(xt.occlusion, window=14, stride=6)
    expected = f"{badge_of(model, image, method, found.targets[0])}; tested with windows of 14×14"
    assert found.badges["occlusion"] == [expected]
    found = explain(lambda images: named.predict(images), image, "occlusion", 1, check=True)
    assert found.badges["occlusion"][0].startswith("same under 2 % noise ")
    assert "redrawn" not in found.badges["occlusion"][0]


@pytest.mark.parametrize("method", ["lime", "smooth_grad", "gradient_shap"])
def test_methods_that_draw_at_random_get_the_seed(named, digits, method):
    image = digits.x_test[0]
    one, same, other = (explain(named, image, method, 1, seed=seed).maps[method] for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, same)
    assert abs(one - other).max() > 0


def test_options_reach_their_method_by_name_or_by_function(named, digits):
    options = {"window": 14, "of": "score"}
    found = explain(named, digits.x_test[0], {"occlusion": options, xt.lime: None}, top=1)
    expected = xt.occlusion(named, digits.x_test[0], found.targets[0], stride=7, **options)
    np.testing.assert_allclose(found.maps["occlusion"][0], expected, atol=1e-5)
    assert list(found.maps) == ["occlusion", "lime"]


@pytest.mark.parametrize(("size", "window", "stride"), [((28, 63), 4, 2), ((63, 28), 4, 2), ((5, 9), 1, 1)])
def test_a_window_is_a_seventh_of_the_shorter_side_and_moved_by_half_of_it(size, window, stride):
    options = explain(unsure, np.zeros((*size, 1)), "occlusion").options["occlusion"]
    assert (options["window"], options["stride"]) == (window, stride)


def test_gradient_shap_compares_with_a_black_a_grey_and_a_white_picture(named, digits):
    found = explain(named, digits.x_test[0], {"gradient_shap": {"n_samples": 1}}, 1)
    background = found.options["gradient_shap"]["background"]
    assert [set(picture.ravel()) for picture in background] == [{0}, {0.5}, {1}]


def test_a_method_of_ones_own_is_called_for_each_class(named, digits):
    def mine(model, image, target):
        return np.full(image.shape[:2], target, np.float32)

    found = explain(named, digits.x_test[0], mine, targets=[3, "digit 8"])
    assert found.targets == [3, 8]
    assert found.maps["mine"][:, 0, 0].tolist() == [3, 8]


def test_the_layer_goes_to_the_methods_that_look_inside(named, digits):
    call = named.find_layer(digits.x_test[:1], "relu3")
    expected = xt.grad_cam(named, digits.x_test[0], layer="relu3")
    for layer in ("relu3", call.layer, named.layers.index("relu3")):
        found = explain(named, digits.x_test[0], ["grad_cam", "saliency"], 1, layer=layer)
        np.testing.assert_allclose(found.maps["grad_cam"][0], expected, atol=1e-5)
        assert found.options["grad_cam"]["layer"] == "relu3"


def test_of_layers_with_one_name_the_call_is_passed_on(digits):
    """Keras builds the same name in two blocks; and a layer may be called twice, here beyond the grid."""
    import keras
    import torch

    def block(name):
        inner = keras.Input((None, None, 1))
        outer = keras.layers.Conv2D(1, 3, name="conv")(inner)
        return keras.Model(inner, outer, name=name)

    picture = keras.Input((28, 28, 1))
    head = keras.layers.GlobalAveragePooling2D()(block("second")(block("first")(picture)))
    twins = keras.Model(picture, keras.layers.Dense(3)(head))

    class Reused(torch.nn.Sequential):
        def forward(self, images):
            convolution, relu, dense = self
            return dense(relu(relu(convolution(images)).mean((2, 3))))

    reused = Reused(torch.nn.Conv2d(1, 4, 5), torch.nn.ReLU(), torch.nn.Linear(4, 3))
    for model in (xt.wrap(twins), xt.wrap(reused)):
        found = explain(model, digits.x_test[0], ["grad_cam", "occlusion"], 1)
        expected = xt.grad_cam(model, digits.x_test[0], found.targets[0])
        np.testing.assert_allclose(found.maps["grad_cam"][0], expected, atol=1e-6)
        assert found.compare(model).maps["grad_cam"] < 1e-5
    assert found.options["grad_cam"]["layer"] == 1 and found.maps["grad_cam"].any()


def test_three_classes_of_forty_thousand_take_the_memory_of_three(digits):
    import tracemalloc

    import torch

    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 40_000))
    tracemalloc.start()
    explain(model, digits.x_test[0], ["saliency", "occlusion"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6, "a weight for each pair of classes would take 6.4 GB"


@pytest.mark.parametrize(
    ("method", "options", "cheaper", "words"),
    [
        ("occlusion", {"window": 4, "stride": 2}, {"window": (8, 8), "stride": [4, 4]}, "windows of 8×8"),
        ("occlusion", {"window": [9, 3], "stride": None}, {"window": (12, 6), "stride": [12, 6]}, "of 12×6"),
        ("lime", {"n_samples": 1000}, {"n_samples": 200}, "200 samples"),
        ("smooth_grad", {"n_samples": 3}, {"n_samples": 3}, "3 samples"),
        ("integrated_gradients", {"steps": 50}, {"steps": 10}, "10 steps"),
        ("saliency", {}, {}, ""),
    ],
)
def test_a_method_is_tested_with_coarser_windows_and_fewer_samples(method, options, cheaper, words):
    found, how = for_tests(method, options, (12, 20))
    assert found == cheaper and how.endswith(words)


def test_a_check_costs_at_most_four_times_the_explanation(digits):
    """By the pictures that the model sees: of the explanation, and of all with the tests."""
    seen = []
    model = xt.load_cnn("torch")
    model.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    images = np.random.default_rng(0).uniform(0.1, 0.9, (28, 28, 1)).astype(np.float32)
    for methods in (None, "lime", "smooth_grad"):
        explain(model, images, methods)
        counts = []
        for check in (False, True):
            seen.clear()
            explain(model, images, methods, check=check)
            counts.append(sum(seen))
        assert counts[1] < 4 * counts[0], methods


def test_a_model_without_gradients_is_hidden_from_and_one_without_a_grid_is_differentiated(digits):
    import torch

    class Frozen(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.features, self.head = torch.nn.Conv2d(1, 4, 5), torch.nn.Conv2d(4, 2, 3)

        def forward(self, images):
            with torch.no_grad():
                features = self.features(images)
            return self.head(features).mean(dim=(2, 3))

    assert list(explain(unsure, digits.x_test[0], top=1).maps) == ["occlusion", "lime"]
    frozen = explain(Frozen(), digits.x_test[0], top=1)
    assert list(frozen.maps) == ["grad_cam", "occlusion", "lime"]
    assert frozen.options["grad_cam"]["layer"] == "head"
    dense = explain(xt.build_dense("torch"), digits.x_test[0], top=1)
    assert list(dense.maps) == ["integrated_gradients", "occlusion"]


def test_a_picture_is_cut_and_coloured_as_the_model_wants_it(cnn, framework, digits):
    kernel = np.ones((3, 3, 3, 2)) / 27
    wants_colour = build(framework, [(kernel, [0, 1]), "relu", "average", (np.eye(2), [0, 0])], (32, 48, 3))
    model = xt.wrap(wants_colour, input_shape=(32, 48, 3))
    cat, grey = xt.load_photo("cat"), xt.load_photo("brick")
    np.testing.assert_array_equal(explain(model, cat, "saliency").image, xt.load_image(cat, size=(32, 48)))
    assert explain(model, grey, "saliency").image.shape == (32, 48, 3)
    colour = Image.fromarray(np.uint8(255 * digits.x_test[0]).repeat(3, axis=-1))
    np.testing.assert_allclose(explain(cnn, colour, "saliency", 1).image, digits.x_test[0], atol=1 / 255)


def test_a_model_of_any_size_gets_a_picture_of_224_pixels_at_most_and_a_small_one_as_it_is(framework):
    model = xt.build_cnn(framework, channels=3)
    large = explain(model, np.zeros((300, 1200, 3)), "saliency", 1)
    assert large.image.shape == (56, 224, 3)
    assert large.maps["saliency"].shape == (1, 56, 224)
    assert explain(model, np.zeros((40, 60, 1)), "saliency", 1).image.shape == (40, 60, 3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"methods": "gradcam"}, "'gradcam' is not known; choose from grad_cam"),
        ({"methods": []}, "No methods are given"),
        ({"methods": {"occlusion": {"windows": 3}}}, "no option windows here; it has window, stride"),
        ({"methods": {"occlusion": {"details": True}}}, "has no option details here"),
        ({"methods": [partial(xt.lime), partial(xt.lime)]}, "Two methods have the same name, partial"),
        ({"methods": 5}, "methods is a int; want a name"),
        ({"model": unsure, "methods": "grad_cam"}, "Try occlusion or lime"),
        (
            {"model": xt.wrap(unsure, class_names=["a", "a"]), "targets": "a"},
            "2 classes are called 'a'; give",
        ),
        ({"methods": lambda model, image, k: np.zeros((56, 14))}, "gave shape .56, 14.; want .* .28, 28."),
        ({"methods": lambda model, image, k: np.full((28, 28), np.nan)}, "want finite numbers"),
        ({"methods": "occlusion", "layer": "relu3"}, "layer='relu3' is for grad_cam"),
        ({"targets": []}, "targets is empty"),
        ({"targets": "top3"}, "say top=3"),
        ({"model": xt.wrap(lambda images: images, value_range=(-1, 1))}, "Leave it out, and let preprocess="),
        ({"model": xt.wrap(lambda images: images, input_shape=(8, 8, 4))}, "wants 4 channels"),
        ({"top": 0}, "top=0; want how many classes"),
        ({"top": "all"}, "top='all'; want how many classes"),
        ({"targets": "cat"}, "No class is called 'cat'; the model has digit 0"),
        ({"targets": [10]}, "Class 10 is out of range"),
        ({"image": np.zeros((28, 28, 1)) + 255}, "Divide by 255"),
        ({"layer": "relu9", "methods": "grad_cam"}, "relu9"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_a_sentence(named, digits, options, words):
    given = {"model": named, "image": digits.x_test[0]} | options
    with pytest.raises((ValueError, TypeError), match=words):
        explain(**given)
