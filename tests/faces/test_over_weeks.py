"""hipimu compare and trend, through their real doors, over a store on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hipimu.compare import trend as follow
from hipimu.data import OUTCOMES, SIDES
from hipimu.store import open_store
from tests.unit.compare.summaries import START, estimate
from tests.unit.report.sessions import interval_session

FAST_DEG = [-8 + 0.5 * i + (0.4 if i % 2 else -0.4) for i in range(10)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A season of one athlete."""
    at = tmp_path_factory.mktemp("store") / "hipimu.sqlite"
    with open_store(str(at)) as store:
        store.add_athlete("Ada")
        store.add_athlete("Bo")
        for i, fast in enumerate(FAST_DEG):
            fatigue = tuple(
                estimate(fast, side=side, outcome=peak) for side in SIDES for peak in OUTCOMES
            )
            session = replace(
                interval_session(),
                recording=f"run-{i}",
                started_at=START + timedelta(days=6 * i),
                fatigue=fatigue,
            )
            store.import_session(session, "Ada", recording_hash=sha256(str(i).encode()).hexdigest())
    return at


def hipimu(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hipimu", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "HIPIMU_STORE": str(place), "PYTHONUTF8": "1"},
        check=False,
    )


def names(place: Path) -> list[str]:
    with open_store(str(place)) as store:
        return [session.session for session in reversed(store.summaries("Ada"))]


def test_a_trend_is_told_in_a_sentence_and_a_table(place: Path) -> None:
    done = hipimu(place, "trend", "ada")
    lines = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert lines[0].startswith("Real change: over 8 weeks you keep 4.")
    assert len(lines) <= 22
    assert sum("real change" in line for line in lines) == 9


def test_a_trend_as_json_is_what_was_computed(place: Path) -> None:
    done = hipimu(place, "trend", "Ada", "--quantity", "rfi", "--json")
    document: dict[str, Any] = json.loads(done.stdout)
    with open_store(str(place)) as store:
        found = follow(store.summaries("Ada"), "rfi")

    assert document["schema"] == "hipimu-trend/1"
    assert (document["athlete"], len(document["trends"])) == ("Ada", 5)
    first = document["trends"][0]
    assert first["unit"] == "deg"
    assert found.change is not None
    assert first["change"] == pytest.approx(found.change * 57.29578, rel=1e-4)
    assert len(first["points"]) == 10
    assert "Real change" in done.stderr


def test_sessions_side_by_side(place: Path) -> None:
    first, *_, last = names(place)
    done = hipimu(place, "compare", first, last, "--json")
    document: dict[str, Any] = json.loads(done.stdout)
    (pair,) = document["pairs"]
    rfi = pair["differences"][0]

    assert done.returncode == 0, done.stderr
    assert (pair["first"], pair["second"]) == (first, last)
    assert (rfi["quantity"], rfi["unit"]) == ("rfi", "deg")
    assert rfi["change"] == pytest.approx(FAST_DEG[0] - FAST_DEG[-1], abs=1e-3)


def test_three_sessions_are_held_against_the_first(place: Path) -> None:
    one, two, three, *_ = names(place)
    done = hipimu(place, "compare", one, two, three)
    assert f"{one} → {two}" in done.stdout
    assert f"{one} → {three}" in done.stdout


def test_who_has_no_sessions_cannot_be_told(place: Path) -> None:
    done = hipimu(place, "trend", "Bo")
    assert done.returncode == 3
    assert done.stdout.startswith("Cannot tell yet: 0 comparable of the 4 sessions")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("trend", "Nobody"), 1, "Nobody"),
        (("trend", "Ada", "--quantity", "luck"), 2, "luck is none of"),
        (("compare", "run-0"), 2, "two sessions or more"),
        (("compare", "run-0", "no-such-run"), 1, "no-such-run"),
    ],
)
def test_mistakes_are_named(place: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = hipimu(place, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
