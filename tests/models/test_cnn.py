import numpy as np
import pytest

import xaiteach as xt
from xaiteach.models.cnn import get_weights, read_arrays


@pytest.mark.parametrize(("build", "size"), [(xt.build_cnn, 63_386), (xt.build_dense, 128 * 795 + 10)])
def test_the_networks_have_the_size_that_is_said(build, size):
    assert sum(parameter.numel() for parameter in build("torch").parameters()) == size
    assert sum(np.prod(variable.shape) for variable in build("keras").trainable_variables) == size


def test_the_shipped_cnn_reads_99_per_cent_of_unseen_digits_in_both_frameworks(cnns, digits):
    keras, torch = (cnns[name].scores(digits.x_test) for name in ("keras", "torch"))
    np.testing.assert_allclose(keras, torch, atol=1e-5, rtol=1e-6)
    assert (torch.argmax(axis=1) == digits.y_test).mean() >= 0.99


def test_missing_weights_name_the_command_that_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"photos\.npz .* `make weights`"):
        read_arrays(tmp_path / "photos.npz")


def test_a_seed_gives_the_same_weights_and_leaves_the_global_state_of_torch_alone(framework):
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (get_weights(xt.build_cnn(framework, seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["conv1.weight"], other["conv1.weight"])
    if framework == "torch":
        assert torch.equal(torch.rand(3), expected)


def test_a_keras_model_can_be_cut_at_the_dense_network_s_hidden_layer():
    """As people do who write Grad-CAM themselves; lesson 03 takes one apart that does."""
    import keras
    import tensorflow as tf

    dense = xt.build_dense("keras")
    inner = keras.Model(dense.inputs, [dense.get_layer("hidden").output, dense.outputs[0]])
    with tf.GradientTape() as tape:
        hidden, scores = inner(np.ones((1, 28, 28, 1), np.float32))
    gradient = tape.gradient(scores, hidden)
    np.testing.assert_allclose(gradient[0], dense.layers[-1].kernel.numpy().sum(axis=1), atol=1e-5)
