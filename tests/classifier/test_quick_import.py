"""`import xaiteach` is quick, loads neither framework, and leaves the user's own settings alone."""

import os
import subprocess
import sys

import keras
import pytest
import torch

import xaiteach as xt
from xaiteach.classifier.frameworks import check_framework, framework_of

DEFAULTS = {"KERAS_BACKEND": "tensorflow", "OMP_WAIT_POLICY": "passive", "TF_CPP_MIN_LOG_LEVEL": "3"}
DEFAULTS["TF_ENABLE_ONEDNN_OPTS"] = "0"


def python(code, **environment):
    """What a fresh Python prints, with none of our defaults set but those given."""
    clean = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_importing_takes_less_than_a_second_and_loads_neither_framework():
    """The best of three, in processor time: this machine may be busy."""
    code = "import time, sys; t = time.process_time(); import xaiteach; print(time.process_time() - t, "
    code += "[m for m in ('tensorflow', 'keras', 'torch') if m in sys.modules])"
    seconds, loaded = zip(*(python(code).split(" ", 1) for _ in range(3)), strict=True)
    assert set(loaded) == {"[]"} and min(map(float, seconds)) < 1


@pytest.mark.parametrize(
    ("model", "loaded"),
    [("lambda x: x[:, 0, :2, 0]", "False False"), ("__import__('torch').nn.Flatten()", "False True")],
)
def test_a_classifier_loads_no_framework_but_its_own(model, loaded):
    code = f"import sys, numpy as np, xaiteach as xt; xt.wrap({model}).predict(np.eye(4)[..., None])"
    assert python(code + "; print('tensorflow' in sys.modules, 'torch' in sys.modules)") == loaded


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_defaults_are_set_but_the_user_s_own_win(name, default):
    code = f"import os, xaiteach; print(os.environ[{name!r}])"
    assert python(code) == default
    assert python(code, **{name: "mine"}) == "mine"


def test_the_framework_of_a_lesson_is_the_environment_s_or_its_own(monkeypatch):
    monkeypatch.delenv("XAITEACH_FRAMEWORK", raising=False)
    assert (xt.framework(), xt.framework("torch")) == ("keras", "torch")
    monkeypatch.setenv("XAITEACH_FRAMEWORK", "torch")
    assert xt.framework("keras") == "torch"


def test_a_model_is_known_by_its_framework_and_an_unknown_framework_is_refused():
    known = [framework_of(model) for model in (keras.layers.Flatten(), torch.nn.Flatten(), len)]
    assert known == ["keras", "torch", None]
    with pytest.raises(ValueError, match='\'jax\' is not known here; choose "keras" or "torch"'):
        check_framework("jax")
