"""Orientation filters on the BROAD benchmark: real sensors, optical orientation.

BROAD (Laidig, Caruso, Cereatti & Seel 2021, Data 6(7):72; data: CC BY 4.0) is no part of hipimu.
Its trials are MATLAB files with ``imu_gyr`` rad/s, ``imu_acc`` m/s², ``opt_quat`` wxyz sensor →
earth (east, north, up), ``movement`` and ``sampling_rate``.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from hipimu.data import AlignedBlock, BoolArray, FloatArray
from hipimu.errors import RecordingError
from hipimu.motion import Fuse
from hipimu.validation.metrics import OrientationErrors, orientation_errors

# What scipy raises for files that are damaged, of another kind, or MATLAB 7.3.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, IndexError, TypeError),
    *(NotImplementedError, MatReadError, zlib.error),
)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One trial; rows are samples."""

    name: str
    rate_hz: float
    gyr_rad_s: FloatArray
    """(n, 3)"""
    acc_m_s2: FloatArray
    """(n, 3)"""
    optical_wxyz: FloatArray
    """(n, 4) sensor → earth; NaN where the cameras saw nothing."""
    movement: BoolArray
    """(n,) where errors count."""


@dataclass(frozen=True, slots=True)
class OrientationResult:
    """One filter on one trial."""

    trial: str
    filter: str
    errors: OrientationErrors


def trials(folder: Path) -> tuple[Path, ...]:
    """Files of the trials in a folder, in order."""
    return tuple(sorted(folder.glob("[0-9][0-9]_*.mat")))


def read_trial(path: Path) -> Trial:
    """Read one trial.

    Raises
    ------
    RecordingError
        When the file is not a trial of BROAD.
    """
    try:
        raw = loadmat(path, squeeze_me=True)
        return Trial(
            name=path.stem,
            rate_hz=float(raw["sampling_rate"]),
            gyr_rad_s=np.asarray(raw["imu_gyr"], dtype=np.float64),
            acc_m_s2=np.asarray(raw["imu_acc"], dtype=np.float64),
            optical_wxyz=np.asarray(raw["opt_quat"], dtype=np.float64),
            movement=np.asarray(raw["movement"], dtype=np.bool_),
        )
    except _UNREADABLE as error:
        raise RecordingError(
            f"{path} cannot be read as a trial of BROAD: {error}.",
            "Give --broad the folder with the .mat files of the data set.",
            path=path,
        ) from error


def orientation(trial: Trial, filter_name: str) -> FloatArray:
    """Run a filter the way hipimu runs it, (n, 4) sensor → earth, heading free."""
    n = len(trial.gyr_rad_s)
    block = AlignedBlock(
        t_s=np.arange(n) / trial.rate_hz,
        rate_hz=trial.rate_hz,
        gyr_rad_s={"pelvis": trial.gyr_rad_s},
        acc_m_s2={"pelvis": trial.acc_m_s2},
        flags={"pelvis": np.zeros(n, dtype=np.uint8)},
    )
    (fused,) = Fuse(("pelvis",), trial.rate_hz, filter_name).push(block)
    return fused.quat_wxyz["pelvis"]


def score_trial(path: Path, filter_names: tuple[str, ...]) -> Iterator[OrientationResult]:
    """Yield the errors of each filter on one trial."""
    trial = read_trial(path)
    for name in filter_names:
        ours = orientation(trial, name)
        errors = orientation_errors(ours, trial.optical_wxyz, trial.movement)
        yield OrientationResult(trial.name, name, errors)
