"""Athletes, sessions and notes over weeks: SQLite on one computer, PostgreSQL for a team."""

from hipimu.store.documents import read_document, write_document
from hipimu.store.nouns import (
    Analysis,
    ApiToken,
    Athlete,
    AuditEntry,
    Imported,
    Invitation,
    ListedSession,
    Note,
    Role,
    Scope,
    User,
    Viewer,
)
from hipimu.store.opening import open_store
from hipimu.store.store import Store
from hipimu.store.summarise import summarise
from hipimu.store.view import StoreView

__all__ = [
    "Analysis",
    "ApiToken",
    "Athlete",
    "AuditEntry",
    "Imported",
    "Invitation",
    "ListedSession",
    "Note",
    "Role",
    "Scope",
    "Store",
    "StoreView",
    "User",
    "Viewer",
    "open_store",
    "read_document",
    "summarise",
    "write_document",
]
