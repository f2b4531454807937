"""Range-dependent fatigue: is the end of the range lost at fast pace while easy pace holds?"""

from hipimu.fatigue.estimate import estimate_fatigue

__all__ = ["estimate_fatigue"]
