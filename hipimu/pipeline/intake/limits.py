"""How much of an upload is taken, and how much work one may make."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

from hipimu.errors import UploadError

MB: Final = 1_000_000
PREFIX: Final = "HIPIMU_UPLOAD_"
"""Of the environment variables that set the limits: a field's name in capitals follows."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits of uploads; ``docs/reference/uploads.md`` says what each is for."""

    total_mb: int = 600
    files: int = 40
    name_characters: int = 120
    silence_s: int = 30
    receiving_s: int = 3600
    waiting_each: int = 5
    waiting_all: int = 20
    at_once: int = 1
    free_mb: int = 1000
    entries: int = 200
    unpacked_mb: int = 2000
    ratio: int = 100
    memory_mb: int = 4000
    processor_s: int = 900
    clock_s: int = 1800

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the limits that environment variables set, and the usual ones for the rest.

        Parameters
        ----------
        environment : mapping or None
            None: that of this process.

        Raises
        ------
        UploadError
            When one is no whole number above zero.
        """
        said = os.environ if environment is None else environment
        names = {f.name: f"{PREFIX}{f.name.upper()}" for f in fields(cls)}
        return cls(**{f: _number(name, said[name]) for f, name in names.items() if name in said})


def _number(name: str, text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number < 1:
        raise UploadError(
            f"{name} is {text[:20]!r}, which is no limit.",
            "Set it to a whole number above zero, or leave it out.",
            reason="unclear",
        )
    return number
