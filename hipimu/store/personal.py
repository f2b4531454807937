"""Everything that a person owns, in files that people and other programs can read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from hipimu.errors import StoreError
from hipimu.store import audit, notes, people, reading, users
from hipimu.store.documents import encode
from hipimu.store.files import content_of
from hipimu.store.nouns import Analysis, ListedSession, Note
from hipimu.store.tables import AnalysisRow, LoginRow, TokenRow


def export_person(connection: Connection, strides: Path, athlete: str, folder: Path) -> Path:
    """Write everything of an athlete; see `Store.export_person`."""
    (known,) = people.athletes(connection, athlete) or (None,)
    if known is None:
        raise people.unknown_athlete(athlete)
    if folder.exists():
        raise StoreError(
            f"{folder} is there already.", "Name a folder that is not there yet.", reason="exists"
        )
    sessions = reading.listed(connection, athlete)
    written = tuple(
        note
        for deleted in (False, True)
        for note in notes.notes(connection, athlete, deleted=deleted)
    )
    aside = folder.with_name(folder.name + ".part")
    try:
        aside.mkdir(parents=True)
        _write_json(aside / "athlete.json", encode(known))
        _write_csv(aside / "sessions.csv", (_row(session) for session in sessions))
        _write_csv(aside / "fatigue.csv", (row for s in sessions for row in _fatigue_rows(s)))
        _write_csv(aside / "notes.csv", (_note_row(note) for note in written))
        _write_account(connection, known.name, aside)
        for session in sessions:
            _write_session(connection, strides, session.name, aside)
        aside.rename(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror or error}.",
            "Free space or choose another folder.",
            reason="unreachable",
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _write_account(connection: Connection, athlete: str, folder: Path) -> None:
    """Write the athlete's account, where there is one, and what is written down about them."""
    user = next((user for user in users.listed(connection) if user.athlete == athlete), None)
    if user is not None:
        account = {
            "account": encode(user),
            "logins": _opened(connection, LoginRow, user.id),
            "tokens": _opened(connection, TokenRow, user.id),
        }
        _write_json(folder / "account.json", account)
    entries = audit.about(connection, athlete)
    if entries:
        _write_csv(folder / "audit.csv", (asdict(entry) for entry in entries))


def _opened(
    connection: Connection, table: type[LoginRow | TokenRow], user_id: int
) -> list[dict[str, Any]]:
    """Return what a user opened to browsers and programs, without what opens it."""
    secret = ("id", "user_id", "token_hash")
    columns = [column for column in table.__table__.columns if column.name not in secret]
    rows = connection.execute(select(*columns).where(table.user_id == user_id).order_by(table.id))
    return [encode(dict(row._mapping)) for row in rows]


def _write_session(connection: Connection, strides: Path, name: str, folder: Path) -> None:
    analyses = reading.history(connection, name)
    (folder / "sessions").mkdir(exist_ok=True)
    (folder / "strides").mkdir(exist_ok=True)
    document = {"analyses": [_analysis(analysis) for analysis in analyses]}
    _write_json(folder / "sessions" / f"{name}.json", document)
    session_id = reading.session_of(connection, name)
    query = select(AnalysisRow.strides_file).where(AnalysisRow.session_id == session_id)
    files = connection.scalars(query.order_by(AnalysisRow.is_current.desc(), AnalysisRow.id.desc()))
    for number, file in enumerate(files):
        target = f"{name}.parquet" if number == 0 else f"{name}.earlier-{number}.parquet"
        (folder / "strides" / target).write_bytes(content_of(strides, file))


def _analysis(analysis: Analysis) -> dict[str, Any]:
    told: dict[str, Any] = encode(analysis)
    return told


def _row(session: ListedSession) -> dict[str, Any]:
    row = {name: getattr(session, name) for name in ListedSession.__dataclass_fields__} | asdict(
        session.context
    )
    row["tags"] = ";".join(session.context.tags)
    return {name: value for name, value in row.items() if name not in ("context", "fatigue")}


def _fatigue_rows(session: ListedSession) -> Iterable[dict[str, Any]]:
    for estimate in session.fatigue:
        yield {
            "session": session.name,
            "side": estimate.side,
            "outcome": estimate.outcome,
            "verdict": estimate.verdict,
            "delta_easy_rad": estimate.delta_easy_rad,
            "delta_fast_rad": estimate.delta_fast_rad,
            "rfi_rad": estimate.rfi_rad,
            "rfi_low_rad": (estimate.rfi_ci95_rad or (None, None))[0],
            "rfi_high_rad": (estimate.rfi_ci95_rad or (None, None))[1],
            "detectable_rad": estimate.detectable_rad,
        }


def _note_row(note: Note) -> dict[str, Any]:
    return {name: value for name, value in asdict(note).items() if name != "athlete"}


def _write_json(path: Path, document: Any) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    pd.DataFrame(list(rows)).to_csv(path, index=False, lineterminator="\n")
