"""The REST API of a team's server: who comes in, whom they see, and what they may do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faces.api_program import BASE, Program, document, program_of
from tests.faces.coach_team import OWNER, PASSWORD, Team, team
from tests.studies.fuzz_api import fuzz

ROOT = Path(__file__).parents[2]
ADA, BJORN = f"{BASE}/athletes/Ada%20Bauer", f"{BASE}/athletes/Bj%C3%B6rn%20%C3%96stlund"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team")) as running:
        program_of(running, "bjorn")  # whose token is the first one
        running.store.add_note("of nobody's business", "Olga", athlete="Björn Östlund")
        yield running


# -- who comes in


@pytest.mark.parametrize("token", ["", "wrong", "hipimu_" + "x" * 43])
def test_nobody_comes_in_without_a_token(server: Team, token: str) -> None:
    refused = Program(server.visitor().url, token).get(f"{BASE}/athletes")
    assert (refused.status, refused.reason) == (401, "not_known")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "Ada" not in refused.content.decode()


def test_a_token_is_who_made_it(server: Team) -> None:
    assert program_of(server, "sam").get(f"{BASE}/me").json == {
        "name": "Sam",
        "role": "coach",
        "how": "token",
        "athlete": None,
        "team": "Sprint",
        "writes": True,
    }


def test_a_token_that_was_taken_back_works_no_more(server: Team) -> None:
    program = program_of(server, "carla")
    assert program.get(f"{BASE}/me").status == 200
    for own in program.get(f"{BASE}/tokens").json["tokens"]:
        assert program.ask("DELETE", f"{BASE}/tokens/{own['id']}").status == 204
    assert program.get(f"{BASE}/me").status == 401


def test_nobody_takes_the_token_of_another_back(server: Team) -> None:
    program, other = program_of(server, "ada"), program_of(server, "olga")
    theirs = other.get(f"{BASE}/tokens").json["tokens"][0]["id"]
    assert program.ask("DELETE", f"{BASE}/tokens/{theirs}").reason == "not_found"
    assert other.get(f"{BASE}/me").status == 200


def test_a_login_looks_and_changes_nothing(server: Team) -> None:
    browser = server.logged_in("olga")
    assert browser.get(f"{BASE}/athletes").status == 200
    assert '"how":"login"' in browser.get(f"{BASE}/me").text
    assert browser.get("/api/docs").status == 200
    json = {"Content-Type": "application/json"}
    for method, path in [("POST", f"{BASE}/athletes"), ("DELETE", ADA), ("PATCH", ADA)]:
        refused = browser.ask(method, path, b'{"name": "Eve"}', headers=json)
        assert refused.status == 403
        assert refused.headers["content-type"] == "application/problem+json"
    assert server.store.athlete("Ada Bauer").name == "Ada Bauer"


def test_who_is_not_logged_in_is_led_to_the_login_from_the_documentation(server: Team) -> None:
    assert server.visitor().get("/api/docs").to == "/login?next=%2Fapi%2Fdocs"


# -- whom they see

_OTHERS: Mapping[str, str] = {
    "{name}": "Bj%C3%B6rn%20%C3%96stlund",
    "{number}": "1",
}
_OWNERS = ["/users", "/users/{number}", "/audit"]


def _operations() -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, operations in document()["paths"].items()
        for method in operations
    ]


def _asking(path: str) -> str:
    """Return an address at which somebody else's is asked for."""
    if path.startswith("/sessions/"):
        path = path.replace("{name}", "bj%C3%B6rn-1")
    for part, other in _OTHERS.items():
        path = path.replace(part, other)
    query = "?session=ada-1&session=bj%C3%B6rn-1" if path == "/compare" else ""
    return f"{BASE}{path}{query}"


_BODIES: Mapping[str, Any] = {
    "/athletes": {"name": "Eve"},
    "/athletes/{name}": {"name": "Eve"},
    "/athletes/{name}/notes": {"text": "x"},
    "/sessions/{name}/notes": {"text": "x"},
    "/sessions/{name}/context": {"surface": "x"},
    "/notes/{number}": {"text": "x"},
    "/users/{number}": {"disabled": True},
    "/invitations": {"role": "athlete", "athlete": "Björn Östlund"},
}


