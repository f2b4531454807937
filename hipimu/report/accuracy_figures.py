"""The figures of the accuracy page, drawn from accuracy.json. Each says simulated or real."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from hipimu.data import OUTCOMES, Outcome
from hipimu.report.numerals import MINUS, number
from hipimu.report.style import (
    MUTED,
    PACE_COLOUR,
    PAPER,
    TEXT,
    WIDTH,
    Sheet,
    look,
    padded,
)

Document = Mapping[str, Any]
Line = tuple[str, Sequence[float], Sequence[float]]

TITLES: Final[Mapping[Outcome, str]] = {
    "peak_flexion": "Peak flexion",
    "peak_extension": "Peak extension",
}
_COLOURS: Final = {
    "clean": PACE_COLOUR["other"],
    "realistic": PACE_COLOUR["easy"],
    "harsh": PACE_COLOUR["fast"],
    "vqf": PACE_COLOUR["easy"],
}
_HEAD: Final = 44.0
_FOOT: Final = 44.0
_LEFT: Final = 48.0
_HEIGHT: Final = 210.0
_NAMES: Final = 74.0
_ROW: Final = 26.0
_FAULTS: Final = 200.0


def by_speed(document: Document) -> str | None:
    """Peak errors by speed for each suite; None without such rows."""
    rows = _rows(document, "speed")
    suites = list(dict.fromkeys(row["suite"] for row in rows))
    return _panels("accuracy-speed", "RMSE by speed, simulated", rows, "suite", suites)


def by_filter(document: Document) -> str | None:
    """Peak errors by speed for each orientation filter; None without such rows."""
    rows = _rows(document, "filter")
    filters = list(dict.fromkeys(row["filter"] for row in rows))
    title = "RMSE by orientation filter, simulated (realistic)"
    return _panels("accuracy-filter", title, rows, "filter", filters)


def by_fault(document: Document) -> str | None:
    """Peak errors with one fault at a time; None without such rows."""
    rows = [row for row in _rows(document, "fault") if _errors(row)]
    if not rows:
        return None
    height = _ROW * len(rows)
    with look("wide"):
        sheet = Sheet("accuracy-fault", "wide", _HEAD + height + _FOOT)
        axes = sheet.axes(_FAULTS, _HEAD, WIDTH["wide"] - _FAULTS - 24, height)
        for outcome, fill in zip(OUTCOMES, (PACE_COLOUR["easy"], PAPER), strict=True):
            met = [(i, row[outcome]["rmse_deg"]) for i, row in enumerate(rows) if row[outcome]]
            at, values = [i for i, _ in met], [value for _, value in met]
            axes.plot(values, at, **_dots(fill))
        names = [row["fault"] or "none" for row in rows]
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), names)
        axes.set_xlim(left=0.0)
        axes.grid(visible=True, axis="x")
        axes.xaxis.set_major_formatter(FuncFormatter(_plain_degrees))
        title = f"RMSE with one fault at a time at {rows[0]['speed_m_s']:g} m/s, simulated"
        sheet.text(8, 20, title, weight="bold")
        sheet.text(8, sheet.height - 8, "filled: peak flexion, open: peak extension", color=MUTED)
        return sheet.file(title)


def bland_altman(plot: Mapping[str, Any]) -> str | None:
    """Difference against mean of every pair of peaks; None without a pair."""
    if not all(plot[outcome] for outcome in OUTCOMES):
        return None
    title = f"Ours − reference against their mean, {plot['name']} ({plot['kind']})"
    with look("wide"):
        sheet = Sheet(f"accuracy-{plot['name']}", "wide", _HEAD + _HEIGHT + _FOOT)
        sheet.text(8, 16, title, weight="bold")
        for axes, outcome in zip(_two(sheet, 24.0), OUTCOMES, strict=True):
            _scatter(axes, plot[outcome])
        sheet.text(8, sheet.height - 8, "x: mean of both, y: ours − reference", color=MUTED)
        return sheet.file(title)


def _rows(document: Document, table: str) -> list[Mapping[str, Any]]:
    return [row for row in document["simulated"] if row["table"] == table]


def _errors(row: Mapping[str, Any]) -> list[Any]:
    return [row[outcome] for outcome in OUTCOMES if row[outcome]]


def _panels(
    name: str, title: str, rows: Sequence[Mapping[str, Any]], key: str, labels: Sequence[str]
) -> str | None:
    """Draw one panel a peak, one line a label, over the speed."""
    if not any(_errors(row) for row in rows):
        return None
    values = [peak["rmse_deg"] for row in rows for peak in _errors(row)]
    with look("wide"):
        sheet = Sheet(name, "wide", _HEAD + _HEIGHT + _FOOT)
        sheet.text(8, 16, title, weight="bold")
        for axes, outcome in zip(_two(sheet, _NAMES), OUTCOMES, strict=True):
            lines = [_line(rows, key, label, outcome) for label in labels]
            _log_degrees(axes, values)
            _draw_lines(axes, [line for line in lines if line[1]])
            speeds = sorted({row["speed_m_s"] for row in rows})
            axes.xaxis.set_major_locator(FixedLocator(speeds))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        sheet.text(8, sheet.height - 8, "x: running speed, m/s; y: logarithmic", color=MUTED)
        return sheet.file(title)


def _two(sheet: Sheet, right: float) -> list[Axes]:
    """Make the panels of flexion and extension side by side."""
    width = (WIDTH["wide"] - 2 * (_LEFT + right)) / 2
    lefts = (_LEFT, 2 * _LEFT + right + width)
    panels = [sheet.axes(left, _HEAD, width, _HEIGHT) for left in lefts]
    for left, outcome in zip(lefts, OUTCOMES, strict=True):
        sheet.text(left, _HEAD - 8, TITLES[outcome])
    return panels


def _line(rows: Sequence[Mapping[str, Any]], key: str, label: str, outcome: Outcome) -> Line:
    own = [row for row in rows if row[key] == label and row[outcome]]
    return (
        label,
        [row["speed_m_s"] for row in own],
        [row[outcome]["rmse_deg"] for row in own],
    )


def _draw_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Draw lines with their names at the right end, kept apart from each other."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    last = -math.inf
    for label, speeds, values in sorted(lines, key=lambda line: line[2][-1]):
        colour = _COLOURS.get(label, PACE_COLOUR["other"])
        axes.plot(speeds, values, color=colour, linewidth=2.0, marker="o", markersize=6)
        height = _HEIGHT * (math.log(values[-1]) - low) / (high - low)
        last = max(height, last + 15.0)
        axes.annotate(
            label,
            (speeds[-1], values[-1]),
            xytext=(9, last - height),
            textcoords="offset points",
            va="center",
            color=TEXT,
            annotation_clip=False,
        )


def _log_degrees(axes: Axes, values: Sequence[float]) -> None:
    low, high = min(values), max(values)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.25, high * 1.25)
    ticks = [
        t for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low / 1.25 <= t <= high * 1.25
    ]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(_plain_degrees))


def _dots(fill: str) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 9,
        "markerfacecolor": fill,
        "markeredgecolor": PACE_COLOUR["easy"],
        "markeredgewidth": 1.8,
    }


def _scatter(axes: Axes, peak: Mapping[str, Any]) -> None:
    means, differences = zip(*peak["points_deg"], strict=True)
    axes.plot(means, differences, linestyle="none", marker="o", markersize=3.2, alpha=0.5,
              markerfacecolor=PACE_COLOUR["easy"], markeredgewidth=0)  # fmt: skip
    low, high = peak["limits_deg"]
    for value, style in ((peak["bias_deg"], "solid"), (low, "dashed"), (high, "dashed")):
        axes.axhline(value, color=PACE_COLOUR["fast"], linewidth=1.4, linestyle=style)
    axes.set_title(
        f"bias {number(peak['bias_deg'], 2)}°, limits {number(low, 2)} to {number(high, 2)}°",
        loc="right",
        color=MUTED,
    )
    axes.set_ylim(padded([*differences, low, high]))
    axes.xaxis.set_major_formatter(FuncFormatter(_plain_degrees))
    axes.yaxis.set_major_formatter(FuncFormatter(_plain_degrees))


def _plain_degrees(value: float, _: int | None = None) -> str:
    """As many decimals as the number needs."""
    return f"{value:.4g}°".replace("-", MINUS)
