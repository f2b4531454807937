"""OpenSim: orientations of the segments (.sto) for OpenSense, and hip and pelvis angles (.mot).

**Frames.** OpenSim's ground has x forward, y up and z to the right; hipimu's earth has z up. Both
files turn by −90° about x: forward stays x, up becomes y, left becomes −z. Bodies of OpenSim's gait
models have the ISB's axes like hipimu's segments, so that a runner who stands facing x has the
identity everywhere. What is written are the segments, not the sensors: the mounting is taken out.

**Heading.** Without a magnetometer nothing knows north, and the common heading drifts. The models
tilt the pelvis about ground's z, which is the runner's axis to the right only while running along
x. So the pelvis's own slow heading (a window of four seconds, looking both ways) is taken out of
all segments alike, as if on a treadmill; hip angles do not notice.

**Gaps.** OpenSim's `Storage` ends at the first ``nan``, and its inverse kinematics goes on from
other sensors without a word. Moments at which a sensor has no samples are left out, and said.

**Signs** of gait2392 (Delp et al. 1990) and of the model of Rajagopal et al. 2016: the pelvis turns
by tilt about z, list about x, rotation about y, in this order; the hip by flexion about z,
adduction about x, rotation about y, the last two about −x and −y on the left. Positive: pelvis tips
*back*, its right side *drops*, it turns left; thigh forward, inwards, kneecap inwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from scipy import ndimage, signal

from hipimu.data import SIDES, THIGHS, BoolArray, FloatArray, Segment, Side
from hipimu.errors import RecordingError
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.maths import quaternion
from hipimu.pipeline.motion3d import Motion3d
from hipimu.units import deg_from_rad

BODIES: Final[Mapping[Segment, str]] = {
    "pelvis": "pelvis",
    "thigh_right": "femur_r",
    "thigh_left": "femur_l",
}
COORDINATES: Final = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
"""Of the pelvis, as `hipimu.maths.quaternion.cardan_zxy` gives them in ground."""
HIP: Final = ("hip_flexion", "hip_adduction", "hip_rotation")
"""Of each hip, with ``_r`` or ``_l``, in the order of `_HIP_ANGLES`."""
_HIP_ANGLES: Final = ("flexion_rad", "adduction_rad", "rotation_rad")
_SIDES: Final[tuple[tuple[Side, str], ...]] = (("right", "r"), ("left", "l"))
_GROUND: Final = np.sqrt(0.5) * np.array([1.0, -1.0, 0.0, 0.0])
"""Earth → ground."""
_HEADING_S: Final = 4.0
_LEAST_SHARE: Final = 0.5
"""of the time: a thigh with less is left out, lest the other side go with it."""
_ROWS_AT_ONCE: Final = 10_000
_OPENSIM: Final = "4.5"


def write_orientations(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write the orientations, and beside them the pose in which the model stands.

    OpenSense places its sensors by the first row of a file: that of a run would not do.

    Raises
    ------
    RecordingError
        When no moment is known on all sensors.
    """
    motion = conversion.motion
    segments, rows = _written(conversion)
    quats = in_ground(motion)
    columns = np.column_stack([motion.t_s, *(quats[segment] for segment in segments)])[rows]
    header = _sto_header(motion.rate_hz, segments)
    one = "\t" + ",".join(["%.9f"] * 4)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(header)
        file.writelines(_lines(columns, "%.6f" + one * len(segments)))
    stand = out.with_name(f"{out.stem}_placement{out.suffix}")
    rest = "\t1,0,0,0" * len(segments)
    stand.write_text(f"{header}0{rest}\n", encoding="utf-8", newline="\n")
    return out, stand


