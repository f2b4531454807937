"""The look of every chart: colours, sizes, and the way from a matplotlib figure to inline SVG.

Text and axes are drawn in stand-in colours that become CSS variables, so that one drawing serves
light, dark and print. Lengths are CSS pixels: figures are saved at 72 dpi, where a point is a unit
of the viewBox.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from hipimu.data import Pace, Side
from hipimu.report.numerals import clock, number
from hipimu.report.svg import light_body, printed_dots

Layout = Literal["wide", "narrow"]
Medium = Literal["screen", "paper"]
"""Screens have a light and a dark side and know variables; paper is white and knows colours."""

# Okabe and Ito's palette, distinguishable with colour-blind eyes; the same everywhere in hipimu.
PACE_COLOUR: Final[Mapping[Pace, str]] = {
    "easy": "#0072B2",
    "fast": "#D55E00",
    "other": "#999999",
}
LINE: Final[Mapping[Side, str | tuple[float, tuple[float, ...]]]] = {
    "left": "solid",
    "right": (0, (4, 2)),
}

TEXT: Final = "#010101"
MUTED: Final = "#020202"
GRID: Final = "#030303"
PAPER: Final = "#040404"
_VARIABLES: Final = {
    TEXT: "currentColor",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
}

# The light values of report.css, for a file that stands alone, and those of print.
_COLOURS: Final = {TEXT: "#16191d", MUTED: "#5a6169", GRID: "#dfe2e5", PAPER: "#fcfcfb"}
WHITE: Final = "#ffffff"
PRINTED: Final = {TEXT: "#000000", MUTED: "#4a5057", GRID: "#d5d9dd", PAPER: WHITE}

WIDTH: Final[Mapping[Layout, int]] = {"wide": 880, "narrow": 320}
_FONT_SIZE: Final[Mapping[Layout, float]] = {"wide": 13.5, "narrow": 12.5}

_CLOCK_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(slots=True)
class Sheet:
    """A figure of fixed size in pixels, origin at the top left."""

    name: str
    layout: Layout
    height: float
    figure: Figure = field(init=False)
    panels: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
        FigureCanvasSVG(self.figure)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return WIDTH[self.layout]

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at a place given in pixels from the top left."""
        bottom = self.height - top - height
        box = (
            left / self.width,
            bottom / self.height,
            width / self.width,
            height / self.height,
        )
        axes = self.figure.add_axes(box)
        for edge in ("top", "right", "left"):
            axes.spines[edge].set_visible(False)
        axes.tick_params(length=0, pad=5)
        axes.grid(visible=True, axis="y")
        return axes

    def text(self, x: float, y: float, text: str, **how: Any) -> None:
        """Write at a place given in pixels from the top left."""
        self.figure.text(x / self.width, 1 - y / self.height, text, **how)

    def readable(self, axes: Axes, side: Side, value: str) -> None:
        """Let the crosshair read strides of `side` off these axes; call when limits are set."""
        box = axes.get_position()
        self.panels.append(
            {
                "side": side,
                "value": value,
                "x": [round(box.x0 * self.width, 2), round(box.x1 * self.width, 2)],
                "y": [round((1 - box.y1) * self.height, 2), round((1 - box.y0) * self.height, 2)],
                "t": [round(limit, 3) for limit in axes.get_xlim()],
                "v": [round(limit, 3) for limit in axes.get_ylim()],
            }
        )

    def svg(self, label: str, medium: Medium = "screen") -> Markup:
        """Save as an inline ``<svg>`` that follows the page's colours and typeface."""
        screen = medium == "screen"
        body = self._body(_VARIABLES) if screen else printed_dots(self._body(PRINTED), WHITE)
        told = screen and self.panels
        panels = f' data-panels="{escape(json.dumps(self.panels))}"' if told else ""
        return Markup(  # noqa: S704 (matplotlib escapes the text it draws)
            f'<svg class="{self.layout}" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'role="img" aria-label="{escape(label)}"{panels}>{body}</svg>'
        )

    def file(self, label: str) -> str:
        """Save as an SVG file of its own, in light colours."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} '
            f'{self.height:g}" role="img" aria-label="{escape(label)}" '
            f'font-family="system-ui, sans-serif"><rect width="100%" height="100%" '
            f'fill="{_COLOURS[PAPER]}"/>{self._body(_COLOURS)}</svg>\n'
        )

    def _body(self, colours: Mapping[str, str]) -> str:
        stream = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": f"{self.name}-{self.layout}"}):
            self.figure.savefig(stream, format="svg", metadata={"Date": None})
        return light_body(stream.getvalue(), colours)


def look(layout: Layout) -> AbstractContextManager[None]:
    """Return the matplotlib settings of one layout; draw and save inside this context."""
    size = _FONT_SIZE[layout]
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.id": None,
            "font.size": size,
            "axes.titlesize": size,
            "axes.labelsize": size,
            "xtick.labelsize": size,
            "ytick.labelsize": size,
            "text.color": TEXT,
            "axes.edgecolor": MUTED,
            "axes.labelcolor": TEXT,
            "xtick.labelcolor": TEXT,
            "ytick.labelcolor": TEXT,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "axes.linewidth": 0.8,
            "axes.facecolor": "none",
            "figure.facecolor": "none",
            "savefig.facecolor": "none",
            "grid.color": GRID,
            "grid.linewidth": 0.8,
            "axes.axisbelow": True,
            "axes.unicode_minus": True,
        }
    )


def clock_axis(axes: Axes, start_s: float, end_s: float, most: int) -> None:
    """Mark the x axis in minutes and seconds, with at most `most` steps."""
    span_s = max(end_s - start_s, 1.0)
    step = next((s for s in _CLOCK_STEPS_S if span_s / s <= most), _CLOCK_STEPS_S[-1])
    axes.xaxis.set_major_locator(MultipleLocator(step))
    # Beyond the end there is only room for names.
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: clock(t) if 0 <= t <= end_s else ""))
    axes.set_xlim(start_s, end_s)


def degree_axis(axes: Axes, most: int = 4) -> None:
    """Mark the y axis in whole degrees with a true minus sign, in at most `most` steps."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(value, 0)}°"))
    axes.yaxis.set_major_locator(whole_steps(most))


def whole_steps(most: int) -> MaxNLocator:
    """Ticks at round whole numbers, in at most `most` steps."""
    return MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=True)


def padded(values: Sequence[float], share: float = 0.08) -> tuple[float, float]:
    """Limits around all finite values, with a little air and never empty."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    air = max((high - low) * share, 0.5)
    return low - air, high + air
