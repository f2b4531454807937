"""Sensor clocks → one clock: alignment, gaps, what each sensor delivered."""

from hipimu.timing.align import Align
from hipimu.timing.bridge import BridgeGaps, bridged

__all__ = ["Align", "BridgeGaps", "bridged"]
