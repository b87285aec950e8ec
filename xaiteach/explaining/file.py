"""Explanations as files: one .npz, arrays and words, no pickle."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from xaiteach.files.errors import short
from xaiteach.images.batch import as_batch

MOST_BYTES = 200_000_000
MOST_ENTRIES = 1_000
FACTS = ("targets", "names", "probabilities", "badges", "options", "weights", "versions", "settings")


def pack(explanation):
    """The bytes of an .npz: `image`, `maps/METHOD`, `options/METHOD/OPTION/` for arrays, `facts` as JSON."""
    facts = {name: getattr(explanation, name) for name in FACTS}
    arrays = {"image": explanation.image} | {f"maps/{name}": maps for name, maps in explanation.maps.items()}
    facts["options"] = {method: {} for method in explanation.options}
    for method, options in explanation.options.items():
        for option, value in options.items():
            several = isinstance(value, list) and value and all(isinstance(one, np.ndarray) for one in value)
            if several or isinstance(value, np.ndarray):
                each = value if several else [value]
                arrays |= {
                    f"options/{method}/{option}/{i if several else ''}": one for i, one in enumerate(each)
                }
            else:
                facts["options"][method][option] = value
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, facts=json.dumps(facts, default=_plain), **arrays)
    return file.getvalue()


def load_explanation(path):
    """Load what `Explanation.save` wrote as .npz; the model is not needed.

    Raises:
        FileNotFoundError: where nothing is.
        ValueError: for a file that is something else, damaged, or unpacks to more than 200 MB.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; want an .npz that an explanation was saved to.")
    try:
        return _unpack(path)
    except Exception as error:
        raise ValueError(
            f"{path.name} is damaged, or no explanation that was saved ({short(error)})."
        ) from error


def _unpack(path):
    from xaiteach.explaining.explanation import Explanation

    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES:,} bytes or {MOST_ENTRIES} arrays")
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    facts = json.loads(arrays.pop("facts").item())
    maps = {}
    for name in arrays:
        kind, _, rest = name.partition("/")
        if kind == "maps":
            maps[rest] = arrays[name]
        elif kind == "options":
            method, option, several = rest.split("/")
            options = facts["options"][method]
            options[option] = [*options.get(option, []), arrays[name]] if several else arrays[name]
    explanation = Explanation(image=arrays["image"], maps=maps, **facts)
    _check(explanation)
    return explanation


def _check(found):
    """An error unless everything has the shape that `xt.explain` gives it."""
    image, single = as_batch(found.image)
    k = len(found.targets)
    kinds = [(found.targets, int), (found.names, str), (found.probabilities, (int, float))]
    kinds += [(found.badges[name], str) for name in found.maps]
    if not single or k == 0 or not found.maps or not all(_is_list(some, k, kind) for some, kind in kinds):
        raise ValueError("its parts do not fit together")
    for name, maps in found.maps.items():
        if maps.shape != (k, *image.shape[1:3]) or maps.dtype != np.float32 or not np.isfinite(maps).all():
            raise ValueError(f"its maps of {name} do not fit the picture")
    if set(found.options) != set(found.maps) or not all(0 <= p <= 1 for p in found.probabilities):
        raise ValueError("its predictions or its options are none")
    if (
        not isinstance(found.weights, str | None)
        or "classes" not in found.settings
        or not found.versions.items()
    ):
        raise ValueError("it does not say what it is from")


def _is_list(some, k, kind):
    return isinstance(some, list) and len(some) == k and all(isinstance(one, kind) for one in some)


def _plain(value):
    """What JSON does not know: NumPy's numbers as numbers, anything else by the name of its kind."""
    return value.item() if isinstance(value, np.generic) else {"not saved": type(value).__name__}
