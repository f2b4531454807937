"""The four dimensions of hip strength: force, endurance, full range, control."""

from hipimu.strength.measure import measure_strength
from hipimu.strength.own import MEASURES, StrideMeasure, own_measures

__all__ = ["MEASURES", "StrideMeasure", "measure_strength", "own_measures"]
