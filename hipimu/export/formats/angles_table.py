"""Angles over time as one table: CSV, or Parquet.

A row a sample on one time base; degrees; orientations segment → earth, z up, as unit quaternions.
In gaps cells are empty, and ``SEGMENT_flags`` says why: the words of `hipimu.data.Flag` in lower
case, joined by semicolons. Strides and bouts are what `hipimu analyse` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from hipimu.data import THIGHS, Flag, FloatArray, Segment
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.export.formats.plain_csv import plain_csv
from hipimu.pipeline.motion3d import Motion3d
from hipimu.units import deg_from_rad

_PELVIS: Final = ("pelvis_tilt", "pelvis_obliquity", "pelvis_rotation")
_HIP: Final = (
    ("hip_flexion", "flexion_rad"),
    ("hip_adduction", "adduction_rad"),
    ("hip_rotation", "rotation_rad"),
    ("thigh", "thigh_rad"),
)
# A ten-thousandth of a degree and of what it takes for a quaternion: far below the sensors.
_DEG_DECIMALS, _QUAT_DECIMALS, _TIME_DECIMALS = 4, 7, 6
_WORDS: Final = pa.array(
    [";".join(str(flag.name).lower() for flag in Flag if bits & flag) for bits in range(256)]
)


def write_csv(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write one CSV table."""
    table = angles_table(conversion.motion)
    with plain_csv(out, table.schema) as writer:
        writer.write_table(table)
    return (out,)


def write_parquet(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write one Parquet table; its metadata say what it was made from."""
    session = conversion.session
    about = {
        "hipimu": version("hipimu"),
        "recording": conversion.title,
        "method": session.method,
        "filter": session.filter,
        "started_at": "" if session.started_at is None else session.started_at.isoformat(),
        "notice": session.notice or "",
    }
    table = angles_table(conversion.motion).replace_schema_metadata(about)
    pa.parquet.write_table(table, out, compression="zstd")
    return (out,)


def angles_table(motion: Motion3d) -> pa.Table:
    """Return the angles and orientations of every sample."""
    return pa.table(dict(_columns(motion)))


def _columns(motion: Motion3d) -> Iterator[tuple[str, Any]]:
    yield "time_s", _numbers(motion.t_s, _TIME_DECIMALS)
    either = next(iter(motion.angles.values()))
    known = motion.known("pelvis")
    for name in _PELVIS:
        angle = np.where(known, getattr(either, f"{name}_rad"), np.nan)
        yield f"{name}_deg", _numbers(deg_from_rad(angle), _DEG_DECIMALS)
    for side in motion.angles:
        for name, angle_name in _HIP:
            angle = motion.angles_rad(side, angle_name)
            if name == "thigh":
                here = motion.known(THIGHS[side])
                angle = np.where(here, motion.angles[side].thigh_rad, np.nan)
            yield f"{name}_{side}_deg", _numbers(deg_from_rad(angle), _DEG_DECIMALS)
    for segment in motion.segments.quat_wxyz:
        yield from _orientation(motion, segment)
    for segment, flags in motion.segments.flags.items():
        yield f"{segment}_flags", _WORDS.take(pa.array(flags))


def _orientation(motion: Motion3d, segment: Segment) -> Iterator[tuple[str, Any]]:
    for part, values in zip("wxyz", motion.quat_wxyz(segment).T, strict=True):
        yield f"{segment}_q{part}", _numbers(values, _QUAT_DECIMALS)


def _numbers(values: FloatArray, decimals: int) -> Any:
    return pa.array(np.round(values, decimals) + 0.0, mask=np.isnan(values))


WRITERS = (
    Writer("angles-csv", "angles over time, CSV (.csv)", (".csv",), write_csv),
    Writer("angles-parquet", "angles over time, Parquet (.parquet)", (".parquet",), write_parquet),
)
