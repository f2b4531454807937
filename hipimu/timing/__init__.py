"""Sensor clocks → one clock: alignment, gaps, what each sensor delivered."""

from hipimu.timing.align import Align
from hipimu.timing.bridge import LOOK_AHEAD_S, TWO_SIDED_S, BridgeGaps
from hipimu.timing.clock import UnwrapClock
from hipimu.timing.match import ClockMatch
from hipimu.timing.synchronise import OneClock, measured_clocks, on_one_clock

__all__ = [
    "LOOK_AHEAD_S",
    "TWO_SIDED_S",
    "Align",
    "BridgeGaps",
    "ClockMatch",
    "OneClock",
    "UnwrapClock",
    "measured_clocks",
    "on_one_clock",
]
