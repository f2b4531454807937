"""The audit trail, for owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from hipimu.store import Store, StoreView
from hipimu.store.audit import ACTIONS
from hipimu.web.coach.account import logged_in
from hipimu.web.coach.render import respond

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class AuditPages:
    """Answers with who did what.

    Parameters
    ----------
    store : Store
    """

    store: Store

    def show(self, request: Request) -> Response:
        """Answer with a page of entries, newest first."""
        view = StoreView(self.store, logged_in(request).viewer)
        view.may_own()
        told = request.query_params.get("before", "")
        before = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None
        entries = self.store.accounts.audit(view.viewer, limit=_AT_ONCE + 1, before=before)
        shown = entries[:_AT_ONCE]
        older = shown[-1].id if len(entries) > _AT_ONCE else None
        return respond(
            request, "audit.html", entries=shown, older=older, before=before, actions=ACTIONS
        )
