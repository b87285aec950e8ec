"""What is measured: each method beside the model passes it needs, and the libraries that have it too."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from peers import captum_ways, lime_way, shap_way
from raw import raw

import xaiteach as xt
from xaiteach.classifier.wrap import as_classifier


class Sizes(NamedTuple):
    """One model on one kind of picture, and how much of everything is asked for."""

    name: str
    images: np.ndarray
    background: np.ndarray
    batch_size: int
    window: int
    stride: int
    steps: int
    samples: int
    segments: Any
    layer: Any


def digits():
    data = xt.load_mnist()
    return Sizes(
        "digits", data.x_test[:8], data.x_train[:50], 32, 4, 2, 32, 500, None, lambda model: model.relu5
    )


def photos():
    cat, coffee = (xt.load_photo(name, size=224) for name in ("cat", "coffee"))
    return Sizes("photo", cat[None], coffee[None], 8, 56, 28, 16, 60, 7, lambda model: model.layer4)


def cnn(framework):
    return xt.load_cnn(framework)


def resnet(framework):
    """ResNet-50 with random weights: speed does not depend on what it has learnt."""
    if framework == "torch":
        from torchvision.models import resnet50

        return resnet50(weights=None).eval()
    from keras.applications import ResNet50

    return ResNet50(weights=None, classifier_activation=None)


PAIRS = {"digits": (digits, cnn), "photo": (photos, resnet)}
TARGET = 3


def cases(model, sizes):
    """Titles, each with the functions that are timed in turns: the raw passes, ours, and the peers'."""
    classifier, passes = xt.wrap(model), raw(model, sizes.images[0], sizes.batch_size)
    captum = captum_ways(model, sizes, TARGET)

    def case(method, needs, targets=TARGET, peers=(), **options):
        """A method, and the raw passes it needs as the name of a kind and its arguments."""
        kind, *counts = needs
        ours, quiet = getattr(xt, method), {"progress": False} if options else {}
        explain = partial(
            ours, classifier, sizes.images, targets, batch_size=sizes.batch_size, **options, **quiet
        )
        ways = {"raw passes": partial(getattr(passes, kind), *counts), "xaiteach": explain}
        return ways | ({"captum": captum[method]} if method in captum else {}) | dict(peers)

    n, steps, samples = len(sizes.images), sizes.steps, sizes.samples
    hide = {"window": sizes.window, "stride": sizes.stride}
    drops = xt.occlusion(classifier, sizes.images[0], TARGET, **hide, details=True, progress=False)[1].drops
    lime = {"lime": lime_way(classifier, sizes, TARGET)}
    yield "saliency", case("saliency", ("gradient", n))
    yield "Grad-CAM", case("grad_cam", ("gradient", n))
    yield f"occlusion, {drops.size} windows", case("occlusion", ("forward", n * (drops.size + 1)), **hide)
    cut = {"n_samples": samples, "segments": sizes.segments}
    yield f"LIME, {samples} samples", case("lime", ("forward", n * samples), peers=lime, **cut)
    path = "gradient", n * steps
    yield f"SmoothGrad, {steps} samples", case("smooth_grad", path, n_samples=steps)
    yield f"integrated gradients, {steps} steps", case("integrated_gradients", path, steps=steps)
    random = {"n_samples": steps, "background": sizes.background}
    for k in (1, 3):
        shap = {"shap": shap_way(classifier, sizes, ranked=k)}
        ways = case("gradient_shap", (*path, k), f"top{k}", shap, **random)
        yield f"gradient SHAP, {steps} samples, {k} class{'es' * (k > 1)}", ways
    yield removing(classifier, passes, sizes)


def removing(classifier, passes, sizes):
    """Deletion, pixel by pixel on a digit, in squares on a photo."""
    n, side, *_ = sizes.images.shape
    block = 1 if side < 64 else side // 7
    maps = xt.saliency(classifier, sizes.images, TARGET)
    options = {"block": block, "batch_size": sizes.batch_size, "progress": False}
    steps = len(range(0, side, block)) ** 2
    ours = partial(xt.metrics.deletion, classifier, sizes.images, maps, TARGET, **options)
    ways = {"raw passes": partial(passes.forward, n * (steps + 1)), "xaiteach": ours}
    return f"deletion, {block}×{block} pixels a step", ways


def explaining(model, image):
    """One line for one picture beside the passes it needs, and its tests beside the line without them."""
    explain = partial(xt.explain, model, image, progress=False)
    found = explain()
    passes, windows = raw(as_classifier(model).model, found.image, 8), found.options["occlusion"]
    _, details = xt.occlusion(model, found.image, 0, **windows, details=True, progress=False)

    def needed():
        passes.gradient(found.options["integrated_gradients"]["steps"], len(found.targets))
        passes.forward(details.drops.size + 3)

    yield "explain", {"raw passes": needed, "xaiteach": explain}
    yield (
        "the same with check=True, beside it",
        {"raw passes": explain, "xaiteach": partial(explain, check=True)},
    )
