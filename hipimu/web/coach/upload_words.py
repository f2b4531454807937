"""How far an upload is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hipimu.pipeline.intake import MB, Upload
from hipimu.pipeline.intake.order import Outcome
from hipimu.pipeline.intake.upload import State

_STEPS: Final[tuple[tuple[State, str], ...]] = (
    ("receiving", "Receive"),
    ("waiting", "Wait"),
    ("unpacking", "Unpack"),
    ("reading", "Read"),
    ("analysing", "Analyse"),
    ("keeping", "Keep"),
)
_ORDER: Final = tuple(state for state, _ in _STEPS)
_GOING_ON: Final[Mapping[State, str]] = {
    "receiving": "Arriving",
    "unpacking": "Unpacking",
    "reading": "Reading",
    "analysing": "Analysing",
    "keeping": "Keeping the session",
}
_OUTCOMES: Final[Mapping[Outcome, str]] = {
    "new": "Kept as a new session.",
    "same": "This session was there already: nothing changed.",
    "described": "This session was there already; what you said of the run stands on it now.",
    "reanalysed": "This session was there; it is analysed anew, and the analysis before stays as "
    "history.",
}
_ENDINGS: Final[Mapping[State, str]] = {
    "refused": "Not kept.",
    "cancelled": "Cancelled: nothing was kept.",
    "interrupted": "Interrupted, as the server ended: nothing was kept. Send it again.",
}
_MARKS: Final[Mapping[State, str]] = {
    "kept": "✓",
    "refused": "!",
    "cancelled": "×",
    "interrupted": "!",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of an upload."""

    name: str
    mark: str
    said: str
    """What a mark says to who does not see it."""
    current: bool


def said(upload: Upload) -> str:
    """Return how far an upload is, or what became of it."""
    if upload.outcome is not None:
        return _OUTCOMES[upload.outcome]
    if upload.problem is not None:
        return upload.problem.what
    if upload.state == "waiting":
        return _waiting(upload.ahead)
    going_on = _GOING_ON.get(upload.state)
    if going_on is None:
        return _ENDINGS[upload.state]
    return f"{going_on}: {100 * upload.done:.0f} %." if upload.done is not None else f"{going_on}."


def _waiting(ahead: int) -> str:
    if ahead == 0:
        return "Waiting: it is the next."
    return f"Waiting: {ahead} {'is' if ahead == 1 else 'are'} before it."


def mark(upload: Upload) -> str:
    """Return a sign for what became of it."""
    return _MARKS.get(upload.state, "…")


def steps(upload: Upload) -> tuple[Step, ...]:
    """Return the steps of an upload that is under way."""
    now = _ORDER.index(upload.state) if upload.state in _ORDER else len(_ORDER)
    return tuple(
        Step(
            name,
            "✓" if place < now else "→" if place == now else "·",
            "done" if place < now else "now" if place == now else "to come",
            place == now,
        )
        for place, (_, name) in enumerate(_STEPS)
    )


def size(bytes_: int) -> str:
    """Return a size for people."""
    return f"{bytes_ / MB:.1f} MB" if bytes_ >= MB else f"{max(bytes_ / 1000, 1):.0f} kB"
