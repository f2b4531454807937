"""`hipimu plan` through its real door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipimu.export import write_tables
from tests.faces.test_cli import DONE, ERROR, USAGE, hipimu
from tests.unit.report.sessions import interval_session


def asked(*options: object) -> dict[str, Any]:
    done = hipimu("plan", "--json", *options)
    assert done.code == DONE, done.err
    told: dict[str, Any] = json.loads(done.out)
    return told


def test_it_says_what_a_session_shows_and_what_three_degrees_take() -> None:
    done = hipimu("plan")

    assert done.code == DONE
    assert done.err == ""
    assert "6 easy bouts of 2:00 and 6 fast of 1:00 show an extra loss" in done.out
    assert "To see 3.0° it takes 8 bouts of each pace." in done.out
    assert "as in simulated runners" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 100


def test_json_holds_what_the_words_say() -> None:
    told = asked("--fast-bouts", 4, "--easy-bouts", 5, "--see", 2)

    assert (told["session"]["easy_bouts"], told["session"]["fast_bouts"]) == (5, 4)
    assert told["needed"]["smallest_deg"] <= 2.0 or told["needed"] is None
    assert [rung["fast_bouts"] for rung in told["ladder"]][:2] == [3, 4]


def test_what_cannot_be_seen_is_said() -> None:
    done = hipimu("plan", "--see", 0.5)

    assert done.code == DONE
    assert "not even 60 bouts of each pace would do" in done.out
    assert asked("--see", 0.5)["needed"] is None


def test_an_earlier_session_tells_the_runners_own_variability(tmp_path: Path) -> None:
    paths = write_tables(interval_session(minutes=6), tmp_path / "last")
    summary = json.loads(paths.summary.read_text("utf-8"))
    for entry in summary["fatigue"]:
        entry["variability"] = {"bout_sd_deg": 2.0, "stride_sd_deg": {"easy": 1.0, "fast": 1.0}}
    paths.summary.write_text(json.dumps(summary), encoding="utf-8")
    own, usual = asked("--like", tmp_path / "last"), asked()

    assert own["variability"]["bout_sd_deg"] == 2.0
    assert own["session"]["smallest_deg"] > 2 * usual["session"]["smallest_deg"]
    assert asked("--like", paths.summary)["variability"]["source"] == "summary.json"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"fatigue": [{"variability": {"bout_sd_deg": 1e9}}]}', "{" * 5000]
)
def test_what_is_no_summary_is_one_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    file.write_text(text, encoding="utf-8")
    done = hipimu("plan", "--like", file)

    assert done.code == ERROR
    assert done.err.startswith("Error: ")
    assert "Traceback" not in done.err


def test_a_session_without_estimates_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"fatigue": [{"variability": null}]}', "utf-8")

    assert "holds no estimate" in hipimu("plan", "--like", tmp_path).err
    assert "cannot be read" in hipimu("plan", "--like", tmp_path / "none").err


def test_fewer_bouts_than_can_answer_are_refused() -> None:
    assert hipimu("plan", "--fast-bouts", 2).code == USAGE
