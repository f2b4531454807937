"""Every route of the coach's server, asked by everybody: who gets what, and nobody anything else.

A route without a row in `every_route` fails here.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import pytest

from hipimu.data import TrainingContext
from hipimu.pipeline.intake import Intake
from hipimu.store import Role, Scope, Store, open_store
from hipimu.web.coach.app import create_app
from hipimu.web.security import Access
from tests.coach_season import SQUAD, fill
from tests.faces.coach_team import MEMBERS, OWNER, Answer, Team, Visitor, cheap, join_all, serving
from tests.faces.every_route import (
    ATHLETE,
    INVITED,
    OTHER_SESSION,
    SESSION,
    TABLE,
    TEAM,
    Answers,
    Row,
)

MARK: Final = "Zyxomma"
"""Stands in whatever is written of her; neither it nor her name is in any documentation."""
SECRETS: Final = (MARK, ATHLETE, SESSION, OTHER_SESSION, TEAM)
ROLES: Final = Answers._fields
OUTSIDERS: Final = ("bjorn", "mia")
EVERYBODY: Final[dict[str, tuple[Role, dict[str, str]]]] = {
    **MEMBERS,
    "ada": ("athlete", {"athlete": ATHLETE}),
    "sam": ("coach", {"team": TEAM}),
    "mia": ("coach", {"team": "Middle"}),
}
LOOKS: Final = [row for row in TABLE if not row.changes]
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass
class Stage:
    """A team's server that is as it was before after each request, and everybody's ways to it."""

    team: Team
    browsers: dict[str, Visitor]
    programs: dict[str, Visitor]
    numbers: dict[str, int]
    """Of Ada's objects, by the part of the address before."""
    kept: sqlite3.Connection
    strides: Path

    def renew(self) -> None:
        database = sqlite3.connect(self.team.store.place)
        self.kept.backup(database)
        database.close()
        shutil.copytree(self.strides, self.team.store.strides_folder, dirs_exist_ok=True)

    def ask(self, row: Row, who: Visitor) -> tuple[Answer, str]:
        """Return the answer, and all that was said in asking."""
        path = self.filled(row)
        body, kind = _body(row, who.key)
        headers = {} if kind is None else {"Content-Type": kind}
        visitor = replace(who, cookies=dict(who.cookies))
        return visitor.ask(row.method, path, body, headers=headers), unquote(f"{path} {body!r}")

    def filled(self, row: Row) -> str:
        parts = row.path.split("/")
        for at, part in enumerate(parts):
            if part.startswith("{"):
                parts[at] = quote(self.value(part, parts[at - 1]), safe="/")
        return "/".join(parts) + (f"?{row.query}" if row.query else "")

    def value(self, part: str, before: str) -> str:
        if part == "{name:path}":
            return "coach/coach.css"
        if part == "{name}":
            return {"athletes": ATHLETE, "sessions": SESSION}[before]
        if part == "{upload_id}":
            return self.upload()
        return str(self.numbers[before])

    def upload(self) -> str:
        """Ada begins to send a recording."""
        intake = _intake(self.team)
        for upload in intake.uploads():
            intake.give_up(upload.id)
        ada = self.team.user("ada")
        viewer = replace(OWNER, name="Ada", role="athlete", user_id=ada.id, athlete=ATHLETE)
        return intake.begin(viewer, ATHLETE, None).id


def _intake(team: Team) -> Intake:
    intake = team.server._intake
    assert intake is not None
    return intake


