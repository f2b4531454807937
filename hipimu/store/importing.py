"""A session into the store: once, whole, and with its history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from hipimu.data import (
    Cycle,
    FatigueEstimate,
    Interval,
    RangeProfile,
    Session,
    SessionSummary,
    TrainingContext,
)
from hipimu.errors import StoreError
from hipimu.store.documents import dumps, encode, write_document
from hipimu.store.files import name_of, parquet_of
from hipimu.store.names import free_name, name_key, slug
from hipimu.store.nouns import Imported
from hipimu.store.people import unknown_athlete
from hipimu.store.summarise import summarise
from hipimu.store.tables import (
    NAME_LENGTH,
    AnalysisRow,
    AthleteRow,
    EstimateRow,
    RecordingRow,
    SessionRow,
    TagRow,
)

_HASH = re.compile(r"[0-9a-f]{64}")
_TEXT_LENGTH = 500
_HARDEST = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What of a summary is large, and only needed where it is drawn."""

    cycles: tuple[Cycle, ...]
    profiles: tuple[RangeProfile, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A session ready to be kept: everything that takes long is done before the transaction."""

    recording_hash: str
    summary: SessionSummary
    key: str
    strides: bytes
    columns: Mapping[str, Any]
    estimates: tuple[Mapping[str, Any], ...]
    context: TrainingContext


def prepare(
    session: Session, recording_hash: str, inputs_hash: str, context: TrainingContext | None
) -> Prepared:
    """Make documents and tables of a session.

    Raises
    ------
    ValueError
        When a hash is none.
    StoreError
        When the context has an impossible value.
    """
    if not _HASH.fullmatch(recording_hash) or (inputs_hash and not _HASH.fullmatch(inputs_hash)):
        raise ValueError("a hash has 64 hexadecimal digits")
    summary = summarise(session)
    parameters = _json_of(session.parameters)
    key = analysis_key(
        session.method, session.filter, session.hipimu_version, session.parameters, inputs_hash
    )
    return Prepared(
        recording_hash,
        summary,
        key,
        parquet_of(session.strides),
        _columns(session, summary) | {"parameters": parameters, "inputs_hash": inputs_hash},
        tuple(_estimate(estimate) for estimate in session.fatigue),
        checked_context(context or TrainingContext()),
    )


def analysis_key(
    method: str, filter_name: str, version: str, parameters: Mapping[str, object], inputs_hash: str
) -> str:
    """Return the hash of everything that a result depends on besides the samples."""
    known = (method, filter_name, version, _json_of(parameters), inputs_hash)
    return sha256(dumps(known).encode()).hexdigest()


def _json_of(parameters: Mapping[str, object]) -> str:
    plain = {key: _plain(value) for key, value in sorted(parameters.items())}
    return dumps(plain)


def _plain(value: object) -> Any:
    made = encode(value)
    return made if isinstance(made, str | int | float | list | dict | None) else str(made)


def checked_context(context: TrainingContext) -> TrainingContext:
    """Return what is said of a session as it is kept: trimmed, tags once and sorted.

    Raises
    ------
    StoreError
        When the exertion is not on the scale, or a text is too long.
    """
    tags = tuple(sorted({tag[:NAME_LENGTH] for tag in map(_text, context.tags) if tag}))
    if context.exertion is not None and not 0.0 <= context.exertion <= _HARDEST:
        raise StoreError(
            f"An exertion of {context.exertion:g} is not on the scale.",
            "Give 0 (rest) to 10 (hardest).",
            reason="bad_value",
        )
    surface, shoes, injury = map(_text, (context.surface, context.shoes, context.injury))
    return TrainingContext(surface, shoes, context.exertion, injury, tags)


def _text(value: str | None) -> str | None:
    """Without what no database takes; empty is unknown."""
    kept = "".join(char for char in value or "" if char.isprintable()).strip()
    if len(kept) > _TEXT_LENGTH:
        raise StoreError(
            f"{kept[:40]!r}… is too long.", f"Use up to {_TEXT_LENGTH} letters.", reason="bad_value"
        )
    return kept or None


def _columns(session: Session, summary: SessionSummary) -> dict[str, Any]:
    strength = summary.strength
    curves = Curves(summary.cycles, strength.profiles if strength else ())
    light = replace(
        summary, cycles=(), strength=replace(strength, profiles=()) if strength else None
    )
    return {
        "hipimu_version": summary.hipimu_version,
        "method": summary.method,
        "filter": summary.filter,
        "duration_s": summary.duration_s,
        "pace_source": summary.pace_source,
        "calibration_quality": summary.calibration_quality,
        "usable_share": summary.usable_share,
        "worst_loss": max(summary.loss.values(), default=0.0),
        "sensors": dumps(encode(session.sensors)),
        "document": write_document(light),
        "curves": dumps(encode(curves)),
    }


def _estimate(estimate: FatigueEstimate) -> dict[str, Any]:
    row: dict[str, Any] = {
        "side": estimate.side,
        "outcome": estimate.outcome,
        "verdict": estimate.verdict,
        "detectable_rad": estimate.detectable_rad,
    }
    for name in ("rfi", "delta_easy", "delta_fast", "reserve"):
        low, high = _ends(getattr(estimate, f"{name}_ci95_rad"))
        row[f"{name}_rad"] = getattr(estimate, f"{name}_rad")
        row |= {f"{name}_low_rad": low, f"{name}_high_rad": high}
    for pace in ("easy", "fast"):
        start, end = _ends(estimate.line_rad.get(pace))
        row |= {f"{pace}_start_rad": start, f"{pace}_end_rad": end}
    return row


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else interval


def unchanged(connection: Connection, recording_hash: str, key: str, athlete: str) -> str | None:
    """Return the session's name where exactly this analysis is the current one of this athlete."""
    return connection.scalar(
        select(SessionRow.name)
        .join(RecordingRow, RecordingRow.id == SessionRow.recording_id)
        .join(AthleteRow, AthleteRow.id == SessionRow.athlete_id)
        .join(AnalysisRow, AnalysisRow.session_id == SessionRow.id)
        .where(
            RecordingRow.hash == recording_hash,
            AthleteRow.name_key == name_key(athlete),
            AnalysisRow.key == key,
            AnalysisRow.is_current,
        )
    )


def athlete_of(connection: Connection, name: str) -> tuple[int, str]:
    """Return an athlete's row and folder.

    Raises
    ------
    StoreError
        When there is none of this name.
    """
    query = select(AthleteRow.id, AthleteRow.uid).where(AthleteRow.name_key == name_key(name))
    found = connection.execute(query).one_or_none()
    if found is None:
        raise unknown_athlete(name)
    return found[0], found[1]


def put(connection: Connection, prepared: Prepared, athlete: str) -> Imported:
    """Write the rows of a session: a new one, another analysis of one, or none at all.

    Raises
    ------
    StoreError
        When there is no such athlete, or the recording is somebody else's.
    """
    owner, uid = athlete_of(connection, athlete)
    query = select(RecordingRow.id, RecordingRow.athlete_id).with_for_update()
    found = connection.execute(query.where(RecordingRow.hash == prepared.recording_hash)).first()
    if found is None:
        session_id, name = _new_session(connection, prepared, owner)
        _add_analysis(connection, prepared, session_id, uid)
        return Imported(name, new=True, reanalysed=False)
    if found.athlete_id != owner:
        raise StoreError(
            f"The recording {prepared.summary.recording} is kept for another athlete.",
            "Name that athlete, or delete the session there first.",
            reason="other_athlete",
        )
    return _again(connection, prepared, found.id, uid)


def _new_session(connection: Connection, prepared: Prepared, owner: int) -> tuple[int, str]:
    summary, now = prepared.summary, datetime.now(UTC)
    recorded = insert(RecordingRow).values(
        athlete_id=owner,
        hash=prepared.recording_hash,
        name=slug(summary.recording),
        simulated=summary.simulated,
        created_at=now,
    )
    wanted = slug(summary.recording)
    alike = SessionRow.name.startswith(wanted, autoescape=True)
    name = free_name(wanted, set(connection.scalars(select(SessionRow.name).where(alike))))
    made = insert(SessionRow).values(
        name=name,
        athlete_id=owner,
        recording_id=connection.execute(recorded.returning(RecordingRow.id)).scalar_one(),
        started_at=summary.started_at,
        created_at=now,
    )
    session_id = connection.execute(made.returning(SessionRow.id)).scalar_one()
    write_context(connection, session_id, prepared.context)
    return session_id, name


def _again(connection: Connection, prepared: Prepared, recording_id: int, uid: str) -> Imported:
    query = select(SessionRow.id, SessionRow.name)
    session_id, name = connection.execute(
        query.where(SessionRow.recording_id == recording_id)
    ).one()
    of_session = AnalysisRow.session_id == session_id
    known = select(AnalysisRow.id, AnalysisRow.is_current).where(of_session)
    earlier = connection.execute(known.where(AnalysisRow.key == prepared.key)).first()
    if earlier is not None and earlier.is_current:
        return Imported(name, new=False, reanalysed=False)
    connection.execute(update(AnalysisRow).where(of_session).values(is_current=False))
    if earlier is not None:
        back = update(AnalysisRow).where(AnalysisRow.id == earlier.id)
        connection.execute(back.values(is_current=True))
    else:
        _add_analysis(connection, prepared, session_id, uid)
    started_at = prepared.summary.started_at
    moved = update(SessionRow).where(SessionRow.id == session_id)
    connection.execute(moved.values(started_at=started_at))
    return Imported(name, new=False, reanalysed=True)


def _add_analysis(connection: Connection, prepared: Prepared, session_id: int, uid: str) -> None:
    made = insert(AnalysisRow).values(
        session_id=session_id,
        key=prepared.key,
        is_current=True,
        analysed_at=datetime.now(UTC),
        strides_file=name_of(uid, prepared.strides),
        **prepared.columns,
    )
    analysis_id = connection.execute(made.returning(AnalysisRow.id)).scalar_one()
    rows = [{"analysis_id": analysis_id, **row} for row in prepared.estimates]
    if rows:
        connection.execute(insert(EstimateRow), rows)


def write_context(connection: Connection, session_id: int, context: TrainingContext) -> None:
    """Write what a person says of a session, in place of what was said before."""
    texts = {f.name: getattr(context, f.name) for f in fields(context) if f.name != "tags"}
    connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(texts))
    connection.execute(delete(TagRow).where(TagRow.session_id == session_id))
    rows = [{"session_id": session_id, "tag": tag} for tag in context.tags]
    if rows:
        connection.execute(insert(TagRow), rows)
