"""What the pelvis did over the run: mean tilt and range of tilt, stride by stride."""

from __future__ import annotations

from typing import Final

from hipimu.data import FloatArray, Session
from hipimu.report.run_figure import bands, draw_dots, run_axis
from hipimu.report.series import PACES, Series, all_series
from hipimu.report.style import WIDTH, Layout, Sheet, degree_axis, padded

_LEFT: Final = 40.0
_HEAD: Final = 38.0
_HEIGHT: Final = 150.0
_FOOT: Final = 28.0


def draw_pelvis(session: Session, layout: Layout) -> Sheet | None:
    """Draw the pelvis over the run; None when there is no usable stride."""
    series = all_series(session)
    if not series:
        return None
    # One pelvis: the strides of one leg cover the run, those of the other would repeat it.
    own = series[0]
    shown = [
        ("Mean pelvis tilt ↑ forward", "pelvis_tilt", own.pelvis_tilt_deg),
        ("Range of tilt within a stride", "pelvis_tilt_range", own.pelvis_tilt_range_deg),
    ]
    row = _HEAD + _HEIGHT + _FOOT
    wide = layout == "wide"
    sheet = Sheet("pelvis", layout, row if wide else 2 * row)
    width = (WIDTH[layout] - 2 - 2 * _LEFT) / 2 if wide else WIDTH[layout] - 2 - _LEFT
    for index, (title, name, values) in enumerate(shown):
        left = _LEFT + (index * (width + _LEFT) if wide else 0.0)
        top = _HEAD + (0.0 if wide else index * row)
        _panel(sheet, session, own, (title, name, values), (left, top, width, _HEIGHT))
    return sheet


def _panel(
    sheet: Sheet,
    session: Session,
    series: Series,
    shown: tuple[str, str, FloatArray],
    place: tuple[float, float, float, float],
) -> None:
    title, name, values = shown
    axes = sheet.axes(*place)
    sheet.text(place[0], place[1] - 18, title, weight="bold")
    bands(axes, session)
    for pace in PACES:
        draw_dots(axes, series, pace, values)
    axes.set_ylim(padded([float(value) for value in values]))
    run_axis(axes, session, place[2])
    degree_axis(axes)
    sheet.readable(axes, series.side, name)
