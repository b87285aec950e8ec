"""Pictures to explain: digits with a fixed split, and photos that need no network."""

from xaiteach.datasets.mnist import Mnist, load_mnist
from xaiteach.datasets.photos import load_photo

__all__ = ["Mnist", "load_mnist", "load_photo"]
