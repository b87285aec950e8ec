"""Teachable Machine's exports: the right numbers and names, whatever the files are called, and nothing executed."""

import json
import struct
import zipfile

import h5py
import numpy as np
import old_keras as old
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

import xaiteach as xt
from xaiteach.models import archive, hdf5
from xaiteach.models.archive import read_zip
from xaiteach.models.keras_files import read_h5
from xaiteach.models.keras_plan import read_plan
from xaiteach.models.teachable_machine import as_names

NAMES = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool)


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


def test_predictions_are_those_of_the_layers_formulas(classifier, written, images):
    np.testing.assert_allclose(classifier.predict(images), softmax(old.scores(images, written[1]), axis=1), atol=1e-5)


def test_scores_before_the_softmax_and_the_last_feature_maps_can_be_had(classifier, written, images):
    np.testing.assert_allclose(classifier.scores(images), old.scores(images, written[1]), atol=1e-4)
    np.testing.assert_allclose(classifier.activations(images), old.features(images, written[1]), atol=1e-4)


def test_the_gradient_is_how_the_score_changes(classifier, written, images):
    step = np.zeros_like(images)
    step[:, 5, 7, 1] = 1e-3
    change = [old.scores(images.astype(float) + sign * step, written[1])[:, 1] for sign in (1, -1)]
    np.testing.assert_allclose(classifier.gradient(images, 1)[:, 5, 7, 1], (change[0] - change[1]) / 2e-3, rtol=0.02)


def test_methods_of_all_three_questions_explain_it(classifier, images):
    maps = [xt.grad_cam(classifier, images), xt.occlusion(classifier, images, window=8, stride=8, progress=False)]
    assert [m.shape for m in maps] == [(3, 16, 16)] * 2 and all(m.any() for m in maps)
    known = xt.integrated_gradients(classifier, images, steps=200, details=True)[1]
    np.testing.assert_allclose(known.accounts_for, known.difference, rtol=0.02)


def test_names_and_size_are_those_of_the_export(classifier):
    assert classifier.class_names == ["cat", "My dog"] and classifier.input_shape == (16, 16, 3)


@pytest.mark.parametrize(
    "names",
    [
        ("keras_model.h5", "labels.txt"),
        ("converted_keras/keras_model.h5", "converted_keras/labels.txt"),
        ("model.h5", "Labels.txt"),
        ("Keras_Model.H5", "LABELS.TXT"),
    ],
)
def test_the_zip_may_name_its_files_as_it_likes(names, written, tmp_path, images, classifier):
    clutter = {f"__MACOSX/{names[0]}": b"", f"__MACOSX/._{names[1]}": b"\xff", ".DS_Store": b"\0", "labels_copy/": b""}
    path = tmp_path / "export.zip"
    path.write_bytes(old.zipped({**clutter, names[0]: written[0], names[1]: old.LABELS}))
    same = xt.load_teachable_machine(str(path))
    assert same.class_names == classifier.class_names
    np.testing.assert_array_equal(same.predict(images), classifier.predict(images))


def test_a_grey_export_takes_grey_images(tmp_path):
    data, w = old.export(channels=1, classes=3)
    put(tmp_path, {"keras_model.h5": data, "labels.txt": "a\nb\nc"})
    images = np.random.default_rng(2).random((2, 16, 16, 1), dtype=np.float32)
    got = xt.load_teachable_machine(tmp_path / "keras_model.h5").predict(images)
    np.testing.assert_allclose(got, softmax(old.scores(images, w), axis=1), atol=1e-5)


def test_what_training_left_in_the_file_is_not_looked_at(written, images, classifier):
    def more(store):
        store.attrs["training_config"] = '{"optimizer_config": {"class_name": "Mine>Optimizer"}, "loss": "__lambda__"}'
        store["optimizer_weights/elsewhere"] = h5py.ExternalLink("other.h5", "/")

    same = read_h5(old.h5(old.plan(), old.groups(written[1]), more=more), "model.h5")
    np.testing.assert_allclose(same(2 * images - 1), classifier.predict(images), atol=1e-6)


def test_weights_whose_names_tell_nothing_are_taken_in_order(written, images, classifier):
    """Keras names a layer anew when the same model is made twice in one session."""
    renamed = {
        part: {name.replace("/", "_7/").replace(":0", "_1:0"): array for name, array in stored.items()}
        for part, stored in old.groups(written[1]).items()
    }
    same = read_h5(old.h5(old.plan(), renamed), "model.h5")
    np.testing.assert_allclose(same(2 * images - 1), classifier.predict(images), atol=1e-6)


