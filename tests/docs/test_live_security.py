"""The page on the live page's security names the limits that hold."""

from __future__ import annotations

import re
from pathlib import Path

from hipimu.web import connections, server
from hipimu.web.security import TOKEN_BYTES, Access, page_headers
from hipimu.web.viewers import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "live-security.md").read_text("utf-8")


def test_limits() -> None:
    rows = re.findall(r"^\| (.*?) \| (\d+).*? \| .* \|$", PAGE.split("## Limits")[1], re.M)
    limits = Limits()
    assert {what: int(number) for what, number in rows} == {
        "open pages": limits.viewers,
        "connections": connections._MOST,
        "time until a first request": connections._FIRST_REQUEST_S,
        "time until `hello`": limits.hello_s,
        "a message from a page": server._MOST_BYTES,
        "messages of one page": limits.messages_per_s,
        "states to one page": limits.states_per_s,
        "time for a page to take a message": limits.stalled_s,
    }


def test_token() -> None:
    assert f"{8 * TOKEN_BYTES} random bits" in PAGE


def test_headers() -> None:
    section = PAGE.split("## What every answer says")[1].split("## Limits")[0]
    for header in page_headers(Access(), "localhost"):
        assert f"`{header}" in section, header