@pytest.mark.parametrize("login", ["ada", "sam"])
@pytest.mark.parametrize(("method", "path"), _operations())
def test_nobody_reaches_what_is_anothers(server: Team, method: str, path: str, login: str) -> None:
    body = _BODIES.get(path) if method in ("POST", "PUT", "PATCH") else None
    if method == "POST" and path == "/athletes" and login == "sam":
        body = {"name": "Björn Östlund"}
    before = server.store.athletes(), server.store.notes(athlete="Björn Östlund")
    got = program_of(server, login).ask(method, _asking(path), body)

    own = "{" not in path and path not in (*_OWNERS, "/compare", "/invitations")
    allowed = (200,) if own and method == "GET" else (403, 404, 409)
    if path == "/invitations" and login == "sam" and method == "GET":
        allowed = (200,)
    if path == "/uploads" and method == "POST":
        allowed = (415,)  # whose it is stands in what is sent
    assert got.status in allowed
    if got.status != 409:
        assert not re.search(r"Björn|björn|nobody's business", _unasked(got.content.decode(), path))
    assert (server.store.athletes(), server.store.notes(athlete="Björn Östlund")) == before


def _unasked(text: str, path: str) -> str:
    """What is told besides the name that was asked for."""
    asked = path.startswith(("/athletes/", "/sessions/", "/compare", "/invitations"))
    return re.sub(r"called '[^']*'", "", text) if asked else text


@pytest.mark.parametrize("login", ["ada", "sam"])
def test_what_is_anothers_is_as_unknown_as_what_never_was(server: Team, login: str) -> None:
    program = program_of(server, login)
    for there, never in [
        (BJORN, f"{BASE}/athletes/Nobody"),
        (f"{BJORN}/trend", f"{BASE}/athletes/Nobody/trend"),
        (f"{BJORN}/export", f"{BASE}/athletes/Nobody/export"),
        (f"{BASE}/sessions/bj%C3%B6rn-1", f"{BASE}/sessions/nothing"),
        (f"{BASE}/sessions/bj%C3%B6rn-1/strides", f"{BASE}/sessions/nothing/strides"),
        (f"{BASE}/notes/1", f"{BASE}/notes/999"),
    ]:
        told, unknown = (_nameless(program.get(path).json) for path in (there, never))
        assert told == unknown


def _nameless(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, "detail": re.sub(r"'[^']*'|\d+", "…", told["detail"])}


@pytest.mark.parametrize(
    ("login", "names"),
    [
        ("olga", ["Ada Bauer", "Björn Östlund", "Chidi Eze"]),
        ("sam", ["Ada Bauer"]),
        ("ada", ["Ada Bauer"]),
        ("bjorn", ["Björn Östlund"]),
    ],
)
def test_lists_hold_whom_one_sees(server: Team, login: str, names: list[str]) -> None:
    program = program_of(server, login)
    listed = [one["name"] for one in program.get(f"{BASE}/athletes").json["athletes"]]
    sessions = {one["athlete"] for one in program.get(f"{BASE}/sessions").json["sessions"]}
    squad = program.get(f"{BASE}/squad").json
    assert listed == sorted(sessions) == names
    assert (
        sorted(row["athlete"] for row in squad["squad"]["rows"]) == sorted(squad["latest"]) == names
    )


# -- what they may do


def test_a_token_that_reads_changes_nothing(server: Team) -> None:
    program = program_of(server, "olga", "read")
    assert program.get(f"{BASE}/users").status == 200
    number = program.get(f"{BASE}/tokens").json["tokens"][0]["id"]
    for method, path, body in [
        ("POST", f"{BASE}/athletes", {"name": "Eve"}),
        ("PATCH", ADA, {"name": "Eve"}),
        ("DELETE", ADA, None),
        ("POST", f"{ADA}/notes", {"text": "x"}),
        ("DELETE", f"{BASE}/notes/1", None),
        ("DELETE", f"{BASE}/sessions/ada-1", None),
        ("PUT", f"{BASE}/sessions/ada-1/context", {}),
        ("POST", f"{BASE}/invitations", {"role": "coach"}),
        ("PATCH", f"{BASE}/users/2", {"disabled": True}),
        ("DELETE", f"{BASE}/tokens/{number}", None),
    ]:
        assert program.ask(method, path, body).reason == "forbidden"


def test_an_athlete_writes_of_themself(server: Team) -> None:
    program = program_of(server, "ada")
    note = program.ask("POST", f"{ADA}/notes", {"text": "slept badly"}).json
    assert (note["author"], note["author_id"]) == ("Ada", server.user("ada").id)
    assert program.ask("PATCH", ADA, {"team": "Middle"}).reason == "forbidden"
    other = program_of(server, "olga")
    assert other.ask("PATCH", f"{BASE}/notes/{note['id']}", {"text": "x"}).reason == "forbidden"
    assert other.ask("DELETE", f"{BASE}/notes/{note['id']}").status == 204


