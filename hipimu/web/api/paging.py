"""Long lists piece by piece, each piece where the one before ended, whatever came in between."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime

from hipimu.store import ListedSession
from hipimu.web.api.answers import Sessions
from hipimu.web.api.problems import ProblemError


def page_of(listed: Sequence[ListedSession], limit: int, cursor: str | None) -> Sessions:
    """Return a piece of a list.

    Parameters
    ----------
    listed : sequence of ListedSession
        Newest first; those without a start last.
    limit : int
        Length of the piece.
    cursor : str or None
        Where the piece before ended; None: from the first one.

    Raises
    ------
    ProblemError
        When the cursor is none.
    """
    start = 0 if cursor is None else _after(listed, *_read(cursor))
    piece = tuple(listed[start : start + limit])
    more = start + limit < len(listed)
    return Sessions(piece, _write(piece[-1]) if more else None)


def _after(listed: Sequence[ListedSession], name: str, started_at: datetime | None) -> int:
    """Return the place after a session, also where it was deleted meanwhile."""
    for place, session in enumerate(listed):
        if session.name == name:
            return place + 1
    if started_at is None:
        return len(listed)
    for place, session in enumerate(listed):
        if session.started_at is None or session.started_at < started_at:
            return place
    return len(listed)


def _write(session: ListedSession) -> str:
    start = session.started_at
    told = json.dumps([session.name, None if start is None else start.isoformat()])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, datetime | None]:
    try:
        told = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        name, start = json.loads(told)
        started_at = None if start is None else datetime.fromisoformat(start)
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_place() from error
    if not isinstance(name, str) or (started_at is not None and started_at.tzinfo is None):
        raise _no_place()
    return name, started_at


def _no_place() -> ProblemError:
    return ProblemError(
        "not_found", "There is no such place in this list.", "Begin again, without cursor."
    )
