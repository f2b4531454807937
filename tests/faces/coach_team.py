"""A team's store on the real server, and browsers without scripts in which people log in."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest

from hipimu.store import Role, Store, User, Viewer, open_store, passwords
from hipimu.store.passwords import Cost
from hipimu.web.coach import CoachServer
from hipimu.web.coach.limits import Limits
from tests.coach_season import SQUAD, fill
from tests.faces.coach_pages import Served

PASSWORD: Final = "seven tall hedges"  # noqa: S105 — of nobody
CHEAP: Final = Cost(1, 8, 1)
"""What hashing a password takes in tests: next to nothing."""
PATIENT: Final = Limits(
    requests_hz=1e6, requests_burst=1e6, files_hz=1e6, files_burst=1e6, tries=1000,
    tries_of_address=1000,
)  # fmt: skip
"""Limits that no test comes upon by accident."""
MEMBERS: Final[Mapping[str, tuple[Role, dict[str, str]]]] = {
    "olga": ("owner", {}),
    "carla": ("coach", {}),
    "sam": ("coach", {"team": "Sprint"}),
    "ada": ("athlete", {"athlete": "Ada Bauer"}),
    "bjorn": ("athlete", {"athlete": "Björn Östlund"}),
}
"""Login, role and whom it is about."""
TEAMS: Final = {"Ada Bauer": "Sprint", "Björn Östlund": "Middle", "Chidi Eze": "Middle"}
_KEY: Final = re.compile(r'name="key" value="([^"]+)"')


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    """With names in lower case; of cookies the last one."""
    cookies: tuple[str, ...]
    text: str

    @property
    def to(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Visitor:
    """A browser without scripts: keeps cookies, follows nothing by itself."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    key: str = ""
    """Of the form that was seen last."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, fields: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Send a form, with the key of the one seen last."""
        sent = {"key": self.key} | dict(fields or {})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        headers = form | dict(more.pop("headers", {}))
        return self.ask("POST", path, urlencode(sent).encode(), headers=headers, **more)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        told = urlsplit(self.url)
        connection = _connection(told.scheme, told.hostname or "", told.port or 0)
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent = (own if self.cookies else {}) | dict(self.headers) | dict(headers or {})
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        given = tuple(v for n, v in answer.getheaders() if n.lower() == "set-cookie")
        got = Answer(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            given,
            answer.read().decode("utf-8", "replace"),
        )
        connection.close()
        self._keep(got)
        return got

    def _keep(self, got: Answer) -> None:
        for told in got.cookies:
            for name, morsel in SimpleCookie(told).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        found = _KEY.search(got.text)
        if found is not None:
            self.key = found[1]

    def log_in(self, login: str, password: str = PASSWORD, to: str = "/") -> Answer:
        """Open the login's page, and send its form."""
        self.get("/login")
        return self.post("/login", {"login": login, "password": password, "next": to})

    @property
    def login_cookie(self) -> str:
        """Name of the cookie of the login."""
        return next(n for n in self.cookies if re.fullmatch(r"(__Host-)?hipimu-coach-\d+", n))


def _connection(scheme: str, host: str, port: int) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port, timeout=10)
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=10, context=trusting)


@dataclass
class Team(Served):
    """A server for a team."""

    server: CoachServer

    def visitor(self) -> Visitor:
        return Visitor(f"http://127.0.0.1:{urlsplit(self.url).port}/")

    def logged_in(self, login: str) -> Visitor:
        """Return a browser in which somebody is logged in, on their first page."""
        made = self.visitor()
        answer = made.log_in(login)
        assert answer.status == 303, answer.text
        first = made.get(answer.to)
        if first.status == 303:
            first = made.get(first.to)
        assert first.status == 200
        return made

    def user(self, login: str) -> User:
        return next(u for u in self.store.accounts.users(OWNER) if u.login == login)


OWNER: Final = Viewer("test", "owner")


def join_all(store: Store, members: Mapping[str, tuple[Role, dict[str, str]]] = MEMBERS) -> None:
    """Let all members join."""
    now = datetime.now(UTC)
    for login, (role, about) in members.items():
        _, token = store.accounts.invite(OWNER, role, now=now, **about)  # type: ignore[arg-type]
        store.accounts.join(token, login=login, name=login.title(), password=PASSWORD, now=now)


@contextmanager
def cheap() -> Iterator[None]:
    """Let passwords be hashed in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "USUAL", CHEAP)
        yield


@contextmanager
def serving(store: Store, **how: Any) -> Iterator[Team]:
    server = CoachServer(store, port=0, **({"limits": PATIENT} | how))
    server.start()
    try:
        yield Team(server.url, store, server)
    finally:
        server.stop()


@contextmanager
def team(folder: Path, squad: int = 3, sessions: int = 3, **how: Any) -> Iterator[Team]:
    """Serve a small season of a team whose members have accounts."""
    with cheap(), open_store(str(folder / "team.sqlite")) as store:
        fill(store, SQUAD[:squad], sessions, every_days=5.0, until=datetime.now(UTC))
        for athlete in store.athletes():
            store.set_team(athlete.name, TEAMS.get(athlete.name))
        join_all(store)
        with serving(store, **how) as running:
            yield running
