"""The page on the coach's pages' security names the limits and headers that hold."""

from __future__ import annotations

import re
from pathlib import Path

from hipimu.store import tokens
from hipimu.store.logins import IDLE, LONGEST
from hipimu.web.coach import cookies, forms, limits
from hipimu.web.coach.guard import _OWN
from hipimu.web.coach.limits import Limits
from hipimu.web.security import Access, page_headers

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "coach-security.md").read_text("utf-8")
SAID = " ".join(PAGE.split())


def test_limits() -> None:
    section = PAGE.split("\n## Limits\n")[1].split("\n## ")[0]
    rows = [
        line.strip("| ").split(" | ") for line in re.findall(r"^\| .* \| \d+ \|$", section, re.M)
    ]
    usual = Limits()
    assert [int(number) for _, number in rows] == [
        usual.tries,
        usual.tries_of_address,
        usual.first_wait_s,
        usual.longest_wait_s,
        usual.forgotten_s,
        usual.tries_of_address,
        usual.hashes_at_once,
        usual.hashes_waiting,
        usual.requests_hz,
        usual.requests_burst,
        usual.files_hz,
        forms._MOST_BYTES // 1024,
        limits._MOST,
    ]
    assert f"forms of {forms._MOST_BYTES // 1024} kB and {forms._PATIENCE_S:.0f} seconds" in SAID


def test_logins() -> None:
    hours, days = IDLE.total_seconds() / 3600, LONGEST.days
    assert f"after {hours:.0f} hours without a request and after {days} days" in SAID
    assert cookies._LASTS_S["login"] > LONGEST.total_seconds(), "the store ends them"
    assert cookies._LASTS_S["join"] == 3600
    assert len(tokens.fresh_token()) * 6 >= 256
    assert "256 random bits" in SAID


def test_headers() -> None:
    section = PAGE.split("## What every answer says")[1].split("\n## ")[0]
    for header in page_headers(Access(), "localhost") | _OWN:
        assert f"`{header}" in section, header
