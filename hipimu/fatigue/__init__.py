"""Range-dependent fatigue: whether the end of the range is lost at fast pace while easy holds."""

from hipimu.fatigue.compensation import split_compensation
from hipimu.fatigue.estimate import estimate_fatigue

__all__ = ["estimate_fatigue", "split_compensation"]
