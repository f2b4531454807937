"""One session: the answer, its numbers, what people say of it, and how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hipimu.data import SIDES, SessionSummary
from hipimu.errors import StoreError
from hipimu.report.cards import Card, cards, durability_table
from hipimu.report.compensation import compensation_sentences, compensation_table
from hipimu.report.fatigue_tables import checks_table, fatigue_table
from hipimu.report.numerals import clock, number, pace_of, percent
from hipimu.report.pace_source import told_by
from hipimu.report.quality import sensor_table
from hipimu.report.table import Table
from hipimu.report.wording import warnings
from hipimu.store import Analysis, ListedSession, Note, StoreView
from hipimu.web.coach import words
from hipimu.web.coach.answer import answer, as_session
from hipimu.web.coach.cycle_chart import Named, Panel, cycle_panels
from hipimu.web.coach.run_chart import RunPanel, run_panels
from hipimu.web.coach.sessions import quality_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """An analysis that another one took the place of."""

    when: str
    how: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """What a session's page shows."""

    summary: SessionSummary
    finding: str
    remarks: str
    quality: tuple[str, ...]
    warnings: tuple[str, ...]
    run: tuple[RunPanel, ...]
    why_no_run: str
    fatigue: Table
    checks: Table | None
    panels: tuple[Panel, ...]
    compensation_said: tuple[str, ...]
    compensation: Table | None
    cards: tuple[Card, ...]
    durability: Table | None
    sensors: Table
    made: tuple[tuple[str, str], ...]
    earlier: tuple[Earlier, ...]
    notes: tuple[Note, ...]
    deleted: tuple[Note, ...]
    before: ListedSession | None
    after: ListedSession | None


def session_page(store: StoreView, name: str) -> SessionPage:
    """Look at one session.

    Raises
    ------
    StoreError
        When there is none of this name.
    """
    current, *older = store.history(name)
    summary = current.summary
    session = as_session(summary, current.sensors)
    found, rest = answer(session, summary)
    notes = store.notes(session=name)
    run, why_no_run = _run(store, summary, notes)
    listed = store.listed(summary.athlete)
    place = next(i for i, one in enumerate(listed) if one.name == summary.session)
    return SessionPage(
        summary=summary,
        finding=found,
        remarks=rest,
        quality=quality_of(listed[place]),
        warnings=warnings(session),
        run=run,
        why_no_run=why_no_run,
        fatigue=fatigue_table(session),
        checks=checks_table(session),
        panels=cycle_panels(_parts(summary)),
        compensation_said=compensation_sentences(session),
        compensation=compensation_table(session),
        cards=cards(session),
        durability=durability_table(session),
        sensors=sensor_table(session),
        made=tuple(_made(current)),
        earlier=tuple(map(_earlier, older)),
        notes=notes,
        deleted=store.notes(session=name, deleted=True),
        before=listed[place + 1] if place + 1 < len(listed) else None,
        after=listed[place - 1] if place else None,
    )


def _run(
    store: StoreView, summary: SessionSummary, notes: Sequence[Note]
) -> tuple[tuple[RunPanel, ...], str]:
    """Draw the run, or say why it cannot be."""
    try:
        strides = store.strides(summary.session)
    except StoreError as error:
        return (), f"{error.what} {error.remedy}"
    drawn = run_panels(strides, summary.fatigue, notes)
    return drawn, "" if drawn else "No stride of this run counts."


def _parts(summary: SessionSummary) -> list[Named]:
    """Thirds of the run, the last one strongest."""
    kinds = {"late": ("last third", 0), "early": ("first third", 1)}
    return [Named(*kinds[cycle.part], cycle) for cycle in summary.cycles]


def _made(current: Analysis) -> list[tuple[str, str]]:
    """Say what the numbers rest on."""
    own = current.summary
    return [
        ("Recording", f"{own.recording}{' (simulated)' if own.simulated else ''}"),
        ("Length", clock(own.duration_s)),
        ("Speed", _speeds(own)),
        ("Pace told by", told_by(own.pace_source)),
        ("Strides that count", _strides(own)),
        ("Neutral", own.neutral),
        ("Trust in absolute angles", f"{number(100 * own.calibration_quality, 0)} %"),
        ("Method", f"{own.method}, filter {own.filter}"),
        ("Analysed", f"{words.when(current.analysed_at)}, by hipimu {own.hipimu_version}"),
        ("Fingerprint of the samples", f"{current.recording_hash[:16]}…"),
    ]


def _speeds(own: SessionSummary) -> str:
    told = [f"{pace} {pace_of(speed)}" for pace, speed in own.speed_m_s.items() if pace != "other"]
    return ", ".join(told) or "not known"


def _strides(own: SessionSummary) -> str:
    sides = [f"{side} {own.strides[side]}" for side in SIDES if side in own.strides]
    return f"{', '.join(sides) or 'none'}; {percent(own.usable_share)} of the running ones"


def _earlier(analysis: Analysis) -> Earlier:
    own = analysis.summary
    sentence, _ = answer(as_session(own), own)
    how = f"method {own.method}, filter {own.filter}, hipimu {own.hipimu_version}"
    return Earlier(words.when(analysis.analysed_at), how, sentence)
