"""Files as Keras 2 and Teachable Machine write them, small, and their right answers in plain NumPy."""

import io
import json
import zipfile

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SIDE, FILTERS, HIDDEN = 16, 4, 5
LABELS = "0 cat\n1 My dog\n"
HEAD, BODY = ("hidden", "answer"), ("conv", "bn_conv", "depthwise", "bn_depthwise")


def arrays(channels=3, classes=2, seed=0):
    """The weights by their names in the file."""
    rng = np.random.default_rng(seed)
    shapes = {
        "conv/kernel": (3, 3, channels, FILTERS),
        "depthwise/depthwise_kernel": (3, 3, FILTERS, 1),
        "hidden/kernel": (FILTERS, HIDDEN),
        "hidden/bias": (HIDDEN,),
        "answer/kernel": (HIDDEN, classes),
    }
    found = {name: rng.normal(0, 0.5, shape) for name, shape in shapes.items()}
    for norm in ("bn_conv", "bn_depthwise"):
        found |= {f"{norm}/{part}": rng.normal(0, 0.5, FILTERS) for part in ("beta", "moving_mean")}
        found |= {f"{norm}/{part}": rng.uniform(0.5, 2, FILTERS) for part in ("gamma", "moving_variance")}
    return {name: array.astype(np.float32) for name, array in found.items()}


def features(images, w):
    """The last feature maps (N, 8, 8, 4) for images in [0, 1], from the formulas of the layers."""
    padded = np.pad(images * 2 - 1, ((0, 0), (0, 1), (0, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
    first = np.clip(norm(np.einsum("nhwcij,ijcf->nhwf", windows, w["conv/kernel"]), w, "conv"), 0, 6)
    windows = sliding_window_view(np.pad(first, ((0, 0), (1, 1), (1, 1), (0, 0))), (3, 3), axis=(1, 2))
    deep = np.einsum("nhwcij,ijc->nhwc", windows, w["depthwise/depthwise_kernel"][..., 0])
    return first + norm(deep, w, "depthwise")


def scores(images, w):
    """The scores before the softmax (N, K) for images in [0, 1]."""
    hidden = np.maximum(features(images, w).mean(axis=(1, 2)) @ w["hidden/kernel"] + w["hidden/bias"], 0)
    return hidden @ w["answer/kernel"]


def norm(maps, w, name):
    part = {key: w[f"bn_{name}/{key}"] for key in ("beta", "gamma", "moving_mean", "moving_variance")}
    spread = np.sqrt(part["moving_variance"] + 1e-3)
    return (maps - part["moving_mean"]) / spread * part["gamma"] + part["beta"]


def layer(kind, name, *sources, **config):
    """A layer in the dialect of Keras 2; with sources, as a Functional model lists it."""
    entry = {"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}}
    nodes = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return entry | {"name": name, "inbound_nodes": nodes} if sources or kind == "InputLayer" else entry


def sequential(name, *layers):
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def plan(channels=3, classes=2):
    """Sequential[Sequential[Functional, GlobalAveragePooling2D], Sequential[Dense, Dense]] of the site."""
    seen = {"batch_input_shape": [None, SIDE, SIDE, channels]}
    last = {"data_format": "channels_last"}
    unbiased = {"use_bias": False, "activation": "linear", "groups": 1, "dilation_rate": [1, 1], **last}
    normal = {"axis": [3], "momentum": 0.999, "epsilon": 0.001, "center": True, "scale": True}
    glorot = {"class_name": "VarianceScaling", "config": {"scale": 1, "mode": "fan_avg"}}
    conv_2d = {**unbiased, "padding": "valid", "kernel_initializer": glorot, "kernel_regularizer": None}
    deep = {**unbiased, "padding": "same", "depth_multiplier": 1, "depthwise_initializer": glorot}
    relu = {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}
    body = [
        layer("InputLayer", "input_1", sparse=False, ragged=False, **seen),
        layer("ZeroPadding2D", "pad", "input_1", padding=[[0, 1], [0, 1]], **last),
        layer("Conv2D", "conv", "pad", filters=FILTERS, kernel_size=[3, 3], strides=[2, 2], **conv_2d),
        layer("BatchNormalization", "bn_conv", "conv", **normal),
        layer("ReLU", "relu", "bn_conv", **relu),
        layer("DepthwiseConv2D", "depthwise", "relu", kernel_size=[3, 3], strides=[1, 1], **deep),
        layer("BatchNormalization", "bn_depthwise", "depthwise", **normal),
        layer("Add", "add", "relu", "bn_depthwise"),
    ]
    ends = {"input_layers": [["input_1", 0, 0]], "output_layers": [["add", 0, 0]]}
    model = {"class_name": "Functional", "config": {"name": "model1", "layers": body, **ends}}
    seen = {"batch_input_shape": [None, FILTERS]}
    hidden = layer("Dense", "hidden", units=HIDDEN, activation="relu", use_bias=True, **seen)
    answer = layer("Dense", "answer", units=classes, activation="softmax", use_bias=False)
    pool = layer("GlobalAveragePooling2D", "pool", **last)
    return sequential("top", sequential("body", model, pool), sequential("head", hidden, answer))


def groups(w):
    """What lies in the file: for each part of the outermost model names and arrays, trainable ones first."""
    found = {}
    for part, layers in (("body", BODY), ("head", HEAD)):
        names = [name for layer in layers for name in w if name.startswith(f"{layer}/")]
        names.sort(key=lambda name: name.endswith(("moving_mean", "moving_variance")))
        found[part] = {f"{name}:0": w[name] for name in names}
    return found


def h5(config, weights, *, more=None):
    """The bytes of an `.h5` file; `more(file)` adds to it."""
    file = io.BytesIO()
    with h5py.File(file, "w") as store:
        store.attrs["model_config"] = json.dumps(config) if isinstance(config, dict) else config
        store.attrs["keras_version"], store.attrs["backend"] = b"2.4.0", b"tensorflow"
        root = store.create_group("model_weights")
        root.attrs["layer_names"] = np.array([name.encode() for name in weights])
        for part, stored in weights.items():
            group = root.create_group(part)
            group.attrs["weight_names"] = np.array([name.encode() for name in stored])
            for name, array in stored.items():
                group[name] = array
        if more:
            more(store)
    return file.getvalue()


def export(channels=3, classes=2):
    """The bytes of a `keras_model.h5`, and its weights."""
    w = arrays(channels, classes)
    return h5(plan(channels, classes), groups(w)), w


def zipped(files):
    """The bytes of a zip with these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()
