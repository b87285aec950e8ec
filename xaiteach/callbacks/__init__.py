"""Watch a model while it trains: heat maps of fixed images, feature maps of a layer, its filters.

A watcher is called in any loop as `watch(model, epoch)`, by `xt.train(…, each_epoch=watch)`, and by Keras
with `model.fit(…, callbacks=[watch.for_keras()])`. The training ends in the same weights as without it.
"""

from xaiteach.callbacks.heat_maps import HeatMaps
from xaiteach.callbacks.layer_grids import Activations, Filters

__all__ = ["Activations", "Filters", "HeatMaps"]
