"""Range-dependent fatigue: whether the end of the range is lost at fast pace while easy holds."""

from hipimu.fatigue.estimate import estimate_fatigue

__all__ = ["estimate_fatigue"]
