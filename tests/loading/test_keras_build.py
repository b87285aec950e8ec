"""Models built from a plan: one of a fixed size may hold one of any size."""

import keras
import numpy as np
import pytest

import xaiteach as xt

pytestmark = pytest.mark.usefixtures("quick_hdf5")
IMAGES = np.random.default_rng(0).random((2, 96, 96, 3), np.float32)


@pytest.mark.parametrize(("ending", "side"), [("h5", None), ("keras", 96)])
def test_a_model_of_any_size_may_stand_in_one_of_a_fixed_size(tmp_path, ending, side):
    inner = xt.build_cnn("keras", channels=3, n_classes=4)
    first = keras.layers.MaxPooling2D(2)
    model = keras.Sequential([keras.Input((side, side, 3)), first, inner, keras.layers.Softmax()])
    model.save(tmp_path / f"mine.{ending}")
    loaded = xt.load_model(tmp_path / f"mine.{ending}").model
    np.testing.assert_allclose(loaded(IMAGES), model(IMAGES), atol=1e-5)


@pytest.mark.parametrize("inside", [False, True])
def test_a_model_whose_feature_maps_would_fill_the_memory_is_refused(tmp_path, inside):
    steps = [keras.layers.UpSampling2D(64), keras.layers.GlobalAveragePooling2D()]
    wide = keras.Sequential([keras.Input((None, None, 3)), *steps])
    parts = [wide] if inside else wide.layers
    model = keras.Sequential([keras.Input((None, None, 3)), *parts, keras.layers.Dense(2)])
    model.save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match="too many"):
        xt.load_model(tmp_path / "mine.keras")
