"""What a worker is asked to do, and what it says meanwhile and in the end: lines of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from hipimu.data import Segment, TrainingContext
from hipimu.pipeline.intake.limits import UploadLimits

Step = Literal["unpacking", "reading", "analysing", "keeping"]
Outcome = Literal["new", "same", "described", "reanalysed"]
"""Described: it was there already, and only what is said of it changed."""
STEPS: Final[tuple[Step, ...]] = ("unpacking", "reading", "analysing", "keeping")
_OUTCOMES: Final[tuple[Outcome, ...]] = ("new", "same", "described", "reanalysed")
_LONGEST_TEXT: Final = 1000
_MOST_LEFT_OUT: Final = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """One file, as it was received."""

    part: str
    """Our own name of it, in the folder ``parts``."""
    name: str
    """As whoever sent it calls it, checked."""
    beside: bool = False
    """Whether it is laps or a watch's file of the run, and no part of the recording."""


@dataclass(frozen=True, slots=True)
class Order:
    """A recording that is to be kept."""

    store: str = field(repr=False)
    """Address of the store: it may hold a password."""
    strides: Path
    folder: Path
    """Of this upload alone; it has ``parts``, and everything else is made in it."""
    athlete: str
    files: tuple[Sent, ...]
    names: tuple[str, str]
    """What the recording is to be called, or empty; and what where the files do not say it."""
    context: TrainingContext | None = None
    limits: UploadLimits = field(default_factory=UploadLimits)
    roles: Mapping[Segment, str] | None = None
    """Which sensor was worn where; None: as the files say."""

    def line(self) -> bytes:
        """Return it as a line."""
        told = asdict(self) | {"strides": str(self.strides), "folder": str(self.folder)}
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Return the order in a line that `line` made."""
        told = json.loads(line)
        context = told["context"]
        return cls(
            store=told["store"],
            strides=Path(told["strides"]),
            folder=Path(told["folder"]),
            athlete=told["athlete"],
            files=tuple(Sent(**sent) for sent in told["files"]),
            names=(told["names"][0], told["names"][1]),
            context=context and TrainingContext(**context | {"tags": tuple(context["tags"])}),
            limits=UploadLimits(**told["limits"]),
            roles=told["roles"],
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an upload was not kept: what happened, and what to do."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class News:
    """How far it is."""

    step: Step
    done: float | None = None
    """Share of this step, 0–1, where it is known."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The session that a recording became."""

    session: str
    outcome: Outcome
    left_out: tuple[str, ...] = ()
    """Files that were sent and not used."""


Said = News | Kept | Problem


def said_line(said: Said) -> bytes:
    """Return what a worker says as a line."""
    return json.dumps({"kind": type(said).__name__.lower()} | asdict(said)).encode() + b"\n"


def read_said(line: bytes) -> Said | None:
    """Return what a line says; None where it is none of ours.

    Whoever can make a worker say anything must not be able to make more of it than words.
    """
    try:
        told = json.loads(line)
    except (RecursionError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    return _news(told) or _kept(told) or _problem(told)


def _news(told: Mapping[str, Any]) -> News | None:
    step, done = told.get("step"), told.get("done")
    if told.get("kind") != "news" or step not in STEPS:
        return None
    known = isinstance(done, int | float) and math.isfinite(done)
    return News(step, min(max(float(done), 0.0), 1.0) if known and done is not None else None)


def _kept(told: Mapping[str, Any]) -> Kept | None:
    session, outcome, left_out = told.get("session"), told.get("outcome"), told.get("left_out")
    if told.get("kind") != "kept" or outcome not in _OUTCOMES:
        return None
    if not (isinstance(session, str) and isinstance(left_out, list)):
        return None
    return Kept(_words(session), outcome, tuple(_words(name) for name in left_out[:_MOST_LEFT_OUT]))


def _problem(told: Mapping[str, Any]) -> Problem | None:
    what, remedy = told.get("what"), told.get("remedy")
    if told.get("kind") != "problem" or not (isinstance(what, str) and isinstance(remedy, str)):
        return None
    return Problem(_words(what), _words(remedy))


def _words(said: object) -> str:
    return "".join(c for c in str(said) if c.isprintable())[:_LONGEST_TEXT]
