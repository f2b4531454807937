"""Hip and pelvis side by side: where a change of the thigh's range came from."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from hipimu.data import OUTCOMES, Outcome, Session
from hipimu.report.compensation import Split, splits
from hipimu.report.numerals import number
from hipimu.report.quantity import ShownChange
from hipimu.report.style import (
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

_ROW: Final = 62.0
_HEAD: Final = 48.0
_FOOT: Final = 30.0
_NAMES: Final = 88.0
_GAP: Final = 28.0
_TITLE: Final[dict[Outcome, str]] = {
    "peak_flexion": "Thigh flexion, change",
    "peak_extension": "Thigh extension, change",
}


def draw_split(session: Session, layout: Layout) -> Sheet | None:
    """Draw the changes of hip, pelvis and thigh; None where they are unknown."""
    made = splits(session)
    panels = [(outcome, own) for outcome in OUTCOMES if (own := _of(made, outcome))]
    if not panels:
        return None
    wide = layout == "wide"
    heights = [_HEAD + _ROW * len(own) + _FOOT for _, own in panels]
    sheet = Sheet("split", layout, max(heights) if wide else sum(heights))
    width = WIDTH[layout] - _NAMES - 12
    if wide:
        width = (width - (len(panels) - 1) * _GAP) / len(panels)
    ends = [end for item in made for end in _ends(item)]
    for index, (outcome, own) in enumerate(panels):
        left = _NAMES + (index * (width + _GAP) if wide else 0.0)
        top = _HEAD + (0.0 if wide else sum(heights[:index]))
        axes = sheet.axes(left, top, width, _ROW * len(own))
        sheet.text(left, top - 28, _TITLE[outcome], weight="bold")
        sheet.text(left, top - 9, "← less", color=MUTED)
        sheet.text(left + width, top - 9, "more →", color=MUTED, ha="right")
        _draw_panel(axes, own, ends, named=index == 0 or not wide)
    return sheet


def _of(made: tuple[Split, ...], outcome: Outcome) -> list[Split]:
    return [item for item in made if item.outcome == outcome]


def _ends(item: Split) -> tuple[float, ...]:
    return (*item.thigh.ci95, *item.hip.ci95, *item.pelvis.ci95)


def _draw_panel(axes: Axes, rows: list[Split], ends: list[float], *, named: bool) -> None:
    for index, row in enumerate(rows):
        colour = PACE_COLOUR[row.pace]
        _bar(axes, row.hip, index - 0.29, colour, filled=True)
        _bar(axes, row.pelvis, index, colour, filled=False)
        _sum(axes, row.thigh, index + 0.29)
        for name, change, at in (
            ("hip", row.hip, index - 0.29),
            ("pelvis", row.pelvis, index),
            ("thigh", row.thigh, index + 0.29),
        ):
            _name(axes, name, change, at)
    low, high = padded([*ends, -1.0, 1.0], 0.06)
    axes.set_xlim(low, high + 0.2 * (high - low))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(value, 0)}°"))
    axes.xaxis.set_major_locator(whole_steps(5))
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.axvline(0.0, color=MUTED, linewidth=1.2, zorder=1)
    names = [f"{row.side.capitalize()}, {row.pace}" for row in rows]
    axes.set_yticks(range(len(rows)), names if named else [""] * len(rows))


def _bar(axes: Axes, change: ShownChange, y: float, colour: str, *, filled: bool) -> None:
    axes.barh(
        y,
        change.value,
        height=0.22,
        facecolor=colour if filled else PAPER,
        edgecolor=colour,
        linewidth=1.6,
        zorder=2,
    )
    axes.plot(change.ci95, (y, y), color=TEXT, linewidth=1.2, zorder=3)


def _sum(axes: Axes, change: ShownChange, y: float) -> None:
    axes.plot(change.ci95, (y, y), color=TEXT, linewidth=1.2, zorder=3)
    axes.plot(
        change.value,
        y,
        marker="D",
        markersize=7,
        markerfacecolor=TEXT,
        markeredgecolor=TEXT,
        zorder=4,
    )


def _name(axes: Axes, name: str, change: ShownChange, y: float) -> None:
    axes.annotate(
        name,
        (max(0.0, change.value, change.ci95[1]), y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )
