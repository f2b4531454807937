"""`hipimu analyse --activity` through its real door: files of real watches beside a short run."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream

from hipimu.sources.simulate import simulate
from tests.faces.test_cli import ERROR, NOT_ESTIMABLE, hipimu
from tests.unit.conftest import short_plan

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "recordings" / "activities"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the watch files (shared/recordings/activities) are not here"
)
LAPS = {
    "Fr955v19.28andStryd.fit": 7,
    "activity-small-fenix2-run.fit": 4,
    "with-new-dynamics.fit": 24,
}
INTO_THE_RUN_S = 600.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three quarters of a minute that say nothing of laps, speed or when they began."""
    folder = simulate(short_plan(), tmp_path_factory.mktemp("run") / "run").recording
    (folder / "laps.csv").unlink()
    (folder / "speed.csv").unlink()
    return folder


def begun_with(run: Path, folder: Path, started_at: str) -> Path:
    """The run as if it had begun then."""
    copy = folder / "run"
    shutil.copytree(run, copy)
    settings = copy / "recording.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f"started_at = {started_at}\n{text}", "utf-8")
    return copy


def decoded(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The messages of a FIT file as Garmin's decoder gives them."""
    stream = Stream.from_byte_array(bytearray(path.read_bytes()))
    return cast(dict[str, list[dict[str, Any]]], Decoder(stream).read()[0])


@pytest.mark.parametrize("name", LAPS)
def test_laps_and_speeds_are_those_that_garmins_decoder_gives(
    name: str, run: Path, tmp_path: Path
) -> None:
    """Ten minutes into the watch's run; a steady cadence leaves start times alone to place it."""
    messages = decoded(FOLDER / name)
    records = messages["record_mesgs"]
    begin = records[0]["timestamp"] + timedelta(seconds=INTO_THE_RUN_S)
    recording = begun_with(run, tmp_path, f"{begin:%Y-%m-%dT%H:%M:%SZ}")
    done = hipimu("analyse", recording, "--activity", FOLDER / name, "--out", tmp_path / "out")

    assert done.code == NOT_ESTIMABLE, done.err
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["watch"]["laps"] == LAPS[name] == len(messages["lap_mesgs"])
    assert summary["watch"]["offset_source"] == "start time"
    assert any("start time alone" in warning for warning in summary["watch"]["warnings"])
    known = [
        ((r["timestamp"] - begin).total_seconds(), r.get("enhanced_speed", r.get("speed")))
        for r in records
    ]
    t_s, speed = np.array([row for row in known if row[1] is not None], dtype=float).T
    with (tmp_path / "out" / "strides.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speed_m_s"]]
    assert len(rows) > 30
    at = [float(row["t_peak_flexion_s"]) for row in rows]
    found = [float(row["speed_m_s"]) for row in rows]
    np.testing.assert_allclose(found, np.interp(at, t_s, speed), atol=2e-3)


def test_a_watch_of_another_day_is_refused(run: Path, tmp_path: Path) -> None:
    recording = begun_with(run, tmp_path, "2026-05-03T07:30:00Z")
    done = hipimu(
        "analyse", recording, "--activity", FOLDER / "FR70-intervals.fit", "--out", tmp_path / "out"
    )

    assert done.code == ERROR
    assert done.err.startswith("Error: FR70-intervals.fit")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("invalid/*.fit")), ids=lambda path: str(path.stem)
)
def test_damaged_files_are_one_clear_sentence_or_used_with_a_warning(
    path: Path, run: Path, tmp_path: Path
) -> None:
    done = hipimu("analyse", run, "--activity", path, "--out", tmp_path / "out")

    assert done.code == ERROR
    assert done.err.startswith(f"Error: {path.name} ")
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 2
