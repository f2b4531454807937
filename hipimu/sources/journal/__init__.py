"""The journal: packets as they came, crash-safe. Its bytes: ``docs/reference/journal.md``."""

from hipimu.sources.journal.content import JournalMetadata, JournalSensor, Stream, Totals
from hipimu.sources.journal.reader import Damage, Journal, read_journal
from hipimu.sources.journal.writer import JournalWriter

__all__ = [
    "Damage",
    "Journal",
    "JournalMetadata",
    "JournalSensor",
    "JournalWriter",
    "Stream",
    "Totals",
    "read_journal",
]
