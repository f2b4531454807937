"""Who may see and do what, said once: for the store's views and for accounts."""

from __future__ import annotations

from typing import Final

from hipimu.errors import StoreError
from hipimu.store.names import name_key
from hipimu.store.nouns import Viewer

STAFF: Final = ("owner", "coach")


def sees_all(viewer: Viewer) -> bool:
    """Tell whether a viewer sees every athlete."""
    return viewer.role == "owner" or (viewer.role == "coach" and viewer.team is None)


def sees(viewer: Viewer, athlete: str, team: str | None) -> bool:
    """Tell whether a viewer sees an athlete of a team, or of none."""
    if viewer.role == "athlete":
        return viewer.athlete is not None and name_key(viewer.athlete) == name_key(athlete)
    if viewer.role == "coach" and viewer.team is not None:
        return team is not None and name_key(team) == name_key(viewer.team)
    return viewer.role in STAFF


def check_writes(viewer: Viewer) -> None:
    """Refuse who may only look.

    Raises
    ------
    StoreError
    """
    if not viewer.writes:
        raise forbidden("This token may only read.")


def check_staff(viewer: Viewer) -> None:
    """Refuse who is neither owner nor coach.

    Raises
    ------
    StoreError
    """
    if viewer.role not in STAFF:
        raise forbidden("Only owners and coaches may do that.")


def check_owner(viewer: Viewer) -> None:
    """Refuse who is no owner.

    Raises
    ------
    StoreError
    """
    if viewer.role != "owner":
        raise forbidden("Only an owner may do that.")


def forbidden(what: str) -> StoreError:
    """Return what to say to who may see something, and not do it."""
    return StoreError(what, "Ask an owner of this store.", reason="forbidden")
