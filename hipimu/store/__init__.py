"""Athletes, sessions and notes over weeks: SQLite on one computer, PostgreSQL for a team."""

from hipimu.store.documents import read_document, write_document
from hipimu.store.fingerprint import inputs_hash, samples_hash
from hipimu.store.nouns import Analysis, Athlete, Imported, ListedSession, Note
from hipimu.store.opening import open_store
from hipimu.store.store import Store
from hipimu.store.summarise import summarise

__all__ = [
    "Analysis",
    "Athlete",
    "Imported",
    "ListedSession",
    "Note",
    "Store",
    "inputs_hash",
    "open_store",
    "read_document",
    "samples_hash",
    "summarise",
    "write_document",
]
