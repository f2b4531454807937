"""Names, origins and keys: who is let in and who is not."""

from __future__ import annotations

import pytest

from hipimu.report import render
from hipimu.web.security import Access, new_token, page_headers, report_policy
from tests.unit.report.sessions import VARIANTS

LOCAL = Access(port=8017)
LAN = Access(
    names=frozenset({"localhost", "laptop", "laptop.local"}),
    other_addresses=True,
    token=new_token(),
    port=8017,
)


@pytest.mark.parametrize(
    ("host", "local", "lan"),
    [
        ("localhost:8017", True, True),
        ("LocalHost", True, True),
        ("127.0.0.1:8017", True, True),
        ("127.0.0.1:9000", True, True),  # through a tunnel
        ("[::1]:8017", True, True),
        ("localhost.:8017", True, True),
        ("192.168.1.5:8017", False, True),
        ("[fe80::1]:8017", False, True),
        ("laptop:8017", False, True),
        ("laptop.local:8017", False, True),
        ("evil.example:8017", False, False),
        ("localhost.evil.example", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("laptop.local.evil.example", False, False),
        ("127.0.0.1@evil.example", False, False),
        ("localhost:8017/..", False, False),
        ("localhost; script-src *", False, False),
        ("localhost\n", False, False),
        ("", False, False),
        (":8017", False, False),
        ("[::1", False, False),
    ],
)
def test_hosts(host: str, local: bool, lan: bool) -> None:
    assert LOCAL.knows_host(host) is local
    assert LAN.knows_host(host) is lan


@pytest.mark.parametrize(
    ("origin", "known"),
    [
        ("http://localhost:8017", True),
        ("HTTP://LOCALHOST:8017", True),
        (None, True),
        ("null", False),
        ("", False),
        ("https://localhost:8017", False),
        ("http://localhost", False),
        ("http://localhost:8018", False),
        ("http://localhost:8017.evil.example", False),
        ("http://evil.example", False),
        ("file://", False),
    ],
)
def test_origins(origin: str | None, known: bool) -> None:
    assert LOCAL.knows_origin(origin, "localhost:8017") is known


def test_the_origin_of_https_is_https() -> None:
    access = Access(https=True)
    assert access.knows_origin("https://localhost:1", "localhost:1")
    assert not access.knows_origin("http://localhost:1", "localhost:1")


def test_tokens() -> None:
    assert LAN.token is not None
    assert LAN.is_token(LAN.token)
    for wrong in ("", LAN.token[:-1], LAN.token + "x", LAN.token.swapcase(), "ü", "\ud800"):
        assert not LAN.is_token(wrong)
    assert len({new_token() for _ in range(100)}) == 100
    assert len(LAN.token) * 6 >= 128, "bits"


def test_what_is_written_of_it_does_not_hold_the_token() -> None:
    assert LAN.token is not None
    assert LAN.token not in repr(LAN)


def test_a_cookie_is_of_one_port_and_of_https_alone() -> None:
    assert Access(port=1).cookie != Access(port=2).cookie
    assert Access(https=True).cookie.startswith("__Host-")


def test_the_policy_lets_the_page_speak_with_its_own_host_only() -> None:
    policy = page_headers(LOCAL, "localhost:8017")["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["connect-src"] == "'self' ws://localhost:8017"
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    https = page_headers(Access(https=True), "h")["Content-Security-Policy"]
    assert "wss://h;" in https


def test_a_report_comes_with_the_policy_it_brings() -> None:
    policy = report_policy(render(VARIANTS["empty"]()))
    assert "script-src 'sha256-" in policy
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert policy.endswith("; frame-ancestors 'none'")


def test_without_one_no_script_of_it_runs() -> None:
    policy = report_policy("<script>alert(1)</script>")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
