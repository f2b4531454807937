"""Printing where the terminal cannot show every character, as in the locale "C"."""

from __future__ import annotations

import codecs
import io
import sys
from typing import Final

_PLAIN: Final = {
    "\u2212": "-",
    "–": "-",
    "°": " deg",
    "×": "x",
    "…": "...",
    "δ": "delta",
    "±": "+/-",
    "←": "<-",
    "→": "->",
}
_HANDLER: Final = "hipimu-plain"


def print_anywhere() -> None:
    """Let standard output and error spell out what their encoding lacks, instead of failing."""
    codecs.register_error(_HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in unknown), error.end
