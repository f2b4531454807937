"""The store: athletes, their sessions, and what people write about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
from sqlalchemy import Connection, Engine

from hipimu.data import Session, SessionSummary, TrainingContext
from hipimu.store import archive, importing, notes, people, personal, removing
from hipimu.store import reading as read
from hipimu.store.accounts import Accounts
from hipimu.store.connect import reading, writing
from hipimu.store.files import content_of, frame_of, keep, name_of
from hipimu.store.nouns import Analysis, Athlete, Imported, ListedSession, Note


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """An open store; `open_store` gives one. Threads may share it, processes open their own.

    Every method is one transaction. Times are in UTC, names of athletes go without regard to
    capitals, and what is not there is a `StoreError` with the reason ``not_found``.
    """

    engine: Engine
    strides_folder: Path
    place: str
    """For people."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()

    @property
    def accounts(self) -> Accounts:
        """Who may log in, and what they did."""
        return Accounts(self.engine)

    def athletes(self) -> tuple[Athlete, ...]:
        """Return all athletes, by name."""
        with reading(self.engine) as connection:
            return people.athletes(connection)

    def athlete(self, name: str) -> Athlete:
        """Return one athlete.

        Raises
        ------
        StoreError
            When there is none of this name.
        """
        with reading(self.engine) as connection:
            found = people.athletes(connection, name)
        if not found:
            raise people.unknown_athlete(name)
        return found[0]

    def add_athlete(self, name: str, team: str | None = None) -> Athlete:
        """Add an athlete, into a team where one is named.

        Raises
        ------
        StoreError
            When somebody has this name already, or it cannot be one.
        """
        return writing(self.engine, lambda c: people.add_athlete(c, name, team))

    def rename_athlete(self, name: str, new: str) -> Athlete:
        """Give an athlete another name; everything else stays."""
        return writing(self.engine, lambda c: people.rename_athlete(c, name, new))

    def teams(self) -> tuple[str, ...]:
        """Return the names of all teams."""
        with reading(self.engine) as connection:
            return people.teams(connection)

    def set_team(self, athlete: str, team: str | None) -> None:
        """Put an athlete into a team, which is made where it is not there; None: into none."""
        writing(self.engine, lambda c: people.set_team(c, athlete, team))

    def import_session(
        self,
        session: Session,
        athlete: str,
        *,
        recording_hash: str,
        inputs_hash: str = "",
        context: TrainingContext | None = None,
    ) -> Imported:
        """Keep an analysed session, once.

        The same recording with the same method, filter, version, parameters and inputs changes
        nothing. With others it becomes the session's current analysis, and the one before its
        history. Of many who import at once each gets its answer, and nothing is kept twice.

        Parameters
        ----------
        session : Session
        athlete : str
            Who is in the store.
        recording_hash : str
            SHA-256 of the samples, as from `hipimu.sources.fingerprint`: what makes two recordings
            the same.
        inputs_hash : str
            From there too: of laps, a watch's file, settings, and which file is which.
        context : TrainingContext or None
            What a person says of it; used where the session is new.

        Returns
        -------
        Imported

        Raises
        ------
        StoreError
            When there is no such athlete, the recording is kept for another one, or the store
            cannot be written: nothing was imported then.
        """
        prepared = importing.prepare(session, recording_hash, inputs_hash, context)
        with reading(self.engine) as connection:
            _, uid = importing.athlete_of(connection, athlete)
            known = importing.unchanged(connection, recording_hash, prepared.key, athlete)
        if known is not None:
            return Imported(known, new=False, reanalysed=False)
        return self._put(prepared, athlete, name_of(uid, prepared.strides))

    def _put(self, prepared: importing.Prepared, athlete: str, name: str) -> Imported:
        keep(self.strides_folder, name, prepared.strides)
        imported = None
        try:
            imported = writing(self.engine, lambda c: importing.put(c, prepared, athlete))
        finally:
            if imported is None or not (imported.new or imported.reanalysed):
                # Somebody was quicker, or it was refused: perhaps nothing needs the file.
                writing(self.engine, lambda c: removing.mark(c, {name}))
                removing.clear_marked(self.engine, self.strides_folder)
        # A deletion may have taken it away before the rows were there.
        keep(self.strides_folder, name, prepared.strides)
        return imported

    def has_analysis(
        self,
        athlete: str,
        *,
        recording_hash: str,
        inputs_hash: str,
        method: str,
        filter: str,  # noqa: A002 — the word users know it by
        hipimu_version: str,
        parameters: Mapping[str, object],
    ) -> str | None:
        """Return the session whose current analysis this is, before it is made; None: nobody's."""
        key = importing.analysis_key(method, filter, hipimu_version, parameters, inputs_hash)
        with reading(self.engine) as connection:
            return importing.unchanged(connection, recording_hash, key, athlete)

    def listed(
        self,
        athlete: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[ListedSession, ...]:
        """Return sessions as lists and trends need them: thousands in a fraction of a second.

        Parameters
        ----------
        athlete : str or None
            None: all.
        since, until : datetime or None
            Sessions that started from, and before, these times.

        Returns
        -------
        tuple of ListedSession
            Newest first; those without a start last.
        """
        with reading(self.engine) as connection:
            return read.listed(connection, athlete, since, until)

    def summaries(
        self,
        athlete: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[SessionSummary, ...]:
        """Return sessions, newest first, without what only drawings need: `cycles` and the
        strength's `profiles` are empty; `summary` has them.

        Parameters are those of `listed`.
        """  # noqa: D205 — one sentence
        with reading(self.engine) as connection:
            return read.summaries(connection, athlete, since, until)

    def summary(self, name: str) -> SessionSummary:
        """Return one session, all of it."""
        with reading(self.engine) as connection:
            return read.summary(connection, name)

    def owner(self, name: str) -> str:
        """Return whose a session is."""
        with reading(self.engine) as connection:
            return read.owner(connection, name)

    def history(self, name: str) -> tuple[Analysis, ...]:
        """Return all analyses of a session: the current one first, then newest first."""
        with reading(self.engine) as connection:
            return read.history(connection, name)

    def strides(self, name: str) -> pd.DataFrame:
        """Return the strides of a session.

        Parameters
        ----------
        name : str
            Of the session.

        Returns
        -------
        pandas.DataFrame
            The fields of `hipimu.data.Stride` as columns: SI units and radians, `reasons` joined
            by semicolons.

        Raises
        ------
        StoreError
            When there is no such session, or its strides are missing or damaged.
        """
        with reading(self.engine) as connection:
            (file,) = read.strides_files(connection, name).values()
        return frame_of(content_of(self.strides_folder, file))

    def strides_files(self) -> dict[str, Path]:
        """Return where each session's strides are, as Parquet."""
        with reading(self.engine) as connection:
            files = read.strides_files(connection)
        return {name: self.strides_folder / file for name, file in files.items()}

    def set_context(self, name: str, context: TrainingContext) -> None:
        """Say something else of a session, tags included, in place of what was said."""
        checked = importing.checked_context(context)

        def work(connection: Connection) -> None:
            session_id = read.session_of(connection, name)
            importing.write_context(connection, session_id, checked)

        writing(self.engine, work)

    def tags(self, athlete: str | None = None) -> tuple[str, ...]:
        """Return all words on sessions, of one athlete or of all."""
        with reading(self.engine) as connection:
            return read.tags(connection, athlete)

    def add_note(
        self,
        text: str,
        author: str,
        *,
        athlete: str | None = None,
        session: str | None = None,
        t_s: float | None = None,
        author_id: int | None = None,
    ) -> Note:
        """Write a note.

        Parameters
        ----------
        text, author : str
        athlete : str or None
            Whom it is about, where it is about no session.
        session : str or None
            What it is about.
        t_s : float or None
            The moment of the session, on the recording's clock.
        author_id : int or None
            User who writes it.

        Returns
        -------
        Note
        """
        about = notes.About(athlete, session, t_s)
        return writing(self.engine, lambda c: notes.add_note(c, about, text, author, author_id))

    def note(self, note_id: int) -> Note:
        """Return one note, deleted or not."""
        with reading(self.engine) as connection:
            return notes.note(connection, note_id)

    def notes(
        self, *, athlete: str | None = None, session: str | None = None, deleted: bool = False
    ) -> tuple[Note, ...]:
        """Return notes, oldest first: on an athlete and all their sessions, or on one session.

        Parameters
        ----------
        athlete, session : str or None
        deleted : bool
            Return those that were deleted instead.
        """
        with reading(self.engine) as connection:
            return notes.notes(connection, athlete, session, deleted=deleted)

    def edit_note(self, note_id: int, text: str) -> Note:
        """Write a note anew."""
        kept = notes.checked_text(text)
        now = datetime.now(UTC)
        return writing(
            self.engine, lambda c: notes.change_note(c, note_id, text=kept, edited_at=now)
        )

    def delete_note(self, note_id: int) -> Note:
        """Delete a note; `restore_note` brings it back."""
        now = datetime.now(UTC)
        return writing(self.engine, lambda c: notes.change_note(c, note_id, deleted_at=now))

    def restore_note(self, note_id: int) -> Note:
        """Bring a deleted note back."""
        return writing(self.engine, lambda c: notes.change_note(c, note_id, deleted_at=None))

    def delete_session(self, name: str) -> None:
        """Delete a session for good: its history, notes and strides too."""
        writing(self.engine, lambda c: removing.delete_session(c, name))
        self._clear()

    def delete_athlete(self, name: str) -> None:
        """Delete an athlete for good: sessions, history, notes, strides, and the user's account.

        Backups that were made before still have everything.
        """
        writing(self.engine, lambda c: removing.delete_athlete(c, name))
        self._clear()

    def _clear(self) -> None:
        removing.clear_marked(self.engine, self.strides_folder)
        removing.sweep(self.engine, self.strides_folder)
        removing.scrub(self.engine)

    def export_person(self, athlete: str, folder: Path) -> Path:
        """Write everything an athlete owns as JSON, CSV and Parquet.

        Parameters
        ----------
        athlete : str
        folder : Path
            Must not be there yet.

        Returns
        -------
        Path
            The folder: athlete.json, sessions.csv, fatigue.csv, notes.csv, sessions/NAME.json with
            all analyses, strides/NAME.parquet; account.json and audit.csv where there is
            something to say.

        Raises
        ------
        StoreError
            When there is no such athlete, or the folder is there or cannot be written.
        """
        with reading(self.engine) as connection:
            return personal.export_person(connection, self.strides_folder, athlete, folder)

    def backup(self, path: Path) -> None:
        """Write everything to one file, as it is at this moment; others may go on importing.

        Raises
        ------
        StoreError
            When the file is there already or cannot be written.
        """
        with reading(self.engine) as connection:
            archive.backup(connection, self.strides_folder, path)

    def restore(self, path: Path) -> None:
        """Fill this store, which must be empty, from a file that `backup` wrote of any store.

        Raises
        ------
        StoreError
            When the store is not empty, or the file is damaged or no backup: nothing was changed.
        """
        archive.restore(self.engine, self.strides_folder, path)
