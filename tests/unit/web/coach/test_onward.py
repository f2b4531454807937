"""Where a login may lead."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.web.coach.onward import onward

HERE = "https://team.example/login"


@pytest.mark.parametrize(
    "own",
    ["/", "/people", "/athletes/Ada%20Bauer?show=rfi&weeks=0", "/?team=Sprint", "/sessions/a-1"],
)
def test_own_pages(own: str) -> None:
    assert onward(own) == own


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "people",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/people\r\nSet-Cookie: a=b",
        "https://evil.example/",
        "javascript:alert(1)",
        "/people#<script>",
        "/athletes/Björn",
        "/" + "x" * 2000,
        "/login?next=/",
        "/logout",
        "/join?t=x",
        "/api/v1/me",
        "/static/coach/coach.js",
    ],
)
def test_everything_else_leads_to_the_first_page(wanted: str) -> None:
    assert onward(wanted) == "/"


@given(st.text("/\\.:@?#%\t\r\n evil", max_size=20) | st.text(max_size=20))
def test_nothing_leads_away(wanted: str) -> None:
    told = urlsplit(urljoin(HERE, onward(wanted).replace("\\", "/")))
    assert (told.scheme, told.netloc) == ("https", "team.example")
