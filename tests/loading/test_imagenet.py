"""torchvision's and Keras's networks as the libraries mean them, or one clear sentence why not."""

import hashlib
import inspect
import io

import mirrors as serve
import numpy as np
import pytest
import torch
from torchvision import models

import xaiteach as xt
from xaiteach.loading.imagenet import load_imagenet

SMALL = "squeezenet1_1"


@pytest.fixture(scope="module")
def photo():
    return xt.load_photo("coffee", size=224)


@pytest.fixture(scope="module")
def squeezenet():
    return load_imagenet(SMALL, weights=None, seed=3)


@pytest.fixture(scope="module")
def content(squeezenet):
    """What a file with the weights of `squeezenet` holds."""
    file = io.BytesIO()
    torch.save(squeezenet.model.state_dict(), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def mobilenet():
    return load_imagenet("MobileNetV3Small", "keras", None, seed=3)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XAITEACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache" / "imagenet"


def files_in(folder):
    return [path.name for path in folder.glob("*") if path.name != ".lock"]


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_v2_l"])
def test_a_picture_reaches_torchvisions_network_as_through_its_own_transform(name, monkeypatch):
    """The two want different means, deviations and sizes; both names stand for the small network here."""
    published = models.get_model_weights(name).DEFAULT
    monkeypatch.setattr(models, "get_model", lambda _: models.resnet18())
    classifier = load_imagenet(name, weights=None)
    side = published.transforms().crop_size[0]
    picture = xt.load_photo("coffee", size=side)
    seen = published.transforms(resize_size=side)(torch.from_numpy(picture).permute(2, 0, 1))
    with torch.no_grad():
        want = classifier.model(seen[None])
    assert classifier.input_shape == (side, side, 3)
    np.testing.assert_allclose(classifier.scores(picture[None]), want, atol=1e-4)


@pytest.mark.parametrize("name", ["ResNet50", "MobileNetV2", "DenseNet121", "MobileNetV3Small"])
def test_a_picture_reaches_a_keras_network_as_through_its_own_preprocessing(name, photo, monkeypatch):
    """The four kinds: BGR less a mean, [-1, 1], mean and deviation, and 0…255 where the network does it."""
    import keras

    module = inspect.getmodule(getattr(keras.applications, name))
    monkeypatch.setattr(keras.applications, name, small_network_of(module))
    classifier = load_imagenet(name, "keras", None)
    want = classifier.model(module.preprocess_input(255 * photo[None]))
    np.testing.assert_allclose(classifier.scores(photo[None]), want, atol=1e-4, rtol=1e-6)


def small_network_of(module):
    """A builder, as if it were one of the module's own, of a network that tells the three channels apart."""
    import keras

    def build(weights):
        network = keras.Sequential([keras.Input((224, 224, 3)), keras.layers.GlobalAveragePooling2D()])
        network.add(keras.layers.Dense(1000, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01)))
        return network

    build.__module__ = module.__name__
    return build


def test_a_real_keras_network_is_wrapped_with_its_size_and_looked_through_to_its_scores(mobilenet, photo):
    assert mobilenet.input_shape == (224, 224, 3)
    want = mobilenet.model(255 * photo[None]).numpy()
    np.testing.assert_allclose(mobilenet.predict(photo[None]), want, atol=1e-5)
    assert abs(mobilenet.scores(photo).sum() - 1) > 1e-3, "probabilities, not scores"


def test_class_names_are_those_of_imagenet_in_the_order_of_its_synsets(squeezenet, mobilenet):
    """As in the list that keras.applications fetches: imagenet_class_index.json."""
    known = {0: "tench", 134: "crane bird", 281: "tabby", 517: "crane", 639: "maillot tank suit"}
    assert {i: squeezenet.class_names[i] for i in known} == known
    assert mobilenet.class_names == squeezenet.class_names and len(squeezenet.class_names) == 1000


def test_random_weights_follow_the_seed_and_leave_the_global_state_of_torch_alone(squeezenet, photo):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again, other = (load_imagenet(SMALL, weights=None, seed=seed) for seed in (3, 4))
    assert torch.equal(torch.rand(3), expected)
    np.testing.assert_array_equal(again.scores(photo), squeezenet.scores(photo))
    assert np.abs(other.scores(photo) - squeezenet.scores(photo)).max() > 1e-3


def test_weights_of_a_local_file_are_the_ones_that_are_used(squeezenet, mobilenet, content, photo, tmp_path):
    (tmp_path / "mine.pth").write_bytes(content)
    loaded = load_imagenet(SMALL, weights=tmp_path / "mine.pth")
    np.testing.assert_array_equal(loaded.scores(photo), squeezenet.scores(photo))
    mobilenet.model.save_weights(tmp_path / "mine.weights.h5")
    loaded = load_imagenet("mobilenet_v3_small", "keras", str(tmp_path / "mine.weights.h5"))
    np.testing.assert_allclose(loaded.scores(photo), mobilenet.scores(photo), atol=1e-6)


