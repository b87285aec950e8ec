"""PyTorch models from torch.export: the same answers as the module's own, and nothing unpickled or evaluated."""

import json
import pickle

import numpy as np
import old_keras as old
import pytest
import torch
from torch_net import SIDE, Evil, trained

import xaiteach as xt
from xaiteach.files.archive import read_zip
from xaiteach.loading.torch_files import read_pt2


@pytest.fixture(scope="module")
def net():
    return trained()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((4, SIDE, SIDE, 3), dtype=np.float32)


@pytest.fixture(scope="module")
def exported(net, tmp_path_factory):
    path = tmp_path_factory.mktemp("torch") / "net.pt2"
    torch.export.save(torch.export.export(net, (torch.zeros(1, 3, SIDE, SIDE),)), path)
    return path


def test_an_exported_module_explains_itself_as_the_module_does(net, exported, images):
    got, module = xt.load_model(exported, preprocess=(0.5, 0.5)), xt.wrap(net, preprocess=(0.5, 0.5))
    for ask in ("predict", "scores", "gradient"):
        np.testing.assert_allclose(getattr(got, ask)(images), getattr(module, ask)(images), atol=1e-5)
    assert got.input_shape == (SIDE, SIDE, 3)
    ours, theirs = xt.grad_cam(got, images, 1, layer="conv2d_1"), xt.grad_cam(module, images, 1, layer="more")
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def changed(path, **texts):
    """The exported file with pieces of its text replaced, in the file they are in."""
    files = read_zip(path.read_bytes(), path.name)
    for name, data in files.items():
        for old_text, new_text in texts.values():
            if name.endswith(".json"):
                data = data.replace(old_text.encode(), new_text.encode())
        files[name] = data
    return old.zipped(files)


SIZE = '"target": "torch.ops.aten.mean.dim"'
TAMPERED = {
    "operation 'torch.ops.aten.save": (SIZE, '"target": "torch.ops.aten.save.default"'),
    "operation 'torch.ops.aten.from_file": (SIZE, '"target": "torch.ops.aten.from_file.default"'),
    "operation 'torch.hub": (SIZE, '"target": "torch.hub.load"'),
    "operation 'os": (SIZE, '"target": "os.system"'),
    "not stored as plain numbers": ('"use_pickle": false', '"use_pickle": true'),
    "claims": ('"sizes": [{"as_int": 4}, {"as_int": 3}', '"sizes": [{"as_int": 4000000000}, {"as_int": 3}'),
    "while in training": (
        '"name": "training", "arg": {"as_bool": false}',
        '"name": "training", "arg": {"as_bool": true}',
    ),
    "too many values|size": (f'{{"as_int": {SIDE}}}', '{"as_int": 90000}'),
    "damaged": ('"input_specs"', '"other"'),
}


@pytest.mark.parametrize(("words", "texts"), TAMPERED.items(), ids=list(TAMPERED))
def test_an_exported_file_with_anything_else_in_it_is_refused(words, texts, exported):
    data = changed(exported, it=texts)
    with pytest.raises(ValueError, match=words) as error:
        read_pt2(data, "net.pt2")
    assert str(error.value).startswith("net.pt2 can't be taken") and "\n" not in str(error.value)


def test_what_torch_would_unpickle_or_evaluate_in_an_exported_file_is_not_touched(exported, tmp_path, images):
    """Its sample inputs are a pickle, and its symbolic sizes are strings that are evaluated."""
    files = read_zip(exported.read_bytes(), "net.pt2")
    sample = next(name for name in files if "sample_inputs" in name)
    model = next(name for name in files if name.endswith("model.json") and "models" in name)
    touch = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()"
    symbol = {"as_expr": {"expr_str": touch, "hint": {"as_int": 1}}}
    plan = json.loads(files[model])
    plan["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][0] = symbol
    plan["range_constraints"] = {touch: {"min_val": 1, "max_val": 2}}
    files |= {sample: pickle.dumps(Evil(tmp_path / "ran")), model: json.dumps(plan)}
    (tmp_path / "net.pt2").write_bytes(old.zipped(files))
    assert xt.load_model(tmp_path / "net.pt2").predict(images).shape == (4, 3)
    assert not (tmp_path / "ran").exists()
