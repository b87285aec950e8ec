"""Models one can see through: whatever they are made of, their scores are x·W + b, and their last layer with
a grid shows the picture x itself: a 1×1 convolution of weight 1 and a ReLU leave positive values alone."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.special import expit, log_softmax, softmax

H, W, K = 4, 5, 3
_rng = np.random.default_rng(0)
IMAGES = _rng.uniform(0.1, 1, (5, H, W, 1)).astype(np.float32)
WEIGHTS = _rng.normal(size=(H * W, K)).astype(np.float32)
BIASES = np.array([0.5, -1, 0.25], np.float32)
SCORES = IMAGES.reshape(5, -1) @ WEIGHTS + BIASES
GRADIENTS = np.broadcast_to(WEIGHTS.T.reshape(K, H, W, 1), (5, K, H, W, 1))
HEADS = {"scores": lambda s: softmax(s, axis=1), "softmax": lambda s: softmax(s, axis=1), "sigmoid": expit}
HEADS["log_softmax"] = lambda s: np.exp(log_softmax(s, axis=1))


def assert_seen_through(classifier, *, head="softmax", atol=1e-5, has_layers=True):
    """The three questions are answered as worked out on paper."""
    assert_allclose(classifier.predict(IMAGES), HEADS[head](SCORES), atol=atol)
    assert_allclose(classifier.scores(IMAGES), SCORES, atol=atol)
    assert_allclose(classifier.gradient(IMAGES, "all"), GRADIENTS, atol=atol)
    if has_layers:
        maps, gradients = classifier.activations(IMAGES, None, "all")
        assert_allclose(maps, IMAGES, atol=atol)
        assert_allclose(gradients, GRADIENTS, atol=atol)
