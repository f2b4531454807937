"""Sessions out of the store: quickly in lists, wholly one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from hipimu.data import (
    FatigueEstimate,
    Interval,
    Pace,
    SensorSummary,
    SessionSummary,
    TrainingContext,
)
from hipimu.errors import StoreError
from hipimu.store.documents import decode, loads, read_document
from hipimu.store.importing import Curves
from hipimu.store.names import known_text, name_key
from hipimu.store.nouns import Analysis, ListedSession
from hipimu.store.people import athlete_id
from hipimu.store.tables import (
    AnalysisRow,
    AthleteRow,
    EstimateRow,
    RecordingRow,
    SessionRow,
    TagRow,
)

_IDENTITY = (
    SessionRow.id,
    SessionRow.name,
    AthleteRow.name.label("athlete"),
    SessionRow.surface,
    SessionRow.shoes,
    SessionRow.exertion,
    SessionRow.injury,
)
_NOTHING: Mapping[Any, Any] = {}
"""Shared: a dict each would cost a long list a third of its time."""
_NEWEST_FIRST = (
    SessionRow.started_at.is_(None),
    SessionRow.started_at.desc(),
    SessionRow.id.desc(),
)


def _current(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(SessionRow)
        .join(AthleteRow, AthleteRow.id == SessionRow.athlete_id)
        .join(AnalysisRow, AnalysisRow.session_id == SessionRow.id)
        .where(AnalysisRow.is_current)
    )


def _chosen(
    query: Select[*tuple[Any, ...]],
    connection: Connection,
    athlete: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[*tuple[Any, ...]]:
    if athlete is not None:
        query = query.where(SessionRow.athlete_id == athlete_id(connection, athlete))
    if since is not None:
        query = query.where(SessionRow.started_at >= since)
    if until is not None:
        query = query.where(SessionRow.started_at < until)
    return query


def listed(
    connection: Connection,
    athlete: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[ListedSession, ...]:
    """Return sessions as lists need them, newest first; see `Store.listed`."""
    columns = (
        *_IDENTITY,
        SessionRow.started_at,
        RecordingRow.name.label("recording"),
        RecordingRow.simulated,
        AnalysisRow.id.label("analysis_id"),
        *(getattr(AnalysisRow, name) for name in _LISTED),
    )
    query = _current(select(*columns)).join(
        RecordingRow, RecordingRow.id == SessionRow.recording_id
    )
    chosen = _chosen(query, connection, athlete, since, until).order_by(*_NEWEST_FIRST)
    rows = connection.execute(chosen).all()
    found = _current(select(*_ESTIMATE)).join(
        EstimateRow, EstimateRow.analysis_id == AnalysisRow.id
    )
    estimates = defaultdict(list)
    order = _chosen(found, connection, athlete, since, until).order_by(EstimateRow.id)
    for analysis_id, *told in connection.execute(order).all():
        estimates[analysis_id].append(_estimate(told))
    tags = _tags(connection, [row.id for row in rows])
    return tuple(_listed(row, tags[row.id], tuple(estimates[row.analysis_id])) for row in rows)


_LISTED = (
    "duration_s",
    "method",
    "filter",
    "hipimu_version",
    "pace_source",
    "calibration_quality",
    "usable_share",
    "worst_loss",
)


def _listed(
    row: Row[*tuple[Any, ...]], tags: tuple[str, ...], fatigue: tuple[FatigueEstimate, ...]
) -> ListedSession:
    return ListedSession(
        name=row.name,
        athlete=row.athlete,
        recording=row.recording,
        simulated=row.simulated,
        started_at=row.started_at,
        context=_context(row, tags),
        fatigue=fatigue,
        **{name: getattr(row, name) for name in _LISTED},
    )


_ESTIMATE = (
    EstimateRow.analysis_id,
    EstimateRow.side,
    EstimateRow.outcome,
    EstimateRow.verdict,
    EstimateRow.rfi_rad,
    EstimateRow.rfi_low_rad,
    EstimateRow.rfi_high_rad,
    EstimateRow.delta_easy_rad,
    EstimateRow.delta_easy_low_rad,
    EstimateRow.delta_easy_high_rad,
    EstimateRow.delta_fast_rad,
    EstimateRow.delta_fast_low_rad,
    EstimateRow.delta_fast_high_rad,
    EstimateRow.reserve_rad,
    EstimateRow.reserve_low_rad,
    EstimateRow.reserve_high_rad,
    EstimateRow.detectable_rad,
    EstimateRow.easy_start_rad,
    EstimateRow.easy_end_rad,
    EstimateRow.fast_start_rad,
    EstimateRow.fast_end_rad,
)


def _estimate(told: Sequence[Any]) -> FatigueEstimate:
    """Return what columns tell of an estimate.

    A long list has very many, so columns are told by their place: by name would take twice as long.
    """
    side, outcome, verdict, rfi, rfi_low, rfi_high, *told = told
    easy, easy_low, easy_high, fast, fast_low, fast_high, *told = told
    reserve, reserve_low, reserve_high, detectable, *told = told
    easy_start, easy_end, fast_start, fast_end = told
    lines: dict[Pace, Interval] = {}
    if (line := _interval(easy_start, easy_end)) is not None:
        lines["easy"] = line
    if (line := _interval(fast_start, fast_end)) is not None:
        lines["fast"] = line
    return FatigueEstimate(
        side=side,
        outcome=outcome,
        verdict=verdict,
        reasons=(),
        strides=_NOTHING,
        bouts=_NOTHING,
        delta_easy_rad=easy,
        delta_easy_ci95_rad=_interval(easy_low, easy_high),
        delta_fast_rad=fast,
        delta_fast_ci95_rad=_interval(fast_low, fast_high),
        rfi_rad=rfi,
        rfi_ci95_rad=_interval(rfi_low, rfi_high),
        detectable_rad=detectable,
        set_aside=_NOTHING,
        line_rad=lines,
        reserve_rad=reserve,
        reserve_ci95_rad=_interval(reserve_low, reserve_high),
        speed_change_m_s=_NOTHING,
    )


def _interval(low: float | None, high: float | None) -> Interval | None:
    return None if low is None or high is None else (low, high)


def _context(row: Row[*tuple[Any, ...]], tags: tuple[str, ...]) -> TrainingContext:
    return TrainingContext(row.surface, row.shoes, row.exertion, row.injury, tags)


def _tags(connection: Connection, sessions: Iterable[int]) -> dict[int, tuple[str, ...]]:
    wanted = list(sessions)
    tags: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    query = select(TagRow.session_id, TagRow.tag).order_by(TagRow.session_id, TagRow.tag)
    # One by one where they are few; a database bears only so many parameters.
    if len(wanted) <= 100:
        query = query.where(TagRow.session_id.in_(wanted))
    for session_id, tag in connection.execute(query):
        tags[session_id] += (tag,)
    return tags


def summaries(
    connection: Connection,
    athlete: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[SessionSummary, ...]:
    """Return sessions without their curves, newest first; see `Store.summaries`."""
    query = _current(select(*_IDENTITY, AnalysisRow.document)).order_by(*_NEWEST_FIRST)
    rows = connection.execute(_chosen(query, connection, athlete, since, until)).all()
    tags = _tags(connection, [row.id for row in rows])
    return tuple(_summary(row, tags[row.id]) for row in rows)


def _summary(
    row: Row[*tuple[Any, ...]], tags: tuple[str, ...], curves: str | None = None
) -> SessionSummary:
    summary = replace(
        read_document(row.document),
        session=row.name,
        athlete=row.athlete,
        context=_context(row, tags),
    )
    if curves is None:
        return summary
    drawn = decode(Curves, loads(curves))
    strength = summary.strength and replace(summary.strength, profiles=drawn.profiles)
    return replace(summary, cycles=drawn.cycles, strength=strength)


def history(connection: Connection, name: str) -> tuple[Analysis, ...]:
    """Return all analyses of a session, the current one first, then newest first.

    Raises
    ------
    StoreError
        When there is no such session.
    """
    session_id = session_of(connection, name)
    columns = (
        *_IDENTITY,
        RecordingRow.hash,
        AnalysisRow.analysed_at,
        AnalysisRow.is_current,
        AnalysisRow.inputs_hash,
        AnalysisRow.parameters,
        AnalysisRow.sensors,
        AnalysisRow.document,
        AnalysisRow.curves,
    )
    query = (
        select(*columns)
        .select_from(SessionRow)
        .join(AthleteRow, AthleteRow.id == SessionRow.athlete_id)
        .join(AnalysisRow, AnalysisRow.session_id == SessionRow.id)
        .join(RecordingRow, RecordingRow.id == SessionRow.recording_id)
        .where(SessionRow.id == session_id)
        .order_by(AnalysisRow.is_current.desc(), AnalysisRow.id.desc())
    )
    tags = _tags(connection, [session_id])[session_id]
    return tuple(_analysis(row, tags) for row in connection.execute(query))


def _analysis(row: Row[*tuple[Any, ...]], tags: tuple[str, ...]) -> Analysis:
    return Analysis(
        analysed_at=row.analysed_at,
        current=row.is_current,
        recording_hash=row.hash,
        inputs_hash=row.inputs_hash,
        parameters=loads(row.parameters),
        sensors=tuple(decode(SensorSummary, sensor) for sensor in loads(row.sensors)),
        summary=_summary(row, tags, row.curves),
    )


def summary(connection: Connection, name: str) -> SessionSummary:
    """Return one session wholly.

    Raises
    ------
    StoreError
        When there is no such session.
    """
    session_id = session_of(connection, name)
    query = _current(select(*_IDENTITY, AnalysisRow.document, AnalysisRow.curves))
    row = connection.execute(query.where(SessionRow.id == session_id)).one()
    return _summary(row, _tags(connection, [session_id])[session_id], row.curves)


def session_of(connection: Connection, name: str) -> int:
    """Return the row of a session.

    Raises
    ------
    StoreError
        When there is none of this name.
    """
    found = connection.scalar(select(SessionRow.id).where(SessionRow.name == known_text(name)))
    if found is None:
        raise unknown_session(name)
    return found


def unknown_session(name: str) -> StoreError:
    """Return what to say where no session has this name."""
    return StoreError(
        f"There is no session called {name[:100]!r}.",
        "Names: hipimu session list.",
        reason="not_found",
    )


def owner(connection: Connection, name: str) -> str:
    """Return whose a session is.

    Raises
    ------
    StoreError
        When there is no such session.
    """
    query = select(AthleteRow.name).join(SessionRow, SessionRow.athlete_id == AthleteRow.id)
    found = connection.scalar(query.where(SessionRow.name == known_text(name)))
    if found is None:
        raise unknown_session(name)
    return found


def strides_files(connection: Connection, name: str | None = None) -> dict[str, str]:
    """Return the file of strides of each session, or of the one of this name."""
    query = _current(select(SessionRow.name, AnalysisRow.strides_file))
    if name is not None:
        query = query.where(SessionRow.id == session_of(connection, name))
    return {row.name: row.strides_file for row in connection.execute(query)}


def tags(connection: Connection, athlete: str | None = None) -> tuple[str, ...]:
    """Return all words on sessions, of one athlete or of all."""
    query = select(TagRow.tag).distinct().order_by(TagRow.tag)
    if athlete is not None:
        owned = AthleteRow.name_key == name_key(athlete)
        query = (
            query.join(SessionRow, SessionRow.id == TagRow.session_id)
            .join(AthleteRow, AthleteRow.id == SessionRow.athlete_id)
            .where(owned)
        )
    return tuple(connection.scalars(query))
