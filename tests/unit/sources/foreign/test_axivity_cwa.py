"""AX6 recordings: as cwa-reader-rs reads them where nothing is lost; losses are told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cwa_reader_rs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.axivity_cwa import READER
from hipimu.sources.foreign.noun import ForeignSensor
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign.known import known
from tests.unit.sources.foreign.spoil import read, spoilt
from tests.unit.sources.foreign.write_axivity_cwa import block, header, make, write


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        READER.read([path])
    proper(caught.value, *parts)


def sensor_of(path: Path) -> ForeignSensor:
    return READER.read([path]).sensors[0]


def test_the_kept_library_reads_the_same(tmp_path: Path) -> None:
    """An oracle that this project did not make: Mobilise-D's cwa-reader-rs."""
    path = tmp_path / "a.cwa"
    write(path, known(3), 42)
    own, theirs = sensor_of(path), cwa_reader_rs.read_cwa_file(str(path))
    acc = theirs[["acc_x", "acc_y", "acc_z"]].to_numpy() * GRAVITY_M_S2
    gyr = np.radians(theirs[["gyro_x", "gyro_y", "gyro_z"]].to_numpy())
    np.testing.assert_allclose(own.acc_m_s2, acc, rtol=1e-6)
    np.testing.assert_allclose(own.gyr_rad_s, gyr, rtol=1e-6, atol=1e-9)
    since = theirs.index - theirs.index[0]
    np.testing.assert_allclose(own.t_s, since.total_seconds(), atol=5e-4)
    about = cwa_reader_rs.read_metadata(str(path))
    assert own.label == str(about["device_id"])
    assert own.rate_hz == about["sample_rate_hz"]


def test_a_device_may_be_slower_than_its_rate(tmp_path: Path) -> None:
    blocks = [block([[0, 0, 0, 0, 0, 2048]] * 40, 0.41 * n, n) for n in range(30)]
    (tmp_path / "a.cwa").write_bytes(header(1) + b"".join(blocks))
    np.testing.assert_allclose(np.diff(sensor_of(tmp_path / "a.cwa").t_s), 0.01025, atol=5e-5)


def test_lost_blocks_are_gaps(tmp_path: Path) -> None:
    write(tmp_path / "a.cwa", known(1), 42, keep=lambda number: number not in (5, 6))
    t_s = sensor_of(tmp_path / "a.cwa").t_s
    steps_s = np.diff(t_s)
    assert len(t_s) == 520
    assert steps_s.argmax() == 199
    assert steps_s.max() == pytest.approx(0.81, abs=1e-3)
    assert np.delete(steps_s, 199).max() < 0.0102


def test_damaged_blocks_are_left_out_and_told(tmp_path: Path) -> None:
    path = make(tmp_path).path / "pelvis.cwa"
    raw = bytearray(path.read_bytes())
    raw[1024 + 3 * 512 + 100] ^= 0x55
    path.write_bytes(raw)
    recording = open_recording(tmp_path)
    assert "pelvis.cwa: 1 damaged blocks are left out" in recording.remarks[1]
    pelvis = next(block for block in recording.blocks() if block.sensor == "pelvis")
    assert len(pelvis.t_s) == 560


def test_unused_blocks_at_the_end_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.cwa"
    write(path, known(1), 42)
    path.write_bytes(path.read_bytes() + b"\xff" * 1024 + b"\0" * 512 + b"tail")
    foreign = READER.read([path])
    assert len(foreign.remarks) == 1
    assert len(foreign.sensors[0].t_s) == 600


def test_a_magnetometer_is_read(tmp_path: Path) -> None:
    rows = [[0, 0, 0, 0, 0, 2048, 320, -160, 16]] * 26
    blocks = [block(rows, 0.26 * n, n, axes=0x92) for n in range(5)]
    (tmp_path / "a.cwa").write_bytes(header(1) + b"".join(blocks))
    mag = sensor_of(tmp_path / "a.cwa").mag_ut
    assert mag is not None
    np.testing.assert_array_equal(mag[0], [20.0, -10.0, 1.0])


def test_devices_keep_clocks_of_their_own(tmp_path: Path) -> None:
    recording = open_recording(make(tmp_path).path)
    assert not recording.synchronised
    assert recording.metadata.started_at is None
    assert "local time" in recording.remarks[0]


GOOD = block([[0, 0, 0, 0, 0, 2048]] * 40, 0.0, 0)


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (header(1, hardware=0x17) + GOOD, ("AX3", "no gyroscope")),
        (header(1, hardware=0xFF) + GOOD, ("AX3", "no gyroscope")),
        (header(1) + block([[0, 0, 2048]] * 80, 0.0, 0, axes=0x32), ("without its gyroscope",)),
        (header(1) + block([[0] * 6] * 40, 0.0, 0, axes=0x63), ("unknown kind (0x63)",)),
        (header(1) + GOOD + block([[0] * 6] * 40, 0.4, 1, rate=50), ("two recordings",)),
        (header(1) + GOOD[:300], ("before its first block",)),
        (header(1) + b"\xff" * 512, ("no whole block",)),
        (header(1) + b"AX" + GOOD[3:] + b"\0", ("no whole block",)),
    ],
)
def test_what_it_may_not_be(tmp_path: Path, raw: bytes, parts: tuple[str, ...]) -> None:
    (tmp_path / "a.cwa").write_bytes(raw)
    refused(tmp_path / "a.cwa", *parts)


def test_a_device_is_there_once(tmp_path: Path) -> None:
    write(tmp_path / "pelvis.cwa", known(1), 42)
    write(tmp_path / "thigh_left.cwa", known(2), 42)
    with pytest.raises(RecordingError, match="42 is there twice"):
        open_recording(tmp_path)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        for number, name in enumerate(("pelvis", "thigh_left")):
            write(folder / f"{name}.cwa", known(number, 4.0), number + 1)
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(folder)
