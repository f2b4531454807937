"""Recordings that programs send: with a token, bounded, and to whom they belong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hipimu.pipeline.intake import UploadLimits
from hipimu.pipeline.intake.order import Kept, Problem
from hipimu.pipeline.intake.place import uploads_folder
from hipimu.store import Scope, Store, open_store
from hipimu.web.coach import CoachServer, upload_receive
from tests.coach_season import SQUAD, fill
from tests.faces.coach_team import PATIENT, TEAMS, Answer, Team, Visitor, cheap, join_all
from tests.faces.test_upload import until
from tests.uploads import FORM, Desk, File, at_desk, files_below, multipart

UPLOADS = "/api/v1/uploads"
ADA = "athlete=Ada%20Bauer"
ZIP = {"Content-Type": "application/zip"}
SAMPLES: File = ("recording", "pelvis.csv", b"time_s\n0\n")
LIMITS = UploadLimits(total_mb=1, free_mb=1, silence_s=2)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_receive, "_LAST_WORDS_S", 0.3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("team") / "store.sqlite"
    with cheap(), open_store(str(path)) as opened:
        fill(opened, SQUAD[:3], 1, until=datetime.now(UTC))
        for athlete in opened.athletes():
            opened.set_team(athlete.name, TEAMS.get(athlete.name))
        join_all(opened)
        yield opened


@pytest.fixture(scope="module")
def running(store: Store) -> Iterator[tuple[Team, Desk]]:
    server = CoachServer(store, port=0, limits=PATIENT, uploads=LIMITS)
    with at_desk(server) as desk:
        yield Team(server.url, store, server), desk


@pytest.fixture
def team(running: tuple[Team, Desk]) -> Team:
    return running[0]


@pytest.fixture
def desk(running: tuple[Team, Desk]) -> Iterator[Desk]:
    desk = running[1]
    desk.orders.clear()
    desk.says = Kept("ada-1", "new")
    yield desk
    desk.go.set()


def program(team: Team, login: str, scope: Scope = "write") -> Visitor:
    now = datetime.now(UTC)
    _, token = team.store.accounts.make_token(team.user(login).id, "a", scope, now, None)
    made = team.visitor()
    made.headers = {"Authorization": f"Bearer {token}"}
    return made


def send(who: Visitor, query: str = ADA, body: bytes = b"PK", **more: Any) -> Answer:
    return who.ask("POST", f"{UPLOADS}?{query}", body, headers=ZIP, **more)


def told(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_a_zip_is_sent_and_followed_to_its_end(team: Team, desk: Desk) -> None:
    ada = program(team, "ada")
    answer = send(ada, f"{ADA}&name=Track")
    assert answer.status == 202
    sent = told(answer)
    place = answer.headers["location"]
    assert place == f"{UPLOADS}/{sent['id']}"
    assert (sent["athlete"], sent["sender"], sent["received"]) == ("Ada Bauer", "Ada", 2)

    until(lambda: told(ada.get(place))["ended"])
    ended = told(ada.get(place))
    assert (ended["state"], ended["session"], ended["outcome"]) == ("kept", "ada-1", "new")
    assert ended["said"] == "Kept as a new session."
    assert ended["problem"] is None
    assert desk.orders[0].names[0] == "Track"
    assert ended in told(ada.get(UPLOADS))["uploads"]
    assert ada.ask("HEAD", place).status == 200


def test_a_form_is_sent(team: Team, desk: Desk) -> None:
    fields = [("athlete", "Ada Bauer"), ("surface", "track"), ("tags", "a,b")]
    files: list[File] = [SAMPLES, ("beside", "run.fit", b"f")]
    answer = program(team, "carla").ask("POST", UPLOADS, multipart(fields, files), headers=FORM)
    assert answer.status == 202
    assert told(answer)["files"] == ["pelvis.csv", "run.fit"]
    until(lambda: desk.orders)
    (order,) = desk.orders
    assert order.context is not None
    assert (order.context.surface, order.context.tags) == ("track", ("a", "b"))


def test_why_it_was_refused_is_told(team: Team, desk: Desk) -> None:
    desk.says = Problem("It is bad.", "Mend it.")
    ada = program(team, "ada")
    place = send(ada).headers["location"]
    until(lambda: told(ada.get(place))["ended"])
    assert told(ada.get(place))["problem"] == {"what": "It is bad.", "remedy": "Mend it."}


def test_it_can_be_cancelled(team: Team, desk: Desk) -> None:
    desk.go.clear()
    ada = program(team, "ada")
    place = send(ada).headers["location"]
    until(lambda: told(ada.get(place))["state"] == "analysing")
    assert told(ada.get(place))["done"] == 0.43
    assert ada.ask("DELETE", place).status == 204
    until(lambda: told(ada.get(place))["state"] == "cancelled")
    assert ada.ask("DELETE", place).status == 204


@pytest.mark.parametrize("other", ["bjorn", "sam", "carla"])
def test_another_persons_is_as_unknown_as_none(team: Team, desk: Desk, other: str) -> None:
    place = send(program(team, "ada")).headers["location"]
    stranger = program(team, other)
    for method in ("GET", "DELETE"):
        answer = stranger.ask(method, place)
        unknown = stranger.ask(method, f"{UPLOADS}/{'0' * 32}")
        assert (answer.status, answer.text) == (404, unknown.text)
    seen = {sent["sender"] for sent in told(stranger.get(UPLOADS))["uploads"]}
    assert seen <= {other.title()}
    assert program(team, "olga").get(place).status == 200


@pytest.mark.parametrize(
    ("login", "scope", "query", "status"),
    [
        ("ada", "read", ADA, 403),
        ("bjorn", "write", ADA, 404),
        ("olga", "write", "athlete=Nobody", 404),
        ("olga", "write", "", 422),
        ("olga", "write", f"{ADA}&name={'x' * 81}", 422),
    ],
)
def test_only_who_may(
    team: Team, desk: Desk, login: str, scope: Scope, query: str, status: int
) -> None:
    answer = send(program(team, login, scope), query)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert desk.orders == []


def test_a_login_in_the_browser_may_only_look(team: Team, desk: Desk) -> None:
    ada = team.logged_in("ada")
    assert ada.get(UPLOADS).status == 200
    assert send(ada).status == 403
    assert team.visitor().ask("POST", UPLOADS, b"PK", headers=ZIP).status == 401
    assert desk.orders == []


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({"Content-Type": "application/json"}, b"{}", "not_files"),
        ({}, b"x", "not_files"),
        (FORM, b"x", "bad_value"),
        (FORM, multipart([("athlete", "Ada Bauer")]), "bad_value"),
        (FORM, multipart([("athlete", "Ada Bauer"), ("exertion", "11")], [SAMPLES]), "bad_value"),
        (FORM, multipart([("athlete", "Ada Bauer")], [("recording", "nul", b"")]), "bad_value"),
        (ZIP, bytes(1_100_000), "too_large"),
    ],
)
def test_what_is_not_taken_says_why(
    team: Team, desk: Desk, headers: Mapping[str, str], body: bytes, reason: str
) -> None:
    query = f"?{ADA}" if headers == ZIP else ""
    answer = program(team, "olga").ask("POST", UPLOADS + query, body, headers=headers)
    assert told(answer)["reason"] == reason
    assert answer.status == told(answer)["status"]
    assert desk.orders == []
    assert files_below(uploads_folder(team.store.strides_folder)) == set()


def test_too_many_wait(team: Team, desk: Desk) -> None:
    desk.go.clear()
    ada = program(team, "ada")
    answers = [send(ada) for _ in range(LIMITS.waiting_each + 1)]
    assert [answer.status for answer in answers] == [202] * LIMITS.waiting_each + [429]
    assert told(answers[-1])["reason"] == "too_many"
    desk.go.set()
    until(lambda: all(sent["ended"] for sent in told(ada.get(UPLOADS))["uploads"]))


def test_on_the_pages_too_only_who_sent_it_and_owners_see_it(team: Team, desk: Desk) -> None:
    desk.go.clear()
    ada = team.logged_in("ada")
    ada.get("/upload")
    form = multipart([("key", ada.key), ("athlete", "Ada Bauer")], [SAMPLES])
    place = ada.ask("POST", "/upload", form, headers=FORM).to
    for login, status in (
        ("ada", 200),
        ("bjorn", 404),
        ("sam", 404),
        ("carla", 404),
        ("olga", 200),
    ):
        who = team.logged_in(login)
        assert who.get(place).status == status
        assert who.get(f"{place}/state").status == status
        assert (place in who.get("/upload").text) == (status == 200)
