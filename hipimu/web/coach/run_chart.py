"""Every stride's peak over a run, with the fitted lines and the notes at their moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from hipimu.data import SIDES, FatigueEstimate, FloatArray, Pace, Side
from hipimu.report.numerals import clock, number
from hipimu.store import Note
from hipimu.units import deg_from_rad
from hipimu.web.coach.scale import Scale, around, polyline, ticks

Layout = Literal["wide", "narrow"]
_WIDTH: Final[dict[Layout, float]] = {"wide": 960.0, "narrow": 340.0}
HEIGHT: Final = 190.0
_LEFT: Final = 40.0
_RIGHT: Final = 12.0
_TOP: Final = 24.0
_FOOT: Final = 24.0
_LEAST_DEG: Final = 15.0
_MOST_DOTS: Final = 1500
"""More are thinned evenly: they would lie over each other."""
_STEPS_S: Final = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_PACES: Final[tuple[Pace, ...]] = ("other", "easy", "fast")


@dataclass(frozen=True, slots=True)
class RunPanel:
    """Peak flexion of one side, in pixels."""

    side: Side
    layout: Layout
    width: float
    left: float
    right: float
    top: float
    bottom: float
    dots: Mapping[Pace, str]
    """A path of each pace, of strokes without length."""
    lines: Mapping[Pace, str]
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]
    flags: tuple[tuple[float, Note], ...]


def run_panels(
    strides: pd.DataFrame, fatigue: Sequence[FatigueEstimate], notes: Sequence[Note]
) -> tuple[RunPanel, ...]:
    """Draw peak flexion of each side, for wide and for narrow screens.

    Parameters
    ----------
    strides : pandas.DataFrame
        As the store keeps them.
    fatigue : sequence of FatigueEstimate
        For their lines.
    notes : sequence of Note
        Those on a moment are marked.
    """
    used = strides[(strides["quality"] > 0) & (strides["gait"] == "running")]
    if used.empty:
        return ()
    lines = {e.side: e for e in fatigue if e.outcome == "peak_flexion"}
    limits = around(deg_from_rad(used["peak_flexion_rad"].to_numpy(float)).tolist(), _LEAST_DEG)
    end_s = float(used["t_peak_flexion_s"].max())
    return tuple(
        _panel(side, layout, used[used["side"] == side], lines.get(side), notes, limits, end_s)
        for side in SIDES
        if (used["side"] == side).any()
        for layout in _WIDTH
    )


def _panel(
    side: Side,
    layout: Layout,
    own: pd.DataFrame,
    estimate: FatigueEstimate | None,
    notes: Sequence[Note],
    limits: tuple[float, float],
    end_s: float,
) -> RunPanel:
    width = _WIDTH[layout]
    x = Scale(0.0, max(end_s, 1.0), _LEFT, width - _RIGHT)
    y = Scale(*limits, HEIGHT - _FOOT, _TOP)
    by_pace = {pace: own[own["pace"] == pace] for pace in _PACES}
    return RunPanel(
        side=side,
        layout=layout,
        width=width,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _FOOT,
        dots={pace: _dots(_thinned(of, len(own)), x, y) for pace, of in by_pace.items() if len(of)},
        lines=_lines(by_pace, estimate, x, y),
        y_ticks=tuple((y(value), f"{number(value, 0)}°") for value in ticks(*limits, most=4)),
        x_ticks=tuple((x(at), clock(at)) for at in _times(end_s, 8 if layout == "wide" else 4)),
        flags=tuple((x(note.t_s), note) for note in notes if note.t_s is not None),
    )


def _thinned(strides: pd.DataFrame, together: int) -> pd.DataFrame:
    return strides.iloc[:: 1 + together // _MOST_DOTS]


def _dots(strides: pd.DataFrame, x: Scale, y: Scale) -> str:
    times = strides["t_peak_flexion_s"].to_numpy(float).tolist()
    values: FloatArray = deg_from_rad(strides["peak_flexion_rad"].to_numpy(float))
    return "".join(
        f"M{x(at):g} {y(value):g}h0"
        for at, value in zip(times, values.tolist(), strict=True)
        if np.isfinite(value)
    )


def _lines(
    by_pace: Mapping[Pace, pd.DataFrame], estimate: FatigueEstimate | None, x: Scale, y: Scale
) -> dict[Pace, str]:
    """Lines go over τ, which strides know; ends are those of the first and the last of a pace."""
    lines: dict[Pace, str] = {}
    for pace, line in ({} if estimate is None else estimate.line_rad).items():
        own = by_pace[pace].dropna(subset=["moving_fraction"])
        if len(own) < 2:
            continue
        ends = own.iloc[[0, -1]]
        begin, end = (deg_from_rad(value) for value in line)
        lines[pace] = polyline(
            (x(float(at)), y(begin + (end - begin) * float(tau)))
            for at, tau in zip(ends["t_peak_flexion_s"], ends["moving_fraction"], strict=True)
        )
    return lines


def _times(end_s: float, most: int) -> Iterator[float]:
    step = next((s for s in _STEPS_S if end_s / s <= most), _STEPS_S[-1])
    yield from (float(at) for at in range(0, int(end_s) + 1, step))
