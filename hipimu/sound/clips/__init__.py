"""Spoken clips, by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

ClipName = Literal[
    "left-down",
    "right-down",
    "range-back",
    "easy",
    "fast",
    "rest",
    "ready",
    "check-sensors",
]
CLIPS: Final[tuple[ClipName, ...]] = get_args(ClipName)


@cache
def clip(name: ClipName) -> bytes:
    """Return a clip as the bytes of a WAV file: 22.05 kHz, one channel, 16 bit."""
    return files(__name__).joinpath(f"{name}.wav").read_bytes()
