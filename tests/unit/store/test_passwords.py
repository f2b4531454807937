"""Which passwords may be used, and what is kept of them."""

from __future__ import annotations

import time

import argon2
import pytest

from hipimu.errors import StoreError
from hipimu.store import passwords
from hipimu.store.passwords import LONGEST, SHORTEST, Cost, checked_password, fits, hashed, outdated

CHEAP = Cost(1, 8, 1)
GOOD = "seven tall hedges"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "x7!kq" * 2,
        "Grüße aus Flensburg",
        "winter of content",
        "密码密码一二三四五六七八",
        "8374629105",
        "a" * 50 + "bcde",
        "f9#wj" * 40,
    ],
)
def test_these_can_be_used(password: str) -> None:
    assert checked_password(password, "anna") == password


@pytest.mark.parametrize(
    "password",
    [
        *("", "x7!kx7!kx", "x" * (LONGEST + 1), "seven tall \ud800 hedges"),
        *("1234567890", "0123456789", "9876543210", "qwertyuiop", "QWERTZUIOP", "1q2w3e4r5t"),
        *("password123", "Password2024!", "p@ssw0rd10", "PA$$W0RD!!!!", "iloveyou1234"),
        *("aaaaaaaaaa", "1212121212", "abcabcabcabc", "passwordpassword", "  password  "),
        *("Anna-Marie.K", "ANNA-MARIE.K", "anna-marie.k1990", "hipimu2026!!"),
    ],
)
def test_these_cannot(password: str) -> None:
    with pytest.raises(StoreError) as refused:
        checked_password(password, "Anna-Marie.K")
    assert refused.value.reason == "bad_value"
    assert not password.strip() or password not in str(refused.value)


def test_lengths_are_those_promised() -> None:
    assert (SHORTEST, LONGEST) == (10, 200)
    for length in (SHORTEST, LONGEST):
        checked_password((GOOD * 20)[:length], "anna")


def test_a_password_fits_what_is_kept_of_it() -> None:
    kept = hashed(GOOD, CHEAP)
    assert fits(kept, GOOD, CHEAP)
    assert not fits(kept, GOOD + " ", CHEAP)
    assert not fits(None, GOOD, CHEAP)
    assert hashed(GOOD, CHEAP) != kept


def test_keyboards_differ_in_how_they_write_the_same() -> None:
    composed, decomposed = "gr\u00fc\u00dfe aus kiel", "gru\u0308\u00dfe aus kiel"
    assert fits(hashed(composed, CHEAP), decomposed, CHEAP)


def test_the_usual_cost_is_what_the_library_recommends() -> None:
    assert passwords.USUAL is None
    kept = hashed(GOOD, None)
    asked = argon2.extract_parameters(kept)
    assert asked == argon2.profiles.RFC_9106_LOW_MEMORY
    assert kept.startswith("$argon2id$")
    assert len(kept) <= 200  # as the column
    assert not outdated(kept, None)
    assert outdated(hashed(GOOD, CHEAP), None)


def test_nobody_takes_as_long_as_somebody() -> None:
    """Longer than a glance at a name would take, so that times do not tell who is there."""
    cost = Cost(2, 4096, 1)
    somebodys = hashed(GOOD, cost)

    def quickest(kept: str | None) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            assert not fits(kept, "another password", cost)
            times.append(time.perf_counter() - began)
        return min(times)

    ratio = quickest(None) / quickest(somebodys)
    assert 0.5 < ratio < 2


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "plain text",
        "$argon2id$v=19$m=4294967295,t=3,p=4$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc29tZQ",
        "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc29tZQ",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$argon2id$v=19$m=x,t=1,p=1$c29tZXNhbHQ$c29tZQ",
        "$2b$12$abcdefghijklmnopqrstuv",
    ],
)
def test_a_foreign_hash_lets_nobody_in_and_takes_no_longer(kept: str) -> None:
    """It may come from a backup that somebody has written."""
    began = time.perf_counter()
    assert not fits(kept, GOOD, CHEAP)
    assert time.perf_counter() - began < 2


def test_what_is_too_long_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    def hashes(*_: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(passwords, "_hasher", hashes)
    assert not fits(None, "x" * (LONGEST + 1), CHEAP)
    assert not fits(None, "seven tall \ud800 hedges", CHEAP)
