"""The four dimensions of hip strength: force, endurance, full range, control."""

from hipimu.strength.measure import measure_strength

__all__ = ["measure_strength"]
