"""The strip of the run: pace over time, and every peak, coloured by pace, with the fitted lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from hipimu.data import OUTCOMES, FatigueEstimate, FloatArray, Outcome, Pace, Session
from hipimu.report.pace_strip import STRIP_HEAD, draw_strip, strip_height
from hipimu.report.series import PACES, Series, all_series
from hipimu.report.style import (
    LINE,
    PACE_COLOUR,
    PAPER,
    WIDTH,
    Layout,
    Sheet,
    clock_axis,
    degree_axis,
    padded,
)
from hipimu.units import deg_from_rad

_TITLE: Final = {
    "peak_flexion": "flexion ↑",
    "peak_extension": "extension behind neutral ↑",
}
_HEIGHT: Final = {"peak_flexion": 180.0, "peak_extension": 140.0}
_LEFT: Final = 40.0
_GAP: Final = 28.0
_HEAD: Final = 38.0
_FOOT: Final = 26.0


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where one side's peaks of one kind are drawn, in pixels."""

    series: Series
    outcome: Outcome
    left: float
    top: float
    width: float
    height: float


def draw_run(session: Session, layout: Layout) -> Sheet | None:
    """Draw peaks over the run; None when there is no usable stride."""
    series = all_series(session)
    if not series:
        return None
    strip = strip_height(session, series[0])
    panels = list(_places(series, layout, strip))
    bottom = max(panel.top + panel.height for panel in panels)
    sheet = Sheet("run", layout, bottom + _FOOT)
    if strip:
        place = (_LEFT, STRIP_HEAD, WIDTH[layout] - _LEFT - 2)
        axes = draw_strip(sheet, session, series[0], place)
        run_axis(axes, session, place[2])
    limits = {outcome: _limits(session, series, outcome) for outcome in OUTCOMES}
    for panel in panels:
        _draw_panel(sheet, session, panel, limits[panel.outcome])
    return sheet


def _places(series: tuple[Series, ...], layout: Layout, top: float) -> Iterator[_Panel]:
    """Sides side by side when wide, everything below each other when narrow."""
    columns = len(series) if layout == "wide" else 1
    width = (WIDTH[layout] - columns * _LEFT - 2) / columns
    for outcome in OUTCOMES:
        for index, own in enumerate(series):
            column = index % columns
            left = _LEFT + column * (width + _LEFT)
            yield _Panel(own, outcome, left, top + _HEAD, width, _HEIGHT[outcome])
            if column == columns - 1:
                top += _HEAD + _HEIGHT[outcome] + _GAP


def _limits(session: Session, series: tuple[Series, ...], outcome: Outcome) -> tuple[float, float]:
    values = [float(v) for own in series for v in own.peak_deg(outcome)]
    for estimate in session.fatigue:
        if estimate.outcome == outcome:
            values += [deg_from_rad(end) for line in estimate.line_rad.values() for end in line]
    return padded(values)


def _draw_panel(sheet: Sheet, session: Session, panel: _Panel, limits: tuple[float, float]) -> None:
    axes = sheet.axes(panel.left, panel.top, panel.width, panel.height)
    title = f"{panel.series.side.capitalize()} {_TITLE[panel.outcome]}"
    sheet.text(panel.left, panel.top - 18, title, weight="bold", va="baseline")
    bands(axes, session)
    for pace in PACES:
        draw_dots(axes, panel.series, pace, panel.series.peak_deg(panel.outcome))
    axes.set_ylim(limits)
    run_axis(axes, session, panel.width)
    degree_axis(axes, most=6)
    for pace, line in _lines(session, panel):
        _draw_line(axes, panel.series, pace, line)
    sheet.readable(axes, panel.series.side, panel.outcome)


def run_axis(axes: Axes, session: Session, width: float) -> None:
    """Mark the time of the run, leaving room on the right for the names of the lines."""
    # Of what is drawn: walking before the run would only push the dots together.
    times = [stride.t_peak_flexion_s for stride in session.strides if stride.usable()]
    start = min([*times, *(bout.start_s for bout in session.bouts)])
    end = max([*times, *(bout.end_s for bout in session.bouts)])
    clock_axis(axes, start, end, most=max(3, int(width / 75)))
    room = 38.0 / (width - 38.0)
    axes.set_xlim(start - 0.015 * (end - start), end + room * max(end - start, 1.0))


def bands(axes: Axes, session: Session) -> None:
    """Show each bout as a faint band and a strip of its pace along the top."""
    for bout in session.bouts:
        colour = PACE_COLOUR[bout.pace]
        axes.axvspan(bout.start_s, bout.end_s, facecolor=colour, alpha=0.07, linewidth=0)
        axes.axvspan(
            bout.start_s, bout.end_s, 1.01, 1.035, facecolor=colour, linewidth=0, clip_on=False
        )


def draw_dots(axes: Axes, series: Series, pace: Pace, values: FloatArray) -> None:
    """Draw one pace's strides: left filled, right open."""
    where = series.at(pace)
    if not where.any():
        return
    colour = PACE_COLOUR[pace]
    left = series.side == "left"
    axes.plot(
        series.t_s[where],
        values[where],
        linestyle="none",
        marker="o",
        markersize=6.0 if series.few else 3.0,
        markerfacecolor=colour if left else "none",
        markeredgecolor=colour,
        markeredgewidth=0.0 if left else 1.6 if series.few else 0.7,
        alpha=1.0 if series.few else 0.45 if left else 0.6,
    )


def _lines(session: Session, panel: _Panel) -> list[tuple[Pace, tuple[float, float]]]:
    own: FatigueEstimate | None = next(
        (
            estimate
            for estimate in session.fatigue
            if (estimate.side, estimate.outcome) == (panel.series.side, panel.outcome)
        ),
        None,
    )
    return [] if own is None else list(own.line_rad.items())


def _draw_line(axes: Axes, series: Series, pace: Pace, line_rad: tuple[float, float]) -> None:
    """Draw the fit against time: straight in moving time, so level where the runner stood."""
    known = np.isfinite(series.moving_fraction)
    if not known.any():
        return
    start, end = (deg_from_rad(value) for value in line_rad)
    t_s, tau = _thinned(series.t_s[known]), _thinned(series.moving_fraction[known])
    fit = start + (end - start) * tau
    # A line of the paper's colour below sets the fit off against its dots.
    axes.plot(t_s, fit, color=PAPER, linewidth=4.6, solid_capstyle="butt")
    axes.plot(t_s, fit, color=PACE_COLOUR[pace], linewidth=2.4, linestyle=LINE[series.side])
    axes.annotate(
        pace,
        (float(t_s[-1]), float(fit[-1])),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )


def _thinned(values: FloatArray, most: int = 120) -> FloatArray:
    if len(values) <= most:
        return values
    kept: FloatArray = values[np.linspace(0, len(values) - 1, most).round().astype(int)]
    return kept
