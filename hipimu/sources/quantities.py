"""From which of a table's columns acceleration and angular velocity come, and how.

Systems export what was measured (``acc``, ``gyr``), changes over one sample in the sensor's axes
(``dv`` of velocity, ``dq`` of orientation), or acceleration in the earth's frame without gravity
(``free``) with an orientation (``quat``, ``matrix``, ``euler``), z up. What was measured is
preferred to changes, and changes to what follows from orientations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hipimu.data import FloatArray
from hipimu.maths.quaternion import from_matrices, from_roll_pitch_yaw, to_vector
from hipimu.sources.derived import (
    ACC_REMARK,
    GYR_REMARK,
    angular_velocity,
    specific_force,
    unit_or_nan,
)
from hipimu.sources.samples import Channels
from hipimu.units import rad_from_deg

Kind = Literal["acc", "gyr", "dv", "dq", "free", "quat", "matrix", "euler"]
Turned = Literal["quat", "matrix", "euler"]
Names = tuple[str, ...]
"""Columns of one quantity: x, y, z; quaternions real part first; matrices row by row."""
_TURNED: Final[tuple[Turned, ...]] = ("quat", "matrix", "euler")


def found_in(
    columns: Sequence[str], spellings: Mapping[Kind, Sequence[Names]]
) -> dict[Kind, Names]:
    """Return the quantities that a table has whole, with its own spelling of their columns."""
    own = {name.lower(): name for name in columns}
    return {
        kind: tuple(own[name.lower()] for name in names)
        for kind, alternatives in spellings.items()
        for names in reversed(alternatives)
        if all(name.lower() in own for name in names)
    }


@dataclass(frozen=True, slots=True)
class Mode:
    """Where acceleration and angular velocity come from."""

    acc: Literal["acc", "dv", "free"]
    gyr: Literal["gyr", "dq", "turns"]
    orientation: Turned | None
    """None where none is needed."""
    columns: Mapping[Kind, Names]
    """Of the quantities that are needed, as the file spells them."""

    @property
    def names(self) -> Names:
        """All columns that are needed."""
        return tuple(name for names in self.columns.values() for name in names)

    @property
    def channels(self) -> Channels:
        """Names of what acc x, y, z and gyr x, y, z come from."""
        acc = self.columns[self.acc]
        gyr = self.columns[self.orientation or "quat" if self.gyr == "turns" else self.gyr]
        return (acc[0], acc[1], acc[2], gyr[-3], gyr[-2], gyr[-1])

    def remarks(self, name: str) -> tuple[str, ...]:
        """Say what is computed rather than measured, for people."""
        said = (ACC_REMARK, self.acc == "free"), (GYR_REMARK, self.gyr == "turns")
        return tuple(remark.format(name) for remark, holds in said if holds)


def mode_from(found: Mapping[Kind, Names]) -> Mode | Literal["acc", "gyr"]:
    """Return how samples are got from quantities that a table has; or else which cannot be."""
    turned = next((kind for kind in _TURNED if kind in found), None)
    acc: Literal["acc", "dv", "free"]
    if "acc" in found:
        acc = "acc"
    elif "dv" in found:
        acc = "dv"
    elif "free" in found and turned:
        acc = "free"
    else:
        return "acc"
    gyr: Literal["gyr", "dq", "turns"]
    if "gyr" in found:
        gyr = "gyr"
    elif "dq" in found:
        gyr = "dq"
    elif turned:
        gyr = "turns"
    else:
        return "gyr"
    orientation = turned if acc == "free" or gyr == "turns" else None
    needed: list[Kind] = [acc, *([] if gyr == "turns" else [gyr])]
    needed += [] if orientation is None else [orientation]
    return Mode(acc, gyr, orientation, {kind: found[kind] for kind in needed})


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The last row of the piece before."""

    t_s: float
    quat_wxyz: FloatArray
    """(4,)"""


def converted(
    mode: Mode,
    columns: Mapping[str, FloatArray],
    t_s: FloatArray,
    rate_hz: float,
    before: Before | None = None,
    *,
    gyr_in_deg: bool,
) -> tuple[FloatArray, FloatArray, Before | None]:
    """Return acceleration m/s² and angular velocity rad/s of a piece of a table.

    Parameters
    ----------
    mode : Mode
    columns : mapping of str to (n,) array
        By the file's own spelling; Euler angles in degrees.
    t_s : (n,) array
    rate_hz : float
        Of the table: ``dv`` and ``dq`` are over one period of it.
    before : Before or None
        What was returned for the piece before; None for the first.
    gyr_in_deg : bool
        Whether ``gyr`` is in deg/s.

    Returns
    -------
    ((n, 3) array, (n, 3) array, Before or None)
        Angular velocity of the very first row is NaN where it follows from orientations.
    """

    def stacked(kind: Kind) -> FloatArray:
        return np.stack([columns[name] for name in mode.columns[kind]], axis=1)

    quat = None if mode.orientation is None else orientation(stacked(mode.orientation))
    if mode.acc == "free" and quat is not None:
        acc = specific_force(quat, stacked("free"))
    else:
        acc = stacked("acc") if mode.acc == "acc" else rate_hz * stacked("dv")
    if mode.gyr == "turns" and quat is not None:
        return acc, _turns(quat, t_s, before), Before(float(t_s[-1]), quat[-1])
    if mode.gyr == "gyr":
        gyr = stacked("gyr")
        return acc, rad_from_deg(gyr) if gyr_in_deg else gyr, None
    return acc, rate_hz * to_vector(unit_or_nan(stacked("dq"))), None


def orientation(numbers: FloatArray) -> FloatArray:
    """Return unit quaternions (n, 4) of quaternions, matrices or Euler angles in degrees."""
    width = numbers.shape[1]
    if width == 3:
        return from_roll_pitch_yaw(rad_from_deg(numbers))
    if width == 4:
        return unit_or_nan(numbers)
    return from_matrices(numbers.reshape(-1, 3, 3))


def _turns(quat: FloatArray, t_s: FloatArray, before: Before | None) -> FloatArray:
    if before is None:
        return np.vstack([np.full((1, 3), np.nan), angular_velocity(quat, t_s)])
    quats = np.vstack([before.quat_wxyz, quat])
    return angular_velocity(quats, np.concatenate([[before.t_s], t_s]))
