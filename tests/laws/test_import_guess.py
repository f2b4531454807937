"""`hipimu import --guess`: a recording in any disguise is known again, or what is unknown is said.

The recording is real (recordings/isen-run), its disguises are those that people's files have.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hipimu.cli import app
from hipimu.data import FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.mapping.guess.propose import Proposal, propose
from hipimu.sources.mapping.guess.toml import mapping_text
from hipimu.sources.mapping.recording import tried
from tests.laws.disguises import Disguise, write
from tests.unit.sources.conftest import samples_of
from tests.unit.sources.test_movella_dot import write as write_dot

ISEN_RUN = Path(__file__).parents[2] / "recordings" / "isen-run"

DISGUISES = (
    Disguise("as it is, other names", time=("s", "t")),
    Disguise(
        "g and deg/s, milliseconds, named in German, for a German spreadsheet",
        acc=("g", "Beschleunigung {Axis} [g]"),
        gyr=("deg/s", "Drehrate {Axis} [°/s]"),
        time=("ms", "Zeit [ms]"),
        separator=";",
        decimal=",",
        encoding="cp1252",
        above="Messung;7\n",
    ),
    Disguise(
        "units not said: g, deg/s, milliseconds",
        acc=("g", "a{axis}"),
        gyr=("deg/s", "g{axis}"),
        time=("ms", "timestamp"),
        separator="\t",
        suffix=".tsv",
    ),
    Disguise(
        "mg, mdeg/s, microseconds, side by side, units below the names",
        acc=("mg", "{name}.Acc{Axis}"),
        gyr=("mdeg/s", "{name}.Gyr{Axis}"),
        time=("us", "Timestamp"),
        layout="wide",
        below=",".join(["us", *["mg", "mg", "mg", "mdps", "mdps", "mdps"] * 3]) + "\n",
        digits=6,
    ),
    Disguise(
        "named in French, side by side, the axis last",
        acc=("m/s2", "accélération {name} {axis}"),
        gyr=("rad/s", "vitesse angulaire {name} {axis}"),
        time=("s", "temps"),
        layout="wide",
        encoding="utf-16",
        suffix=".txt",
    ),
    Disguise(
        "a row a sensor, dates",
        acc=("g", "accel_{axis}"),
        gyr=("rad/s", "gyro_{axis}"),
        time=("iso", "datetime"),
        layout="rows",
    ),
    Disguise(
        "nanoseconds since 1970, spaces",
        acc=("m/s2", "AccelerometerX{axis}".replace("X", "")),
        gyr=("deg/s", "Gyroscope{axis}"),
        time=("epoch ns", "epoch_ns"),
        separator="   ",
        suffix=".dat",
    ),
    Disguise("no names at all", header=False, time=("s", "")),
)


@pytest.fixture(scope="module")
def samples() -> dict[Segment, FloatArray]:
    """A part with standing and large movements, of all sensors."""
    blocks = list(open_recording(ISEN_RUN, from_s=0.0, until_s=16.0).blocks())
    rows = {segment: samples_of(blocks, segment) for segment in open_recording(ISEN_RUN).segments}
    return {segment: own[::2] for segment, own in rows.items()}


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.name)
def test_disguised_recordings_are_known_again(
    disguise: Disguise, samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    folder, out = tmp_path / "files", tmp_path / "out"
    write(disguise, samples, folder)
    guessed = CliRunner().invoke(app, ["import", str(folder), "--guess", "--write"])
    assert guessed.exit_code == 0, guessed.output
    assert "Tried: the files read so" in guessed.output
    read = CliRunner().invoke(app, ["import", str(folder), "--out", str(out)])
    assert read.exit_code == 0, read.output
    recording = open_recording(out)
    assert recording.segments == tuple(samples)
    assert recording.synchronised
    blocks = list(recording.blocks())
    for segment, expected in samples.items():
        rows = samples_of(blocks, segment)
        assert len(rows) == len(expected)
        np.testing.assert_allclose(rows[:, 0], expected[:, 0], rtol=0.0, atol=2e-6)
        np.testing.assert_allclose(rows[:, 1:4], expected[:, 1:4], atol=disguise.acc_step)
        np.testing.assert_allclose(rows[:, 4:], expected[:, 4:], atol=disguise.gyr_step)


def proposed(
    disguise: Disguise, samples: dict[Segment, FloatArray], folder: Path
) -> tuple[Proposal, dict[str, str]]:
    """Return a proposal, and what is open in it."""
    write(disguise, samples, folder / "files")
    proposal = propose(folder / "files")
    return proposal, {
        choice.key: choice.because for choice in proposal.choices if choice.certainty == "open"
    }


def with_values(
    samples: dict[Segment, FloatArray], acc: float = 1.0, gyr: float = 1.0, *, whole: bool = False
) -> dict[Segment, FloatArray]:
    """Return samples of another size."""
    scaled = {}
    for segment, rows in samples.items():
        values = rows * [1.0, acc, acc, acc, gyr, gyr, gyr]
        scaled[segment] = np.column_stack([rows[:, 0], np.rint(values[:, 1:])]) if whole else values
    return scaled


def test_axes_and_gravity_are_always_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    _, unknown = proposed(DISGUISES[0], samples, tmp_path)
    assert set(unknown) == {"acc.rest", "axes"}
    assert "cannot tell the sign of gravity" in unknown["acc.rest"]


def test_counts_of_angular_velocity_are_left_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    counts = with_values(samples, 2048.0 / 9.80665, 939.0, whole=True)
    proposal, unknown = proposed(Disguise("counts", digits=0), counts, tmp_path)
    assert "gyr.unit" in unknown
    assert proposal.value("acc.unit") == '"g"'
    assert float(proposal.value("acc.scale")) == 1.0 / 2048.0
    assert tried(tmp_path / "files", mapping_text(proposal)) is None


def test_acceleration_of_no_unit_is_left_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    _, unknown = proposed(DISGUISES[0], with_values(samples, acc=0.031), tmp_path)
    assert "no unit's g" in unknown["acc.unit"]


def test_standing_alone_tells_no_unit_of_angular_velocity(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    standing = {segment: rows[:500] for segment, rows in samples.items()}
    _, unknown = proposed(DISGUISES[0], standing, tmp_path)
    assert "hardly move" in unknown["gyr.unit"]


def test_acceleration_without_gravity_is_seen(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    free = {
        segment: rows - [0.0, *rows[:400, 1:4].mean(axis=0), 0.0, 0.0, 0.0]
        for segment, rows in samples.items()
    }
    proposal, _ = proposed(DISGUISES[0], free, tmp_path)
    assert proposal.value("acc.rest") == '"removed"'


def test_sensors_that_nobody_named_are_left_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    write(DISGUISES[0], samples, tmp_path / "files")
    for number, path in enumerate(sorted((tmp_path / "files").iterdir())):
        path.rename(path.with_name(f"sensor {number}.csv"))
    proposal = propose(tmp_path / "files")
    open_keys = {choice.key for choice in proposal.choices if choice.certainty == "open"}
    assert "sensors" in open_keys
    assert "# OPEN: [sensors.X], X one of pelvis, thigh_left, thigh_right" in mapping_text(proposal)


def test_names_that_contradict_numbers_are_left_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    liar = Disguise("liar", acc=("g", "acc_{axis}_m_s2"), time=("ms", "time_s"))
    _, unknown = proposed(liar, samples, tmp_path)
    assert "The name says m/s2, but at rest acceleration is" in unknown["acc.unit"]
    assert "The name says s, but steps of" in unknown["time.unit"]


def test_sample_numbers_leave_the_rate_open(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    numbered = {
        segment: np.column_stack([np.arange(len(rows)), rows[:, 1:]])
        for segment, rows in samples.items()
    }
    _, unknown = proposed(Disguise("numbered", time=("s", "sample")), numbered, tmp_path)
    assert "how many a second there are stands nowhere" in unknown["time.rate_hz"]


def test_clocks_that_start_apart_are_not_taken_for_one(
    samples: dict[Segment, FloatArray], tmp_path: Path
) -> None:
    apart = {
        segment: np.column_stack([rows[:, 0] + 0.0013 * number, rows[:, 1:]])
        for number, (segment, rows) in enumerate(samples.items())
    }
    proposal, unknown = proposed(DISGUISES[0], apart, tmp_path)
    assert "synchronised" in unknown
    assert proposal.value("synchronised") == "false"


def test_nothing_is_written_over(samples: dict[Segment, FloatArray], tmp_path: Path) -> None:
    write(DISGUISES[0], samples, tmp_path / "files")
    (tmp_path / "files" / "mapping.toml").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, ["import", str(tmp_path / "files"), "--guess", "--write"])
    assert result.exit_code == 1
    assert (tmp_path / "files" / "mapping.toml").read_text(encoding="utf-8") == "mine"


def test_files_that_are_known_need_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="recording folder already"):
        propose(ISEN_RUN)
    write_dot(tmp_path / "dot.csv", "Tibia")
    with pytest.raises(RecordingError, match="without a mapping"):
        propose(tmp_path)


@pytest.mark.parametrize("raw", [b"", b"\0\1\2", b"just words\nand more\n", b"1,2\n3,4\n"])
def test_what_is_no_table_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(raw)
    with pytest.raises(RecordingError):
        propose(tmp_path)
