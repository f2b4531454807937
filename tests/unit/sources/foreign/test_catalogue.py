"""Every format: file → `hipimu convert` → folder → the same samples; and the table in the docs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hipimu.cli import app
from hipimu.data import FloatArray, Segment
from hipimu.sources import Recording, open_recording
from hipimu.sources.foreign.registry import READERS
from tests.unit.sources.conftest import samples_of
from tests.unit.sources.foreign.catalogue import ENTRIES, PAGE, page_with_table
from tests.unit.sources.foreign.known import Entry, Made, known


def name_of(entry: Entry) -> str:
    return f"{entry.reader}: {entry.kind}"


def test_every_reader_is_in_the_catalogue() -> None:
    assert {entry.reader for entry in ENTRIES} == {reader.id for reader in READERS}


def test_the_table_in_the_docs_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page)


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_converted_folders_hold_the_same_samples(entry: Entry, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    made = entry.make(source)
    check(entry, made, converted(made, tmp_path / "folder"))


def converted(made: Made, out: Path) -> Recording:
    roles = [f"--role={segment}={label}" for segment, label in made.roles.items()]
    result = CliRunner().invoke(app, ["convert", str(made.path), str(out), *roles])
    assert result.exit_code == 0, result.output
    return open_recording(out)


def check(entry: Entry, made: Made, recording: Recording) -> None:
    assert set(recording.segments) == set(made.samples)
    assert recording.synchronised == made.synchronised
    blocks = list(recording.blocks())
    read = {segment: samples_of(blocks, segment) for segment in made.samples}
    first_s = min(float(rows[0, 0]) for rows in read.values())
    known_s = min(float(sample.t_s[0]) for sample in made.samples.values())
    for segment, sample in made.samples.items():
        rows = read[segment]
        assert len(rows) == len(sample), segment
        zero_s, start_s = first_s, known_s
        if not recording.synchronised:
            zero_s, start_s = float(rows[0, 0]), float(sample.t_s[0])
        # A time since the first sample has been rounded twice.
        same(entry, segment, rows[:, 0] - zero_s, sample.t_s - start_s, 2.0 * entry.time_s)
        same(entry, segment, rows[:, 1:4], sample.acc_m_s2, entry.acc_m_s2)
        same(entry, segment, rows[:, 4:], sample.gyr_rad_s, entry.gyr_rad_s)
        mags = [block.mag_ut for block in blocks if block.sensor == segment]
        assert [mag is None for mag in mags] == [entry.mag_ut is None] * len(mags)
        if entry.mag_ut is not None:
            mag = np.concatenate([mag for mag in mags if mag is not None])
            same(entry, segment, mag, sample.mag_ut, entry.mag_ut)


def same(
    entry: Entry, segment: Segment, read: FloatArray, written: FloatArray, step: float
) -> None:
    """Compare values that were rounded to the nearest of steps."""
    np.testing.assert_allclose(
        read, written, rtol=0.0, atol=0.5 * step + 1e-9, err_msg=f"{name_of(entry)}, {segment}"
    )


def test_samples_that_are_compared_differ_between_sensors(tmp_path: Path) -> None:
    made = ENTRIES[0].make(tmp_path)
    first, second, *_ = made.samples.values()
    assert not np.allclose(first.gyr_rad_s, second.gyr_rad_s, atol=1e-3)


def test_known_samples_agree_with_their_own_orientations() -> None:
    sample = known(0)
    steps = np.linalg.norm(np.diff(sample.quat_wxyz, axis=0), axis=1) * 2.0 * 100.0
    speed = np.linalg.norm(sample.gyr_rad_s[1:], axis=1)
    np.testing.assert_allclose(steps, speed, rtol=1e-3)
