"""Three questions to a model: what do you predict, how would each pixel change it, what do your layers see.

One interface; Keras, PyTorch and any Python function answer it.
"""

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.wrap import wrap

__all__ = ["Classifier", "wrap"]
