"""A recording folder: the generic form that every recording can be brought into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from hipimu.data import FloatArray, ImuBlock, Lap, Segment, SpeedTrack
from hipimu.errors import OutputError
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.sources import Recording

_Kind = Literal["csv", "parquet"]
_CHANNELS = (("acc_m_s2", "acc_{}_m_s2"), ("gyr_rad_s", "gyr_{}_rad_s"), ("mag_ut", "mag_{}_ut"))


def write_folder(conversion: Conversion, out: Path, kind: _Kind = "csv") -> tuple[Path, ...]:
    """Write ``recording.toml``, a table a sensor, and laps and speed where they are known.

    Numbers are written so that reading gives them back bit for bit.

    Raises
    ------
    OutputError
        When the folder is there already or cannot be written.
    """
    if out.exists():
        raise OutputError(f"{out} is there already.", "Name a folder that is not there yet.")
    recording = conversion.recording
    try:
        out.mkdir(parents=True)
        files = _write_samples(conversion, out, kind)
        _write_settings(recording, out, files)
        _write_laps(recording.laps, out)
        _write_speed(recording.speed, out)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be written: {error.strerror or error}.", "Free space or choose another."
        ) from error
    return out, *sorted(out.iterdir())


def _write_samples(conversion: Conversion, out: Path, kind: _Kind) -> dict[Segment, str]:
    writers: dict[Segment, Any] = {}
    files: dict[Segment, str] = {}
    try:
        for block in conversion.recording.blocks(conversion.progress):
            table = pa.table(dict(_columns(block)))
            if block.sensor not in writers:
                files[block.sensor] = f"{block.sensor}.{kind}"
                writers[block.sensor] = _opened(out / files[block.sensor], table.schema, kind)
            writers[block.sensor].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()
    return files


def _opened(path: Path, schema: Any, kind: _Kind) -> Any:
    if kind == "parquet":
        return pyarrow.parquet.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=False, use_byte_stream_split=True
        )
    options = pyarrow.csv.WriteOptions(quoting_style="none")
    return pyarrow.csv.CSVWriter(path, schema, write_options=options)


def _columns(block: ImuBlock) -> Iterator[tuple[str, FloatArray]]:
    yield "time_s", block.t_s
    for name, column in _CHANNELS:
        values = getattr(block, name)
        if values is not None:
            for i, axis in enumerate("xyz"):
                yield column.format(axis), values[:, i]


def _write_settings(recording: Recording, out: Path, files: Mapping[Segment, str]) -> None:
    metadata = recording.metadata
    lines = ['format = "hipimu-csv/1"']
    if metadata.started_at is not None:
        lines.append(f"started_at = {metadata.started_at.isoformat()}")
    lines.append(f"synchronised = {_text(recording.synchronised)}")
    lines += _told(metadata, ("simulated", "notice"))
    athlete = _told(metadata.athlete, ("name", "mass_kg", "sex", "height_m"))
    lines += ["", "[athlete]", *athlete] if athlete else []
    sensors = metadata.sensors.by_segment()
    rates = {file.segment: file.rate_hz for file in recording.files}
    for segment, file in files.items():
        lines += ["", f"[sensors.{segment}]", f'file = "{file}"', f"rate_hz = {rates[segment]}"]
        if segment in sensors:
            lines += _told(sensors[segment], ("mounting", "protocol", "device", "serial"))
    if recording.stand_s is not None:
        lines += ["", "[calibration]", f"stand_s = {list(recording.stand_s)}"]
    (out / "recording.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _told(about: object, names: tuple[str, ...]) -> list[str]:
    values = {name: getattr(about, name) for name in names}
    return [
        f"{name} = {_text(value)}" for name, value in values.items() if value not in (None, False)
    ]


def _text(value: object) -> str:
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _write_laps(laps: tuple[Lap, ...], out: Path) -> None:
    if laps:
        rows = [f"{lap.start_s!r},{lap.end_s!r},{lap.label}" for lap in laps]
        text = "\n".join(["start_s,end_s,label", *rows]) + "\n"
        (out / "laps.csv").write_text(text, encoding="utf-8")


def _write_speed(speed: SpeedTrack | None, out: Path) -> None:
    if speed is not None:
        rows = np.column_stack([speed.t_s, speed.speed_m_s])
        lines = [f"{float(t)!r},{float(v)!r}" for t, v in rows]
        text = "\n".join(["time_s,speed_m_s", *lines]) + "\n"
        (out / "speed.csv").write_text(text, encoding="utf-8")


def _write_parquet(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    return write_folder(conversion, out, "parquet")


WRITERS = (
    Writer("hipimu-csv", "recording folder, CSV", (), write_folder),
    Writer("hipimu-parquet", "recording folder, Parquet", (), _write_parquet),
)
