"""The charts of the report. Each is drawn twice: wide, and narrow for a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from hipimu.data import Session
from hipimu.report.cycle_figure import draw_cycle
from hipimu.report.forest_figure import draw_forest
from hipimu.report.pelvis_figure import draw_pelvis
from hipimu.report.run_figure import draw_run
from hipimu.report.style import Layout, Sheet, look

Draw = Callable[[Session, Layout], Sheet | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Both drawings of one chart and the line that says how to read it."""

    wide: Markup
    narrow: Markup
    reading: str
    readable: bool
    """Whether the crosshair can tell the stride."""


def run_chart(session: Session) -> Chart | None:
    """Peaks over the run with the fitted lines; None without usable strides."""
    return _chart(
        session,
        draw_run,
        "Peak hip flexion and extension of every stride over the run, by pace",
        _run_reading(session),
    )


def forest_chart(session: Session) -> Chart | None:
    """Changes and their contrast with intervals; None where nothing is estimable."""
    return _chart(
        session,
        draw_forest,
        "Change at easy and at fast pace and the extra loss at fast pace, with intervals",
        "A dot is the estimate, its line the 95 % interval. On the right, a line that stays clear "
        "of 0 and a dot outside the grey band: the paces differ.",
    )


def cycle_chart(session: Session) -> Chart | None:
    """Mean hip angle over the stride, early and late; None without cycles."""
    return _chart(
        session,
        draw_cycle,
        "Mean hip angle over one stride in the first and the last third, by pace and side",
        "From peak flexion to the next. Thin line: first third of the strides at this pace; thick "
        "line: last third; band: ± 1 standard deviation.",
    )


def pelvis_chart(session: Session) -> Chart | None:
    """Pelvis tilt and its range over the run; None without usable strides."""
    return _chart(
        session,
        draw_pelvis,
        "Mean pelvis tilt and tilt range of every stride over the run, by pace",
        "Up is tilting forward. Tilt that rises over the run can stand in for hip extension.",
    )


def _run_reading(session: Session) -> str:
    text = "Each dot is one peak; further up is more range."
    if any(estimate.line_rad for estimate in session.fatigue):
        text += " A line that sinks towards the right: range lost at that pace."
    if any(bout.pace != "other" for bout in session.bouts):
        text += " Blue is easy pace, orange is fast."
    return f"{text} Left is filled, right is open."


def _chart(session: Session, draw: Draw, label: str, reading: str) -> Chart | None:
    wide = _drawn(session, draw, "wide", label)
    narrow = _drawn(session, draw, "narrow", label)
    if wide is None or narrow is None:
        return None
    return Chart(wide[0], narrow[0], reading, wide[1])


def _drawn(session: Session, draw: Draw, layout: Layout, label: str) -> tuple[Markup, bool] | None:
    with look(layout):
        sheet = draw(session, layout)
        return None if sheet is None else (sheet.svg(label), bool(sheet.panels))
