"""Train a classifier on images: one loop for both frameworks."""

from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from xaiteach.classifier import wrap
from xaiteach.classifier.frameworks import framework_of
from xaiteach.images.batch import as_batch
from xaiteach.models.augment import augment as augmented


class History(NamedTuple):
    """What happened in training, a number an epoch; `xt.plot_history` draws it.

    `loss` is the mean cross-entropy on the training images (nats), `accuracy` the share of them that was
    right while the epoch ran, `val_accuracy` the same on images kept aside (empty without validation data).
    """

    loss: list
    accuracy: list
    val_accuracy: list

    def plot(self):
        """A figure of the loss and of both accuracies over the epochs."""
        from xaiteach.figures.charts import plot_history

        return plot_history(self)


def train(
    model, images, labels, *, epochs=5, validation=None, augment=False, batch_size=64, learning_rate=4e-3,
    weight_decay=1e-2, seed=0, each_epoch=None, progress=True,
):  # fmt: skip
    """Train a model that gives scores, in place, with AdamW, cross-entropy and a one-cycle learning rate.

    Args:
        model: a built Keras model or a `torch.nn.Module`, from images to scores before the softmax.
        images: (N, H, W, C) in [0, 1].
        labels: (N,) class indices.
        epochs: passes over the images.
        validation: a pair (images, labels) that is only looked at, or None.
        augment: True for small random changes, new in each epoch.
        batch_size: images a step.
        learning_rate: its peak, a quarter of the way through; it starts at 1/25 of that and ends near zero.
        weight_decay: of AdamW.
        seed: of the order and of the augmentation. The same seed gives the same weights on one machine.
        each_epoch: a function of the model and the epochs done, called after each; see `xt.callbacks`.
        progress: False hides the bar.

    Returns:
        A `History`.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019; Smith and Topin,
    Super-convergence, 2019 (the one-cycle schedule).
    """
    framework = framework_of(model)
    if framework is None:
        raise TypeError(f"Given a {type(model).__name__}; want a Keras model or a torch.nn.Module to train.")
    images, labels = _checked(images, labels, each_epoch)
    rng = np.random.default_rng(seed)
    step = {"keras": _keras_step, "torch": _torch_step}[framework](model, weight_decay)
    rates = iter(one_cycle(learning_rate, epochs * -(-len(images) // batch_size)))
    history, classifier = History([], [], []), wrap(model)
    with tqdm(range(epochs), desc="training", unit="epoch", disable=not progress) as bar:
        for epoch in bar:
            epoch_images = augmented(images, rng) if augment else images
            loss = hits = 0
            order = rng.permutation(len(images))
            for start in range(0, len(order), batch_size):
                chosen = order[start : start + batch_size]
                batch_loss, batch_hits = step(epoch_images[chosen], labels[chosen], next(rates))
                loss += batch_loss
                hits += batch_hits
            history.loss.append(loss / len(images))
            history.accuracy.append(hits / len(images))
            if validation is not None:
                answers = classifier.predict(validation[0], batch_size=250).argmax(axis=1)
                history.val_accuracy.append(float((answers == validation[1]).mean()))
            bar.set_postfix({name: values[-1] for name, values in history._asdict().items() if values})
            if each_epoch is not None:
                each_epoch(model, epoch + 1)
    return history


def one_cycle(peak, steps):
    """Learning rates (steps,): a cosine up from peak/25 over the first quarter, a cosine down to zero."""

    def wave(start, end, n):
        return end + (start - end) * (1 + np.cos(np.pi * np.arange(n) / n)) / 2

    rise = max(1, steps // 4)
    return np.concatenate([wave(peak / 25, peak, rise), wave(peak, 0, steps - rise)])


def _checked(images, labels, each_epoch):
    images, _ = as_batch(images)
    labels = np.asarray(labels)
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(f"Labels of shape {labels.shape}, {labels.dtype}; want {len(images)} class indices.")
    if each_epoch is not None and not callable(each_epoch):
        raise TypeError(f"each_epoch={each_epoch!r}; want a function of the model and the epoch.")
    return images, labels.astype(np.int64)


def _keras_step(model, weight_decay):
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.AdamW(weight_decay=weight_decay)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(images, labels):
        with tf.GradientTape() as tape:
            scores = model(images, training=True)
            loss = loss_of(labels, scores)
            mean = loss / tf.cast(tf.shape(labels)[0], tf.float32)
        optimizer.apply(tape.gradient(mean, model.trainable_variables))
        return loss, tf.reduce_sum(tf.cast(tf.argmax(scores, axis=1) == labels, tf.int32))

    def at_rate(images, labels, rate):
        optimizer.learning_rate.assign(rate)
        return tuple(part.numpy().item() for part in step(tf.constant(images), tf.constant(labels)))

    return at_rate


def _torch_step(model, weight_decay):
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=weight_decay)

    def step(images, labels, rate):
        optimizer.param_groups[0]["lr"] = rate
        model.train()
        scores = model(torch.from_numpy(images).permute(0, 3, 1, 2))
        labels = torch.from_numpy(labels)
        loss = torch.nn.functional.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        return loss.item() * len(labels), (scores.argmax(1) == labels).sum().item()

    return step
