"""What every writer of foreign files writes, and what the catalogue says of every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, IntArray, Segment
from hipimu.maths.quaternion import conjugate, from_vector, multiply, normalise, rotate
from hipimu.units import GRAVITY_M_S2

STANDING_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """One sensor's samples before they are written, in SI units."""

    t_s: FloatArray
    """(n,) from 0."""
    acc_m_s2: FloatArray
    """(n, 3) specific force."""
    gyr_rad_s: FloatArray
    """(n, 3) mean over the time since the sample before, so that it fits `quat_wxyz` exactly."""
    mag_ut: FloatArray
    """(n, 3)"""
    quat_wxyz: FloatArray
    """(n, 4) sensor → earth, z up."""
    free_acc_m_s2: FloatArray
    """(n, 3) acceleration in the earth's frame, without gravity."""

    def __len__(self) -> int:
        return len(self.t_s)

    def part(self, start: int, stop: int | None = None, step: int = 1) -> Known:
        """Return some of the samples."""
        return self.rows(slice(start, stop, step))

    def rows(self, rows: slice | IntArray) -> Known:
        """Return the samples of these rows."""
        return Known(
            self.t_s[rows],
            self.acc_m_s2[rows],
            self.gyr_rad_s[rows],
            self.mag_ut[rows],
            self.quat_wxyz[rows],
            self.free_acc_m_s2[rows],
        )

    def later(self, seconds: float) -> Known:
        """Return the same samples on a clock that says so much more."""
        return Known(
            self.t_s + seconds,
            self.acc_m_s2,
            self.gyr_rad_s,
            self.mag_ut,
            self.quat_wxyz,
            self.free_acc_m_s2,
        )


def known(seed: int, seconds: float = 6.0, rate_hz: float = 100.0) -> Known:
    """Return two seconds of standing, then a leg swinging at 1.3 Hz."""
    random = np.random.default_rng(seed)
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    swing = np.where(t_s > STANDING_S, np.sin(2.0 * np.pi * 1.3 * t_s), 0.0)[:, None]
    gyr = random.normal(0.0, 0.005, (len(t_s), 3)) + swing * [0.5, 4.0, 1.0]
    gyr[0] = gyr[1]
    start = normalise(np.array([0.6, 0.3, -0.5, 0.55]))
    quats = [start]
    for step in from_vector(gyr[1:] / rate_hz):
        quats.append(multiply(quats[-1], step))
    quat = np.array(quats)
    free = random.normal(0.0, 0.02, (len(t_s), 3)) + swing * [3.0, 1.0, 2.0]
    inverse = conjugate(quat)
    return Known(
        t_s=t_s,
        acc_m_s2=rotate(inverse, free + np.array([0.0, 0.0, GRAVITY_M_S2])),
        gyr_rad_s=gyr,
        mag_ut=rotate(inverse, np.broadcast_to([0.0, 22.0, -40.0], (len(t_s), 3))),
        quat_wxyz=quat,
        free_acc_m_s2=free,
    )


def known_sensors(seconds: float = 6.0, rate_hz: float = 100.0) -> dict[Segment, Known]:
    """Return different samples for each segment."""
    return {segment: known(seed, seconds, rate_hz) for seed, segment in enumerate(SEGMENTS)}


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A file or folder as another system would have written it."""

    path: Path
    samples: Mapping[Segment, Known]
    """What it holds."""
    roles: Mapping[Segment, str] = field(default_factory=dict)
    """Labels by segment, where the names in the file do not say it."""
    synchronised: bool = True
    """Whether the sensors share one clock, as the file says it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One format, or one mode or version of it."""

    reader: str
    """Id of its reader."""
    kind: str
    """Mode, version or export setting; for people."""
    make: Callable[[Path], Made]
    """Writes it into a folder that is empty."""
    time_s: float
    """Resolution: a step of the last digit that the file has. Where samples are computed, what
    remains of it after that."""
    acc_m_s2: float
    gyr_rad_s: float
    mag_ut: float | None = None
    """None: not there, or not read."""
    note: str = ""
    """What is computed rather than read, or left out."""
    real: str | None = None
    """The real file that is read too, and its source; None: synthetic files only."""
