"""A small recording folder on disk that each test spoils in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import SEGMENTS, FloatArray, ImuBlock, Segment
from hipimu.errors import RecordingError
from hipimu.sources import open_recording

COLUMNS = ("time_s", *(f"acc_{a}_m_s2" for a in "xyz"), *(f"gyr_{a}_rad_s" for a in "xyz"))


class RunFolder:
    """A recording folder at 100 Hz; its tables are arrays, columns as in `COLUMNS`."""

    def __init__(self, path: Path, seconds: float = 12.0) -> None:
        self.path = path
        path.mkdir()
        for number, segment in enumerate(SEGMENTS):
            self.write(segment, motion(seconds, seed=number))
        self.toml = toml({})

    @property
    def toml(self) -> str:
        return (self.path / "recording.toml").read_text(encoding="utf-8")

    @toml.setter
    def toml(self, text: str) -> None:
        (self.path / "recording.toml").write_text(text, encoding="utf-8")

    def file(self, name: str) -> Path:
        return self.path / name

    def write(self, segment: Segment, table: FloatArray) -> None:
        rows = [",".join(f"{value:.6g}" for value in row) for row in table]
        text = "\n".join([",".join(COLUMNS), *rows, ""])
        self.file(f"{segment}.csv").write_text(text, encoding="utf-8")

    def table(self, segment: Segment) -> FloatArray:
        return np.loadtxt(self.file(f"{segment}.csv"), delimiter=",", skiprows=1)

    def edit(self, segment: Segment, change: Callable[[FloatArray], object]) -> None:
        """Change one table in place."""
        table = self.table(segment)
        change(table)
        self.write(segment, table)

    def replace_line(self, segment: Segment, line: int, text: str | bytes) -> None:
        """Replace one line, counted from 1."""
        path = self.file(f"{segment}.csv")
        lines = path.read_bytes().split(b"\n")
        lines[line - 1] = text.encode() if isinstance(text, str) else text
        path.write_bytes(b"\n".join(lines))

    def refused(
        self, *parts: str, from_s: float | None = None, until_s: float | None = None
    ) -> RecordingError:
        """Read everything; the refusal must be two sentences that hold `parts`."""
        with pytest.raises(RecordingError) as caught:
            list(open_recording(self.path, from_s=from_s, until_s=until_s).blocks())
        return proper(caught.value, *parts)


def proper(error: RecordingError, *parts: str) -> RecordingError:
    """Check that an error says what happened and what to do, and holds `parts`."""
    assert error.what.endswith(".")
    assert error.remedy.endswith(".")
    assert len(str(error)) < 600
    for part in parts:
        assert part in str(error)
    return error


def toml(sensors: Mapping[str, str], *, top: str = "synchronised = true") -> str:
    """Return a recording.toml with all three sensors, and more lines for some of them."""
    text = f'format = "hipimu-csv/1"\n{top}\n'
    for segment in SEGMENTS:
        text += f'[sensors.{segment}]\nfile = "{segment}.csv"\nrate_hz = 100.0\n'
        text += sensors.get(segment, "") + "\n"
    return text


def motion(seconds: float, seed: int) -> FloatArray:
    """Return a table: two seconds of standing, then a leg swinging at 1.3 Hz."""
    random = np.random.default_rng(seed)
    t_s = np.arange(round(seconds * 100.0)) / 100.0
    swing = np.where(t_s > 2.0, np.sin(2.0 * np.pi * 1.3 * t_s), 0.0)
    values = random.normal(0.0, 0.02, (len(t_s), 6)) + swing[:, None] * [3, 1, 2, 0.5, 4, 1]
    values[:, 0] += 9.80665
    return np.round(np.column_stack([t_s, values]), 5)


def samples_of(blocks: list[ImuBlock], segment: Segment) -> FloatArray:
    """Return one sensor's samples as a table, columns as in `COLUMNS`."""
    own = [block for block in blocks if block.sensor == segment]
    return np.concatenate(
        [np.column_stack([block.t_s, block.acc_m_s2, block.gyr_rad_s]) for block in own]
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


@pytest.fixture
def long_run(tmp_path: Path) -> RunFolder:
    """More than two minutes, so that there are several blocks."""
    return RunFolder(tmp_path / "long-run", seconds=130.0)
