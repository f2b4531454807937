"""The estimates with their intervals: change at each pace, and the extra loss at fast pace."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from hipimu.data import Session, Side
from hipimu.report.contrast import Contrast, contrasts
from hipimu.report.numerals import number
from hipimu.report.quantity import ShownChange
from hipimu.report.style import (
    LINE,
    MUTED,
    PACE_COLOUR,
    PAPER,
    TEXT,
    WIDTH,
    Layout,
    Sheet,
    padded,
    whole_steps,
)

_ROW: Final = 52.0
_HEAD: Final = 48.0
_FOOT: Final = 30.0
_OFFSET: Final = 0.19


def draw_forest(session: Session, layout: Layout) -> Sheet | None:
    """Draw all estimates that have numbers; None when there is none."""
    rows = contrasts(session)
    if not rows:
        return None
    height = _ROW * len(rows)
    total = _HEAD + height + _FOOT
    names = 128.0
    sheet = Sheet("forest", layout, total if layout == "wide" else 2 * total + 8)
    if layout == "wide":
        width = (WIDTH[layout] - names - 40 - 12) / 2
        changes = sheet.axes(names, _HEAD, width, height)
        extra = sheet.axes(names + width + 40, _HEAD, width, height)
    else:
        changes = sheet.axes(118, _HEAD, WIDTH[layout] - 118 - 8, height)
        extra = sheet.axes(118, total + 8 + _HEAD, WIDTH[layout] - 118 - 8, height)
    _changes(sheet, changes, rows)
    _extra(sheet, extra, rows)
    _rows(changes, rows, named=True)
    _rows(extra, rows, named=layout == "narrow")
    return sheet


def _changes(sheet: Sheet, axes: Axes, rows: tuple[Contrast, ...]) -> None:
    _heading(sheet, axes, "Change over the run", "← lost", "gained →")
    for index, row in enumerate(rows):
        _whisker(axes, row.easy, index - _OFFSET, PACE_COLOUR["easy"], row.side)
        _beside(axes, row.easy, index - _OFFSET, "easy")
        _whisker(axes, row.fast, index + _OFFSET, PACE_COLOUR["fast"], row.side)
        _beside(axes, row.fast, index + _OFFSET, "fast")
    _degrees(axes, [end for row in rows for c in (row.easy, row.fast) for end in c.ci95])


def _extra(sheet: Sheet, axes: Axes, rows: tuple[Contrast, ...]) -> None:
    _heading(sheet, axes, "Extra loss at fast pace (RFI)", "← less", "more →")
    for index, row in enumerate(rows):
        if row.detectable_deg is not None:
            low, high = 1 - (index + 0.36) / len(rows), 1 - (index - 0.36) / len(rows)
            shift = 0.5 / len(rows)
            axes.axvspan(
                -row.detectable_deg,
                row.detectable_deg,
                low - shift,
                high - shift,
                facecolor=PACE_COLOUR["other"],
                alpha=0.25,
                linewidth=0,
            )
        _whisker(axes, row.rfi, float(index), TEXT, row.side)
    ends = [end for row in rows for end in row.rfi.ci95]
    _degrees(axes, ends + [s * (row.detectable_deg or 0.0) for row in rows for s in (-1, 1)])


def _whisker(axes: Axes, change: ShownChange, y: float, colour: str, side: Side) -> None:
    axes.plot(change.ci95, (y, y), color=colour, linewidth=2.2, linestyle=LINE[side])
    # Caps: a dashed line may end in a gap, and the interval must not look shorter than it is.
    axes.plot(
        change.ci95,
        (y, y),
        linestyle="none",
        marker="|",
        markersize=8,
        markeredgecolor=colour,
        markeredgewidth=2.0,
    )
    axes.plot(
        change.value,
        y,
        marker="o",
        markersize=9,
        markerfacecolor=colour if side == "left" else PAPER,
        markeredgecolor=colour,
        markeredgewidth=2.0,
    )


def _beside(axes: Axes, change: ShownChange, y: float, pace: str) -> None:
    axes.annotate(
        pace,
        (change.ci95[1], y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )


def _heading(sheet: Sheet, axes: Axes, title: str, low: str, high: str) -> None:
    box = axes.get_position()
    left, right = box.x0 * sheet.width, box.x1 * sheet.width
    top = (1 - box.y1) * sheet.height
    sheet.text(left, top - 28, title, weight="bold")
    sheet.text(left, top - 9, low, color=MUTED)
    sheet.text(right, top - 9, high, color=MUTED, ha="right")


def _degrees(axes: Axes, ends: list[float]) -> None:
    # Room on the right for the names beside the whiskers.
    low, high = padded([*ends, -1.0, 1.0], 0.06)
    axes.set_xlim(low, high + 0.12 * (high - low))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(value, 0)}°"))
    axes.xaxis.set_major_locator(whole_steps(5))
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.axvline(0.0, color=MUTED, linewidth=1.2, zorder=1)


def _rows(axes: Axes, rows: tuple[Contrast, ...], *, named: bool) -> None:
    axes.set_ylim(len(rows) - 0.5, -0.5)
    names = [row.name.replace(" hip", "").capitalize() for row in rows]
    axes.set_yticks(range(len(rows)), names if named else [""] * len(rows))