def test_calls_of_a_model_inside_another_are_counted_from_1_as_keras_2_does(written, images, classifier):
    body, head = old.plan()["config"]["layers"]
    model, pool = body["config"]["layers"]
    first = old.layer("InputLayer", "image", batch_input_shape=[None, old.SIDE, old.SIDE, 3])
    model |= {"name": "model1", "inbound_nodes": [[["image", 0, 0, {"training": False}]]]}
    pool |= {"name": "pool", "inbound_nodes": [[["model1", 1, 0, {}]]]}
    head |= {"name": "head", "inbound_nodes": [[["pool", 0, 0, {}]]]}
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [["head", 1, 0]]}
    outer = {"class_name": "Model", "config": {"name": "outer", "layers": [first, model, pool, head], **ends}}
    stored = old.groups(written[1])
    same = read_h5(old.h5(outer, {"model1": stored["body"], "pool": {}, "head": stored["head"]}), "model.h5")
    np.testing.assert_allclose(same(2 * images - 1), classifier.predict(images), atol=1e-6)


def test_weights_with_names_are_taken_by_name_in_any_order(written, images, classifier):
    """Where some layers were not trained, theirs come last in the file."""
    backwards = {part: dict(reversed(stored.items())) for part, stored in old.groups(written[1]).items()}
    same = read_h5(old.h5(old.plan(), backwards), "model.h5")
    np.testing.assert_allclose(same(2 * images - 1), classifier.predict(images), atol=1e-6)


def test_lists_of_weights_that_were_too_long_for_one_attribute_are_put_together(written, images, classifier):
    def split(store):
        attributes = store["model_weights/body"].attrs
        names = attributes["weight_names"]
        del attributes["weight_names"]
        attributes["weight_names0"], attributes["weight_names1"] = names[:5], names[5:]

    same = read_h5(old.h5(old.plan(), old.groups(written[1]), more=split), "model.h5")
    np.testing.assert_allclose(same(2 * images - 1), classifier.predict(images), atol=1e-6)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("0 cat|1 My class", ["cat", "My class"]),
        ("cat|dog", ["cat", "dog"]),
        ("0 7 up|1 12 monkeys", ["7 up", "12 monkeys"]),
        ("7 up|12 monkeys", ["7 up", "12 monkeys"]),
        ("0 cat|2 dog", ["0 cat", "2 dog"]),
        ("1 cat|2 dog", ["1 cat", "2 dog"]),
        ("0|1", ["0", "1"]),
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


@given(st.lists(st.text(), max_size=30))
def test_any_lines_give_one_name_a_line_that_is_not_blank(lines):
    assert len(as_names(lines)) == sum(bool(line.strip()) for line in lines) and all(as_names(lines))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n\n"])
def test_labels_are_read_with_any_mark_and_any_line_ending(encoding, end, written, tmp_path, monkeypatch):
    monkeypatch.setattr("xaiteach.models.teachable_machine.read_h5", lambda *_: _Model())
    text = f"0 猫{end}1 Zoë{end}"
    put(tmp_path, {"keras_model.h5": b"", "labels.txt": text.encode(encoding)})
    assert xt.load_teachable_machine(tmp_path).class_names == ["猫", "Zoë"]


class _Model:
    output_shape = (None, 2)

    def __call__(self, images):
        return images


