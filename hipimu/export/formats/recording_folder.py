"""A recording folder: the generic form that every recording can be brought into."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from hipimu.data import FloatArray, ImuBlock, Segment, SpeedTrack
from hipimu.export.formats.noun import HEART_RATE, Conversion, Writer
from hipimu.export.formats.plain_csv import plain_csv
from hipimu.sources import Recording
from hipimu.sources.metadata import Metadata, Sensor, Sensors
from hipimu.sources.metadata_text import laps_text, metadata_text

_Kind = Literal["csv", "parquet"]
_CHANNELS = (("acc_m_s2", "acc_{}_m_s2"), ("gyr_rad_s", "gyr_{}_rad_s"), ("mag_ut", "mag_{}_ut"))


def write_folder(conversion: Conversion, out: Path, kind: _Kind = "csv") -> tuple[Path, ...]:
    """Write ``recording.toml``, a table a sensor, and laps, speed and heart rate where known.

    Numbers are written so that reading gives them back bit for bit.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    recording = conversion.recording
    out.mkdir()
    files = _write_samples(conversion, out, kind)
    _write(out / "recording.toml", _remarks(recording) + metadata_text(_metadata(recording, files)))
    if recording.laps:
        _write(out / "laps.csv", laps_text(recording.laps))
    if recording.speed is not None:
        _write(out / "speed.csv", _speed_text(recording.speed))
    strap = recording.path / HEART_RATE
    if strap.is_file():
        shutil.copyfile(strap, out / HEART_RATE)
    return out, *sorted(out.iterdir())


def _write_samples(conversion: Conversion, out: Path, kind: _Kind) -> dict[Segment, str]:
    writers: dict[Segment, Any] = {}
    files: dict[Segment, str] = {}
    with ExitStack() as opened:
        for block in conversion.recording.blocks(conversion.progress):
            table = pa.table(dict(_columns(block)))
            if block.sensor not in writers:
                files[block.sensor] = f"{block.sensor}.{kind}"
                writer = _writer(out / files[block.sensor], table.schema, kind)
                writers[block.sensor] = opened.enter_context(writer)
            writers[block.sensor].write_table(table)
    return files


def _writer(path: Path, schema: pa.Schema, kind: _Kind) -> AbstractContextManager[Any]:
    if kind == "csv":
        return plain_csv(path, schema)
    parquet: AbstractContextManager[Any] = pa.parquet.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=False, use_byte_stream_split=True
    )
    return parquet


def _columns(block: ImuBlock) -> Iterator[tuple[str, FloatArray]]:
    yield "time_s", block.t_s
    for name, column in _CHANNELS:
        values = getattr(block, name)
        if values is not None:
            for i, axis in enumerate("xyz"):
                yield column.format(axis), values[:, i]


def _metadata(recording: Recording, files: Mapping[Segment, str]) -> Metadata:
    told = recording.metadata
    known = told.sensors.by_segment()
    rates = {file.segment: float(file.rate_hz) for file in recording.files}
    sensors: dict[str, Sensor] = {
        segment: known.get(segment, Sensor(file=file)).model_copy(
            update={"file": file, "rate_hz": rates[segment]}
        )
        for segment, file in files.items()
    }
    return told.model_copy(
        update={
            "format": "hipimu-csv/1",
            "synchronised": recording.synchronised,
            # What hipimu recorded itself may start and end apart, and is no mistake then.
            "spans_apart": told.spans_apart or told.format == "hipimu/1",
            "sensors": Sensors().model_copy(update=sensors),
        }
    )


def _remarks(recording: Recording) -> str:
    """Return what was assumed or left out, as comments."""
    plain = ("".join(c if c.isprintable() else " " for c in text) for text in recording.remarks)
    return "".join(f"# {text}\n" for text in plain)


def _speed_text(speed: SpeedTrack) -> str:
    rows = np.column_stack([speed.t_s, speed.speed_m_s]).tolist()
    return "\n".join(["time_s,speed_m_s", *(f"{t!r},{v!r}" for t, v in rows), ""])


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_parquet(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    return write_folder(conversion, out, "parquet")


WRITERS = (
    Writer("hipimu-csv", "recording folder, CSV", (), write_folder),
    Writer("hipimu-parquet", "recording folder, Parquet", (), _write_parquet),
)
