"""Hip flexion beside somebody else's, part by part of one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from hipimu.data import Side, Stride
from hipimu.report.style import MUTED, PACE_COLOUR, WIDTH, Sheet, degree_axis, look, padded
from hipimu.units import deg_from_rad
from hipimu.validation.references import Curve, PartResult, ReferenceResult

OURS: Final = PACE_COLOUR["easy"]
THEIRS: Final = PACE_COLOUR["fast"]
BAND: Final = PACE_COLOUR["other"]
Bands = Sequence[tuple[float, float]]
# What was expected of isen-run before it was analysed, in degrees of flexion; the page says more.
_EXPECTED: Final[Mapping[tuple[str, str], Bands]] = {
    ("isen-run", "running"): ((45.0, 60.0), (-28.0, -10.0)),
}
_LEFT: Final = 48.0
_HEAD: Final = 62.0
_HEIGHT: Final = 170.0
_FOOT: Final = 34.0
_GAP: Final = 34.0


def draw_part(result: ReferenceResult, label: str) -> str:
    """Draw one part of a recording, a row for each side.

    Parameters
    ----------
    result : ReferenceResult
    label : str
        Of the part.

    Returns
    -------
    str
        An SVG file.
    """
    parts = [part for part in result.parts if part.label == label]
    kind = "simulated" if result.simulated else "real"
    title = f"Hip flexion, {result.name}: {label} ({kind})"
    rows = len(parts)
    with look("wide"):
        total = _HEAD + rows * _HEIGHT + (rows - 1) * _GAP + _FOOT
        sheet = Sheet(f"{result.name}-{label}", "wide", total)
        sheet.text(8, 18, title, weight="bold")
        _key(sheet, result.source)
        for row, part in enumerate(parts):
            top = _HEAD + row * (_HEIGHT + _GAP)
            axes = sheet.axes(_LEFT, top, WIDTH["wide"] - _LEFT - 24, _HEIGHT)
            sheet.text(_LEFT, top - 8, part.side.capitalize())
            _row(axes, result, part)
        return sheet.file(title)


def _key(sheet: Sheet, source: str) -> None:
    names = (("hipimu", OURS), (source, THEIRS), ("hipimu before steadying", BAND))
    for place, (name, colour) in zip((380.0, 480.0, 600.0), names, strict=True):
        sheet.text(place, 18, "━", color=colour, weight="bold")
        sheet.text(place + 20, 18, name)


def _row(axes: Axes, result: ReferenceResult, part: PartResult) -> None:
    inner = result.curves[part.side].part(part.start_s, part.end_s)
    for low, high in _EXPECTED.get((result.name, part.label), ()):
        axes.axhspan(low, high, color=BAND, alpha=0.2, linewidth=0)
    _curves(axes, inner)
    _peaks(axes, part.side, [s for s in result.strides if _inside(s, part)])
    drawn = (inner.ours_rad, inner.theirs_rad, inner.unsteadied_rad)
    ends = [float(deg_from_rad(f(values))) for values in drawn for f in (min, max)]
    axes.set_ylim(padded(ends))
    axes.set_xlim(part.start_s, part.end_s)
    degree_axis(axes, most=6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} s"))


def _curves(axes: Axes, curve: Curve) -> None:
    shown = ((curve.unsteadied_rad, BAND, 0.9), (curve.theirs_rad, THEIRS, 1.6))
    for values, colour, width in (*shown, (curve.ours_rad, OURS, 1.6)):
        axes.plot(curve.t_s, deg_from_rad(values), color=colour, linewidth=width)
    axes.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1)


def _inside(stride: Stride, part: PartResult) -> bool:
    return part.start_s <= stride.t_peak_flexion_s < part.end_s


def _peaks(axes: Axes, side: Side, strides: Sequence[Stride]) -> None:
    for stride in strides:
        if stride.side == side:
            times = (stride.t_peak_extension_s, stride.t_peak_flexion_s)
            values = (-stride.peak_extension_rad, stride.peak_flexion_rad)
            degrees = [deg_from_rad(value) for value in values]
            axes.plot(times, degrees, linestyle="none", marker="o", markersize=5, color=OURS)
