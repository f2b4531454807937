"""The report: one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup

from hipimu.data import FloatArray, Session
from hipimu.report import figures, quality, tables, wording
from hipimu.report.cards import cards, durability_table, own_table
from hipimu.report.compensation import compensation_sentences, compensation_table
from hipimu.report.contrast import headline
from hipimu.report.fatigue_tables import checks_table, fatigue_table
from hipimu.report.glossary import TERMS, linked
from hipimu.report.light import light
from hipimu.report.missing import NOT_COMPUTED, missing
from hipimu.report.numerals import clock, date, degrees
from hipimu.report.pace_source import pace_table, rests_on_proxy
from hipimu.report.profile_figure import profile_words
from hipimu.report.series import PACES, Series, all_series
from hipimu.report.style import Medium
from hipimu.report.symmetry import symmetry_table
from hipimu.report.table import Table
from hipimu.units import deg_from_rad

_SECTIONS: Final = (
    "answer",
    "sides",
    "cycle",
    "dimensions",
    "symmetry",
    "pelvis",
    "quality",
    "how",
    "reasons",
)
_FILES: Final = (
    ("strides.csv", "every stride, one row each"),
    ("bouts.csv", "every bout with its medians"),
    ("summary.json", "this page in numbers, for programs"),
)
_INK: Final[Mapping[Medium, str]] = {"screen": "currentColor", "paper": "#000000"}


def page(session: Session, medium: Medium = "screen") -> str:
    """Draw the report of one session.

    Parameters
    ----------
    session : Session
    medium : {"screen", "paper"}
        For paper every chart is drawn once, in colours of its own, and nothing moves.

    Returns
    -------
    str
        HTML that needs no network; the same session gives the same text.
    """
    series = all_series(session)
    script = _asset("report.js")
    return _template().render(
        session=session,
        paper=medium == "paper",
        ink=_INK[medium],
        sections=_SECTIONS,
        files=_FILES,
        terms=TERMS,
        style=Markup(_asset("report.css")),  # noqa: S704 (our own file)
        script=Markup(script),  # noqa: S704 (our own file)
        script_hash=_hash(script),
        points={own.side: _points(own) for own in series},
        per_point=max((own.per_point for own in series), default=1),
        **_answer(session),
        **_facts(session),
        **figures.charts(session, medium),
        **_tables(session),
        **_strength(session),
        **_reasons(session),
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
        "light": light(session),
        "proxy": rests_on_proxy(session),
        "compensation_sentences": compensation_sentences(session),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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


def _tables(session: Session) -> dict[str, Table | None]:
    return {
        "fatigue_table": None if _all_refused_alike(session) else fatigue_table(session),
        "checks_table": checks_table(session),
        "peaks_table": tables.peaks_table(session),
        "pelvis_table": tables.pelvis_table(session),
        "symmetry_table": symmetry_table(session),
        "compensation_table": compensation_table(session),
        "durability_table": durability_table(session),
        "own_table": own_table(session),
        "pace_table": pace_table(session),
        "sensor_table": quality.sensor_table(session),
        "stride_table": quality.stride_table(session),
        "calibration_table": quality.calibration_table(session),
    }


def _strength(session: Session) -> dict[str, Any]:
    made = cards(session)
    return {
        "cards": made,
        "endurance_told": any(card.name == "endurance" and card.table for card in made),
        "profile_words": profile_words(session),
        "why_no_dimensions": NOT_COMPUTED
        if session.strides
        else "There are no strides to measure them over.",
        "remedy_no_dimensions": "Analyse the recording again with a newer hipimu."
        if session.strides
        else "See “The run” above.",
    }


def _reasons(session: Session) -> dict[str, Any]:
    found = missing(session)
    why_no_split = [why for what, why in found if "shares of hip" in what.lower()]
    return {
        "missing": found,
        "why_no_split": why_no_split[0] if why_no_split else NOT_COMPUTED,
        "stride_reasons": quality.stride_reasons(session),
        "watch_pairs": None if session.watch is None else quality.watch_pairs(session.watch),
        "corrected": any(estimate.p_holm is not None for estimate in session.fatigue),
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
        "speed": _short(series.speed_m_s, 2) if np.isfinite(series.speed_m_s).any() else None,
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
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = linked
    return environment.get_template("report.html.j2")
