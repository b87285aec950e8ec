"""Is the explanation right? One file a question."""

from xaiteach.metrics.agreement import agreement
from xaiteach.metrics.badges import badges
from xaiteach.metrics.base import Measured
from xaiteach.metrics.completeness import completeness_gap
from xaiteach.metrics.controls import CONTROLS
from xaiteach.metrics.faithfulness import faithfulness, monotonicity
from xaiteach.metrics.infidelity import infidelity, random_rectangles
from xaiteach.metrics.pointing import grid_pointing_game, mass_in_mask, pointing_game
from xaiteach.metrics.randomisation import randomisation_check, shuffled_labels_check
from xaiteach.metrics.removing import deletion, insertion, necessity, selectivity, sufficiency
from xaiteach.metrics.report import MEASURES, Measure, Report, report
from xaiteach.metrics.retraining import kar, remove_top, roar
from xaiteach.metrics.stability import sensitivity_max, stability

__all__ = [
    "CONTROLS", "MEASURES", "Measure", "Measured", "Report", "agreement", "badges", "completeness_gap",
    "deletion", "faithfulness", "grid_pointing_game", "infidelity", "insertion", "kar", "mass_in_mask",
    "monotonicity", "necessity", "pointing_game", "random_rectangles", "randomisation_check", "remove_top",
    "report", "roar", "selectivity", "sensitivity_max", "shuffled_labels_check", "stability", "sufficiency",
]  # fmt: skip
