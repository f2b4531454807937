"""Sensor clocks → one clock: alignment, gaps, what each sensor delivered."""

from hipimu.timing.align import Align
from hipimu.timing.bridge import LOOK_AHEAD_S, TWO_SIDED_S, BridgeGaps
from hipimu.timing.clock import UnwrapClock
from hipimu.timing.match import ClockMatch
from hipimu.timing.radio import LayoutTiming, TimeReadings
from hipimu.timing.synchronise import OneClock, measured_clocks, on_one_clock
from hipimu.timing.watch_clock import align_watch

__all__ = [
    "LOOK_AHEAD_S",
    "TWO_SIDED_S",
    "Align",
    "BridgeGaps",
    "ClockMatch",
    "LayoutTiming",
    "OneClock",
    "TimeReadings",
    "UnwrapClock",
    "align_watch",
    "measured_clocks",
    "on_one_clock",
]
