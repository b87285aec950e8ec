import numpy as np
import pytest

import xaiteach as xt
from xaiteach.models.augment import augment
from xaiteach.models.cnn import get_weights
from xaiteach.models.train import one_cycle


def test_training_learns_and_notes_an_entry_an_epoch(framework, digits):
    model = xt.build_dense(framework)
    validation = digits.x_test[:200], digits.y_test[:200]
    options = {"epochs": 3, "learning_rate": 2e-3, "validation": validation}
    history = xt.train(model, digits.x_train[:1500], digits.y_train[:1500], **options)
    assert len(history.loss) == len(history.accuracy) == len(history.val_accuracy) == 3
    assert history.loss[0] > history.loss[-1] and history.val_accuracy[-1] > 0.75
    right = xt.wrap(model).predict(validation[0]).argmax(axis=1) == validation[1]
    assert history.val_accuracy[-1] == pytest.approx(right.mean())
    assert "3 epochs" in history.plot().alt


def test_the_loss_of_a_network_that_knows_nothing_is_the_logarithm_of_ten(framework, digits):
    """All weights zero, learning rate zero: every class has probability 1/10."""
    model = xt.build_dense(framework)
    for weights in model.parameters() if framework == "torch" else model.variables:
        _ = weights.data.zero_() if framework == "torch" else weights.assign(0 * weights)
    history = xt.train(model, digits.x_train[:70], digits.y_train[:70], epochs=1, learning_rate=0)
    assert history.loss[0] == pytest.approx(np.log(10), abs=1e-4)


def test_the_same_seed_trains_the_same_weights(framework, digits):
    def trained(seed):
        model = xt.build_cnn(framework)
        options = {"epochs": 1, "augment": True, "seed": seed}
        xt.train(model, digits.x_train[:130], digits.y_train[:130], **options)
        return get_weights(model)["conv1.weight"]

    np.testing.assert_array_equal(trained(1), trained(1))
    assert abs(trained(1) - trained(2)).max() > 1e-5


def test_wrong_labels_are_refused(digits):
    with pytest.raises(ValueError, match="want 10 class indices"):
        xt.train(xt.build_dense("torch"), digits.x_train[:10], digits.y_train[:9])
    with pytest.raises(ValueError, match="class indices"):
        xt.train(xt.build_dense("torch"), digits.x_train[:10], np.eye(10))


def test_what_is_no_model_cannot_be_trained(digits):
    with pytest.raises(TypeError, match="want a Keras model or a torch.nn.Module"):
        xt.train(lambda images: images, digits.x_train[:10], digits.y_train[:10])


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero():
    rates = np.array(list(one_cycle(1.0, 40)))
    assert (
        len(rates) == 40 and rates[0] == pytest.approx(1 / 25) and rates.argmax() == 10 and rates.max() == 1
    )
    assert (np.diff(rates[:11]) > 0).all() and (np.diff(rates[10:]) < 0).all() and rates[-1] < 0.01


def test_augmented_digits_stay_digits_in_range_and_differ(digits):
    images = digits.x_train[:20]
    moved = augment(images, np.random.default_rng(0))
    assert moved.shape == images.shape and moved.dtype == np.float32
    assert moved.min() >= 0 and moved.max() <= 1
    assert all(abs(a - b).max() > 0.1 for a, b in zip(moved, images, strict=True))
    np.testing.assert_array_equal(moved, augment(images, np.random.default_rng(0)))


def test_without_any_change_augmentation_returns_the_images(digits):
    still = augment(
        digits.x_train[:3], np.random.default_rng(0), degrees=0, shift=0, zoom=0, shear=0, elastic=0
    )
    np.testing.assert_allclose(still, digits.x_train[:3], atol=1e-6)


def test_augmentation_moves_by_the_given_number_of_pixels_at_most():
    dot = np.zeros((1, 21, 21, 1))
    dot[0, 10, 10] = 1
    for seed in range(20):
        moved = augment(dot, np.random.default_rng(seed), degrees=0, shift=2, zoom=0, shear=0, elastic=0)[
            0, ..., 0
        ]
        row, column = np.unravel_index(moved.argmax(), moved.shape)
        assert abs(row - 10) <= 2 and abs(column - 10) <= 2


def test_after_each_epoch_the_model_is_handed_out_with_the_number_of_epochs_done(framework, digits):
    model, seen = xt.build_dense(framework), []

    def note(handed, epoch):
        assert handed is model
        seen.append((epoch, xt.wrap(model).scores(digits.x_test[0])))

    options = {"epochs": 3, "each_epoch": note}
    xt.train(model, digits.x_train[:64], digits.y_train[:64], **options)
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert abs(seen[0][1] - seen[1][1]).max() > 1e-4
    np.testing.assert_array_equal(seen[-1][1], xt.wrap(model).scores(digits.x_test[0]))


def test_what_cannot_be_called_each_epoch_is_refused_before_the_first(digits):
    with pytest.raises(TypeError, match="each_epoch is a int; want a function of the model and the epoch"):
        xt.train(xt.build_dense("torch"), digits.x_train[:10], digits.y_train[:10], each_epoch=2)
