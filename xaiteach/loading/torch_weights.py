"""Weights for a PyTorch module, tensors by name, read without running what may be in a file."""

import warnings

from xaiteach.files.archive import read_file
from xaiteach.files.errors import short


def read_torch_weights(path):
    """The tensors by name in a `.pth` or `.pt` file; a ValueError where it holds anything else."""
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # of TorchScript, which is then refused
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(
            f"{path} can't be read as weights: it is damaged, or holds more than tensors, such as a whole "
            "model. Want what torch.save(model.state_dict(), path) writes; no code in a file is run."
        ) from error
    if not isinstance(state, dict) or not state or not all(map(torch.is_tensor, state.values())):
        keys = f" of {', '.join(map(str, list(state)[:5]))}" if state else ""
        raise ValueError(
            f"{path} holds a {type(state).__name__}{keys}; want tensors by name, as "
            "torch.save(model.state_dict(), path) writes."
        )
    return state


def fill_from_safetensors(module, path):
    """Put the weights of a `.safetensors` file into a module; it stays as it was where they don't fit."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        given = load(read_file(path))
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{path.name} is damaged or no safetensors file ({short(error)}).") from None
    own = module.state_dict()
    problems = {
        "lacks": own.keys() - given.keys(),
        "has, and the module has not,": given.keys() - own.keys(),
        "has in another shape": [key for key in own.keys() & given if own[key].shape != given[key].shape],
        "has with NaN or infinite values": [key for key in given if not given[key].isfinite().all()],
    }
    words = "; ".join(f"it {what} {_listed(keys)}" for what, keys in problems.items() if keys)
    if words:
        raise ValueError(f"{path.name} does not fit this module: {words}. The module is as it was.")
    module.load_state_dict(given)


def _listed(keys):
    return ", ".join(sorted(keys)[:3]) + (" …" if len(keys) > 3 else "")
