"""The audit trail: what is written down of what people do on the pages and over the API."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from hipimu.store import Store
from hipimu.web.coach.caller import caller_of


def write_down(
    request: HTTPConnection,
    store: Store,
    action: str,
    *,
    athlete: str | None = None,
    detail: str = "",
) -> None:
    """Write down what whoever asks has just done.

    Parameters
    ----------
    request : starlette.requests.HTTPConnection
        Of a caller who is known.
    store : Store
    action : str
        One of `hipimu.store.audit.ACTIONS`.
    athlete : str or None
        Whom it was about, who must still be there.
    detail : str
        Facts as `hipimu.store.audit.write` takes them, such as ``sessions 3``; no names.
    """
    store.accounts.write_down(
        action,
        datetime.now(UTC),
        user_id=caller_of(request).viewer.user_id,
        athlete=athlete,
        detail=detail,
    )
