"""The report: one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup

from hipimu.data import FloatArray, Session, Verdict
from hipimu.report import figures, tables, wording
from hipimu.report.contrast import Contrast, headline
from hipimu.report.numerals import clock, counted, date, degrees, span
from hipimu.report.series import PACES, Series, all_series
from hipimu.units import deg_from_rad

# A shape for each verdict, so that it never hangs on colour.
_MARKS: Final[dict[Verdict, str]] = {
    "supported": "▼",
    "reversed": "▲",
    "no_evidence": "＝",
    "not_estimable": "?",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """The verdict in words, and of how many comparisons it is the verdict."""

    verdict: Verdict
    mark: str
    words: str
    share: str


def page(session: Session) -> str:
    """Draw the report of one session.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        HTML that needs no network; the same session gives the same text.
    """
    series = all_series(session)
    script = _asset("report.js")
    return _template().render(
        session=session,
        style=Markup(_asset("report.css")),  # noqa: S704 (our own file)
        script=Markup(script),  # noqa: S704 (our own file)
        script_hash=_hash(script),
        points={own.side: _points(own) for own in series},
        per_point=max((own.per_point for own in series), default=1),
        **_answer(session),
        **_facts(session),
        **_charts(session),
        **_tables(session),
        averaged=tables.averaged(session),
    )


def _answer(session: Session) -> dict[str, Any]:
    first = headline(session)
    refused = first is None and bool(session.strides)
    tail = " Peaks and pelvis are below." if refused else ""
    return {
        "finding": wording.finding(session) + tail,
        "why_not": _capital(wording.refusal(session)) if first is None else "",
        "remarks": wording.remarks(session),
        "badge": _badge(session, first),
        "doubt": "" if first is None else _doubt(first),
    }


def _badge(session: Session, first: Contrast | None) -> Badge:
    verdict: Verdict = "not_estimable" if first is None else first.verdict
    same = sum(estimate.verdict == verdict for estimate in session.fatigue)
    # Where none could be made, counting them says nothing.
    share = "" if first is None else f"{same} of {counted(len(session.fatigue), 'comparison')}"
    return Badge(verdict, _MARKS[verdict], _capital(wording.verdict_words(verdict)), share)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _doubt(first: Contrast) -> str:
    text = (
        f"{first.name.capitalize()}: extra loss at fast pace {degrees(first.rfi.value)}, "
        f"95 % interval {span(first.rfi.ci95)}."
    )
    if first.detectable_deg is None:
        return text
    return f"{text} Less than {degrees(first.detectable_deg)} cannot be told from chance here."


def _facts(session: Session) -> dict[str, Any]:
    used = sum(stride.usable() for stride in session.strides)
    paces = [pace for pace in PACES if any(s.pace == pace and s.usable() for s in session.strides)]
    sides = list(dict.fromkeys(stride.side for stride in session.strides))
    standing = session.calibration.standing_pelvis_tilt_rad
    return {
        "when": None if session.started_at is None else date(session.started_at),
        "duration": clock(session.duration_s),
        "used": used,
        "easy_bouts": sum(bout.pace == "easy" for bout in session.bouts),
        "fast_bouts": sum(bout.pace == "fast" for bout in session.bouts),
        "paces": paces,
        "paced": "easy" in paces or "fast" in paces,
        "only_side": sides[0] if len(sides) == 1 else None,
        "warnings": tuple(map(_capital, wording.warnings(session))),
        "standing_tilt": None if standing is None else degrees(deg_from_rad(standing)),
        "stand": _stand(session),
    }


def _stand(session: Session) -> str | None:
    stand_s = session.calibration.stand_s
    return None if stand_s is None else f"{stand_s[0]:.1f} to {stand_s[1]:.1f} s"


def _charts(session: Session) -> dict[str, figures.Chart | None]:
    return {
        "run_chart": figures.run_chart(session),
        "forest_chart": figures.forest_chart(session),
        "cycle_chart": figures.cycle_chart(session),
        "pelvis_chart": figures.pelvis_chart(session),
    }


def _tables(session: Session) -> dict[str, tables.Table | None]:
    return {
        "fatigue_table": None if _all_refused_alike(session) else tables.fatigue_table(session),
        "peaks_table": tables.peaks_table(session),
        "pelvis_table": tables.pelvis_table(session),
        "sensor_table": tables.sensor_table(session),
        "stride_table": tables.stride_table(session),
        "calibration_table": tables.calibration_table(session),
    }


def _all_refused_alike(session: Session) -> bool:
    """Whether a table of estimates would only repeat the one reason already given."""
    refused = all(estimate.verdict == "not_estimable" for estimate in session.fatigue)
    return refused and len({estimate.reasons for estimate in session.fatigue}) <= 1


def _points(series: Series) -> dict[str, Any]:
    """What the crosshair tells, as short as it can be."""
    return {
        "per_point": series.per_point,
        "t": _short(series.t_s, 2),
        "stride": series.stride,
        "bout": series.bout,
        "pace": [PACES.index(pace) for pace in series.pace],
        "peak_flexion": _short(series.peak_flexion_deg, 1),
        "peak_extension": _short(series.peak_extension_deg, 1),
        "pelvis_tilt": _short(series.pelvis_tilt_deg, 1),
        "pelvis_tilt_range": _short(series.pelvis_tilt_range_deg, 1),
    }


def _short(values: FloatArray, decimals: int) -> list[float | None]:
    # JSON has no NaN: the browser would refuse all points for the sake of one.
    rounded = (float(value) for value in np.round(values, decimals))
    return [value if math.isfinite(value) else None for value in rounded]


def _hash(script: str) -> str:
    """The hash by which the page's policy lets this one script run, and no other."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return files("hipimu.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_asset("report.html.j2"))
