"""Cookies that only the store's key makes."""

from __future__ import annotations

import time
from http.cookies import SimpleCookie

import pytest
from starlette.requests import HTTPConnection
from starlette.responses import Response

from hipimu.web.coach.cookies import Cookies
from hipimu.web.security import Access

OURS = Cookies(lambda: "a key", Access(port=8018))


def brought(answer: Response) -> HTTPConnection:
    """The request of a browser that was given this answer."""
    given = [v.decode() for n, v in answer.raw_headers if n == b"set-cookie"]
    pairs = [f"{n}={m.value}" for told in given for n, m in SimpleCookie(told).items()]
    return HTTPConnection({"type": "http", "headers": [(b"cookie", "; ".join(pairs).encode())]})


def with_login(cookies: Cookies = OURS) -> HTTPConnection:
    answer = Response()
    cookies.keep_login(answer, "token")
    return brought(answer)


def test_only_the_stores_own_key_will_do() -> None:
    assert OURS.login(with_login()) == "token"
    other = Cookies(lambda: "another key", Access(port=8018))
    assert other.login(with_login()) is None
    assert other.has_login(with_login())
    assert other.form_key("token") != OURS.form_key("token")


def test_ports_of_one_host_do_not_share_logins() -> None:
    assert Cookies(lambda: "a key", Access(port=8019)).login(with_login()) is None


def test_the_key_is_asked_for_when_it_is_needed() -> None:
    def never() -> str:
        raise AssertionError("no cookie was read")

    nobody = HTTPConnection({"type": "http", "headers": []})
    assert Cookies(never, Access()).login(nobody) is None


def test_cookies_grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Response()
    OURS.keep_join(answer, "link")
    asked = brought(answer)
    assert OURS.join(asked) == "link"
    later_s = time.time() + 3605.0
    monkeypatch.setattr("time.time", lambda: later_s)
    assert OURS.join(asked) is None


def test_a_browser_is_known_by_the_name_it_was_used_with() -> None:
    answer = Response()
    OURS.keep_known(answer, "Ölga")
    asked = brought(answer)
    assert OURS.knows(asked, "ölga")
    assert not OURS.knows(asked, "carla")
    assert not OURS.knows(with_login(), "token")
    assert "lga" not in asked.headers["cookie"]


def test_under_https_cookies_are_for_this_host_and_https_alone() -> None:
    answer = Response()
    Cookies(lambda: "a key", Access(port=8018, https=True)).keep_login(answer, "token")
    told = answer.headers["set-cookie"]
    assert told.startswith("__Host-hipimu-coach-8018=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(told.split("; "))
    assert "Domain" not in told
