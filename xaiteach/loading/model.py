"""A model from its file, whatever the kind, without executing or unpickling anything in it."""

import warnings

from xaiteach.classifier import wrap
from xaiteach.classifier.frameworks import framework_of
from xaiteach.files.archive import existing, read_file
from xaiteach.loading.hdf5 import SIGNATURE
from xaiteach.loading.keras_files import read_h5, read_keras
from xaiteach.loading.teachable_machine import HDF5, MODEL, TO_RANGE, is_export, load_teachable_machine
from xaiteach.loading.torch_weights import fill_from_safetensors

KINDS = "a Teachable Machine folder or zip, .keras, .h5, or .safetensors with into=model"
PROGRAM = (
    "is a pickle or TorchScript, a program that would run. If you trust it, load it yourself "
    "(module.load_state_dict(torch.load(path, weights_only=True)), or torch.jit.load), and wrap the module."
)
EXPORTED = (
    "is an export of torch.export; PyTorch unpickles and evaluates parts of it. Wrap the module it was made "
    "from. Or, if you trust it and it takes batches of any size, load it yourself: "
    "xt.wrap(torch.export.load(path).module(), input_shape=(height, width, channels))."
)
RECOGNISED = (
    "{} is built like an export of Teachable Machine, so it is given pictures from -1 to 1. If that is "
    "wrong, say preprocess=; for its class names put its labels.txt beside it, or say class_names=."
)
REFUSED = dict.fromkeys((".pt", ".pth", ".ts", ".bin", ".ckpt", ".pkl"), PROGRAM) | {".pt2": EXPORTED}


def load_model(path, *, into=None, **options):
    """The classifier in a file, wrapped. Nothing in the file is executed or unpickled.

    Args:
        path: a Teachable Machine export (folder or zip, see `load_teachable_machine`); a `.keras` or `.h5`
            file with a Keras model of plain layers; or a `.safetensors` file, which holds weights only.
        into: for `.safetensors`, the `torch.nn.Module` that gets the weights.
        options: what `xt.wrap` takes besides the model: preprocess, class_names, … A Teachable Machine export
            brings its own.

    Returns:
        A `Classifier`.

    Raises:
        FileNotFoundError, TypeError, ValueError: in a sentence that says what to do.
    """
    path = existing(path)
    ending = path.suffix.lower()
    if into is not None or ending == ".safetensors":
        return wrap(_filled(into, path, ending), **options)
    export = path.name.lower() == MODEL and any(path.parent.glob("*abel*.txt"))
    if path.is_dir() or ending == ".zip" or export:
        if options:
            given = ", ".join(options)
            raise ValueError(f"A Teachable Machine export brings its own {given}; leave that out.")
        return load_teachable_machine(path)
    if ending in (*HDF5, ".keras"):
        data = read_file(path)
        is_zip = data.startswith(b"PK") or (ending == ".keras" and not data.startswith(SIGNATURE))
        read = read_keras if is_zip else read_h5
        model = read(data, path.name)
        if "preprocess" not in options and is_export(model):
            warnings.warn(RECOGNISED.format(path.name), stacklevel=2)
            options["preprocess"] = TO_RANGE
        return wrap(model, **options)
    if ending in REFUSED:
        raise ValueError(f"{path.name} {REFUSED[ending]}")
    raise ValueError(f"{path.name} ends in {ending or 'nothing'}; want {KINDS}.")


def _filled(module, path, ending):
    """The module with the weights of a `.safetensors` file."""
    if ending != ".safetensors":
        cure = f"{path.name} brings its own model, leave into out"
        raise ValueError(f"into= is for .safetensors files, which hold weights only; {cure}.")
    if module is None:
        cure = "build the module they belong to, and say xt.load_model(path, into=module)"
        raise ValueError(f"{path.name} holds weights only; {cure}.")
    if framework_of(module) != "torch":
        given = type(module).__name__
        raise TypeError(f"into= is a {given}; want the torch.nn.Module that the weights belong to.")
    fill_from_safetensors(module, path)
    return module
