"""Sensor clocks → one clock: alignment, gaps, what each sensor delivered."""

from hipimu.timing.align import Align

__all__ = ["Align"]
