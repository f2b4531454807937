"""`hipimu account`, for whoever is at the computer with the store: owners who are locked out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from hipimu.cli import app
from hipimu.errors import StoreError
from hipimu.store import Store, open_store
from tests.unit.store.people import NOW, PASSWORD, add_user

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "store.sqlite"
    open_store(str(path)).close()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    path = str(copy(empty, tmp_path / "team.sqlite"))
    monkeypatch.setenv("HIPIMU_STORE", path)
    with open_store(path) as opened:
        yield opened


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["account", *arguments])


def said(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def told(*arguments: str) -> Any:
    return json.loads(said(*arguments, "--json"))


def refusal(*arguments: str) -> StoreError:
    done = run(*arguments)
    assert done.exit_code == 1
    assert isinstance(done.exception, StoreError)
    return done.exception


def token_of(line: str) -> str:
    address = urlsplit(line.strip())
    assert address.path == "/join"
    (token,) = parse_qs(address.query)["t"]
    return token


def test_the_first_owner(store: Store) -> None:
    assert "hipimu account link" in said("list")
    assert told("list") == []
    done = run("link")
    assert "becomes the owner" in done.stderr
    now = datetime.now(UTC)
    store.accounts.join(
        token_of(done.stdout), login="olga", name="Olga", password=PASSWORD, now=now
    )
    (olga,) = told("list")
    assert (olga["login"], olga["role"], olga["disabled_at"]) == ("olga", "owner", None)
    refused = refusal("link")
    assert "There is an owner" in refused.what
    assert "--reset" in refused.remedy


def test_an_owner_who_forgot_the_password(store: Store) -> None:
    add_user(store, "olga")
    done = run("link", "--reset", "OLGA")
    assert "sets the password of olga" in done.stderr
    now = datetime.now(UTC)
    new = "eight low fences"
    store.accounts.join(token_of(done.stdout), login="", name="", password=new, now=now)
    assert store.accounts.log_in("olga", PASSWORD, now) is None
    assert store.accounts.log_in("olga", new, now)
    assert "'otto'" in refusal("link", "--reset", "otto").what


def test_who_is_there(store: Store) -> None:
    store.add_athlete("Anna", "Sprint")
    add_user(store, "olga")
    add_user(store, "karl", "coach", team="Sprint")
    add_user(store, "kim", "coach")
    add_user(store, "anna", "athlete", athlete="Anna")
    store.accounts.log_in("olga", PASSWORD, NOW)
    rows = [line.split() for line in said("list").splitlines()]
    assert [row[0] for row in rows] == ["anna", "karl", "kim", "olga"]
    assert rows[0][:4] == ["anna", "Anna", "athlete", "Anna"]
    assert rows[1][2:4] == ["coach", "Sprint"]
    assert rows[2][2:5] == ["coach", "all", "teams"]
    assert "last here 2026-07-01" in said("list")
    assert "argon2" not in said("list", "--json")


def test_shutting_and_opening(store: Store) -> None:
    add_user(store, "olga")
    add_user(store, "kim", "coach")
    assert "kim is shut out" in said("disable", "KIM")
    assert store.accounts.log_in("kim", PASSWORD, NOW) is None
    assert any(
        line.split() == ["kim", "Kim", "coach", "all", "teams", "shut"]
        for line in said("list").splitlines()
    )
    assert "kim may log in again" in said("enable", "kim")
    assert store.accounts.log_in("kim", PASSWORD, NOW)
    refused = refusal("disable", "olga")
    assert "only owner" in refused.what
    assert refusal("enable", "nobody").reason == "not_found"


def test_who_did_what(store: Store) -> None:
    assert said("audit") == "Nothing is written down yet.\n"
    store.add_athlete("Anna")
    add_user(store, "olga")
    add_user(store, "anna", "athlete", athlete="Anna")
    said("link", "--reset", "anna")
    lines = said("audit").splitlines()
    assert "made a link for a new password (Anna, user 2" in lines[0]
    assert "Anna" in lines[1]
    (newest,) = told("audit", "--limit", "1")
    assert (newest["action"], newest["who"]) == ("reset_link_made", "")
    assert run("audit", "--limit", "0").exit_code == 2


def test_another_store_by_name(store: Store, tmp_path: Path, empty: Path) -> None:
    add_user(store, "olga")
    other = str(copy(empty, tmp_path / "other.sqlite"))
    assert told("list", "--store", other) == []
    token_of(run("link", "--store", other).stdout)
    assert [row["action"] for row in told("audit", "--store", other)] == ["owner_link_made"]
    assert refusal("disable", "olga", "--store", other).reason == "not_found"
    assert refusal("enable", "olga", "--store", other).reason == "not_found"
