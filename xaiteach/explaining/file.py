"""Facts as files: dictionaries, lists, words and arrays in one .npz, without pickle."""

import io
import json
import zipfile

import numpy as np

from xaiteach.files.errors import short
from xaiteach.images.batch import as_batch

MOST_BYTES = 200_000_000
MOST_ENTRIES = 1_000
WORDS = ("targets", "names", "probabilities", "badges", "options", "weights", "versions", "settings")


def pack(facts):
    """The bytes of an .npz: `image`, `maps/METHOD`, `options/METHOD/OPTION/` for arrays, `facts` as JSON."""
    arrays = {"image": facts["image"]}
    for method, maps in facts["maps"].items():
        arrays[f"maps/{method}"] = maps
    words = {name: facts[name] for name in WORDS}
    words["options"] = {method: {} for method in facts["options"]}
    for method, options in facts["options"].items():
        for option, value in options.items():
            if not _holds_arrays(value):
                words["options"][method][option] = value
                continue
            each = enumerate(value) if isinstance(value, list) else [("", value)]
            arrays |= {f"options/{method}/{option}/{i}": array for i, array in each}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, facts=json.dumps(words, default=_plain), **arrays)
    return file.getvalue()


def unpack(path):
    """What `pack` packed, checked; errors are those of `xt.load_explanation`."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; want an .npz that an explanation was saved to.")
    try:
        facts = _unpack(path)
        _check(facts)
    except Exception as error:
        raise ValueError(f"{path.name} is damaged, or no explanation ({short(error)}).") from error
    return facts


def _holds_arrays(value):
    several = value if isinstance(value, list) else [value]
    return len(several) > 0 and all(isinstance(each, np.ndarray) for each in several)


def _unpack(path):
    arrays = _read(path)
    words = json.loads(arrays.pop("facts").item())
    facts = {name: words[name] for name in WORDS} | {"image": arrays.pop("image"), "maps": {}}
    for name, array in arrays.items():
        kind, _, rest = name.partition("/")
        if kind == "maps":
            facts["maps"][rest] = array
        else:
            method, option, several = rest.split("/")
            options = facts["options"][method]
            options[option] = [*options.get(option, []), array] if several else array
    return facts


def _read(path):
    """The arrays in a file, by name; none of them is unpickled."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES:,} bytes or {MOST_ENTRIES} arrays")
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _check(facts):
    """An error unless there is one picture, and maps and words of as many classes as there are targets."""
    batch, single = as_batch(facts["image"])
    size = len(facts["targets"]), *batch.shape[1:3]
    if not single or not facts["maps"]:
        raise ValueError("it holds no picture or no map")
    for method, maps in facts["maps"].items():
        if maps.shape != size or not np.isfinite(maps).all():
            raise ValueError(f"its maps of {method} do not fit the picture")
    words = [facts["names"], facts["probabilities"], *facts["badges"].values()]
    methods = facts["maps"].keys()
    same_methods = methods == facts["options"].keys() == facts["badges"].keys()
    if not same_methods or any(len(each) != size[0] for each in words):
        raise ValueError("its parts do not fit together")


def _plain(value):
    """What JSON does not know: NumPy's numbers as numbers, anything else by the name of its kind."""
    return value.item() if isinstance(value, np.generic) else {"not saved": type(value).__name__}