def test_an_owner_invites_and_somebody_joins(server: Team) -> None:
    owner = program_of(server, "olga")
    asked = {"role": "athlete", "athlete": "Chidi Eze"}
    told = owner.ask("POST", f"{BASE}/invitations", asked).json
    assert told["invitation"]["athlete"] == "Chidi Eze"
    assert server.visitor().get(told["path"]).status == 303
    token = told["path"].partition("t=")[2]
    listed = owner.get(f"{BASE}/invitations")
    assert told["invitation"]["id"] in [one["id"] for one in listed.json["invitations"]]
    assert token not in listed.content.decode()

    user = server.store.accounts.join(
        token, login="chidi", name="Chidi", password=PASSWORD, now=datetime.now(UTC)
    )
    assert user.id in [one["id"] for one in owner.get(f"{BASE}/users").json["users"]]
    program = program_of(server, "chidi")
    assert owner.ask("PATCH", f"{BASE}/users/{user.id}", {"disabled": True}).json["disabled_at"]
    assert program.get(f"{BASE}/me").status == 401
    opened = owner.ask("PATCH", f"{BASE}/users/{user.id}", {"disabled": False})
    assert opened.json["disabled_at"] is None
    coach = owner.ask("PATCH", f"{BASE}/users/{user.id}", {"role": "coach", "team": "Sprint"})
    assert (coach.json["role"], coach.json["team"]) == ("coach", "Sprint")
    done = [entry["action"] for entry in owner.get(f"{BASE}/audit?limit=9").json["entries"]]
    assert done.index("access_changed") < done.index("user_enabled") < done.index("user_disabled")


def test_an_invitation_is_taken_back(server: Team) -> None:
    owner = program_of(server, "olga")
    made = owner.ask("POST", f"{BASE}/invitations", {"role": "coach"}).json
    here = f"{BASE}/invitations/{made['invitation']['id']}"
    assert owner.ask("DELETE", here).status == 204
    assert owner.ask("DELETE", here).reason == "not_found"


@pytest.mark.parametrize(
    "asked",
    [
        {"role": "athlete"},
        {"role": "owner", "team": "Sprint"},
        {"role": "coach", "athlete": "Ada Bauer"},
        {"role": "king"},
        {"team": "Sprint"},
        {},
    ],
)
def test_an_invitation_has_to_make_sense(server: Team, asked: dict[str, str]) -> None:
    assert program_of(server, "olga").ask("POST", f"{BASE}/invitations", asked).status == 422


def test_the_last_owner_stays(server: Team) -> None:
    owner, own = program_of(server, "olga"), server.user("olga").id
    for change in ({"disabled": True}, {"role": "coach"}):
        assert owner.ask("PATCH", f"{BASE}/users/{own}", change).reason == "forbidden"


def test_the_audit_comes_in_pieces(server: Team) -> None:
    owner = program_of(server, "olga")
    first = owner.get(f"{BASE}/audit?limit=3").json
    second = owner.get(f"{BASE}/audit?limit=3&before={first['next']}").json
    numbers = [entry["id"] for piece in (first, second) for entry in piece["entries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6
    known = server.store.accounts.audit(OWNER, 1000)
    oldest = owner.get(f"{BASE}/audit?before={known[-1].id + 1}").json
    assert [entry["id"] for entry in oldest["entries"]] == [known[-1].id]
    assert oldest["next"] is None


# -- the client of the documentation, and a machine that tries everything


def test_the_client_of_the_documentation_works(server: Team) -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```py\n(.*?)^```", page, re.M | re.S)
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    (note,) = re.findall(r"`(ask\(\"/sessions/tuesday/notes\".*?\))`", page)
    more = f"\nprint({note.replace('tuesday', 'ada-1')}['text'])"
    done = subprocess.run(
        [sys.executable, "-c", code + more],
        env={
            "HIPIMU_SERVER": server.visitor().url.rstrip("/"),
            "HIPIMU_TOKEN": program_of(server, "ada").token,
            "PYTHONIOENCODING": "utf-8",
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    first, last = done.stdout.splitlines()
    assert first.startswith("Ada Bauer: ")
    assert last == "new shoes"


@pytest.mark.parametrize(
    ("login", "how"),
    [
        ("olga", ["--phases", "coverage,fuzzing", "--max-examples", "3"]),
        ("ada", ["--phases", "coverage", "--mode", "positive"]),
    ],
)
def test_whatever_is_asked_is_answered_as_documented(
    login: str, how: list[str], tmp_path: Path
) -> None:
    with team(tmp_path, sessions=2) as running:
        outcome = fuzz(running, login, tmp_path, *how)
    assert not outcome.found, outcome.said
