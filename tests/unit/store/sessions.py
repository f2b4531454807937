"""Sessions to keep: one made-up run, and variants of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from hipimu.data import Session
from tests.unit.report.sessions import interval_session

STARTED = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)


@cache
def run() -> Session:
    session = interval_session(minutes=3)
    return replace(session, duration_s=float(session.duration_s))


def variant(number: int = 0, **changes: Any) -> Session:
    """Another run that differs in its name and its first stride."""
    first, *others = run().strides
    strides = (first._replace(peak_flexion_rad=0.5 + number / 1000), *others)
    settings: dict[str, Any] = {
        "recording": f"run {number}",
        "strides": strides,
        "started_at": STARTED,
    }
    return replace(run(), **(settings | changes))


def hash_of(number: int = 0) -> str:
    return sha256(str(number).encode()).hexdigest()
