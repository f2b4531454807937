"""The commands of the store: a season kept, looked at, written about, taken away."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from hipimu.cli import app
from hipimu.errors import StoreError
from hipimu.store import open_store
from tests.faces.test_cli import REAL_RUN, hipimu
from tests.unit.store.sessions import hash_of, variant


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HIPIMU_STORE", str(tmp_path / "season.sqlite"))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def run(*arguments: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(part) for part in arguments], input=answer)


def said(*arguments: object) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def told(*arguments: object) -> Any:
    return json.loads(said(*arguments, "--json"))


def keep(number: int = 0, athlete: str = "Anna", **changes: Any) -> str:
    with open_store() as store:
        kept = variant(number, **changes)
        return store.import_session(kept, athlete, recording_hash=hash_of(number)).name


def test_a_recording_is_added_once(tmp_path: Path) -> None:
    copied = shutil.copytree(REAL_RUN, tmp_path / "runs" / "monday")
    said("athlete", "add", "Anna", "--team", "Sprint")
    done = run("session", "add", REAL_RUN, "--athlete", "anna", "--surface", "track", "--tag", "x")
    assert (done.exit_code, done.stderr) == (0, "isen-run: added\n")
    # The same samples under another name, found within a folder.
    assert told("session", "add", tmp_path / "runs", "--athlete", "Anna") == [
        {"recording": "monday", "session": "isen-run", "error": None, "what": "already there"}
    ]
    (copied / "laps.csv").write_text("start_s,end_s,label\n5,20,easy\n", encoding="utf-8")
    again = told("session", "add", copied, "--athlete", "Anna", "--tag", "laps")
    assert [row["what"] for row in again] == ["analysed anew"]

    shown = told("session", "show", "isen-run")
    assert shown["analyses"] == 2
    assert shown["summary"]["context"] | {"exertion": None} == {
        "surface": None,
        "shoes": None,
        "exertion": None,
        "injury": None,
        "tags": ["laps"],
    }
    assert said("session", "show", "isen-run").count("analysed 20") == 2


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    said("athlete", "add", "Anna")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "recording.toml").write_text("format =", encoding="utf-8")
    done = run("session", "add", tmp_path / "broken", REAL_RUN, "--athlete", "Anna", "--json")
    assert done.exit_code == 1
    became = {Path(row["recording"]).name: row["what"] for row in json.loads(done.stdout)}
    assert became == {"broken": "failed", REAL_RUN.name: "added"}
    assert "Error: " in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("session", "add", "none", "--athlete", "Nobody"), "no athlete called 'Nobody'"),
        (("session", "show", "none"), "no session called"),
        (("athlete", "rename", "Nobody", "Ida"), "no athlete called"),
        (("note", "delete", "7"), "no note 7"),
        (("store", "restore", "none.zip"), "cannot be restored"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, StoreError)
    assert words in done.exception.what


def test_an_error_is_one_sentence_and_what_to_do() -> None:
    done = hipimu("athlete", "show", "Nobody", HIPIMU_STORE=os.environ["HIPIMU_STORE"])
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "Error: There is no athlete called 'Nobody'.",
        "Names: hipimu athlete list. A new one: hipimu athlete add NAME.",
    ]


def test_athletes_are_listed_renamed_and_shown() -> None:
    assert "Begin by" in said("athlete", "list")
    for name in ("Ben", "Anna"):
        said("athlete", "add", name)
    keep(started_at=datetime(2026, 7, 1, 16, 30, tzinfo=UTC))
    assert said("athlete", "list").splitlines() == [
        "Anna  1 session   last 2026-07-01 18:30",
        "Ben   0 sessions",
    ]
    said("athlete", "rename", "Anna", "Ida")
    said("note", "add", "sore calf", "--athlete", "ida", "--author", "Coach")
    page = said("athlete", "show", "Ida")
    assert "run-0" in page
    assert "Coach: sore calf" in page
    assert told("athlete", "list")[1]["last_session_at"] == "2026-07-01T16:30:00+00:00"
    assert told("athlete", "show", "Ida")["listed"] == ["run-0"]


def test_sessions_are_listed_in_the_time_of_this_place() -> None:
    assert "No session" in said("session", "list")
    said("athlete", "add", "Anna")
    # Before and after the clocks go back.
    for number, day in enumerate((24, 26)):
        keep(number, started_at=datetime(2026, 10, day, 22, 30, tzinfo=UTC))
    newest, oldest = said("session", "list").splitlines()
    assert newest.startswith("2026-10-26 23:30  run-1  Anna")
    assert oldest.startswith("2026-10-25 00:30  run-0  Anna")
    assert "more lost at fast: left flexion +3.7°" in newest
    assert [s["name"] for s in told("session", "list", "--since", "2026-10-26")] == ["run-1"]
    assert [s["name"] for s in told("session", "list", "--until", "2026-10-25")] == []
    assert run("session", "list", "--since", "soon").exit_code == 2


def test_a_session_is_described_and_shown() -> None:
    said("athlete", "add", "Anna")
    keep()
    said("session", "describe", "run-0", "--exertion", "7.5", "--shoes", "spikes", "--tag", "b")
    said("session", "describe", "run-0", "--injury", "left hip", "--tag", "a")
    said("note", "add", "lost\nher rhythm", "--session", "run-0", "--at", "93.4", "--author", "Me")
    page = said("session", "show", "run-0")
    assert "spikes, left hip, a, b, exertion 7.5 of 10" in page
    assert "note 1 at 93 s, Me: lost" in page
    assert "left peak flexion" in page
    assert told("session", "show", "run-0")["notes"][0]["t_s"] == 93.4


def test_notes_come_and_go() -> None:
    said("athlete", "add", "Anna")
    assert said("note", "list") == "No notes.\n"
    assert run("note", "add", "x").exit_code == 2
    assert run("note", "add", "x", "--athlete", "Anna", "--at", "3").exit_code == 2
    said("note", "add", "sore calf", "--athlete", "Anna")
    assert "hipimu note restore 1" in said("note", "delete", "1")
    assert told("note", "list") == []
    assert len(told("note", "list", "--deleted")) == 1
    said("note", "restore", "1")
    assert told("note", "list", "--athlete", "Anna")[0]["text"] == "sore calf"


def test_deletion_asks_once() -> None:
    said("athlete", "add", "Anna")
    keep()
    refused = run("athlete", "delete", "Anna", answer="n\n")
    assert refused.exit_code == 1
    assert "Delete Anna, 1 session and all notes, for good?" in refused.output
    assert run("session", "delete", "run-0", answer="").exit_code == 1
    assert len(told("session", "list")) == 1
    assert run("session", "delete", "run-0", answer="y\n").exit_code == 0
    assert told("session", "list") == []
    said("athlete", "delete", "anna", "--yes")
    assert told("athlete", "list") == []


def test_a_person_and_a_store_are_taken_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("athlete", "add", "Anna")
    keep()
    said("athlete", "export", "Anna", "--out", tmp_path / "hers")
    assert len(pd.read_csv(tmp_path / "hers" / "sessions.csv")) == 1
    assert str(tmp_path / "season.sqlite") in said("store", "where")
    said("store", "backup", tmp_path / "all.zip")
    monkeypatch.setenv("HIPIMU_STORE", str(tmp_path / "other.sqlite"))
    assert "athletes: 1" in said("store", "restore", tmp_path / "all.zip")
    assert [s["name"] for s in told("session", "list")] == ["run-0"]
