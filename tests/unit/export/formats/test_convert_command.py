"""`hipimu convert` to other programs' files, with what it takes besides the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hipimu.cli import app
from hipimu.export.formats.registry import WRITERS
from hipimu.sources import open_recording
from hipimu.sources.activity import read_activity
from tests.unit.export.formats.recordings import same_samples
from tests.unit.sources.conftest import RunFolder
from tests.watch_files import fit_bytes, steady

ISEN_RUN = Path(__file__).parents[4] / "recordings" / "isen-run"


def convert(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["convert", *map(str, arguments)])


def test_every_writer_is_listed() -> None:
    listed = convert("--list").output
    for writer in WRITERS:
        assert writer.id in listed
        assert writer.title in listed
        assert writer.extra is None or f"hipimu[{writer.extra}]" in listed


def test_a_real_run_becomes_an_activity(tmp_path: Path) -> None:
    out = tmp_path / "run.fit"
    told = convert(ISEN_RUN, out)
    assert told.exit_code == 1
    assert "--start" in str(told.exception)
    assert not out.exists()
    told = convert(ISEN_RUN, out, "--start", "2026-05-03T07:30:00+02:00")
    assert told.exit_code == 0, told.output
    assert "FIT activity" in told.output
    activity = read_activity(out)
    assert activity.started_at is not None
    assert activity.started_at.isoformat() == "2026-05-03T05:30:00+00:00"


@pytest.mark.parametrize("start", ["yesterday", "2026-05-03T07:30:00", ""])
def test_a_start_needs_a_date_and_a_zone(start: str, tmp_path: Path) -> None:
    told = convert(ISEN_RUN, tmp_path / "run", f"--start={start}")
    assert told.exit_code == 2
    assert "--start" in told.output


def test_a_start_is_not_talked_away(run: RunFolder, tmp_path: Path) -> None:
    run.toml = run.toml.replace(
        "synchronised", "started_at = 2026-05-03T07:30:00Z\nsynchronised", 1
    )
    told = convert(run.path, tmp_path / "out", "--start", "2026-05-04T07:30:00Z")
    assert told.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_start_and_laps_come_into_the_folder(run: RunFolder, tmp_path: Path) -> None:
    laps = tmp_path / "mine.csv"
    laps.write_text("start_s,end_s,label\n1,5,easy\n", encoding="utf-8")
    told = convert(
        run.path, tmp_path / "out", "--laps", laps, "--start", "2026-05-03T07:30:00.5+02:00"
    )
    assert told.exit_code == 0, told.output
    back = open_recording(tmp_path / "out")
    same_samples(open_recording(run.path), back)
    assert [lap.label for lap in back.laps] == ["easy"]
    assert back.metadata.started_at is not None
    assert back.metadata.started_at.isoformat() == "2026-05-03T05:30:00.500000+00:00"


def test_a_watch_gives_its_speed_to_the_activity(tmp_path: Path) -> None:
    watch = tmp_path / "watch.fit"
    watch.write_bytes(fit_bytes(steady(60)))
    out = tmp_path / "run.fit"
    told = convert(ISEN_RUN, out, "--activity", watch, "--start", "2026-05-03T07:30:10Z")
    assert told.exit_code == 0, told.output
    activity = read_activity(out)
    assert np.nanmedian(activity.speed_m_s) == pytest.approx(3.0, abs=0.01)
    assert np.nanmedian(activity.heart_rate_bpm) == 140.0
