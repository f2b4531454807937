"""The store as one person may see it: what is not theirs is not there.

Pages and the API get a `StoreView` and never the store itself, so that none of them can forget to
ask whether somebody may see something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from hipimu.data import SessionSummary, TrainingContext
from hipimu.errors import StoreError
from hipimu.store.notes import unknown_note
from hipimu.store.nouns import Analysis, Athlete, ListedSession, Note, Viewer
from hipimu.store.people import unknown_athlete
from hipimu.store.reading import unknown_session
from hipimu.store.store import Store
from hipimu.store.viewers import (
    STAFF,
    check_owner,
    check_staff,
    check_writes,
    forbidden,
    sees,
    sees_all,
)


@dataclass(frozen=True, slots=True, eq=False)
class StoreView:
    """A store, and who looks.

    Every method is the store's own of that name, for this viewer: other people's sessions are as
    unknown as those that were never there, and what may be seen but not done is a `StoreError`
    with the reason ``forbidden``.

    Parameters
    ----------
    store : Store
    viewer : Viewer
    """

    store: Store
    viewer: Viewer

    @property
    def sees_all(self) -> bool:
        """Whether the viewer sees every athlete."""
        return sees_all(self.viewer)

    # -- looking

    def athletes(self) -> tuple[Athlete, ...]:
        """Return all athletes that may be seen, by name."""
        if self.viewer.role == "athlete":
            return (self.store.athlete(self.viewer.athlete),) if self.viewer.athlete else ()
        return tuple(athlete for athlete in self.store.athletes() if self._sees(athlete))

    def athlete(self, name: str) -> Athlete:
        """Return one athlete."""
        found = self.store.athlete(name)
        if not self._sees(found):
            raise unknown_athlete(name)
        return found

    def teams(self) -> tuple[str, ...]:
        """Return the names of the teams that may be seen."""
        if self.sees_all:
            return self.store.teams()
        coach = self.viewer.role == "coach"
        return (self.viewer.team,) if coach and self.viewer.team else ()

    def listed(
        self,
        athlete: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[ListedSession, ...]:
        """Return sessions, newest first, as lists need them."""
        if athlete is not None:
            return self.store.listed(self.athlete(athlete).name, since, until)
        if self.viewer.role == "athlete":
            own = self.athletes()
            return self.store.listed(own[0].name, since, until) if own else ()
        listed = self.store.listed(None, since, until)
        if self.sees_all:
            return listed
        names = {seen.name for seen in self.athletes()}
        return tuple(session for session in listed if session.athlete in names)

    def summaries(
        self, athlete: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[SessionSummary, ...]:
        """Return an athlete's sessions, newest first, without curves."""
        return self.store.summaries(self.athlete(athlete).name, since, until)

    def summary(self, name: str) -> SessionSummary:
        """Return one session, all of it."""
        self.owner(name)
        return self.store.summary(name)

    def history(self, name: str) -> tuple[Analysis, ...]:
        """Return all analyses of a session: the current one first, then newest first."""
        self.owner(name)
        return self.store.history(name)

    def strides(self, name: str) -> pd.DataFrame:
        """Return the strides of a session."""
        self.owner(name)
        return self.store.strides(name)

    def owner(self, session: str) -> str:
        """Return whose a session is."""
        athlete = self.store.owner(session)
        try:
            return self.athlete(athlete).name
        except StoreError as error:
            raise unknown_session(session) from error

    def tags(self, athlete: str) -> tuple[str, ...]:
        """Return all words on an athlete's sessions."""
        return self.store.tags(self.athlete(athlete).name)

    def note(self, note_id: int) -> Note:
        """Return one note, deleted or not."""
        found = self.store.note(note_id)
        try:
            self.athlete(found.athlete)
        except StoreError as error:
            raise unknown_note(note_id) from error
        return found

    def notes(
        self, *, athlete: str | None = None, session: str | None = None, deleted: bool = False
    ) -> tuple[Note, ...]:
        """Return notes, oldest first, on an athlete and their sessions, or on one session."""
        if session is not None:
            self.owner(session)
            return self.store.notes(session=session, deleted=deleted)
        if athlete is None:
            raise ValueError("notes of an athlete or of a session")
        return self.store.notes(athlete=self.athlete(athlete).name, deleted=deleted)

    # -- doing

    def may(self, athlete: str) -> str:
        """Return an athlete's name where this viewer may add to what is known of them.

        Raises
        ------
        StoreError
            When there is no such athlete, or the viewer may only look.
        """
        known = self.athlete(athlete).name
        check_writes(self.viewer)
        return known

    def may_manage(self) -> None:
        """Refuse who is neither owner nor coach, or may only look.

        Raises
        ------
        StoreError
        """
        check_writes(self.viewer)
        check_staff(self.viewer)

    def may_own(self) -> None:
        """Refuse who is no owner, or may only look.

        Raises
        ------
        StoreError
        """
        check_writes(self.viewer)
        check_owner(self.viewer)

    def add_athlete(self, name: str) -> Athlete:
        """Add an athlete; a team's coach adds to that team.

        Names are unique in the whole store: that one is taken is told, also where it is taken by
        somebody out of sight.
        """
        self.may_manage()
        return self.store.add_athlete(name, None if self.sees_all else self.viewer.team)

    def rename_athlete(self, name: str, new: str) -> Athlete:
        """Give an athlete another name."""
        known = self.athlete(name).name
        self.may_manage()
        return self.store.rename_athlete(known, new)

    def set_team(self, athlete: str, team: str | None) -> None:
        """Put an athlete into a team, or into none; for who sees all teams."""
        known = self.athlete(athlete).name
        self.may_manage()
        if not self.sees_all:
            raise forbidden("Only who sees all teams may move athletes between them.")
        self.store.set_team(known, team)

    def may_delete_athlete(self, name: str) -> str:
        """Return an athlete's name where this viewer may delete them: an owner, or they themself.

        Raises
        ------
        StoreError
        """
        known = self.may(name)
        if self.viewer.role not in ("owner", "athlete"):
            raise forbidden("Only an owner or the athlete may delete everything of an athlete.")
        return known

    def delete_athlete(self, name: str) -> None:
        """Delete an athlete for good: for owners, and the athlete's own decision."""
        self.store.delete_athlete(self.may_delete_athlete(name))

    def delete_session(self, name: str) -> None:
        """Delete a session for good."""
        self.may(self.owner(name))
        self.store.delete_session(name)

    def set_context(self, name: str, context: TrainingContext) -> None:
        """Say something else of a session."""
        self.may(self.owner(name))
        self.store.set_context(name, context)

    def add_note(
        self,
        text: str,
        *,
        athlete: str | None = None,
        session: str | None = None,
        t_s: float | None = None,
    ) -> Note:
        """Write a note, signed by the viewer."""
        self.may(athlete if session is None and athlete is not None else self.owner(session or ""))
        return self.store.add_note(
            text,
            self.viewer.name,
            athlete=athlete,
            session=session,
            t_s=t_s,
            author_id=self.viewer.user_id,
        )

    def edit_note(self, note_id: int, text: str) -> Note:
        """Write one's own note anew."""
        self._own_note(note_id)
        return self.store.edit_note(note_id, text)

    def delete_note(self, note_id: int) -> Note:
        """Delete one's own note; an owner may delete any."""
        self._own_note(note_id, but="owner")
        return self.store.delete_note(note_id)

    def restore_note(self, note_id: int) -> Note:
        """Bring a deleted note back."""
        self._own_note(note_id, but="owner")
        return self.store.restore_note(note_id)

    def changes_note(self, note: Note) -> bool:
        """Tell whether the viewer may write a note anew: it is theirs, or nobody's."""
        viewer = self.viewer
        if note.author_id is None:
            return viewer.writes and viewer.role in STAFF
        alone = viewer.user_id is None and viewer.role == "owner"
        return viewer.writes and (alone or note.author_id == viewer.user_id)

    def removes_note(self, note: Note) -> bool:
        """Tell whether the viewer may delete a note."""
        return self.changes_note(note) or (self.viewer.writes and self.viewer.role == "owner")

    # -- who may

    def _own_note(self, note_id: int, but: str = "") -> None:
        found = self.note(note_id)
        check_writes(self.viewer)
        if not (self.changes_note(found) or (but and self.viewer.role == but)):
            raise forbidden("This note is somebody else's.")

    def _sees(self, athlete: Athlete) -> bool:
        return sees(self.viewer, athlete.name, athlete.team)
