"""Write what belongs beside the samples of a finished recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Lap
from hipimu.sources.durable import write_text
from hipimu.sources.metadata import Metadata

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\x7f": "\\u007f"}
_ESCAPES |= {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in "\n\t\r"}
_TABLE = str.maketrans(_ESCAPES)
_ONE_LINE = str.maketrans("\r\n\0", "   ")
_LONGEST_LABEL = 5000


def write_metadata(path: Path, metadata: Metadata) -> None:
    """Write a ``recording.toml``; `read_metadata` reads the same back.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    metadata : Metadata
        What it is to say. The time of the start is written as UTC.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    write_text(path, metadata_text(metadata))


def metadata_text(metadata: Metadata) -> str:
    """Return a ``recording.toml`` as text."""
    keys = metadata.model_dump(exclude_defaults=True)
    sensors = keys.pop("sensors", {})
    tables = {name: keys.pop(name, {}) for name in ("athlete", "calibration")}
    tables |= {f"sensors.{segment}": sensor or {} for segment, sensor in sensors.items()}
    parts = [_lines(keys)]
    parts += [[f"[{name}]", *_lines(table)] for name, table in tables.items() if table]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _lines(table: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value.translate(_TABLE)}"'
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)


def write_laps(path: Path, laps: Iterable[Lap]) -> None:
    """Write ``start_s,end_s,label``, as `hipimu.sources.laps.read_laps` reads it.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    laps : iterable of Lap

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    write_text(path, laps_text(laps))


def laps_text(laps: Iterable[Lap]) -> str:
    """Return a ``laps.csv`` as text: labels as they are, as far as one line can hold them."""
    rows = [f"{float(lap.start_s)!r},{float(lap.end_s)!r},{_cell(lap.label)}" for lap in laps]
    return "\n".join(["start_s,end_s,label", *rows, ""])


def _cell(text: str) -> str:
    plain = text.translate(_ONE_LINE).strip()[:_LONGEST_LABEL].strip() or "lap"
    quoted = plain.replace('"', '""')
    return f'"{quoted}"' if '"' in plain or "," in plain else plain


def write_heart_rate(path: Path, t_s: FloatArray, heart_rate_bpm: FloatArray) -> None:
    """Write ``time_s,heart_rate_bpm``.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    t_s : array (n,)
        On the recording's clock, strictly increasing.
    heart_rate_bpm : array (n,)

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    _write_track(path, "time_s,heart_rate_bpm", t_s, heart_rate_bpm)


def write_speed(path: Path, t_s: FloatArray, speed_m_s: FloatArray) -> None:
    """Write ``time_s,speed_m_s``, as `hipimu.sources.laps.read_speed` reads it.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    t_s : array (n,)
        On the recording's clock, strictly increasing.
    speed_m_s : array (n,)
        What no reader would accept is for the caller to leave out.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    _write_track(path, "time_s,speed_m_s", t_s, speed_m_s)


def _write_track(path: Path, header: str, t_s: FloatArray, values: FloatArray) -> None:
    written_s = np.round(t_s, 6)
    if len(t_s) != len(values) or np.any(np.diff(written_s) <= 0.0):
        raise ValueError("times do not increase by microseconds, or are not as many as values")
    if not (np.isfinite(t_s).all() and np.isfinite(values).all()):
        raise ValueError("a time or value is not a number")
    rows = [f"{t:.6f},{v:.6g}" for t, v in zip(written_s, values, strict=True)]
    write_text(path, "\n".join([header, *rows, ""]))
