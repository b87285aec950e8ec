"""Networks for ImageNet's 1,000 classes, from torchvision and keras.applications, wrapped as they want it."""

import inspect
import warnings
from difflib import get_close_matches
from pathlib import Path
from unittest.mock import patch

from xaiteach.classifier import wrap
from xaiteach.classifier.frameworks import check_framework
from xaiteach.files.errors import short
from xaiteach.loading.torch_weights import read_torch_weights

TIME_LIMIT = 3600  # seconds for one file; the largest have 500 MB and more
ADVICE = (
    "give the path of the file as weights=; weights=None gives the same network with random weights, to try "
    "things out; xt.load_photo_classifier() is trained and needs no network"
)
SUFFIXES = {"torch": (".pth", ".pt"), "keras": (".h5",)}


def load_imagenet(name="resnet50", framework="torch", weights="default", *, seed=0, progress=True):
    """A network for ImageNet's 1,000 classes, wrapped with its preprocessing, class names and image size.

    Args:
        name: as torchvision or keras.applications call it, for example "resnet50", "vgg16",
            "mobilenet_v3_small"; capitals and underscores don't matter where that is clear.
        framework: "torch" for torchvision, "keras" for keras.applications.
        weights: "default" for the library's best trained weights, fetched once into the course's cache folder
            (5 MB to 2.5 GB) and checked; the path of a file, `.pth` or `.pt` for PyTorch, `.h5` for Keras; or
            None for random weights: the class names are there, but predictions mean nothing.
        seed: of random weights.
        progress: show a bar while the file is fetched.

    Returns:
        A `Classifier` of images (N, H, W, 3) in [0, 1], of the size that the weights were tested on: 224×224
        for most. Cut and resize a photo yourself, as `xt.load_photo(name, size=224)` does.

    Raises:
        ValueError: for a name that is no ImageNet classifier, or a file that does not fit it.
        FileNotFoundError: for a path where no file is.
        ConnectionError: where the weights can't be fetched; it says what to do.

    Class names are those of torchvision in both frameworks; keras.applications counts the classes in the same
    order, but fetches its names from the network.

    Source: Deng et al., ImageNet: a large-scale hierarchical image database, CVPR 2009;
    https://pytorch.org/vision/stable/models.html and https://keras.io/api/applications.
    """
    load = {"keras": _load_keras, "torch": _load_torch}[check_framework(framework)]
    return load(name, _checked(weights, SUFFIXES[framework]), seed, progress)


def _load_torch(name, weights, seed, progress):
    import torch
    from torchvision import models

    name = _find(name, models.list_models(module=models), "torchvision")
    published = models.get_model_weights(name).DEFAULT
    if weights == "default":
        weights = _fetched(published.url, Path(published.url).stem.rpartition("-")[2], progress)
    state = None if weights is None else read_torch_weights(weights)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.get_model(name) if state is None else _filled(name, published, state, weights)
    look, names = published.transforms(), published.meta["categories"]
    options = {"class_names": names, "input_shape": (*look.crop_size * 2, 3), "outputs": "scores"}
    return wrap(model.eval(), preprocess=(look.mean, look.std), **options)


def _filled(name, published, state, weights):
    """torchvision's network with `state`; a few are built otherwise for weights than for random ones."""
    from torchvision import models

    try:
        with patch.object(type(published), "get_state_dict", lambda *_, **__: state):
            return models.get_model(name, weights=published)
    except RuntimeError as error:
        raise ValueError(_unfit(weights, name, error)) from error


def _load_keras(name, weights, seed, progress):
    import keras
    from torchvision.models import ResNet50_Weights

    known = [each for each in dir(keras.applications) if each[0].isupper()]
    build = getattr(keras.applications, _find(name, known, "keras.applications"))
    keras.utils.set_random_seed(seed)
    model = build(weights=None) if weights is None else _filled_keras(build, weights, progress)
    prepare = inspect.getmodule(build).preprocess_input
    names = ResNet50_Weights.DEFAULT.meta["categories"]
    shape = tuple(side or 224 for side in model.input_shape[1:])  # MobileNetV3 leaves it open
    return wrap(model, preprocess=lambda images: prepare(255 * images), class_names=names, input_shape=shape)


def _filled_keras(build, weights, progress):
    """Keras's network with published weights; `fetch` gets them, since Keras knows no limit of time."""
    from keras.src.utils import file_utils

    files = []

    def get_file(name, url, *, file_hash=None, **_):
        known = f"md5:{file_hash}" if len(file_hash or "") == 32 else file_hash or ""
        files.append(weights if weights != "default" else _fetched(url, known, progress))
        return str(files[0])

    try:
        with patch.object(file_utils, "get_file", get_file), warnings.catch_warnings(action="ignore"):
            return build(weights="imagenet")  # a few are built otherwise for random weights
    except Exception as error:
        if not files:
            raise
        raise ValueError(_unfit(files[0], build.__name__, error)) from error


def _fetched(url, known, progress):
    """The path of published weights, fetched once into the course's cache folder and checked."""
    from xaiteach.files.download import cache_folder, fetch

    mirror, _, name = url.rpartition("/")
    folder = cache_folder() / "imagenet"
    fetch({name: known}, [mirror], folder, time_limit=TIME_LIMIT, progress=progress, advice=ADVICE)
    return folder / name


def _checked(weights, suffixes):
    """What was given as weights: None, "default", or the path of a file of the right kind."""
    if weights is None or weights == "default":
        return weights
    path, wanted = Path(weights).expanduser(), " or ".join(suffixes)
    if not path.is_file():
        want = f'"default", None, or the path of a {wanted}'
        raise FileNotFoundError(f"weights={str(path)!r} is no file; want {want}.")
    if path.suffix not in suffixes:
        raise ValueError(f"{path} is no {wanted} file, as weights for this framework are.")
    return path


def _find(name, known, library):
    """The name in `known` that is meant, capitals and underscores aside."""
    if name in known:
        return name
    alike = [each for each in known if _plain(each) == _plain(name)]
    if len(alike) == 1:
        return alike[0]
    by_plain = {_plain(each): each for each in known}
    close = get_close_matches(_plain(name), by_plain, n=3, cutoff=0.5)
    meant = " or ".join(alike or [by_plain[each] for each in close])
    hint = f"did you mean {meant}?" if meant else f"there are, for example, {', '.join(known[::9])}."
    raise ValueError(f"{library} has no ImageNet classifier {name!r}; {hint}")


def _plain(name):
    return str(name).lower().replace("_", "").replace("-", "")


def _unfit(path, name, error):
    return f"{path} does not hold weights of {name} for ImageNet's 1,000 classes ({short(error)})."
