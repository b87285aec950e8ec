"""Watch a model while it trains: heat maps of fixed images, feature maps of a layer, its filters.

A watcher is a function of a model and an epoch, for any loop: `watch(model, epoch)`. It is called by
`xt.train(…, each_epoch=watch)`, and by Keras with `model.fit(…, callbacks=[watch.for_keras()])`. It looks
without touching: the training ends in the same weights.
"""

from xaiteach.callbacks.heat_maps import HeatMaps
from xaiteach.callbacks.layer_grids import Activations, Filters

__all__ = ["Activations", "Filters", "HeatMaps"]
