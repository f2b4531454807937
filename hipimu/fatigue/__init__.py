"""Range-dependent fatigue: whether the end of the range is lost at fast pace while easy holds."""

from hipimu.fatigue.compensation import split_compensation
from hipimu.fatigue.cues import CueRule
from hipimu.fatigue.estimate import estimate_fatigue
from hipimu.fatigue.fresh import fresh_baselines
from hipimu.fatigue.planner import Design, Outlook, bouts_needed, outlook

__all__ = [
    "CueRule",
    "Design",
    "Outlook",
    "bouts_needed",
    "estimate_fatigue",
    "fresh_baselines",
    "outlook",
    "split_compensation",
]
