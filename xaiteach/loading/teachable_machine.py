"""Models of Google's Teachable Machine, as its export "Tensorflow → Keras" writes them."""

import re
from pathlib import PurePosixPath

from xaiteach.classifier import wrap
from xaiteach.files.archive import existing, read_file, read_folder, read_zip
from xaiteach.loading.keras_files import read_h5

MODEL = "keras_model.h5"
HDF5 = (".h5", ".hdf5")
CLUTTER = re.compile(r"__MACOSX|(^|/)\.[^/]*$")  # what a Mac leaves beside the files of a zip
TO_RANGE = (0.5, 0.5)  # from [0, 1] to [-1, 1]
EXPORT = (
    'On the site choose Export Model, Tensorflow, "Keras", and give its zip; from Keras itself save a '
    ".keras file."
)
OTHER_EXPORTS = {".tflite": "a TensorFlow Lite export", ".pb": "a SavedModel"}
OTHER_EXPORTS |= dict.fromkeys((".bin", ".json"), "a TensorFlow.js export")


def load_teachable_machine(folder_or_zip):
    """The classifier that somebody trained on Teachable Machine's site, wrapped.

    Args:
        folder_or_zip: path of the "Keras" export, with `keras_model.h5` and `labels.txt`: the zip, the folder
            it was unpacked to, or the `.h5` file in it.

    Returns:
        A `Classifier` with the class names and the image size of the export. The site's preprocessing to
        [-1, 1] is inside: images are (N, H, W, C) in [0, 1] as everywhere. Nothing in the files is executed.

    Raises:
        FileNotFoundError: where there is nothing, or a file of the two is missing.
        ValueError: in a sentence, for another export, and for damaged or distrusted files.
    """
    path = existing(folder_or_zip)
    files = {name: data for name, data in _files_at(path).items() if not CLUTTER.search(name)}
    model_name = _model_in(files, path.name)
    labels = _labels_in(files, model_name, path.name)
    model = read_h5(files[model_name], PurePosixPath(model_name).name)
    names, k = as_names(re.split(r"[\r\n]+", labels)), model.output_shape[-1]
    if len(names) != k:
        given = f"{len(names)} lines and the model {k} classes"
        raise ValueError(f"The labels file has {given}; want one line a class.")
    is_own = PurePosixPath(model_name).name.lower() == MODEL or is_export(model)
    return wrap(model, preprocess=TO_RANGE if is_own else None, class_names=names)


def is_export(model):
    """Whether a model is built as the site builds them, whatever its file is called."""

    def kinds(part):
        return [type(layer).__name__ for layer in getattr(part, "layers", [])]

    if kinds(model) != ["Sequential"] * 2:
        return False
    body, head = model.layers
    pool = ["Functional", "GlobalAveragePooling2D"]
    if kinds(body) not in (pool, [*pool, "Dropout"]) or "Rescaling" in kinds(body.layers[0]):
        return False
    return set(kinds(head)) <= {"Dense", "Dropout"} and not head.layers[-1].use_bias


def as_names(lines):
    """Class names from the lines of a `labels.txt`, without numbers where all are numbered 0, 1, 2, …"""
    lines = [line.strip() for line in lines if line.strip()]
    numbered = [re.match(rf"{i}(?:\s+(.*)|$)", line, re.DOTALL) for i, line in enumerate(lines)]
    return [match[1] or match[0] for match in numbered] if all(numbered) else lines


def _files_at(path):
    wanted = lambda name: name.lower().endswith((*HDF5, ".txt"))  # noqa: E731
    if path.is_dir():
        return read_folder(path, wanted)
    if path.suffix.lower() in HDF5:
        return {file.name: read_file(file) for file in (path, *path.parent.glob("*.txt"))}
    return read_zip(read_file(path), path.name, wanted)


def _model_in(files, where):
    found = [name for name in files if name.lower().endswith(HDF5)]
    own = [name for name in found if PurePosixPath(name).name.lower() == MODEL] or found
    if len(own) == 1:
        return own[0]
    if own:
        several = ", ".join(own)[:120]
        raise ValueError(f"{where} holds several models ({several}); give the .h5 file that is meant.")
    endings = [PurePosixPath(name).suffix.lower() for name in files]
    other = next((words for ending, words in OTHER_EXPORTS.items() if ending in endings), None)
    if other:
        raise ValueError(f"{where} is {other}, which can't be explained here. {EXPORT}")
    raise FileNotFoundError(f"There is no {MODEL} in {where}. {EXPORT}")


def _labels_in(files, model, where):
    """The text of the labels file that lies beside the model."""
    beside = [name for name in files if PurePosixPath(name).parent == PurePosixPath(model).parent]
    texts = [name for name in beside if re.fullmatch(r".*labels?.*\.txt", PurePosixPath(name).name.lower())]
    if not texts:
        cure = "put the one of the export there"
        raise FileNotFoundError(f"There is no labels.txt beside {model} in {where}; {cure}.")
    data = files[min(texts, key=len)]
    try:
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        name = PurePosixPath(texts[0]).name
        raise ValueError(f"{name} is not in UTF-8; save it in that encoding.") from None
