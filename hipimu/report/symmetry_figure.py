"""Left beside right: the fitted peaks, fresh and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from hipimu.data import OUTCOMES, FatigueEstimate, Outcome, Pace, Session, Side
from hipimu.report.style import (
    LINE,
    PACE_COLOUR,
    PAPER,
    WIDTH,
    Layout,
    Sheet,
    degree_axis,
    padded,
)
from hipimu.report.symmetry import both_sides
from hipimu.units import deg_from_rad

_LEFT: Final = 40.0
_NAMES: Final = 84.0
_HEAD: Final = 30.0
_HEIGHT: Final = 170.0
_FOOT: Final = 28.0
_LINE_HEIGHT: Final = 14.0
_TITLE: Final[dict[Outcome, str]] = {
    "peak_flexion": "Peak flexion ↑",
    "peak_extension": "Peak extension behind neutral ↑",
}

_Line = tuple[Side, Pace, float, float]


def draw_symmetry(session: Session, layout: Layout) -> Sheet | None:
    """Draw the fitted lines of both sides; None unless both have some."""
    panels = [(outcome, own) for outcome in OUTCOMES if (own := _lines(session, outcome))]
    if not panels or not both_sides(session):
        return None
    wide = layout == "wide"
    row = _HEAD + _HEIGHT + _FOOT
    columns = len(panels) if wide else 1
    sheet = Sheet("symmetry", layout, row * (len(panels) // columns))
    width = WIDTH[layout] / columns - _LEFT - _NAMES
    for index, (outcome, own) in enumerate(panels):
        left = _LEFT + (index * (width + _LEFT + _NAMES) if wide else 0.0)
        top = _HEAD + (0.0 if wide else index * row)
        axes = sheet.axes(left, top, width, _HEIGHT)
        sheet.text(left - 26, top - 12, _TITLE[outcome], weight="bold")
        _draw_panel(axes, own)
    return sheet


def _lines(session: Session, outcome: Outcome) -> list[_Line]:
    estimates = [e for e in session.fatigue if e.outcome == outcome and e.line_rad]
    if len({estimate.side for estimate in estimates}) < 2:
        return []
    return [line for estimate in estimates for line in _of(estimate)]


def _of(estimate: FatigueEstimate) -> list[_Line]:
    return [
        (estimate.side, pace, deg_from_rad(start), deg_from_rad(end))
        for pace, (start, end) in estimate.line_rad.items()
    ]


def _draw_panel(axes: Axes, lines: Sequence[_Line]) -> None:
    axes.set_ylim(padded([value for line in lines for value in line[2:]]))
    axes.set_xlim(-0.06, 1.06)
    axes.xaxis.set_major_locator(FixedLocator([0.0, 1.0]))
    axes.xaxis.set_major_formatter(FixedFormatter(["fresh", "at the end"]))
    degree_axis(axes, most=6)
    low, high = axes.get_ylim()
    heights = spread([line[3] for line in lines], (high - low) * _LINE_HEIGHT / _HEIGHT)
    for (side, pace, start, end), height in zip(lines, heights, strict=True):
        colour = PACE_COLOUR[pace]
        axes.plot(
            (0.0, 1.0),
            (start, end),
            color=colour,
            linewidth=2.0,
            linestyle=LINE[side],
            marker="o",
            markersize=7,
            markerfacecolor=colour if side == "left" else PAPER,
            markeredgecolor=colour,
            markeredgewidth=1.6,
        )
        axes.annotate(
            f"{side}, {pace}", (1.1, height), va="center", annotation_clip=False, xycoords="data"
        )


def spread(heights: Sequence[float], least: float) -> list[float]:
    """Move labels apart so that neighbours are at least `least` from each other.

    Parameters
    ----------
    heights : sequence of float
    least : float

    Returns
    -------
    list of float
        In the order given; groups of crowded labels stay centred where they were.
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    groups: list[list[int]] = []
    for index in order:
        groups.append([index])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], heights, least):
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = list(heights)
    for group in groups:
        for rank, index in enumerate(group):
            placed[index] = _bottom(group, heights, least) + rank * least
    return placed


def _bottom(group: Sequence[int], heights: Sequence[float], least: float) -> float:
    middle = sum(heights[index] for index in group) / len(group)
    return middle - 0.5 * (len(group) - 1) * least


def _touch(
    below: Sequence[int], above: Sequence[int], heights: Sequence[float], least: float
) -> bool:
    top = _bottom(below, heights, least) + (len(below) - 1) * least
    return _bottom(above, heights, least) - top < least
