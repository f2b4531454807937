"""Motion-BIDS: what is written passes the BIDS validator, and is read back bit for bit.

The validator is the one of the BIDS project (bids-validator-deno 3): it checks names, tables and
sidecars against the schema. The older bids_validator on PyPI checks names alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hipimu.errors import OutputError
from hipimu.export.formats.motion_bids import WRITER
from hipimu.export.formats.noun import Conversion
from hipimu.export.formats.registry import convert
from hipimu.sources import Recording, open_recording
from tests.unit.sources.conftest import RunFolder, samples_of

ISEN_RUN = Path(__file__).parents[4] / "recordings" / "isen-run"
MOTION = Path("sub-01") / "ses-01" / "motion"
LAPS = "start_s,end_s,label\n0.5,4.25,easy\n4.25,9.75,fast\n"
NOT_KNOWN = {
    "Authors",
    "DeviceSerialNumber",
    "HEDVersion",
    "InstitutionAddress",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "Instructions",
    "License",
    "Manufacturer",
    "ManufacturersModelName",
    "SourceDatasets",
    "SubjectArtefactDescription",
}
"""Recommended keys that no recording tells."""


def written(recording: Recording, out: Path) -> Path:
    main, *files = convert(Conversion(recording), out, WRITER)
    assert main == out
    assert sorted(files) == sorted(path for path in out.rglob("*") if path.is_file())
    return out


def issues(folder: Path) -> list[dict[str, Any]]:
    """Return all that the validator says."""
    validator = Path(sys.executable).with_name("bids-validator-deno")
    result = subprocess.run(
        [str(validator), str(folder), "--format", "json", "--max-rows", "-1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
    )
    found: list[dict[str, Any]] = json.loads(result.stdout)["issues"]["issues"]
    return found


def errors(folder: Path) -> list[str]:
    return [issue["code"] for issue in issues(folder) if issue["severity"] == "error"]


def same_samples(first: Recording, second: Recording) -> None:
    """Compare bit for bit."""
    one, other = list(first.blocks()), list(second.blocks())
    assert first.segments == second.segments
    for segment in first.segments:
        np.testing.assert_array_equal(samples_of(one, segment), samples_of(other, segment))
        for a, b in zip(
            [block for block in one if block.sensor == segment],
            [block for block in other if block.sensor == segment],
            strict=True,
        ):
            assert (a.mag_ut is None) == (b.mag_ut is None)
            if a.mag_ut is not None and b.mag_ut is not None:
                np.testing.assert_array_equal(a.mag_ut, b.mag_ut)


def test_a_real_run_is_valid_and_comes_back(tmp_path: Path) -> None:
    recording = open_recording(ISEN_RUN, from_s=0.0, until_s=5.0)
    folder = written(recording, tmp_path / "bids")
    found = issues(folder)
    assert [issue for issue in found if issue["severity"] == "error"] == []
    unsaid = {issue.get("subCode") for issue in found if issue["severity"] == "warning"} - {None}
    assert unsaid <= NOT_KNOWN
    back = open_recording(folder)
    same_samples(recording, back)
    assert back.synchronised
    assert back.metadata.started_at is None
    assert [path.name for path in (folder / MOTION).glob("*_motion.tsv")] == [
        "sub-01_ses-01_task-run_tracksys-imu_motion.tsv"
    ]


@pytest.fixture
def rich(tmp_path: Path) -> RunFolder:
    """A recording that says all that a recording can say."""
    run = RunFolder(tmp_path / "run", seconds=10.0)
    run.toml = run.toml.replace(
        "synchronised = true",
        "started_at = 2026-05-03T07:30:00.25Z\nsynchronised = true\nsimulated = true\n"
        'notice = "Made up."\n'
        'athlete = { name = "Ada", sex = "f", height_m = 1.72, mass_kg = 61.5 }',
    )
    run.file("laps.csv").write_text(LAPS, encoding="utf-8")
    return run


def test_laps_start_and_athlete(rich: RunFolder, tmp_path: Path) -> None:
    recording = open_recording(rich.path)
    folder = written(recording, tmp_path / "bids")
    assert errors(folder) == []
    back = open_recording(folder)
    same_samples(recording, back)
    assert back.metadata.started_at == recording.metadata.started_at
    assert [(lap.start_s, lap.end_s, lap.label) for lap in back.laps] == [
        (0.5, 4.25, "easy"),
        (4.25, 9.75, "fast"),
    ]
    people = (folder / "participants.tsv").read_text(encoding="utf-8").splitlines()
    assert people[1].split("\t") == ["sub-01", "female", "1.72", "61.5"]
    assert "simulated" in (folder / "README.md").read_text(encoding="utf-8")


def test_nobody_is_named(rich: RunFolder, tmp_path: Path) -> None:
    folder = written(open_recording(rich.path), tmp_path / "bids")
    for path in folder.rglob("*"):
        assert "Ada" not in path.name
        assert path.is_dir() or b"Ada" not in path.read_bytes()


def test_sensors_with_times_of_their_own_are_systems_of_their_own(
    rich: RunFolder, tmp_path: Path
) -> None:
    def later(table: Any) -> None:
        table[:, 0] += 0.0037

    rich.edit("thigh_left", later)
    recording = open_recording(rich.path)
    folder = written(recording, tmp_path / "bids")
    assert errors(folder) == []
    assert len(list((folder / MOTION).glob("*_motion.tsv"))) == 3
    back = open_recording(folder)
    assert back.synchronised
    same_samples(recording, back)


@pytest.mark.parametrize("start", ["started_at = 2026-05-03T07:30:00.25Z\n", ""])
def test_clocks_of_their_own_stay_so(rich: RunFolder, tmp_path: Path, start: str) -> None:
    text = rich.toml.replace("started_at = 2026-05-03T07:30:00.25Z\n", start)
    rich.toml = text.replace("synchronised = true", "synchronised = false")
    recording = open_recording(rich.path)
    folder = written(recording, tmp_path / "bids")
    assert errors(folder) == []
    back = open_recording(folder)
    assert not back.synchronised
    assert back.metadata.started_at == recording.metadata.started_at
    same_samples(recording, back)


def test_the_validator_would_tell(rich: RunFolder, tmp_path: Path) -> None:
    """Each of these is an error, or the clean results above would mean nothing."""
    folder = written(open_recording(rich.path), tmp_path / "bids")
    stem = folder / MOTION / "sub-01_ses-01_task-run_tracksys-imu"
    channels = stem.with_name(f"{stem.name}_channels.tsv")
    good = channels.read_text(encoding="utf-8")
    channels.write_text(good.replace("ACCEL", "ACCELERATION"), encoding="utf-8")
    assert errors(folder)
    channels.write_text(good, encoding="utf-8")
    sidecar = stem.with_name(f"{stem.name}_motion.json")
    text = sidecar.read_text(encoding="utf-8")
    sidecar.write_text(text.replace("SamplingFrequency", "Rate"), encoding="utf-8")
    assert errors(folder)
    sidecar.write_text(text, encoding="utf-8")
    (folder / MOTION / "notes.txt").write_text("x", encoding="utf-8")
    assert errors(folder)


def test_nothing_is_written_over(rich: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "bids").mkdir()
    with pytest.raises(OutputError, match="there already"):
        written(open_recording(rich.path), tmp_path / "bids")
