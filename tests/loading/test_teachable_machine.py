"""Teachable Machine's exports: the right numbers and names, whatever the files are called."""

import keras
import numpy as np
import old_keras as old
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

import xaiteach as xt
from xaiteach.loading.teachable_machine import as_names

pytestmark = pytest.mark.usefixtures("quick_hdf5")
LETTERS = st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])
NAMES = st.text(LETTERS, min_size=1).map(str.strip).filter(bool)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).random((3, old.SIDE, old.SIDE, 3), dtype=np.float32)


@pytest.fixture(scope="module")
def written():
    return old.export()


@pytest.fixture(scope="module")
def classifier(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    (folder / "keras_model.h5").write_bytes(written[0])
    (folder / "labels.txt").write_text(old.LABELS)
    return xt.load_teachable_machine(folder)


def put(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def test_probabilities_scores_and_the_last_feature_maps_are_those_of_the_formulas(
    classifier, written, images
):
    scores = old.scores(images, written[1])
    np.testing.assert_allclose(classifier.predict(images), softmax(scores, axis=1), atol=1e-5)
    np.testing.assert_allclose(classifier.scores(images), scores, atol=1e-4)
    np.testing.assert_allclose(classifier.activations(images), old.features(images, written[1]), atol=1e-4)
    assert classifier.class_names == ["cat", "My dog"] and classifier.input_shape == (16, 16, 3)


@pytest.mark.parametrize(
    "names",
    [
        ("converted_keras/keras_model.h5", "converted_keras/labels.txt"),
        ("model.h5", "Labels.txt"),
        ("Keras_Model.H5", "LABELS.TXT"),
    ],
)
def test_the_zip_may_name_its_files_as_it_likes(names, written, tmp_path, images, classifier):
    clutter = {f"__MACOSX/{names[0]}": b"", f"__MACOSX/._{names[1]}": b"\xff", "labels_copy/": b""}
    path = tmp_path / "export.zip"
    path.write_bytes(old.zipped({**clutter, names[0]: written[0], names[1]: old.LABELS}))
    same = xt.load_teachable_machine(str(path))
    assert same.class_names == classifier.class_names
    np.testing.assert_array_equal(same.predict(images), classifier.predict(images))


def test_a_grey_export_takes_grey_images(tmp_path):
    data, w = old.export(channels=1, classes=3)
    put(tmp_path, {"keras_model.h5": data, "labels.txt": "a\nb\nc"})
    images = np.random.default_rng(2).random((2, 16, 16, 1), dtype=np.float32)
    got = xt.load_teachable_machine(tmp_path / "keras_model.h5").scores(images)
    np.testing.assert_allclose(got, old.scores(images, w), atol=1e-4)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("0 cat|1 My class", ["cat", "My class"]),
        ("0 7 up|1 12 monkeys", ["7 up", "12 monkeys"]),
        ("0 cat|2 dog", ["0 cat", "2 dog"]),
        ("1 cat|2 dog", ["1 cat", "2 dog"]),
        ("0 0|1 1", ["0", "1"]),
        ("0\tcat|1  dog  ||  |", ["cat", "dog"]),
        ("0cat|1dog", ["0cat", "1dog"]),
        ("0 猫|1 кошка", ["猫", "кошка"]),
    ],
)
def test_label_lines_lose_their_numbers_only_where_all_are_numbered(lines, names):
    assert as_names(lines.split("|")) == names


@given(st.lists(NAMES, min_size=1, max_size=30))
def test_numbered_lines_give_the_names_whatever_they_are(names):
    assert as_names([f"{i} {name}" for i, name in enumerate(names)]) == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n\n"])
def test_labels_are_read_with_any_mark_and_any_line_ending(encoding, end, tmp_path, monkeypatch):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    monkeypatch.setattr("xaiteach.loading.teachable_machine.read_h5", lambda *_: model)
    text = f"0 猫{end}1 Zoë{end}"
    put(tmp_path, {"keras_model.h5": b"", "labels.txt": text.encode(encoding)})
    assert xt.load_teachable_machine(tmp_path).class_names == ["猫", "Zoë"]


EXPORTS = {
    "TensorFlow Lite": {"model_unquant.tflite": b"", "labels.txt": b"a"},
    "TensorFlow.js": {"model.json": b"{}", "weights.bin": b"", "metadata.json": b"{}"},
    "SavedModel": {"model.savedmodel/saved_model.pb": b"", "labels.txt": b"a"},
    "no keras_model.h5": {"labels.txt": b"a"},
    "several models": {"a.h5": b"", "b.h5": b"", "labels.txt": b"a"},
    "no labels.txt": {"keras_model.h5": b"", "notes.txt": b"a"},
    "not in UTF-8": {"keras_model.h5": b"", "labels.txt": b"0 caf\xe9"},
    "no HDF5": {"keras_model.h5": b"<html>", "labels.txt": b"a"},
}


@pytest.mark.parametrize(("words", "files"), EXPORTS.items())
def test_another_export_gets_a_sentence_in_a_folder_and_in_a_zip(words, files, tmp_path):
    (tmp_path / "it.zip").write_bytes(old.zipped(files))
    for path in (put(tmp_path / "it", files), tmp_path / "it.zip"):
        with pytest.raises((ValueError, FileNotFoundError), match=words) as error:
            xt.load_teachable_machine(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("labels", ["cat", "0 cat\n1 dog\n2 bird", ""])
def test_labels_that_are_too_few_or_too_many_are_counted(labels, written, tmp_path):
    put(tmp_path, {"keras_model.h5": written[0], "labels.txt": labels})
    with pytest.raises(ValueError, match=rf"has {len(labels.splitlines())} lines and the model 2 classes"):
        xt.load_teachable_machine(tmp_path)


@pytest.mark.parametrize("name", ["cat_dog.h5", "keras_model.h5", "mine.keras"])
def test_an_export_renamed_or_without_labels_is_recognised_by_its_build(name, written, tmp_path, images):
    put(tmp_path, {name: written[0]})
    with pytest.warns(
        UserWarning, match=f"{name} is built like an export of Teachable Machine.*from -1 to 1"
    ):
        got = xt.load_model(tmp_path / name, class_names=["cat", "dog"])
    np.testing.assert_allclose(got.scores(images), old.scores(images, written[1]), atol=1e-4)
    assert got.class_names == ["cat", "dog"]


@pytest.mark.filterwarnings("error:.*Teachable")
def test_a_model_of_another_build_or_with_its_preprocessing_said_is_left_alone(written, tmp_path, images):
    put(tmp_path, {"mine.h5": written[0]})
    got = xt.load_model(tmp_path / "mine.h5", preprocess=lambda x: 2 * x - 1)
    np.testing.assert_allclose(got.scores(images), old.scores(images, written[1]), atol=1e-4)
    layers = keras.layers
    body = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()])
    model = keras.Sequential([body, keras.Sequential([layers.Dense(2, use_bias=False)])])
    model(images)
    model.save(tmp_path / "other.keras")
    np.testing.assert_allclose(
        xt.load_model(tmp_path / "other.keras").scores(images), model(images), atol=1e-5
    )


def test_a_model_beside_labels_that_the_site_did_not_make_is_given_pictures_as_they_are(tmp_path, images):
    layers = keras.layers
    parts = [layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((16, 16, 3)), *parts])
    model.save(tmp_path / "mine.h5")
    put(tmp_path, {"labels.txt": b"cat\ndog"})
    got = xt.load_model(tmp_path)
    np.testing.assert_allclose(got.scores(images), model(images), atol=1e-5)
    assert got.class_names == ["cat", "dog"]
