"""Text that strangers send: names and serial numbers of devices, made harmless once."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 64
"""Characters; the longest name that a device can tell over Bluetooth has 248 bytes."""
_UNSAFE = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_MARKS = frozenset(("Mn", "Me"))
_MOST_MARKS = 2
_STANDS_IN = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str, longest: int = LONGEST_NAME) -> str:
    """Make a name safe to show, to write to a file and to compare.

    Parameters
    ----------
    text : str
        As received.
    longest : int
        Characters to keep; a longer text ends in an ellipsis.

    Returns
    -------
    str
        One line without characters that control a terminal, turn the writing direction, are
        invisible or mean nothing: U+FFFD stands in for each. Marks piled on one letter are cut to
        two, white space is one space. The same text gives the same name every time, and a
        harmless name stays as it is.
    """
    out: list[str] = []
    marks = 0
    # What does not survive as UTF-8 (lone surrogates) cannot be normalised or written either.
    whole = text[: 8 * longest].encode("utf-8", "replace").decode("utf-8")
    for character in unicodedata.normalize("NFC", whole):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in _MARKS else 0
        if marks > _MOST_MARKS:
            continue
        unsafe = kind in _UNSAFE and not character.isspace()
        out.append(_STANDS_IN if unsafe else character)
    line = " ".join("".join(out).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
