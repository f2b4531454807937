"""Laps of a watch: what ended them, and what can be true of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from hipimu.data import WatchLap

Trigger = Literal["manual", "distance", "time", "session_end", "unknown"]
_TRIGGERS: Final[dict[str, Trigger]] = {
    "manual": "manual",
    "distance": "distance",
    "time": "time",
    "session_end": "session_end",
}
_AROUND_S = 3600.0
"""Laps further than this from all records are damage."""
_FASTEST_M_S = 13.0


def trigger_of(name: object) -> Trigger:
    """Return what ended a lap, in FIT's words or TCX's; positions and heart rates are unknown."""
    return _TRIGGERS.get(name.lower(), "unknown") if isinstance(name, str) else "unknown"


def tidy_laps(
    laps: Sequence[WatchLap], start_s: float, end_s: float
) -> tuple[tuple[WatchLap, ...], tuple[str, ...]]:
    """Put laps in order, without overlap; leave out what cannot be true.

    Watches round starts to seconds but not durations, so that neighbours overlap by parts of a
    second: the earlier then ends where the later starts.

    Parameters
    ----------
    laps : sequence of WatchLap
    start_s, end_s : float
        Of the records, on the laps' clock.

    Returns
    -------
    laps : tuple of WatchLap
    warnings : tuple of str
    """
    near = [
        lap for lap in laps if start_s - _AROUND_S <= lap.start_s < lap.end_s <= end_s + _AROUND_S
    ]
    ordered = sorted(near, key=lambda lap: (lap.start_s, lap.end_s))
    ends = [*(lap.start_s for lap in ordered[1:]), math.inf]
    cut = [
        _plausible(replace(lap, end_s=min(lap.end_s, end)))
        for lap, end in zip(ordered, ends, strict=False)
    ]
    kept = tuple(lap for lap in cut if lap.end_s > lap.start_s)
    lost = len(laps) - len(kept)
    return kept, (f"{lost} of {len(laps)} laps have impossible times: left out",) if lost else ()


def _plausible(lap: WatchLap) -> WatchLap:
    if lap.speed_m_s is not None and not 0 <= lap.speed_m_s <= _FASTEST_M_S:
        lap = replace(lap, speed_m_s=None)
    if lap.distance_m is not None and not lap.distance_m >= 0:
        lap = replace(lap, distance_m=None, speed_m_s=None)
    return lap
