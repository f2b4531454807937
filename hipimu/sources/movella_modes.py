"""Measurement modes of Movella DOT exports: from which columns the samples come, and how.

Per sample an export may have (Xsens DOT User Manual XD0502P, section 4.2, "Sensor data outputs"):

- ``Acc_*`` m/s² and ``Gyr_*`` deg/s (rate quantities; custom modes 1, 3 and 5 have ``Gyr_*``);
- ``dv[1]`` … ``dv[3]`` m/s and ``dq_*`` (delta quantities, high fidelity, custom mode 4): changes
  of velocity and orientation over one sample, both in the sensor's axes. By the manual
  acceleration is ``dv`` times the rate; angular velocity is the turn of ``dq`` times the rate;
- ``FreeAcc_*`` m/s² in the earth's frame, z up, without gravity, with ``Quat_*`` or ``Euler_*``
  degrees (extended, complete and custom modes 1 and 2): orientation of the sensor in that frame,
  Euler angles being turns about x, y and z of the earth in this order.

What was measured is preferred to what follows from orientations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.maths.quaternion import from_roll_pitch_yaw, to_vector
from hipimu.sources.csv_table import CsvTable
from hipimu.sources.derived import (
    ACC_REMARK,
    GYR_REMARK,
    angular_velocity,
    specific_force,
    unit_or_nan,
)
from hipimu.sources.samples import Channels
from hipimu.units import rad_from_deg

_ACC: Final = ("Acc_X", "Acc_Y", "Acc_Z")
_GYR: Final = ("Gyr_X", "Gyr_Y", "Gyr_Z")
_DV: Final = ("dv[1]", "dv[2]", "dv[3]")
_DQ: Final = ("dq_W", "dq_X", "dq_Y", "dq_Z")
_FREE: Final = ("FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z")
_QUAT: Final = ("Quat_W", "Quat_X", "Quat_Y", "Quat_Z")
_EULER: Final = ("Euler_X", "Euler_Y", "Euler_Z")
REMEDY_MODE: Final = (
    "In the vendor's app choose the measurement mode 'Inertial data Mode - Rate Quantities', or "
    "export a recording again with acceleration and angular velocity; other modes leave one out."
)


@dataclass(frozen=True, slots=True)
class Mode:
    """Where acceleration and angular velocity come from."""

    acc: Literal["acc", "dv", "free"]
    gyr: Literal["gyr", "dq", "turns"]
    orientation: Literal["quat", "euler"] | None
    """None where none is needed."""
    columns: Mapping[str, str]
    """Names as above → as the file spells them."""

    @property
    def channels(self) -> Channels:
        """Names of what acc x, y, z and gyr x, y, z come from."""
        acc = {"acc": _ACC, "dv": _DV, "free": _FREE}[self.acc]
        turns = _QUAT[1:] if self.orientation == "quat" else _EULER
        gyr = {"gyr": _GYR, "dq": _DQ[1:], "turns": turns}[self.gyr]
        return (acc[0], acc[1], acc[2], gyr[0], gyr[1], gyr[2])

    def remarks(self, name: str) -> tuple[str, ...]:
        """Say what is computed rather than measured, for people."""
        said = (ACC_REMARK, self.acc == "free"), (GYR_REMARK, self.gyr == "turns")
        return tuple(remark.format(name) for remark, holds in said if holds)


def mode_of(table: CsvTable, measured: str = "") -> Mode:
    """Return how an export's samples are got.

    Parameters
    ----------
    table : CsvTable
    measured : str
        What the export says of its mode, for messages.

    Raises
    ------
    RecordingError
        When acceleration or angular velocity cannot be got, or a column occurs twice.
    """
    own = {name.lower(): name for name in table.columns}

    def has(names: tuple[str, ...]) -> bool:
        return all(name.lower() in own for name in names)

    turned: Literal["quat", "euler"] | None
    turned = "quat" if has(_QUAT) else "euler" if has(_EULER) else None
    acc: Literal["acc", "dv", "free"] | None
    acc = "acc" if has(_ACC) else "dv" if has(_DV) else "free" if has(_FREE) and turned else None
    gyr: Literal["gyr", "dq", "turns"] | None
    gyr = "gyr" if has(_GYR) else "dq" if has(_DQ) else "turns" if turned else None
    if acc is None or gyr is None:
        raise _lacking(table, acc is None, measured)
    needed = turned if "free" in acc or gyr == "turns" else None
    names = _names(acc, gyr, needed)
    table.require([own[name.lower()] for name in names], REMEDY_MODE)
    return Mode(acc, gyr, needed, {name: own[name.lower()] for name in names})


def _names(acc: str, gyr: str, orientation: str | None) -> tuple[str, ...]:
    columns = {"acc": _ACC, "dv": _DV, "free": _FREE, "gyr": _GYR, "dq": _DQ, "quat": _QUAT}
    columns["euler"] = _EULER
    return tuple(name for key in (acc, gyr, orientation) for name in columns.get(key or "", ()))


def _lacking(table: CsvTable, lacks_acc: bool, measured: str) -> RecordingError:
    missing = (
        "acceleration: the header lacks Acc_X, Acc_Y, Acc_Z (or dv[1]…, or FreeAcc_X… with an "
        "orientation)"
        if lacks_acc
        else "angular velocity: the header lacks Gyr_X, Gyr_Y, Gyr_Z (or dq_W…, or an orientation)"
    )
    mode = f"; its measurement mode is {measured!r:.60}" if measured else ""
    return RecordingError(
        f"{table.path.name}, line {table.header_line}: there is no {missing}{mode}.",
        REMEDY_MODE,
        path=table.path,
        line=table.header_line,
    )


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
    before: Before | None,
) -> tuple[FloatArray, FloatArray, Before | None]:
    """Return acceleration m/s² and angular velocity rad/s of a piece of an export.

    Parameters
    ----------
    mode : Mode
    columns : mapping of str to (n,) array
        By the file's own spelling.
    t_s : (n,) array
    rate_hz : float
        Of the export: ``dv`` and ``dq`` are over one period of it.
    before : Before or None
        What was returned for the piece before; None for the first.

    Returns
    -------
    ((n, 3) array, (n, 3) array, Before or None)
        Angular velocity of the very first row is NaN where it follows from orientations.
    """

    def stacked(names: tuple[str, ...]) -> FloatArray:
        return np.stack([columns[mode.columns[name]] for name in names], axis=1)

    quat = None
    if mode.orientation == "quat":
        quat = unit_or_nan(stacked(_QUAT))
    elif mode.orientation == "euler":
        quat = from_roll_pitch_yaw(rad_from_deg(stacked(_EULER)))
    if mode.acc == "free" and quat is not None:
        acc = specific_force(quat, stacked(_FREE))
    else:
        acc = stacked(_ACC) if mode.acc == "acc" else rate_hz * stacked(_DV)
    if mode.gyr == "turns" and quat is not None:
        return acc, _turns(quat, t_s, before), Before(float(t_s[-1]), quat[-1])
    if mode.gyr == "gyr":
        return acc, rad_from_deg(stacked(_GYR)), None
    return acc, rate_hz * to_vector(unit_or_nan(stacked(_DQ))), None


def _turns(quat: FloatArray, t_s: FloatArray, before: Before | None) -> FloatArray:
    if before is None:
        return np.vstack([np.full((1, 3), np.nan), angular_velocity(quat, t_s)])
    quats = np.vstack([before.quat_wxyz, quat])
    return angular_velocity(quats, np.concatenate([[before.t_s], t_s]))