def _body(row: Row, key: str) -> tuple[bytes | None, str | None]:
    fields = {"key": key} | dict(row.form)
    if row.json is not None:
        return json.dumps(row.json).encode(), "application/json"
    if row.multipart:
        parts = (
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        return ("".join(parts) + "--x--\r\n").encode(), "multipart/form-data; boundary=x"
    if not row.changes or row.api:
        return None, None
    pairs = (f"{quote(name)}={quote(value)}" for name, value in fields.items())
    return "&".join(pairs).encode(), "application/x-www-form-urlencoded"


def _written(store: Store) -> None:
    """Let everything that is said of Ada hold the mark."""
    fill(store, SQUAD[:3], 2, every_days=5.0, until=datetime.now(UTC))
    store.rename_athlete("Ada Bauer", ATHLETE)
    for name, team in ((ATHLETE, TEAM), ("Björn Östlund", "Middle"), (INVITED, TEAM)):
        store.set_team(name, team)
    said = TrainingContext(f"{MARK} track", f"{MARK} flats", 5.0, f"{MARK} knee", (MARK.lower(),))
    store.set_context(SESSION, said)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    with cheap(), open_store(str(folder / "store.sqlite")) as store:
        _written(store)
        join_all(store, EVERYBODY)
        with serving(store) as team:
            numbers = _numbers(store, team)
            browsers = {login: team.logged_in(login) for login in EVERYBODY}
            programs = {f"{login} {scope}": _program(team, login, scope)
                        for login in EVERYBODY for scope in ("read", "write")}  # fmt: skip
            for visitor in browsers.values():
                visitor.get("/account")
            kept = sqlite3.connect(":memory:", check_same_thread=False)
            with sqlite3.connect(store.place) as database:
                database.backup(kept)
            database.close()
            strides = folder / "strides"
            shutil.copytree(store.strides_folder, strides)
            yield Stage(team, browsers, programs, numbers, kept, strides)
            kept.close()


def _numbers(store: Store, team: Team) -> dict[str, int]:
    accounts, now, ada = store.accounts, datetime.now(UTC), team.user("ada").id
    token, _ = accounts.make_token(ada, f"{MARK} sheet", "read", now, None)
    invitation, _ = accounts.invite(OWNER, "athlete", athlete=INVITED, now=now)
    note = store.add_note(f"{MARK} note", "Ada", athlete=ATHLETE, author_id=ada)
    store.add_note(f"{MARK} on a run", "Ada", session=SESSION, author_id=ada)
    gone = store.add_note(f"{MARK} deleted", "Ada", athlete=ATHLETE, author_id=ada)
    store.delete_note(gone.id)
    numbers = {"notes": note.id, "tokens": token.id, "invitations": invitation.id}
    return numbers | {"people": ada, "users": ada}


def _program(team: Team, login: str, scope: Scope) -> Visitor:
    number, now = team.user(login).id, datetime.now(UTC)
    _, secret = team.store.accounts.make_token(number, scope, scope, now, None)
    return Visitor(team.url, headers={"Authorization": f"Bearer {secret}"})


# -- what is expected


def expected(row: Row, role: str | None, way: str) -> tuple[int, ...]:
    """Return which status somebody may get who comes with a browser, a program, or as nobody."""
    status: int | None = None if role is None else getattr(row.answers, role)
    if status is None or (way != "browser" and not row.api):
        if row.nobody is not None:
            return (row.nobody,)
        if row.api:
            return (401,)
        return (403,) if row.changes else (303,)
    if row.api and row.changes and way == "browser":
        return (403,)
    if row.api and row.changes and way == "read":
        # Where it is not there for them, either answer tells nothing.
        return (403, 404) if status == 404 else (403,)
    return (status,)


def told(answer: Answer, asked: str) -> list[str]:
    """Return which of Ada's secrets an answer tells, besides those that it was asked for."""
    said = f"{answer.text} {answer.headers}"
    return [secret for secret in SECRETS if secret.lower() in said.lower()
            and secret.lower() not in asked.lower()]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_who_gets_what(stage: Stage, row: Row) -> None:
    ways: list[tuple[str | None, str, Visitor]] = [(None, "nobody", stage.team.visitor())]
    ways += [(role, "browser", stage.browsers[role]) for role in ROLES]
    if row.api:
        ways += [(role, "write", stage.programs[f"{role} write"]) for role in ROLES]
        read = ROLES if row.changes else ("ada", "bjorn")
        ways += [(role, "read", stage.programs[f"{role} read"]) for role in read]
    else:
        ways += [("olga", "write", stage.programs["olga write"])]
    for role, way, visitor in ways:
        answer, asked = stage.ask(row, visitor)
        if row.changes and answer.status < 400:
            stage.renew()
        assert answer.status in expected(row, role, way), (role, way, answer.text[:600])
        if role is None or role in OUTSIDERS or (way != "browser" and not row.api):
            assert told(answer, asked) == [], (role, way, answer.text[:600])


@pytest.mark.parametrize("row", LOOKS, ids=[row.name for row in LOOKS])
def test_the_head_of_an_answer_tells_no_more(stage: Stage, row: Row) -> None:
    for role, visitor in ((None, stage.team.visitor()), ("bjorn", stage.browsers["bjorn"])):
        answer, asked = stage.ask(replace(row, method="HEAD"), visitor)
        assert answer.status in expected(row, role, "browser")
        assert told(answer, asked) == []


def test_what_a_route_does_not_take_it_takes_from_nobody(stage: Stage) -> None:
    known: dict[str, set[str]] = {}
    for row in TABLE:
        known.setdefault(row.path, set()).add(row.method)
    for path, taken in known.items():
        for method in METHODS:
            if method not in taken:
                row = Row(method, path, TABLE[0].answers)
                program, browser = stage.programs["olga write"], stage.browsers["olga"]
                answer, _ = stage.ask(row, program if row.api else browser)
                # Below /api a browser is told first that it may change nothing.
                refused = (405, 403) if path.startswith("/api/") else (405,)
                assert answer.status in refused, (path, method)


def test_every_route_is_in_the_table(stage: Stage) -> None:
    app = create_app(stage.team.store, Access(), author="x", intake=_intake(stage.team))
    offered = {(method, path) for path, methods in routes(app) for method in methods}
    assert {(row.method, row.path) for row in TABLE} == offered - {("HEAD", p) for _, p in offered}
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_the_table_would_see_a_new_route() -> None:
    """Wherever it is: beside the pages, in the API, or in what is mounted below either."""
    from fastapi import FastAPI

    inner, outer = FastAPI(openapi_url=None), FastAPI(openapi_url=None, docs_url=None)
    inner.add_api_route("/hidden", lambda: None, methods=["DELETE"], include_in_schema=False)
    outer.mount("/below", inner)
    assert ("/below/hidden", {"DELETE"}) in [
        (path, set(methods)) for path, methods in routes(outer)
    ]


def routes(app: Any, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Return every route of an application, through whatever is mounted or stands before it."""
    while not hasattr(app, "routes"):
        app = app._app
    for route in app.routes:
        if getattr(route, "methods", None):
            yield before + route.path, set(route.methods)
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router, before + route.include_context.prefix)
        elif hasattr(route, "app"):
            yield from routes(route.app, before + route.path)
        else:
            raise AssertionError(f"a route of another kind: {route!r}")
