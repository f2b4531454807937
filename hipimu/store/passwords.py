"""Passwords: which may be used, and what is kept instead of them."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from secrets import token_bytes
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final, NamedTuple

from hipimu.errors import StoreError
from hipimu.store.names import name_key

if TYPE_CHECKING:
    from argon2 import Parameters, PasswordHasher

SHORTEST: Final = 10
LONGEST: Final = 200
_FEWEST_DIFFERENT: Final = 5
_MOST_MEMORY_KIB: Final = 1 << 20
_MOST_ROUNDS: Final = 16
_ONE_BY_ONE: Final = BoundedSemaphore(2)
"""Each hash fills 64 MiB: strangers who try passwords shall not fill the computer."""
_ROWS: Final = (
    *("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y7u8i9o0p"),
    *("qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "q1w2e3r4t5y6u7i8o9p0"),
)
_WORDS: Final = (
    "abc abcd admin administrator asdf asdfasdf baseball basketball changeme charlie chocolate "
    "coach computer dragon fitness football footballer freedom geheim hallo hello hipimu iloveyou "
    "iloveu internet jordan letmein liebe liverpool login marathon master michael monkey mypass "
    "mypassword owner pass passw passwort passwd password passwords pokemon princess qazwsx qwer "
    "qwert qwertz qwerty root runner running schatz secret security soccer sommer sonne spiderman "
    "sprint start summer sunshine superman superuser team test testing training trustno user "
    "volleyball welcome whatever willkommen winter"
)
"""What the most frequent passwords of published leaks are made of, before digits are added."""
_LEET: Final = str.maketrans("@$!|013", "asiloie")


class Cost(NamedTuple):
    """What one attempt takes, of whoever makes it."""

    rounds: int
    memory_kib: int
    lanes: int


USUAL: Cost | None = None
"""None: what argon2-cffi holds to be right, which is RFC 9106's second recommendation."""


def checked_password(password: str, login: str) -> str:
    """Return a password that may be used.

    Raises
    ------
    StoreError
        When it is too short or too long, or among the first that anybody would try.
    """
    if not SHORTEST <= len(password) <= LONGEST or _plain(password) is None:
        raise StoreError(
            "The password cannot be used.",
            f"Use {SHORTEST} to {LONGEST} letters; several words are easy to remember.",
            reason="bad_value",
        )
    if _easy(name_key(password), name_key(login)):
        raise StoreError(
            "The password is among the first that anybody would try.",
            "Use several words that do not belong together.",
            reason="bad_value",
        )
    return password


def _easy(folded: str, login: str) -> bool:
    if folded == login or len(set(folded)) < _FEWEST_DIFFERENT:
        return True
    if any(folded in row or folded in row[::-1] for row in _ROWS):
        return True
    cores = {_core(folded), _core(_without_signs(folded).translate(_LEET))}
    return bool(cores & {*_WORDS.split(), _core(login)} - {""})


def _without_signs(text: str) -> str:
    return text.rstrip("".join(char for char in set(text) if not char.isalpha()))


def _core(text: str) -> str:
    """Return what is left without digits and signs around it, once where it is said twice."""
    kept = text.strip("".join(char for char in set(text) if not char.isalpha()))
    half = len(kept) // 2
    return kept[:half] if half and kept[:half] * 2 == kept else kept


def hashed(password: str, cost: Cost | None) -> str:
    """Return what is kept of a password: argon2id with its salt and parameters."""
    with _ONE_BY_ONE:
        return _hasher(cost).hash(_plain(password) or b"")


def fits(kept: str | None, password: str, cost: Cost | None) -> bool:
    """Tell whether a password is the one that is kept; None takes as long, and never fits."""
    plain = _plain(password) if len(password) <= LONGEST else None
    if plain is None:
        return False
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = _hasher(cost)
    with _ONE_BY_ONE:
        try:
            return hasher.verify(_bearable(kept) or _nobodys(hasher), plain)
        except (InvalidHashError, VerificationError):
            return False


def outdated(kept: str, cost: Cost | None) -> bool:
    """Tell whether a kept password was made with parameters of another time."""
    return _hasher(cost).check_needs_rehash(kept)


def _plain(password: str) -> bytes | None:
    """Return the same bytes from every keyboard; None: there is no such text."""
    # NIST SP 800-63B, 3.1.1.2: normalised by NFKC before it is hashed.
    try:
        return unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:
        return None


def _hasher(cost: Cost | None) -> PasswordHasher:
    from argon2 import PasswordHasher

    if cost is None:
        return PasswordHasher()
    return PasswordHasher(cost.rounds, cost.memory_kib, cost.lanes)


def _bearable(kept: str | None) -> str | None:
    """Return a hash that may be tried: one from a foreign backup could ask for all memory."""
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        asked: Parameters = extract_parameters(kept or "")
    except (InvalidHashError, ValueError):
        return None
    bearable = asked.memory_cost <= _MOST_MEMORY_KIB and asked.time_cost <= _MOST_ROUNDS
    return kept if bearable else None


def _nobodys(hasher: PasswordHasher) -> str:
    """Return a hash that no password has, and that takes as long as anybody's."""
    salt, digest = (
        b64encode(token_bytes(many)).decode().rstrip("=")
        for many in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
