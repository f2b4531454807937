"""What somebody may see: in words, and as one choice of a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hipimu.store import Role, StoreView
from hipimu.store.names import name_key
from hipimu.web.coach.forms import FormError

_EVERYTHING: Final = {"owner": "Owner: everything", "coach": "Coach of all athletes"}


@dataclass(frozen=True, slots=True)
class Access:
    """A role, and whom it is about."""

    role: Role
    athlete: str | None = None
    team: str | None = None

    @property
    def choice(self) -> str:
        """As a form sends it."""
        whom = self.athlete or self.team
        return f"{self.role}:{whom}" if whom else self.role

    @property
    def words(self) -> str:
        """As a form shows it."""
        return access_words(self.role, self.athlete, self.team)


def access_words(role: Role, athlete: str | None, team: str | None) -> str:
    """Say what somebody may see: ``Coach of team Sprint``."""
    if role == "athlete":
        return f"Athlete {athlete}" if athlete else "Athlete"
    return f"Coach of team {team}" if team else _EVERYTHING[role]


def given_by(view: StoreView) -> tuple[Access, ...]:
    """Return what the viewer may give to others: an owner everything, a coach their athletes."""
    return tuple(_given_by(view))


def _given_by(view: StoreView) -> Iterator[Access]:
    for athlete in view.athletes():
        yield Access("athlete", athlete=athlete.name)
    if view.viewer.role != "owner":
        return
    for team in view.teams():
        yield Access("coach", team=team)
    yield Access("coach")
    yield Access("owner")


def read_access(choice: str, view: StoreView) -> Access:
    """Return what a form has chosen.

    Raises
    ------
    FormError
        When it is nothing that the viewer may give.
    """
    wanted = name_key(choice)
    for access in given_by(view):
        if name_key(access.choice) == wanted:
            return access
    raise FormError(422, "It is not said who that is to be.", "Choose one of the list.")
