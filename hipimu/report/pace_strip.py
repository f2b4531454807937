"""Pace over the run: speed where it is known, and the bouts in their colours."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from hipimu.data import FloatArray, Session
from hipimu.report.numerals import clock
from hipimu.report.series import Series
from hipimu.report.style import MUTED, PACE_COLOUR, Sheet

STRIP_HEAD: Final = 26.0
_FOOT: Final = 30.0
_WITH_SPEED: Final = 74.0
_WITHOUT: Final = 14.0
_STEPS_S_PER_KM: Final = (15, 30, 60, 120, 300, 600)
# A speed is drawn as one line up to gaps of this length.
_PAUSE_S: Final = 10.0
_SLOWEST_M_S: Final = 0.5


def strip_height(session: Session, series: Series) -> float:
    """Pixels the strip takes with its title and its axis; 0 where nothing is known of pace."""
    if not session.bouts and not _speed_known(session, series):
        return 0.0
    return STRIP_HEAD + (_WITH_SPEED if _speed_known(session, series) else _WITHOUT) + _FOOT


def draw_strip(
    sheet: Sheet, session: Session, series: Series, place: tuple[float, float, float]
) -> Axes:
    """Draw it at left, top and width in pixels; its axis of time is still to be marked.

    Parameters
    ----------
    sheet : Sheet
    session : Session
    series : Series
        Whose strides tell the speed.
    place : tuple of float

    Returns
    -------
    Axes
    """
    left, top, width = place
    known = _speed_known(session, series)
    axes = sheet.axes(left, top, width, _WITH_SPEED if known else _WITHOUT)
    title = "Pace in min/km ↑ faster" if known else "Pace: the bouts (speed unknown)"
    sheet.text(left, top - 10, title, weight="bold", va="baseline")
    if known:
        _draw_speed(axes, session, series)
    else:
        _draw_bouts(axes, session)
    return axes


def _speed_known(session: Session, series: Series) -> bool:
    by_bout = any(bout.speed_m_s is not None for bout in session.bouts)
    return by_bout or bool(np.isfinite(series.speed_m_s).any())


def _draw_bouts(axes: Axes, session: Session) -> None:
    for bout in session.bouts:
        colour = PACE_COLOUR[bout.pace]
        axes.axvspan(bout.start_s, bout.end_s, facecolor=colour, linewidth=0)
    axes.grid(visible=False)
    axes.set_yticks([])


def _draw_speed(axes: Axes, session: Session, series: Series) -> None:
    t_s, speed_m_s = _whole_line(series)
    axes.plot(t_s, speed_m_s, color=MUTED, linewidth=1.0)
    speeds = [float(v) for v in speed_m_s if math.isfinite(v)]
    for bout in session.bouts:
        colour = PACE_COLOUR[bout.pace]
        axes.axvspan(bout.start_s, bout.end_s, facecolor=colour, alpha=0.13, linewidth=0)
        if bout.speed_m_s is not None:
            speeds.append(bout.speed_m_s)
            ends = (bout.start_s, bout.end_s)
            axes.plot(ends, (bout.speed_m_s,) * 2, color=colour, linewidth=4.0)
    low = max(min(speeds), _SLOWEST_M_S)
    air = 0.14 * max(max(speeds) - low, 0.4)
    axes.set_ylim(max(low - air, 0.5 * _SLOWEST_M_S), max(speeds) + air)
    _pace_axis(axes)


def _whole_line(series: Series) -> tuple[FloatArray, FloatArray]:
    """Speed over time, broken where no stride was for a while, and thin where there are many."""
    keep = slice(None, None, max(1, len(series.t_s) // 400))
    t_s, speed_m_s = series.t_s[keep], series.speed_m_s[keep]
    breaks = np.flatnonzero(np.diff(t_s) > _PAUSE_S) + 1
    return np.insert(t_s, breaks, np.nan), np.insert(speed_m_s, breaks, np.nan)


def _pace_axis(axes: Axes) -> None:
    """Mark round paces; the axis itself is straight in speed."""
    low, high = axes.get_ylim()
    slow, quick = 1000 / low, 1000 / high
    step = next((s for s in _STEPS_S_PER_KM if (slow - quick) / s <= 4), _STEPS_S_PER_KM[-1])
    first = math.ceil(quick / step) * step
    ticks = [1000 / pace for pace in range(first, int(slow) + 1, step)]
    axes.yaxis.set_major_locator(FixedLocator(_apart(ticks, 0.16 * (high - low))))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: clock(1000 / v) if v > 0 else ""))


def _apart(ticks: list[float], least: float) -> list[float]:
    """Leave out ticks that would run into the one before."""
    kept: list[float] = []
    for tick in ticks:
        if not kept or abs(tick - kept[-1]) >= least:
            kept.append(tick)
    return kept
