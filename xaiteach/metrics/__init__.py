"""Is the explanation right? One file a question."""

from xaiteach.metrics.base import Measured
from xaiteach.metrics.removing import deletion, insertion, necessity, selectivity, sufficiency

__all__ = ["Measured", "deletion", "insertion", "necessity", "selectivity", "sufficiency"]
