"""Notes on a moment, a session or an athlete; deleted ones can be brought back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from hipimu.errors import StoreError
from hipimu.store.names import known_number
from hipimu.store.nouns import Note
from hipimu.store.people import athlete_id
from hipimu.store.reading import session_of
from hipimu.store.tables import AthleteRow, NoteRow, SessionRow

_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class About:
    """What a note is about: an athlete, or a session and perhaps a moment of it."""

    athlete: str | None = None
    session: str | None = None
    t_s: float | None = None


def add_note(
    connection: Connection, about: About, text: str, author: str, author_id: int | None = None
) -> Note:
    """Write a note; see `Store.add_note`."""
    owner, session_id = _subject(connection, about)
    made = insert(NoteRow).values(
        athlete_id=owner,
        session_id=session_id,
        t_s=about.t_s,
        author=checked_text(author),
        author_id=author_id,
        text=checked_text(text),
        created_at=datetime.now(UTC),
    )
    note_id = connection.execute(made.returning(NoteRow.id)).scalar_one()
    return note(connection, note_id)


def _subject(connection: Connection, about: About) -> tuple[int, int | None]:
    if about.t_s is not None and not math.isfinite(about.t_s):
        raise StoreError(
            "This is no moment of a session.", "Give seconds from its start.", reason="bad_value"
        )
    if about.session is not None:
        session_id = session_of(connection, about.session)
        query = select(SessionRow.athlete_id).where(SessionRow.id == session_id)
        return connection.execute(query).scalar_one(), session_id
    if about.athlete is None or about.t_s is not None:
        raise ValueError("a note is about an athlete, or a session, or a moment of a session")
    return athlete_id(connection, about.athlete), None


def checked_text(text: str) -> str:
    """Return the text of a note, trimmed.

    Raises
    ------
    StoreError
        When nothing is left of it, or it is too long.
    """
    kept = "".join(char for char in text if char.isprintable() or char == "\n").strip()
    if not kept or len(kept) > _LONGEST:
        raise StoreError(
            f"A note of {len(kept)} letters cannot be kept.",
            f"Write 1 to {_LONGEST} letters.",
            reason="bad_value",
        )
    return kept


def _notes() -> Select[*tuple[Any, ...]]:
    return (
        select(
            NoteRow.id,
            AthleteRow.name.label("athlete"),
            SessionRow.name.label("session"),
            NoteRow.t_s,
            NoteRow.author,
            NoteRow.text,
            NoteRow.created_at,
            NoteRow.edited_at,
            NoteRow.deleted_at,
            NoteRow.author_id,
        )
        .select_from(NoteRow)
        .join(AthleteRow, AthleteRow.id == NoteRow.athlete_id)
        .outerjoin(SessionRow, SessionRow.id == NoteRow.session_id)
    )


def note(connection: Connection, note_id: int) -> Note:
    """Return one note, deleted or not.

    Raises
    ------
    StoreError
        When there is none of this number.
    """
    found = connection.execute(_notes().where(NoteRow.id == known_number(note_id))).one_or_none()
    if found is None:
        raise unknown_note(note_id)
    return Note(*found)


def unknown_note(note_id: int) -> StoreError:
    """Return what to say where no note has this number."""
    return StoreError(
        f"There is no note {note_id}.", "Numbers: hipimu note list.", reason="not_found"
    )


def notes(
    connection: Connection,
    athlete: str | None = None,
    session: str | None = None,
    *,
    deleted: bool = False,
) -> tuple[Note, ...]:
    """Return notes, oldest first; see `Store.notes`."""
    query = _notes().order_by(NoteRow.created_at, NoteRow.id)
    if athlete is not None:
        query = query.where(NoteRow.athlete_id == athlete_id(connection, athlete))
    if session is not None:
        query = query.where(NoteRow.session_id == session_of(connection, session))
    gone = NoteRow.deleted_at
    query = query.where(gone.is_not(None) if deleted else gone.is_(None))
    return tuple(Note(*row) for row in connection.execute(query))


def change_note(connection: Connection, note_id: int, **values: Any) -> Note:
    """Change columns of a note.

    Raises
    ------
    StoreError
        When there is none of this number.
    """
    connection.execute(update(NoteRow).where(NoteRow.id == known_number(note_id)).values(values))
    return note(connection, note_id)
