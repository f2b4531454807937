"""The code in the terminal is the one that cameras read."""

from __future__ import annotations

import re

import segno

from hipimu.web import qr_text

URL = "https://192.168.1.5:8017/?t=uhLDjsfOnq3rCQ9wVqNmWkX2yBq0aZt1"
HALVES = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}


def test_it_is_the_code_with_light_around_it() -> None:
    lines = qr_text(URL).splitlines()
    drawn: list[list[int]] = []
    for line in lines:
        match = re.fullmatch(r"\x1b\[97;40m([█▀▄ ]+)\x1b\[0m", line)
        assert match is not None, "white on black, whatever the terminal's colours are"
        halves = [HALVES[letter] for letter in match[1]]
        drawn += [[upper for upper, _ in halves], [lower for _, lower in halves]]
    code = [list(row) for row in segno.make_qr(URL, error="l").matrix_iter(border=2)]
    assert drawn[: len(code)] == code
    assert all(not any(row) for row in drawn[len(code) :])
    assert max(map(len, lines)) < 60, "it fits beside 80 columns"
