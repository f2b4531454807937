"""The hip angle over one stride, several curves over each other: parts of a run, or sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import SIDES, Cycle, Pace, Side
from hipimu.report.numerals import number
from hipimu.units import deg_from_rad
from hipimu.web.coach.scale import Scale, around, polyline, ticks

WIDTH: Final = 460.0
HEIGHT: Final = 230.0
_LEFT: Final = 40.0
_RIGHT: Final = 58.0
"""Room for names at the curves' ends."""
_TOP: Final = 8.0
_FOOT: Final = 24.0
_APART: Final = 16.0
"""As high as a name is where it is largest, on phones."""
_LEAST_DEG: Final = 20.0
_PACES: Final[tuple[Pace, ...]] = ("fast", "easy", "other")


@dataclass(frozen=True, slots=True)
class Named:
    """A mean cycle, and what it is called in the drawing."""

    name: str
    rank: int
    """0 is drawn strongest; each has its own line."""
    cycle: Cycle


@dataclass(frozen=True, slots=True)
class Curve:
    """One line with its name at its end, in pixels."""

    name: str
    rank: int
    points: str
    name_y: float
    end_y: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One side at one pace."""

    side: Side
    pace: Pace
    curves: tuple[Curve, ...]
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]
    left: float
    right: float
    bottom: float
    said: str


def cycle_panels(named: Sequence[Named]) -> tuple[Panel, ...]:
    """Draw mean cycles, fast pace first; all panels have one scale.

    Parameters
    ----------
    named : sequence of Named
        Of any side and pace.

    Returns
    -------
    tuple of Panel
        One for each side and pace that is there.
    """
    if not named:
        return ()
    shown = [one for one in named if one.cycle.pace != "other"] or list(named)
    limits = _limits(one.cycle for one in shown)
    panels = []
    for pace in _PACES:
        for side in SIDES:
            own = [one for one in shown if (one.cycle.pace, one.cycle.side) == (pace, side)]
            if own:
                panels.append(_panel(side, pace, own, limits))
    return tuple(panels)


def _limits(cycles: Iterable[Cycle]) -> tuple[float, float]:
    means = [deg_from_rad(cycle.mean_rad) for cycle in cycles]
    ends = [float(end) for mean in means for end in (np.nanmin(mean), np.nanmax(mean))]
    return around(ends, _LEAST_DEG)


def _panel(
    side: Side, pace: Pace, own: Sequence[Named], limits: tuple[float, float]
) -> Panel:  # fmt: skip
    x = Scale(0.0, 100.0, _LEFT, WIDTH - _RIGHT)
    y = Scale(*limits, HEIGHT - _FOOT, _TOP)
    return Panel(
        side=side,
        pace=pace,
        curves=tuple(_curves(own, x, y)),
        y_ticks=tuple((y(value), f"{number(value, 0)}°") for value in ticks(*limits)),
        x_ticks=tuple((x(share), f"{share:.0f}") for share in (0.0, 25.0, 50.0, 75.0, 100.0)),
        left=_LEFT,
        right=WIDTH - _RIGHT,
        bottom=HEIGHT - _FOOT,
        said=_said(side, pace, own),
    )


def _curves(own: Sequence[Named], x: Scale, y: Scale) -> list[Curve]:
    ends = [y(_last(one.cycle)) for one in own]
    names = spread(ends, _TOP, HEIGHT - _FOOT)
    return [
        Curve(one.name, one.rank, _line(one.cycle, x, y), name_y, end)
        for one, end, name_y in zip(own, ends, names, strict=True)
    ]


def _line(cycle: Cycle, x: Scale, y: Scale) -> str:
    shares = np.linspace(0.0, 100.0, len(cycle.mean_rad))
    values = deg_from_rad(cycle.mean_rad)
    return polyline(
        (x(share), y(value))
        for share, value in zip(shares.tolist(), values.tolist(), strict=True)
        if np.isfinite(value)
    )


def _last(cycle: Cycle) -> float:
    known = deg_from_rad(cycle.mean_rad[np.isfinite(cycle.mean_rad)])
    return float(known[-1]) if len(known) else 0.0


def spread(places: Sequence[float], top: float, bottom: float) -> list[float]:
    """Move names apart that would lie over each other, as little as may be, in their order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    below = top
    for i in order:
        moved[i] = max(moved[i], below)
        below = moved[i] + _APART
    above = bottom
    for i in reversed(order):
        moved[i] = min(moved[i], above)
        above = moved[i] - _APART
    return [round(place, 1) for place in moved]


def _said(side: Side, pace: Pace, own: Sequence[Named]) -> str:
    told = "; ".join(f"{one.name} ends at {number(_last(one.cycle))}°" for one in own)
    return f"Hip angle over one stride, {side}, {pace} pace: {told}."
