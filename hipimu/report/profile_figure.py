"""What changed along the range: by 5° of hip angle, for each side, fast and easy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hipimu.data import SIDES, Pace, RangeProfile, Session
from hipimu.report.contrast import ALPHA
from hipimu.report.numerals import MINUS, number
from hipimu.report.quantity import display_of
from hipimu.report.style import (
    LINE,
    MUTED,
    PACE_COLOUR,
    PAPER,
    WIDTH,
    Layout,
    Sheet,
    padded,
    whole_steps,
)
from hipimu.units import deg_from_rad

_TITLES: Final[Mapping[str, str]] = {
    "velocity": "velocity",
    "acceleration": "acceleration",
    "work": "work per bin",
}
_LEFT: Final = 52.0
_RIGHT: Final = 34.0
_HEAD: Final = 30.0
_FOOT: Final = 28.0
_HEIGHT: Final = {"wide": 130.0, "narrow": 120.0}

Panel = list[RangeProfile]


def draw_profile(session: Session, layout: Layout) -> Sheet | None:
    """Draw the changes of all profiles; None when there is none to draw."""
    panels = _panels(session)
    if not panels:
        return None
    sides = list(dict.fromkeys(panel[0].side for panel in panels))
    columns = len(sides) if layout == "wide" else 1
    row = _HEAD + _HEIGHT[layout] + _FOOT
    rows = -(-len(panels) // columns)
    sheet = Sheet("profile", layout, rows * row + 16)
    width = (WIDTH[layout] - columns * (_LEFT + _RIGHT)) / columns
    for index, panel in enumerate(panels):
        left = _LEFT + (index % columns) * (width + _LEFT + _RIGHT)
        top = (index // columns) * row + _HEAD
        _draw_panel(sheet, panel, panels, (left, top, width, _HEIGHT[layout]))
    sheet.text(_LEFT, sheet.height - 4, "hip angle, flexion → (bins of 5°)", color=MUTED)
    return sheet


def _panels(session: Session) -> list[Panel]:
    """Easy and fast of one side and quantity share a panel; sides beside each other."""
    if session.strength is None:
        return []
    drawn = [p for p in session.strength.profiles if np.isfinite(p.delta).any()]
    quantities = [name for name in _TITLES if any(p.quantity == name for p in drawn)]
    grouped = [
        [p for p in drawn if (p.quantity, p.side) == (quantity, side)]
        for quantity in quantities
        for side in SIDES
        if any(p.side == side for p in drawn)
    ]
    return [panel for panel in grouped if panel]


def _draw_panel(
    sheet: Sheet,
    panel: Panel,
    panels: Sequence[Panel],
    place: tuple[float, float, float, float],
) -> None:
    first = panel[0]
    axes = sheet.axes(*place)
    display = display_of(first.unit)
    title = f"{first.side.capitalize()} {_TITLES[first.quantity]}, change in{display.symbol}"
    sheet.text(place[0] - 40, place[1] - 10, title, weight="bold")
    alike = [p for own in panels for p in own if p.quantity == first.quantity]
    axes.set_ylim(padded([float(v) for p in alike for v in _ends(p)]))
    edges = [float(deg_from_rad(v)) for p in alike for v in (p.from_rad[0], p.to_rad[-1])]
    axes.set_xlim(min(edges), max(edges))
    axes.axhline(0.0, color=MUTED, linewidth=1.0, zorder=1)
    for profile in panel:
        _draw_profile(axes, profile)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(value, 0)}°"))
    axes.xaxis.set_major_locator(whole_steps(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", MINUS)))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))


def _ends(profile: RangeProfile) -> list[float]:
    factor = display_of(profile.unit).factor
    shown = (profile.delta_low, profile.delta_high, profile.delta)
    return [float(v) * factor for values in shown for v in values]


def _draw_profile(axes: Axes, profile: RangeProfile) -> None:
    factor, colour = display_of(profile.unit).factor, PACE_COLOUR[profile.pace]
    middle = deg_from_rad(0.5 * (profile.from_rad + profile.to_rad))
    delta = profile.delta * factor
    low, high = profile.delta_low * factor, profile.delta_high * factor
    axes.fill_between(middle, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(middle, delta, color=colour, linewidth=1.6, linestyle=LINE[profile.side])
    clear = profile.q_value < ALPHA
    for where, marker, size, face in (
        (~clear, "o", 4.5, PAPER),
        (clear, "D", 7.0, colour),
    ):
        axes.plot(
            middle[where],
            delta[where],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=colour,
            markeredgewidth=1.2,
        )
    _name_line(axes, profile.pace, middle, delta)


def _name_line(axes: Axes, pace: Pace, middle: object, delta: object) -> None:
    known = np.flatnonzero(np.isfinite(np.asarray(delta)))
    if len(known):
        at = (float(np.asarray(middle)[known[-1]]), float(np.asarray(delta)[known[-1]]))
        axes.annotate(
            pace,
            at,
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        )


def profile_words(session: Session) -> str:
    """Say in words which bins stand out: for those who do not see the chart.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        Sentences; one that says so where nothing stands out, empty without profiles.
    """
    panels = _panels(session)
    told = [text for panel in panels for profile in panel for text in _stands_out(profile)]
    if not panels:
        return ""
    return f"Stands out: {'; '.join(told)}." if told else "No bin stands out from chance."


def _stands_out(profile: RangeProfile) -> list[str]:
    """One text for each run of neighbouring bins that changed clearly in one direction."""
    clear = (profile.q_value < ALPHA) & np.isfinite(profile.delta)
    sign = np.where(clear, np.sign(profile.delta), 0.0)
    cuts = np.flatnonzero(np.diff(sign)) + 1
    pieces = np.split(np.arange(len(sign)), cuts)
    name = f"{profile.side}, {profile.pace} pace, {_TITLES[profile.quantity]}"
    return [
        f"{name} {'less' if sign[piece[0]] < 0 else 'more'} from "
        f"{number(deg_from_rad(float(profile.from_rad[piece[0]])), 0)}° to "
        f"{number(deg_from_rad(float(profile.to_rad[piece[-1]])), 0)}°"
        for piece in pieces
        if sign[piece[0]] != 0
    ]