EXPORTS = {
    "TensorFlow Lite": {"model_unquant.tflite": b"", "labels.txt": b"a"},
    "TensorFlow.js": {"model.json": b"{}", "weights.bin": b"", "metadata.json": b"{}"},
    "SavedModel": {"model.savedmodel/saved_model.pb": b"", "labels.txt": b"a"},
    "another zip": {"converted_keras.zip": b""},
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


# What must not be trusted: the plan


def changed(path, value):
    """A plan in which one entry is another."""
    plan = old.plan()
    *keys, last = path
    inner = plan
    for key in keys:
        inner = inner[key]
    inner[last] = value
    return json.dumps(plan)


DENSE = ("config", "layers", 1, "config", "layers", 1)
PLANS = {
    "'Lambda'": changed((*DENSE, "class_name"), "Lambda"),
    "'TFOpLambda'": changed((*DENSE, "class_name"), "TFOpLambda"),
    "'Mine>Dense'": changed((*DENSE, "class_name"), "Mine>Dense"),
    "'Custom>Dense'": changed((*DENSE, "registered_name"), "Custom>Dense"),
    "'os Dense'": changed((*DENSE, "module"), "os"),
    "'keras_evil Dense'": changed((*DENSE, "module"), "keras_evil"),
    "activation 'system'": changed((*DENSE, "config", "activation"), "system"),
    "activation": changed((*DENSE, "config", "activation"), {"class_name": "function", "config": "evil"}),
    "option 'units'": changed((*DENSE, "config", "units"), 10**12),
    "option 'rate'": changed((*DENSE, "config", "rate"), {"class_name": "__lambda__"}),
    "plan is damaged$": "{",
    "damaged .RecursionError": "[" * 100_000,
    "damaged .AttributeError": "null",
    "models inside models": '{"class_name": "Sequential", "config": {"name": "a", "layers": [' * 20 + "]}}" * 20,
    "20,001 layers": json.dumps(old.sequential("a", *[old.layer("Dense", "a", units=1)] * 20_001)),
    "characters": " " * 20_000_001,
    "want a model": json.dumps(old.layer("Dense", "a", units=1)),
}


@pytest.mark.parametrize(("words", "text"), PLANS.items(), ids=list(PLANS))
def test_a_plan_with_anything_but_plain_layers_is_refused_before_anything_is_built(words, text):
    with pytest.raises(ValueError, match=words) as error:
        read_plan(text)
    assert "\n" not in str(error.value) and len(str(error.value)) < 200


BROKEN = {
    r"answer' is \(5, 2\), and should be \(5, 9000000\)": (
        lambda plan, _: plan["config"]["layers"][1]["config"]["layers"][1]["config"].update(units=9_000_000)
    ),
    "hidden' is": lambda _, groups: groups["head"].update({"hidden/kernel:0": np.ones((3, 3), np.float32)}),
    "no bias": lambda _, groups: groups["head"].pop("hidden/bias:0"),
    "NaN": lambda _, groups: groups["head"].update({"hidden/bias:0": np.full(5, np.nan, np.float32)}),
    "weights of 1": lambda _, groups: groups["head"].pop("answer/kernel:0"),
    "weights of 0": lambda _, groups: groups.pop("body"),
    "too many": lambda plan, _: plan["config"]["layers"][0]["config"]["layers"][0]["config"]["layers"][0][
        "config"
    ].update(batch_input_shape=[None, 90_000, 90_000, 3]),
    "wait for each other": lambda plan, _: plan["config"]["layers"][0]["config"]["layers"][0]["config"]["layers"][
        2
    ].update(inbound_nodes=[[["add", 0, 0, {}]]]),
}


@pytest.mark.parametrize(("words", "damage"), BROKEN.items(), ids=list(BROKEN))
def test_a_plan_and_weights_that_do_not_fit_get_a_sentence(words, damage):
    plan, weights = old.plan(), old.groups(old.arrays())
    damage(plan, weights)
    with pytest.raises(ValueError, match=words) as error:
        read_h5(old.h5(plan, weights), "model.h5")
    assert str(error.value).startswith("model.h5 can't be taken: ") and "\n" not in str(error.value)


@pytest.mark.parametrize("side", [8, None])
def test_a_plan_that_makes_images_enormous_is_refused(side):
    grow = old.layer("UpSampling2D", "grow", size=[30_000, 30_000], batch_input_shape=[None, side, side, 3])
    with pytest.raises(ValueError, match=r"the layer 'grow' gives \(.*\) values an image, too many"):
        read_h5(old.h5(old.sequential("top", grow, old.layer("Flatten", "end")), {}), "model.h5")


# What must not be trusted: the HDF5 file


def outside(store):
    store["model_weights/x"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(store):
    store["model_weights/x"] = h5py.SoftLink("/model_weights/head")


def elsewhere(store):
    store.create_dataset("model_weights/x", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def virtual(store):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    store.create_virtual_dataset("model_weights/x", layout)


def unwritten(store):
    store.create_dataset("model_weights/x", (10**12,), "f4")


def squeezed(store):
    store.create_dataset("model_weights/x", (10**9,), "f4", chunks=(10**6,), compression="gzip")[:10] = 1


def circle(store):
    store["model_weights/x"] = store["/"]


def crowd(store):
    for i in range(70):
        store["model_weights"].create_group(f"x{i}/" + "/".join("abc"))
    for i in range(70):
        for j in range(70):
            store[f"model_weights/x{i}/y{j}"] = store["model_weights/head"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (outside, "link"),
        (soft, "link"),
        (elsewhere, "other files"),
        (virtual, "other files"),
        (unwritten, "claims 4,000,000,000,000 bytes"),
        (squeezed, "claims 4,000,000,000 bytes"),
        (circle, "more groups"),
        (crowd, "more groups"),
    ],
)
def test_a_file_that_leads_elsewhere_or_claims_too_much_is_refused(more, words, monkeypatch):
    monkeypatch.setattr(hdf5, "MOST_ENTRIES", 5_000)
    (answer,) = hdf5.answer_for(old.h5(old.plan(), old.groups(old.arrays()), more=more))
    assert words in hdf5.unpack(answer)[0]["error"]


def test_a_refusal_of_the_child_is_a_sentence():
    with pytest.raises(ValueError, match=r"^model.h5 can't be read: 'x' in it is a link .* not trusted\.$"):
        read_h5(old.h5(old.plan(), {}, more=outside), "model.h5")


@pytest.mark.parametrize("program", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_library_that_crashes_or_hangs_on_the_file_is_a_sentence(program, tmp_path, monkeypatch, written):
    (tmp_path / "child.py").write_text(program)
    monkeypatch.setattr(hdf5, "__file__", str(tmp_path / "child.py"))
    monkeypatch.setattr(hdf5, "SECONDS", 0.3)
    with pytest.raises(ValueError, match="model.h5 is damaged, it can't be read"):
        read_h5(written[0], "model.h5")


def test_a_file_of_weights_alone_is_told_apart():
    data = old.h5(old.plan(), {}, more=lambda store: store.attrs.pop("model_config"))
    with pytest.raises(ValueError, match="holds no model, at most its weights"):
        read_h5(data, "model.h5")


# What must not be trusted: the zip


def linked():
    entry = zipfile.ZipInfo("labels.txt")
    entry.external_attr = 0o120777 << 16
    return old.zipped({entry: "/etc/passwd"})


def bomb():
    file = old.io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for i in range(6):
            made.writestr(f"{i}.h5", bytes(200_000))
    return file.getvalue()


def lying():
    """It says 10 bytes where there are 100,000."""
    file = old.io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.h5", bytes(100_000))
    data = bytearray(file.getvalue())
    central = data.rfind(b"PK\1\2")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    return bytes(data)


def locked():
    data = bytearray(old.zipped({"a.h5": b"x"}))
    data[data.rfind(b"PK\1\2") + 8] |= 1
    return bytes(data)


ZIPS = {
    "leads out": [
        lambda: old.zipped({"../labels.txt": "a"}),
        lambda: old.zipped({"a/../../labels.txt": "a"}),
        lambda: old.zipped({"/etc/labels.txt": "a"}),
        lambda: old.zipped({"..\\labels.txt": "a"}),
        lambda: old.zipped({"C:/labels.txt": "a"}),
    ],
    "a link": [linked],
    "larger than": [bomb],
    "damaged": [lying, lambda: old.zipped({"a.h5": "x" * 50}).replace(b"xxx", b"xyx")],
    "password": [locked],
    "more files|5,001 files": [
        lambda: old.zipped({str(i): "" for i in range(5_001)}),
        lambda: old.zipped({f"{i:0200}": "" for i in range(4_500)}),
    ],
    "no zip": [lambda: b"", lambda: b"<html>", lambda: old.zipped({"a": "b"})[:-20]],
}


@pytest.mark.parametrize(("words", "make"), [(words, make) for words, makes in ZIPS.items() for make in makes])
def test_a_zip_that_is_no_zip_or_not_to_be_trusted_is_refused(words, make, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(ValueError, match=words) as error:
        read_zip(make(), "export.zip")
    assert "export.zip" in str(error.value) and "\n" not in str(error.value)


def test_one_of_two_files_of_one_name_is_not_chosen():
    file = old.io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, pytest.warns(UserWarning):
        made.writestr("a.h5", "1")
        made.writestr("a.h5", "2")
    with pytest.raises(ValueError, match="several of one name"):
        read_zip(file.getvalue(), "export.zip")
