"""The model's passes alone, as fast as the framework does them: what every method is compared with."""

from copy import deepcopy

import numpy as np


def raw(model, image, batch_size):
    """The passes of a Keras or a PyTorch model on copies of one image (H, W, C)."""
    batch = np.repeat(image[None], batch_size, axis=0)
    return TorchPasses(model, batch) if hasattr(model, "parameters") else KerasPasses(model, batch)


class Passes:
    def __init__(self, batch):
        self.batch = batch

    def forward(self, count):
        """`count` images forward."""
        for part in self._parts(count):
            self._forward(part)

    def gradient(self, count, classes=1):
        """`count` images forward, and back to the pixels for so many classes."""
        for part in self._parts(count):
            self._gradient(part, classes)

    def _parts(self, count):
        size = len(self.batch)
        return [self.batch[: min(size, count - start)] for start in range(0, count, size)]


class TorchPasses(Passes):
    def __init__(self, model, batch):
        import torch

        self.torch = torch
        self.model = deepcopy(model).eval().to(memory_format=torch.channels_last)
        tensor = torch.tensor(batch).permute(0, 3, 1, 2).to(memory_format=torch.channels_last)
        super().__init__(tensor)

    def _forward(self, part):
        with self.torch.inference_mode():
            self.model(part)

    def _gradient(self, part, classes):
        leaf = part.clone().requires_grad_()
        scores = self.model(leaf)
        for k in range(classes):
            self.torch.autograd.grad(scores[:, k].sum(), leaf, retain_graph=k + 1 < classes)


class KerasPasses(Passes):
    def __init__(self, model, batch):
        import tensorflow as tf

        super().__init__(tf.constant(batch))
        spec = tf.TensorSpec((None, *batch.shape[1:]), tf.float32)

        def gradient(images, k):
            with tf.GradientTape() as tape:
                tape.watch(images)
                scores = model(images, training=False)[:, k]
            return tape.gradient(scores, images)

        self._forward = tf.function(lambda images: model(images, training=False), input_signature=[spec])
        self.back = tf.function(gradient, input_signature=[spec, tf.TensorSpec((), tf.int32)])

    def _gradient(self, part, classes):
        for k in range(classes):
            self.back(part, k)
