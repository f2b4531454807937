"""OpenSense/APDM Opal recordings: HDF5 files of Motion Studio, Mobility Lab and Moveo.

What is to know (the vendor's MATLAB and Python examples; scikit-digital-health's reader, MIT):

- Since version 4 (``FileFormatVersion``): ``Sensors/ID/Accelerometer`` (n × 3, m/s²), ``Gyroscope``
  (rad/s), ``Magnetometer`` (µT), ``Time`` (µs since 1970, UTC); what it is worn on is the attribute
  ``Label 0`` of ``Sensors/ID/Configuration``, padded with zeros.
- Versions 2 and 3: ``SI-000738/Calibrated/Accelerometers``, ``Gyroscopes``, ``Magnetometers``, and
  ``SI-000738/Time``; labels are ``MonitorLabelList`` beside ``CaseIdList``: attributes of the file
  in version 3, data sets in version 2.
- MATLAB shows the arrays as 3 × n: its order is the other way round.
- Opals of one recording share one clock by radio.
- Sensors that were switched off are there, empty or without a quantity: they are left out.
- In single precision numbers have seven digits; times are whole microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.foreign.columns import rate_of
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.segment_names import segment_named
from hipimu.units import s_from_us

FORMAT: Final = "apdm-h5"
_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_REMEDY: Final = "Export the recording again as HDF5 from Motion Studio, Mobility Lab or Moveo."
_NAMES: Final = ("Accelerometer", "Gyroscope", "Magnetometer")
_OLD_NAMES: Final = (
    "Calibrated/Accelerometers",
    "Calibrated/Gyroscopes",
    "Calibrated/Magnetometers",
)
_MOST_SENSORS: Final = 64
_MOST_SAMPLES: Final = 50_000_000
_LATEST_US: Final = 4_000_000_000_000_000
_COMPRESSED: Final = 200
"""A file's samples are at most so many times larger than the file."""


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Say whether a file is HDF5; whether it is of this vendor is told when it is read."""
    return head.startswith(_SIGNATURE)


def read(paths: Sequence[Path]) -> Foreign:
    """Read one recording.

    Raises
    ------
    RecordingError
        When it is not of this vendor or cannot be used.
    """
    import h5py

    path = paths[0]
    if len(paths) > 1:
        raise RecordingError(
            f"{path.parent.name} holds {len(paths)} HDF5 files.",
            "Name one: each holds all sensors of a recording.",
            path=path.parent,
        )
    remarks: list[str] = []
    try:
        with h5py.File(path, "r") as file:
            found = list(_sensors(path, file, remarks))
    # Damaged files make HDF5 raise whatever its layers meet.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError) as error:
        raise _unusable(path, str(error).partition("(")[0].strip()[:80]) from None
    if not found:
        raise _unusable(path, "it has no sensor with acceleration and angular velocity")
    first_us = min(int(times[0]) for times, _ in found)
    sensors = tuple(_sensor(path, times - first_us, own) for times, own in found)
    start = datetime.fromtimestamp(first_us / 1e6, tz=UTC) if first_us > 0 else None
    return Foreign(FORMAT, sensors, synchronised=True, started_at=start, remarks=tuple(remarks))


_Own = tuple[str, FloatArray, FloatArray, FloatArray | None]


def _sensors(path: Path, file: Any, remarks: list[str]) -> Iterator[tuple[IntArray, _Own]]:
    """Yield each sensor's times in µs, its label and its samples."""
    for label, group, names in _groups(path, file):
        arrays = [_array(path, group, name) for name in names]
        acc, gyr, mag = arrays
        times = _times(path, group)
        if acc is None or gyr is None or times is None:
            remarks.append(f"{label}: without acceleration, angular velocity or times, left out.")
            continue
        if not len(times) == len(acc) == len(gyr):
            raise _unusable(path, f"{label} has not as many times as samples")
        if mag is not None and len(mag) != len(times):
            mag = None
        yield times, (label, acc, gyr, mag)


def _groups(path: Path, file: Any) -> Iterator[tuple[str, Any, Sequence[str]]]:
    """Yield label, group and names of arrays of each sensor."""
    if "Sensors" in file:
        for name in list(file["Sensors"])[:_MOST_SENSORS]:
            group = file["Sensors"][name]
            about = group["Configuration"].attrs if "Configuration" in group else {}
            yield _text(about.get("Label 0", name)) or name, group, _NAMES
        return
    names = [_text(one) for one in _listed(file, "CaseIdList")]
    if not names:
        raise _unusable(path, "it has neither Sensors nor a CaseIdList")
    labels = [_text(one) for one in _listed(file, "MonitorLabelList")]
    for number, name in enumerate(names[:_MOST_SENSORS]):
        if name in file:
            label = labels[number] if number < len(labels) else ""
            yield label or name, file[name], _OLD_NAMES


def _listed(file: Any, name: str) -> Sequence[Any]:
    if name in file.attrs:
        return list(np.atleast_1d(file.attrs[name]))
    return list(np.atleast_1d(file[name][()])) if name in file else []


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join(text.replace("\0", " ").split())[:200]


def _array(path: Path, group: Any, name: str) -> FloatArray | None:
    """Return an array (n, 3); None where it is not there or empty."""
    data = _data(path, group, name)
    if data is None:
        return None
    if len(data.shape) != 2 or data.shape[1] != 3:
        raise _unusable(path, f"{name} has the shape {data.shape}, not n × 3")
    if data.dtype.kind not in "fiu":
        raise _unusable(path, f"{name} holds no numbers")
    # What is not a number in a damaged file is told later, with its row.
    with np.errstate(all="ignore"):
        values: FloatArray = np.asarray(data[()], dtype=np.float64)
    return values


def _times(path: Path, group: Any) -> IntArray | None:
    data = _data(path, group, "Time")
    if data is None:
        return None
    if len(data.shape) != 1 or data.dtype.kind not in "iu":
        raise _unusable(path, "Time is no list of whole numbers")
    raw = np.asarray(data[()])
    if np.any(raw > _LATEST_US) or np.any(raw < 0):
        raise _unusable(path, "its times are no microseconds since 1970")
    return raw.astype(np.int64)


def _data(path: Path, group: Any, name: str) -> Any:
    """Return a data set that is not larger than its file can be."""
    if name not in group:
        return None
    data = group[name]
    size = getattr(data, "size", None)
    if not size:
        return None
    allowed = min(3 * _MOST_SAMPLES, _COMPRESSED * path.stat().st_size)
    if size > allowed:
        raise _unusable(path, f"{name} claims {size} numbers, more than the file can hold")
    return data


def _sensor(path: Path, times_us: IntArray, own: _Own) -> ForeignSensor:
    label, acc, gyr, mag = own
    t_s = s_from_us(times_us.astype(np.float64))
    rate_hz = rate_of(t_s)
    if rate_hz is None:
        raise _unusable(path, f"{label} does not tell how many samples a second it has")
    return ForeignSensor(
        label=label,
        path=path,
        rate_hz=rate_hz,
        t_s=t_s,
        acc_m_s2=acc,
        gyr_rad_s=gyr,
        mag_ut=mag,
        segment=segment_named(label),
    )


def _unusable(path: Path, why: str) -> RecordingError:
    return RecordingError(f"{path.name} is no usable Opal recording: {why}.", _REMEDY, path=path)


READER = Reader(
    id=FORMAT,
    title="OpenSense/APDM Opal (.h5)",
    suffixes=(".h5", ".hdf5"),
    recognises=recognises,
    read=read,
    extra="hdf5",
)
