"""For others: over https, behind a proxy, and not without accounts; through the real server."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hipimu.errors import OutputError
from hipimu.store import Store, open_store
from hipimu.web.coach import CoachServer
from tests.faces.coach_team import (
    PASSWORD,
    PATIENT,
    Team,
    Visitor,
    cheap,
    join_all,
    serving,
)

NAME = "team.example.org"
BY_PROXY = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("serving") / "store.sqlite"
    with cheap(), open_store(str(path)) as opened:
        for name in ("Ada Bauer", "Björn Östlund"):
            opened.add_athlete(name)
        join_all(opened)
        yield opened


@pytest.fixture(scope="module")
def proxied(store: Store) -> Iterator[Team]:
    with serving(store, proxy=NAME) as running:
        yield running


def through(running: Team, **headers: str) -> Visitor:
    """A browser as the proxy passes it on."""
    port = running.server._port
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Visitor(f"http://127.0.0.1:{port}/", headers={**BY_PROXY, **changed})


# -- what is refused


@pytest.mark.parametrize(
    ("how", "accounts", "what"),
    [
        ({"lan": True, "https": True}, False, "no accounts"),
        ({"proxy": NAME}, False, "no accounts"),
        ({"lan": True}, True, "Without https"),
        ({"lan": True}, False, "Without https"),
        ({"proxy": NAME, "https": True}, True, "not in both"),
        ({"proxy": f"https://{NAME}"}, True, "no host name"),
        ({"proxy": f"{NAME}:443"}, True, "no host name"),
        ({"proxy": ""}, True, "no host name"),
    ],
)
def test_what_would_be_unsafe_is_not_served(
    tmp_path: Path, store: Store, how: dict[str, object], accounts: bool, what: str
) -> None:
    with open_store(str(tmp_path / "store.sqlite")) as empty:
        server = CoachServer(store if accounts else empty, port=0, **how)  # type: ignore[arg-type]
        with pytest.raises(OutputError, match=what):
            server.start()


# -- behind a proxy


def test_a_proxy_brings_a_login_by_https(proxied: Team) -> None:
    assert proxied.url == f"https://{NAME}/"
    visitor = through(proxied)
    visitor.get("/login")
    answer = visitor.post(
        "/login", {"login": "olga", "password": PASSWORD}, headers={"Origin": f"https://{NAME}"}
    )
    assert answer.status == 303
    kept = next(c for c in answer.cookies if c.startswith(f"{visitor.login_cookie}="))
    assert visitor.login_cookie.startswith("__Host-hipimu-coach-")
    assert {"secure", "httponly", "path=/"} <= {p.strip().lower() for p in kept.split(";")[1:]}
    assert all("secure" in cookie.lower() for cookie in answer.cookies)
    visitor.get("/people")
    page = visitor.post("/people/invitations", {"access": "coach"})
    assert f"https://{NAME}/join?t=" in page.text
    assert "Only this computer can open" not in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X_Forwarded_Proto": "http"}, 403),
        ({"X_Forwarded_Proto": "http, https"}, 403),
        ({"X_Forwarded_Proto": ""}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:8018"}, 421),
        ({"Host": f"{NAME.upper()}:8443"}, 200),
        ({"Host": "evil.example", "X_Forwarded_Host": NAME}, 421),
        ({"X_Forwarded_Host": "evil.example"}, 200),
    ],
)
def test_what_a_proxy_has_to_say(proxied: Team, headers: dict[str, str], status: int) -> None:
    answer = through(proxied, **headers).get("/login")
    assert answer.status == status
    assert "evil.example" not in answer.text


def test_without_a_proxy_nothing_is_believed_of_it(store: Store) -> None:
    with serving(store) as running:
        said = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": NAME,
            "X-Forwarded-For": "1.1.1.1",
        }
        visitor = Visitor(running.url, headers=said)
        visitor.log_in("olga")
        visitor.get("/people")
        page = visitor.post("/people/invitations", {"access": "coach"})
        assert f"{running.url}join?t=" in page.text
        assert "Only this computer can open" in page.text
        assert Visitor(running.url, headers={"Host": NAME}).get("/login").status == 421


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("10.0.0.1, 203.0.113.9", "172.16.0.1, 203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_limits_are_for_who_stands_before_the_proxy(
    store: Store, first: str, second: str, *, same: bool
) -> None:
    from dataclasses import replace

    limits = replace(PATIENT, tries_of_address=1)
    with serving(store, proxy=NAME, limits=limits) as running:
        assert through(running, X_Forwarded_For=first).log_in("x", "wrong").status == 422
        other = through(running, X_Forwarded_For=second).log_in("y", "wrong")
    assert other.status == (429 if same else 422)


# -- over https


@pytest.fixture
def own_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "certificate.pem"
    monkeypatch.setattr("hipimu.web.certificate.certificate_file", lambda: path)


@pytest.mark.usefixtures("own_certificate")
def test_https_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with --lan, on loopback: what is asked for, and cookies that no http gets."""
    monkeypatch.setattr("hipimu.web.coach.server.lan_addresses", lambda: ("127.0.0.2",))
    with serving(store, https=True, lan=True) as running:
        port = urlsplit(running.url).port
        assert running.url == f"https://127.0.0.2:{port}/"
        assert running.server.certificate is not None
        visitor = Visitor(f"https://127.0.0.1:{port}/")
        assert visitor.log_in("olga").status == 303
        assert visitor.login_cookie == f"__Host-hipimu-coach-{port}"
        visitor.get("/people")
        page = visitor.post("/people/invitations", {"access": "coach"}).text
        assert f"https://127.0.0.2:{port}/join?t=" in page
        assert visitor.get("/login", headers={"Host": "192.168.7.7"}).status == 303
        assert visitor.get("/login", headers={"Host": "evil.example"}).status == 421


# -- what is left of it


def test_no_log_holds_a_secret(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Mapping[str, object]:
        raise RuntimeError("a defect")

    with caplog.at_level(logging.DEBUG), serving(store) as running:
        visitor = running.logged_in("olga")
        visitor.get("/people")
        page = visitor.post("/people/invitations", {"access": "coach"}).text
        token = page.partition("/join?t=")[2][:32]
        visitor.get(f"/join?t={token}")
        monkeypatch.setattr("hipimu.web.coach.pages.squad_page", broken)
        assert visitor.get("/").status == 500
        secret = visitor.cookies[visitor.login_cookie].partition(".")[0]
    assert "a defect" in caplog.text
    for hidden in (token, secret, PASSWORD, visitor.key):
        assert hidden not in caplog.text
