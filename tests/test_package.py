"""The public face, and how it lives with the frameworks."""

import subprocess
import sys

import pytest

import xaiteach as xt


def test_every_public_name_is_there_and_documented():
    for name in xt.__all__:
        assert getattr(xt, name).__doc__, name
    assert set(xt.__all__) <= set(dir(xt))


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(AttributeError, match="grad_cam"):
        _ = xt.gradcam


def test_both_frameworks_train_in_one_process_with_tensorflow_loaded_first():
    """PyTorch's CUDA build used to end the process here, by way of triton."""
    code = (
        "import xaiteach as xt; xt.build_cnn('keras'); import torch, torchvision;"
        "torch.optim.Adam([torch.zeros(1, requires_grad=True)]); print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "alive", done.stderr[-2000:]