def test_a_network_that_is_built_otherwise_for_published_weights_is_built_so_for_a_file(tmp_path):
    """GoogLeNet has two more heads while it trains, and takes ImageNet's mean and deviation off again."""
    torch.save(models.googlenet(init_weights=False, aux_logits=True).state_dict(), tmp_path / "googlenet.pth")
    filled = load_imagenet("googlenet", weights=tmp_path / "googlenet.pth").model
    assert filled.transform_input and filled.aux1 is None


def test_published_weights_are_fetched_once(start, squeezenet, content, photo, cache, monkeypatch):
    """A bad download leaves nothing and says what to do; what else may go wrong is in files/test_fetch.py."""
    name = f"small-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    published = models.get_model_weights(SMALL).DEFAULT.value
    monkeypatch.setattr(published, "url", start(serve.not_found, {name: content}).url + name)
    with pytest.raises(ConnectionError, match="404") as error:
        load_imagenet(SMALL, progress=False)
    assert files_in(cache) == []
    for part in (name, str(cache), "weights=None", "load_photo_classifier"):
        assert part in str(error.value)
    server = start(serve.good, {name: content})
    monkeypatch.setattr(published, "url", server.url + name)
    first, second = (load_imagenet(SMALL, progress=False) for _ in range(2))
    assert server.requested == files_in(cache) == [name]
    for loaded in (first, second):
        np.testing.assert_array_equal(loaded.scores(photo), squeezenet.scores(photo))


def test_keras_fetches_through_the_same_cache(start, cache, monkeypatch, mobilenet, photo, tmp_path):
    from keras.src.applications import mobilenet_v3

    mobilenet.model.save(tmp_path / "small.h5")
    body = (tmp_path / "small.h5").read_bytes()
    name, hashes = "weights_mobilenet_v3_small_224_1.0_float.h5", (hashlib.md5(body).hexdigest(), "")
    monkeypatch.setitem(mobilenet_v3.WEIGHTS_HASHES, "small_224_1.0_float", hashes)
    server = start(serve.good, {name: body})
    monkeypatch.setattr(mobilenet_v3, "BASE_WEIGHT_PATH", server.url)
    loaded = load_imagenet("mobilenet_v3_small", "keras", progress=False)
    assert server.requested == files_in(cache) == [name]
    np.testing.assert_allclose(loaded.scores(photo), mobilenet.scores(photo), atol=1e-6)


def saved(thing):
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


NO_WEIGHTS = [
    (lambda content: content[:-1000], "damaged, or holds more than tensors"),
    (lambda content: saved(torch.nn.Linear(2, 2)), "damaged, or holds more than tensors"),
    (lambda _: saved({"state_dict": {}, "epoch": 3}), "holds a dict of state_dict, epoch; want tensors"),
    (lambda content: saved({"weight": torch.zeros(2)}), "does not hold weights of squeezenet1_1"),
]


@pytest.mark.parametrize(("make", "words"), NO_WEIGHTS)
def test_a_file_that_is_no_weights_of_this_network_is_refused(make, words, content, tmp_path):
    (tmp_path / "odd.pth").write_bytes(make(content))
    with pytest.raises(ValueError, match=f"odd.pth .*{words}"):
        load_imagenet(SMALL, weights=tmp_path / "odd.pth")


@pytest.mark.parametrize(
    ("name", "framework", "file", "words"),
    [
        ("MobileNetV3Small", "keras", "odd.weights.h5", "does not hold weights of MobileNetV3Small"),
        ("resnet50", "torch", "odd.h5", "as weights for this framework are"),
        ("resnet50", "keras", "odd.pth", "as weights for this framework are"),
        ("resnet50", "torch", "none.pth", 'none.pth.* is no file; want "default", None, or the path'),
    ],
)
def test_a_file_of_another_kind_or_framework_or_none_is_refused(name, framework, file, words, tmp_path):
    for odd in ("odd.weights.h5", "odd.h5", "odd.pth"):
        (tmp_path / odd).write_bytes(b"not HDF5")
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        load_imagenet(name, framework, tmp_path / file)


REFUSED = [
    ("resnet5", "torch", "no ImageNet classifier 'resnet5'; did you mean .*resnet50"),
    ("RegNetX16GF", "torch", "'RegNetX16GF'; did you mean regnet_x_16gf or regnet_x_1_6gf"),
    ("zzzz", "torch", "no ImageNet classifier 'zzzz'; there are, for example, alexnet"),
    ("mobilenet_v3", "keras", "no ImageNet classifier 'mobilenet_v3'; did you mean .*MobileNetV3"),
    ("fcn_resnet50", "torch", "no ImageNet classifier 'fcn_resnet50'; did you mean .*resnet50"),
]


@pytest.mark.parametrize(("name", "framework", "words"), REFUSED)
def test_an_unknown_name_is_answered_with_near_ones_and_another_task_with_its_name(name, framework, words):
    with pytest.raises(ValueError, match=words):
        load_imagenet(name, framework, None)


def test_every_name_of_both_libraries_is_found_as_it_is_written_there():
    import keras

    from xaiteach.loading.imagenet import _find

    for known in (models.list_models(module=models), [n for n in dir(keras.applications) if n[0].isupper()]):
        assert [_find(name, known, "here") for name in known] == known
    assert _find("ResNet_50", ["resnet50", "resnet101"], "here") == "resnet50"
