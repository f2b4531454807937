"""One choice of a proposed mapping, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Certainty = Literal["sure", "likely", "open"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is proposed for a key, how sure that is, and why."""

    key: str
    """As in ``mapping.toml``, with its table: ``acc.unit``."""
    value: str
    """As TOML writes it; empty where nothing can be proposed."""
    certainty: Certainty
    because: str
    """One sentence."""


def sure(key: str, value: str, because: str) -> Choice:
    """Return what the file itself says."""
    return Choice(key, value, "sure", because)


def likely(key: str, value: str, because: str) -> Choice:
    """Return what the numbers suggest."""
    return Choice(key, value, "likely", because)


def unknown(key: str, because: str, value: str = "") -> Choice:
    """Return what only a person can say; `value` is a beginning."""
    return Choice(key, value, "open", because)
