"""Public names and numbers: as people write them, as addresses hold them, as rows may have them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from hipimu.errors import StoreError
from hipimu.store.tables import NAME_LENGTH

_SLUG_LENGTH = 80
LARGEST = 2**31 - 1
"""Of the numbers that rows have."""
_FORBIDDEN = frozenset("/\\")


def checked_name(name: str) -> str:
    """Return a name of a person or a team, without blanks around it.

    Raises
    ------
    StoreError
        When it is empty, too long, or has characters that no name has.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    odd = any(unicodedata.category(char)[0] == "C" or char in _FORBIDDEN for char in name)
    if not name or len(name) > NAME_LENGTH or odd or name.startswith((".", "-")):
        raise StoreError(
            f"{name[:40]!r} cannot be a name.",
            f"Use 1 to {NAME_LENGTH} characters without slashes, beginning with a letter or digit.",
            reason="bad_value",
        )
    return name


def name_key(name: str) -> str:
    """Return what two spellings of a name have in common: Anna is ANNA."""
    return unicodedata.normalize("NFKC", " ".join(known_text(name).split())).casefold()


def known_text(given: str) -> str:
    """Return text that databases can look for, where people may give any; no name has a backslash.

    PostgreSQL takes no NUL, and none of them half a character.
    """
    return given.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def slug(text: str) -> str:
    """Return a name for a session that is good in addresses and as a file's name."""
    kept = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFKC", text))
    return kept.strip("-._")[:_SLUG_LENGTH] or "session"


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name that is not taken, numbered where it must be."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def known_number(given: int) -> int:
    """Return a number that databases can look for, where people may give any; no row has 0."""
    return given if 0 < given <= LARGEST else 0
