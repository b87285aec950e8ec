"""Models of the course: built, trained, and loaded with the weights that come along."""

from xaiteach.models.cnn import build_cnn, build_dense, load_cnn
from xaiteach.models.train import train

__all__ = ["build_cnn", "build_dense", "load_cnn", "train"]