def write_angles(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write the pelvis's and the hips' coordinates in degrees.

    Raises
    ------
    RecordingError
        When no moment is known on all sensors.
    """
    motion = conversion.motion
    segments, rows = _written(conversion)
    angles = coordinates(motion)
    names = [n for n in angles if n in COORDINATES or BODIES[_thigh_of(n)] in _bodies(segments)]
    columns = np.column_stack([motion.t_s, *(deg_from_rad(angles[name]) for name in names)])[rows]
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_mot_header(conversion, len(columns), names))
        file.writelines(_lines(columns, "%.6f" + "\t%.6f" * len(names)))
    return (out,)


def in_ground(motion: Motion3d) -> dict[Segment, FloatArray]:
    """Return segment → OpenSim's ground, (n, 4), the slow heading taken out; NaN in gaps."""
    heading_rad = _slow_heading(motion)
    turned = {
        segment: quaternion.multiply(
            _GROUND, quaternion.turned_about_z(motion.quat_wxyz(segment), -heading_rad)
        )
        for segment in motion.segments.quat_wxyz
    }
    return {segment: _continuous(quat) for segment, quat in turned.items()}


def coordinates(motion: Motion3d) -> dict[str, FloatArray]:
    """Return the coordinates of OpenSim's gait models in radians, (n,) each; NaN in gaps."""
    pelvis = quaternion.cardan_zxy(in_ground(motion)["pelvis"])
    found = dict(zip(COORDINATES, pelvis, strict=True))
    for side, letter in _SIDES:
        if side in motion.angles:
            for name, angle in zip(HIP, _HIP_ANGLES, strict=True):
                found[f"{name}_{letter}"] = motion.angles_rad(side, angle)
    return found


def _slow_heading(motion: Motion3d) -> FloatArray:
    """Return where the pelvis faces, on average over a few strides, (n,)."""
    right = quaternion.axis_in_earth(motion.segments.quat_wxyz["pelvis"], 2)
    known = motion.known("pelvis")
    window = signal.windows.hann(2 * round(0.5 * _HEADING_S * motion.rate_hz) + 1)
    cosine, sine = (
        ndimage.convolve1d(np.where(known, values, 0.0), window, mode="constant")
        for values in (-right[:, 1], right[:, 0])
    )
    return np.asarray(np.arctan2(sine, cosine))


def _continuous(quat: FloatArray) -> FloatArray:
    """Choose of q and −q, which are the same rotation, what is nearer to the row before."""
    known = ~np.isnan(quat[:, 0])
    kept = quat[known]
    flips = np.einsum("ij,ij->i", kept[1:], kept[:-1]) < 0.0
    signs = np.concatenate([[1.0], np.where(flips, -1.0, 1.0)]).cumprod()[: len(kept)]
    first = -1.0 if len(kept) and kept[0, 0] < 0.0 else 1.0
    steady = quat.copy()
    steady[known] = kept * (first * signs)[:, None]
    return steady


def _written(conversion: Conversion) -> tuple[tuple[Segment, ...], BoolArray]:
    """Return the segments that are written, and the rows at which all of them are known."""
    motion = conversion.motion
    there = [segment for segment in BODIES if segment in motion.segments.quat_wxyz]
    pelvis = motion.known("pelvis")
    kept: list[Segment] = ["pelvis"]
    for segment in there[1:]:
        share = float(np.mean(motion.known(segment)[pelvis])) if pelvis.any() else 0.0
        if share >= _LEAST_SHARE:
            kept.append(segment)
        else:
            conversion.tell(f"{segment} has samples for {share:.0%} of the time and is left out.")
    rows = motion.known(*kept)
    if len(kept) == 1 or not rows.any():
        raise RecordingError(
            f"{conversion.recording.path}: no moment is known on pelvis and thigh together.",
            "Convert a part of the run in which the sensors have samples.",
            path=conversion.recording.path,
        )
    _tell_gaps(conversion, rows)
    return tuple(kept), rows


def _tell_gaps(conversion: Conversion, rows: BoolArray) -> None:
    edges = np.flatnonzero(np.diff(rows.astype(np.int8), prepend=1, append=1))
    if len(edges):
        lost_s = float(np.count_nonzero(~rows)) / conversion.motion.rate_hz
        gaps = "one gap" if len(edges) == 2 else f"{len(edges) // 2} gaps"
        conversion.tell(f"{lost_s:.1f} s in {gaps} are left out: OpenSim cannot mark them.")


def _sto_header(rate_hz: float, segments: Sequence[Segment]) -> str:
    names = "\t".join(f"{BODIES[segment]}_imu" for segment in segments)
    return (
        f"DataRate={rate_hz:.6f}\nDataType=Quaternion\nversion=3\nOpenSimVersion={_OPENSIM}\n"
        f"endheader\ntime\t{names}\n"
    )


def _mot_header(conversion: Conversion, count: int, names: Sequence[str]) -> str:
    lines = (
        f"hipimu {conversion.title}",
        "version=1",
        f"nRows={count}",
        f"nColumns={len(names) + 1}",
        "inDegrees=yes",
        f"hipimu_version={version('hipimu')}",
        "endheader",
        "\t".join(["time", *names]),
    )
    return "\n".join(lines) + "\n"


def _lines(columns: FloatArray, form: str) -> Iterator[str]:
    line = form + "\n"
    edges = [*range(0, len(columns), _ROWS_AT_ONCE), len(columns)]
    for start, stop in pairwise(edges):
        yield "".join(line % tuple(row) for row in columns[start:stop].tolist())


def _bodies(segments: Sequence[Segment]) -> set[str]:
    return {BODIES[segment] for segment in segments}


def _thigh_of(coordinate: str) -> Segment:
    return next(THIGHS[side] for side in SIDES if coordinate.endswith(f"_{side[0]}"))


WRITERS = (
    Writer("opensim-sto", "OpenSim orientations (.sto)", (".sto",), write_orientations),
    Writer("opensim-mot", "OpenSim hip angles (.mot)", (".mot",), write_angles),
)
