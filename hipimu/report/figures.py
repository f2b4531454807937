"""The charts of the report. On screens each is drawn twice: wide, and narrow for a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from hipimu.data import Session
from hipimu.report.cycle_figure import draw_cycle
from hipimu.report.forest_figure import draw_forest
from hipimu.report.pelvis_figure import draw_pelvis
from hipimu.report.profile_figure import draw_profile
from hipimu.report.run_figure import draw_run
from hipimu.report.split_figure import draw_split
from hipimu.report.style import Layout, Medium, Sheet, look
from hipimu.report.symmetry_figure import draw_symmetry

Draw = Callable[[Session, Layout], Sheet | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Both drawings of one chart and the line that says how to read it."""

    wide: Markup
    narrow: Markup
    """Empty on paper."""
    reading: str
    readable: bool
    """Whether the crosshair can tell the stride."""


def charts(session: Session, medium: Medium = "screen") -> dict[str, Chart | None]:
    """Draw every chart of the report.

    Parameters
    ----------
    session : Session
    medium : {"screen", "paper"}

    Returns
    -------
    dict
        Name → chart, None where there is nothing to draw.
    """
    return {
        name: _chart(session, draw, medium, label, reading(session))
        for name, draw, label, reading in _CHARTS
    }


def _run_reading(session: Session) -> str:
    text = "Each dot is one peak; further up is more range."
    if any(estimate.line_rad for estimate in session.fatigue):
        text += " A line that sinks towards the right: range lost at that pace."
    if any(bout.pace != "other" for bout in session.bouts):
        text += " Blue is easy pace, orange is fast."
    return f"{text} Left is filled, right is open."


def _always(text: str) -> Callable[[Session], str]:
    return lambda _: text


_CHARTS: tuple[tuple[str, Draw, str, Callable[[Session], str]], ...] = (
    (
        "run_chart",
        draw_run,
        "Pace over the run, and peak hip flexion and extension of every stride, by pace",
        _run_reading,
    ),
    (
        "forest_chart",
        draw_forest,
        "Change at easy and at fast pace and the extra loss at fast pace, with intervals",
        _always(
            "A dot is the estimate, its line the 95 % interval. On the right, a line that stays "
            "clear of 0 and a dot outside the grey band: the paces differ."
        ),
    ),
    (
        "cycle_chart",
        draw_cycle,
        "Mean hip angle over one stride in the first and the last third, by pace and side",
        _always(
            "From peak flexion to the next. Thin line: first third of the strides at this pace; "
            "thick line: last third; band: ± 1 standard deviation."
        ),
    ),
    (
        "profile_chart",
        draw_profile,
        "Change of the swing by 5° of hip angle, for each side, at easy and at fast pace",
        _always(
            "Below 0: less than when fresh. Diamonds: bins that stand out from chance over all "
            "bins (q < 0.05); small circles do not. Band: 95 % interval."
        ),
    ),
    (
        "symmetry_chart",
        draw_symmetry,
        "Fitted peaks of both sides, when fresh and at the end of the run, by pace",
        _always(
            "Left is filled and solid, right is open and dashed. Two lines of one colour that "
            "move apart: the sides grow apart."
        ),
    ),
    (
        "split_chart",
        draw_split,
        "Change of hip, pelvis and thigh over the run, for each side, peak and pace",
        _always(
            "Thigh = hip + pelvis. Filled bar: hip; open bar: pelvis; diamond: thigh; thin line: "
            "95 % interval. Hip less, pelvis more, thigh at 0: the pelvis made up for the hip."
        ),
    ),
    (
        "pelvis_chart",
        draw_pelvis,
        "Mean pelvis tilt and tilt range of every stride over the run, by pace",
        _always(
            "Up is tilting forward. Tilt that rises over the run can stand in for hip extension."
        ),
    ),
)


def _chart(session: Session, draw: Draw, medium: Medium, label: str, reading: str) -> Chart | None:
    wide = _drawn(session, draw, "wide", medium, label)
    if wide is None:
        return None
    narrow = _drawn(session, draw, "narrow", medium, label) if medium == "screen" else None
    return Chart(wide[0], Markup() if narrow is None else narrow[0], reading, wide[1])


def _drawn(
    session: Session, draw: Draw, layout: Layout, medium: Medium, label: str
) -> tuple[Markup, bool] | None:
    with look(layout):
        sheet = draw(session, layout)
        return None if sheet is None else (sheet.svg(label, medium), bool(sheet.panels))
