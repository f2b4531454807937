"""The hip angle over one stride, early against late, for each pace and side."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from hipimu.data import SIDES, Cycle, Pace, Session, Side
from hipimu.report.series import PACES
from hipimu.report.style import (
    LINE,
    MUTED,
    PACE_COLOUR,
    WIDTH,
    Layout,
    Sheet,
    degree_axis,
    padded,
)
from hipimu.units import deg_from_rad

_LEFT: Final = 40.0
_RIGHT: Final = 16.0
"""Room for half of the last tick's "100"."""
_HEAD: Final = 30.0
_FOOT: Final = 30.0
_HEIGHT: Final = {"wide": 170.0, "narrow": 150.0}


def draw_cycle(session: Session, layout: Layout) -> Sheet | None:
    """Draw the mean cycles; None when there are none."""
    if not session.cycles:
        return None
    paces = _paces(session)
    sides = [side for side in SIDES if any(c.side == side for c in session.cycles)]
    height = _HEIGHT[layout]
    row = _HEAD + height + _FOOT
    sheet = Sheet("cycle", layout, row * len(paces) + 18)
    width = (WIDTH[layout] - len(sides) * _LEFT - _RIGHT) / len(sides)
    limits = _limits(session)
    for y, pace in enumerate(paces):
        for x, side in enumerate(sides):
            place = (_LEFT + x * (width + _LEFT), y * row + _HEAD, width, height)
            _panel(sheet, session, pace, side, place, limits)
    if layout == "wide":
        note = "thin: first third\nthick: last third"
        sheet.text(_LEFT + width / 2, _HEAD + 8, note, ha="center", va="top", color=MUTED)
    sheet.text(
        _LEFT, sheet.height - 5, "% of the stride, peak flexion to peak flexion", color=MUTED
    )
    return sheet


def _paces(session: Session) -> list[Pace]:
    """Easy and fast; other only where there is nothing else to show."""
    met = [pace for pace in PACES if any(cycle.pace == pace for cycle in session.cycles)]
    return [pace for pace in met if pace != "other"] or met


def _limits(session: Session) -> tuple[float, float]:
    ends = [
        float(deg_from_rad(edge))
        for cycle in session.cycles
        for edge in (
            np.nanmax(cycle.mean_rad + cycle.sd_rad),
            np.nanmin(cycle.mean_rad - cycle.sd_rad),
        )
    ]
    return padded(ends)


def _panel(
    sheet: Sheet,
    session: Session,
    pace: Pace,
    side: Side,
    place: tuple[float, float, float, float],
    limits: tuple[float, float],
) -> None:
    axes = sheet.axes(*place)
    sheet.text(place[0], place[1] - 10, f"{side.capitalize()}, {pace}", weight="bold")
    for cycle in session.cycles:
        if (cycle.pace, cycle.side) == (pace, side):
            _draw_cycle(axes, cycle)
    axes.set_ylim(limits)
    axes.set_xlim(0, 100)
    axes.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1)
    degree_axis(axes, most=6)
    axes.xaxis.set_major_locator(FixedLocator([0, 25, 50, 75, 100]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _draw_cycle(axes: Axes, cycle: Cycle) -> None:
    percent = np.linspace(0.0, 100.0, len(cycle.mean_rad))
    mean, sd = deg_from_rad(cycle.mean_rad), deg_from_rad(cycle.sd_rad)
    late = cycle.part == "late"
    colour = PACE_COLOUR[cycle.pace]
    if late:
        axes.fill_between(percent, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
    axes.plot(
        percent,
        mean,
        color=colour,
        linewidth=2.6 if late else 1.1,
        linestyle=LINE[cycle.side],
    )
