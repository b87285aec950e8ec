"""Training, on paper where that can be: a network that knows nothing, a picture without any light."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.models.cnn import get_weights, set_weights
from xaiteach.models.train import one_cycle


def test_training_learns_and_notes_an_entry_an_epoch(framework, digits):
    model = xt.build_dense(framework)
    validation = digits.x_test[:200], digits.y_test[:200]
    options = {"epochs": 3, "learning_rate": 4e-3, "validation": validation}
    history = xt.train(model, digits.x_train[:800], digits.y_train[:800], **options)
    assert len(history.loss) == len(history.accuracy) == len(history.val_accuracy) == 3
    assert history.loss[0] > history.loss[-1] and history.val_accuracy[-1] > 0.75
    right = xt.wrap(model).predict(validation[0]).argmax(axis=1) == validation[1]
    assert history.val_accuracy[-1] == pytest.approx(right.mean())
    assert "3 epochs" in history.plot().alt


def test_loss_and_accuracy_of_a_network_that_always_says_three_are_as_on_paper(framework, digits):
    """Class 3 has probability 9/18, each other 1/18; the learning rate is zero, the last batch smaller."""
    model = xt.build_dense(framework)
    arrays = {name: 0 * array for name, array in get_weights(model).items()}
    arrays["scores.bias"] = np.where(np.arange(10) == 3, np.log(9), 0).astype(np.float32)
    set_weights(model, arrays)
    labels = digits.y_train[:70]
    share = (labels == 3).mean()
    history = xt.train(model, digits.x_train[:70], labels, epochs=1, learning_rate=0)
    assert history.accuracy[0] == pytest.approx(share) and share > 0
    assert history.loss[0] == pytest.approx(share * np.log(2) + (1 - share) * np.log(18), abs=1e-4)


@pytest.mark.parametrize("decay", [0, 0.5])
def test_without_light_weights_only_decay_by_the_rates_of_the_cycle(framework, decay):
    """Black pictures have no gradient for the first layer: a step takes rate × decay of its weights away."""
    model = xt.build_dense(framework)
    before = get_weights(model)["hidden.weight"]
    options = {"epochs": 2, "batch_size": 4, "learning_rate": 0.1, "weight_decay": decay}
    xt.train(model, np.zeros((10, 28, 28, 1)), np.arange(10), **options)
    left = np.prod([1 - rate * decay for rate in one_cycle(0.1, 6)])
    assert (left < 0.9) == (decay > 0)
    np.testing.assert_allclose(get_weights(model)["hidden.weight"], left * before, rtol=1e-4, atol=1e-7)


def test_both_frameworks_gather_the_same_means_and_variances_of_a_batch(digits):
    """Without learning, nothing else changes."""
    torch, keras = xt.build_cnn("torch"), xt.build_cnn("keras")
    set_weights(keras, get_weights(torch))
    before = get_weights(torch)
    for model in (torch, keras):
        xt.train(model, digits.x_train[:48], digits.y_train[:48], epochs=1, batch_size=32, learning_rate=0)
    assert not torch.training
    ours, other = get_weights(torch), get_weights(keras)
    for name in ours:
        np.testing.assert_allclose(ours[name], other[name], rtol=1e-3, atol=1e-5)
        assert ("running" in name) == (abs(ours[name] - before[name]).max() > 1e-3), name


def test_the_same_seed_trains_the_same_weights(framework, digits):
    def trained(**options):
        model = xt.build_dense(framework)
        xt.train(model, digits.x_train[:70], digits.y_train[:70], epochs=1, **options)
        return get_weights(model)["hidden.weight"]

    first = trained(seed=1, augment=True)
    np.testing.assert_array_equal(first, trained(seed=1, augment=True))
    assert abs(first - trained(seed=2, augment=True)).max() > 1e-5
    assert abs(first - trained(seed=1)).max() > 1e-5
    assert abs(trained(seed=1) - trained(seed=2)).max() > 1e-5


def test_after_each_epoch_the_model_is_handed_out_with_the_number_of_epochs_done(digits):
    """In both frameworks with other weights each time: in callbacks/test_training.py."""
    model, seen = xt.build_dense("torch"), []
    options = {"epochs": 3, "each_epoch": lambda *handed: seen.append(handed)}
    xt.train(model, digits.x_train[:64], digits.y_train[:64], **options)
    assert seen == [(model, 1), (model, 2), (model, 3)]


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero():
    rates = np.array(list(one_cycle(1.0, 40)))
    assert len(rates) == 40 and rates[0] == pytest.approx(1 / 25)
    assert rates.argmax() == 10 and rates.max() == 1 and rates[-1] < 0.01
    assert (np.diff(rates[:11]) > 0).all() and (np.diff(rates[10:]) < 0).all()
    assert rates[5] == pytest.approx((1 / 25 + 1) / 2) and rates[25] == pytest.approx(1 / 2)


LABELS = np.zeros(10, int)


@pytest.mark.parametrize(
    ("model", "labels", "options", "error", "words"),
    [
        ("torch", LABELS[:9], {}, ValueError, "want 10 class indices"),
        ("torch", np.eye(10), {}, ValueError, "want 10 class indices"),
        ("torch", LABELS / 2, {}, ValueError, "want 10 class indices"),
        ("none", LABELS, {}, TypeError, "want a Keras model or a torch.nn.Module"),
        ("torch", LABELS, {"each_epoch": 2}, TypeError, "each_epoch=2; want a function of the model and"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_first_epoch(model, labels, options, error, words):
    model = xt.build_dense("torch") if model == "torch" else abs
    with pytest.raises(error, match=words):
        xt.train(model, np.zeros((10, 28, 28, 1)), labels, **options)
