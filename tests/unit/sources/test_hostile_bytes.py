"""Whatever bytes stand in a folder: a recording, or a RecordingError, never another failure."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from tests.unit.sources.conftest import COLUMNS, RunFolder, proper

FILES = ("recording.toml", "pelvis.csv", "laps.csv", "speed.csv")
GOOD = {
    "laps.csv": b"start_s,end_s,label\n0,5,easy\n5,10,fast\n",
    "speed.csv": b"time_s,speed_m_s\n0,3\n1,3.5\n",
}
DOT_HEADER = "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z"
TOKENS = [b"\n", b"\r", b",", b'"', b"\0", b"\xff\xfe", b"[", b"]", b"=", b"nan", b"-", b"1e999"]


def read(path: Path) -> None:
    """Read a folder to its end; a refusal must be a proper one."""
    try:
        for _ in open_recording(path).blocks():
            pass
    except RecordingError as error:
        proper(error)


def spoilt(data: st.DataObject, raw: bytes) -> bytes:
    """Return `raw` with one to three short pieces replaced."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 12))
        put = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=12))
        raw = raw[:at] + put + raw[at + cut :]
    return raw


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_spoilt_files(name: str, data: st.DataObject) -> None:
    """A few tokens or bytes thrown into an otherwise good file."""
    with tempfile.TemporaryDirectory() as parent:
        run = RunFolder(Path(parent) / "run", seconds=4.0)
        for other, raw in GOOD.items():
            run.file(other).write_bytes(raw)
        run.file(name).write_bytes(spoilt(data, run.file(name).read_bytes()))
        read(run.path)


@pytest.mark.parametrize("name", [*FILES, "export.csv"])
@settings(max_examples=30, deadline=None)
@given(raw=st.binary(max_size=400))
def test_arbitrary_files(name: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as parent:
        run = RunFolder(Path(parent) / "run", seconds=3.0)
        if name == "export.csv":
            run.file("recording.toml").unlink()
            raw = b"DeviceTag:,pelvis\nPacketCounter,SampleTimeFine,Acc_X\n" + raw
        run.file(name).write_bytes(raw)
        read(run.path)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_spoilt_exports(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        for name in ("pelvis", "thigh_l"):
            rows = [f"{i},{1000 + i * 10_000},9.8,0,0.1,{i % 7},0,1" for i in range(200)]
            head = f"DeviceTag:,{name}\nSyncStatus:,Synced\nOutputRate:,100Hz\n\n{DOT_HEADER}\n"
            (Path(parent) / f"{name}.csv").write_text(head + "\n".join(rows))
        path = Path(parent) / "pelvis.csv"
        read(Path(parent))
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(Path(parent))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_spoilt_parquet(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        run = RunFolder(Path(parent) / "run", seconds=3.0)
        table = run.table("pelvis")
        path = run.file("pelvis.parquet")
        pa.parquet.write_table(pa.table(dict(zip(COLUMNS, table.T, strict=True))), path)
        run.toml = run.toml.replace("pelvis.csv", "pelvis.parquet")
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(run.path)
