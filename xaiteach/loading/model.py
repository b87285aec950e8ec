"""A model from its file, whatever the kind, without executing or unpickling anything in it."""

from xaiteach.classifier import wrap
from xaiteach.classifier.frameworks import framework_of
from xaiteach.files.archive import existing, read_file
from xaiteach.files.errors import short
from xaiteach.loading.keras_files import read_h5, read_keras
from xaiteach.loading.teachable_machine import HDF5, MODEL, load_teachable_machine

KINDS = "a Teachable Machine folder or zip, .keras, .h5, .pt2, or .safetensors with into=model"
PROGRAMS = (".pt", ".pth", ".ts", ".bin", ".ckpt", ".pkl")


def load_model(path, *, into=None, **options):
    """The classifier in a file, wrapped. Nothing in the file is executed or unpickled.

    Args:
        path: a Teachable Machine export (folder or zip, see `load_teachable_machine`); a `.keras` or `.h5` file with a
            Keras model of plain layers; a `.pt2` file of `torch.export` with plain operations; or a `.safetensors`
            file, which holds weights only.
        into: for `.safetensors`, the `torch.nn.Module` that gets the weights.
        options: what `xt.wrap` takes besides the model: preprocess, class_names, … A Teachable Machine export brings
            its own.

    Returns:
        A `Classifier`.

    Raises:
        FileNotFoundError, TypeError, ValueError: in a sentence that says what to do.
    """
    path = existing(path)
    ending = path.suffix.lower()
    if (into is not None) != (ending == ".safetensors"):
        raise ValueError(_about_into(path.name, ending))
    if _is_teachable_machine(path, ending):
        return _without(options, load_teachable_machine(path))
    if ending == ".safetensors":
        return wrap(_filled(into, read_file(path), path.name), **options)
    if ending == ".pt2":
        from xaiteach.loading.torch_files import read_pt2

        module, shape = read_pt2(read_file(path), path.name)
        return wrap(module, **{"input_shape": shape, **options})
    if ending in (*HDF5, ".keras"):
        read = read_keras if ending == ".keras" else read_h5
        return wrap(read(read_file(path), path.name), **options)
    raise ValueError(_refusal(path.name, ending))


def _is_teachable_machine(path, ending):
    export = path.name.lower() == MODEL and any(path.parent.glob("*abel*.txt"))
    return path.is_dir() or ending == ".zip" or export


def _without(options, classifier):
    if options:
        raise ValueError(f"A Teachable Machine export brings its own {', '.join(options)}; leave that out.")
    return classifier


def _about_into(name, ending):
    if ending == ".safetensors":
        return f"{name} holds weights only; build the module they belong to, and say xt.load_model(path, into=module)."
    return f"into= is for .safetensors files, which hold weights only; {name} brings its own model, leave into out."


def _refusal(name, ending):
    if ending in PROGRAMS:
        return (
            f"{name} is a pickle or TorchScript, a program that would run. If you trust it, load it yourself "
            "(module.load_state_dict(torch.load(path, weights_only=True)), or torch.jit.load), and wrap the module."
        )
    return f"{name} ends in {ending or 'nothing'}; want {KINDS}."


def _filled(module, data, name):
    """The module with the weights of a `.safetensors` file; it stays as it was where they don't fit."""
    if framework_of(module) != "torch":
        raise TypeError(
            f"into= is a {type(module).__name__}; want the torch.nn.Module that the weights belong to."
        )
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{name} is damaged or no safetensors file ({short(error)}).") from None
    _check_fit(module.state_dict(), tensors, name)
    module.load_state_dict(tensors)
    return module


def _check_fit(own, given, name):
    """Raise a ValueError unless every name is there, with the right shape and with finite numbers."""
    shapes = [key for key in own.keys() & given.keys() if own[key].shape != given[key].shape]
    wrong = {
        "lacks": sorted(own.keys() - given.keys()),
        "has, and the module has not,": sorted(given.keys() - own.keys()),
        "has in another shape": sorted(shapes),
        "has with NaN or infinite values": sorted(key for key in given if not given[key].isfinite().all()),
    }
    words = [
        f"{what} {', '.join(keys[:3])}{' …' if len(keys) > 3 else ''}" for what, keys in wrong.items() if keys
    ]
    if words:
        raise ValueError(
            f"{name} does not fit this module: it {'; it '.join(words)}. The module is as it was."
        )
