"""Measurement modes of Movella DOT exports: which columns there are, and what they hold.

Per sample an export may have (Xsens DOT User Manual XD0502P, section 4.2, "Sensor data outputs"):

- ``Acc_*`` m/s² and ``Gyr_*`` deg/s (rate quantities; custom modes 1, 3 and 5 have ``Gyr_*``);
- ``dv[1]`` … ``dv[3]`` m/s and ``dq_*`` (delta quantities, high fidelity, custom mode 4): changes
  of velocity and orientation over one sample, both in the sensor's axes. By the manual
  acceleration is ``dv`` times the rate; angular velocity is the turn of ``dq`` times the rate;
- ``FreeAcc_*`` m/s² in the earth's frame, z up, without gravity, with ``Quat_*`` or ``Euler_*``
  degrees (extended, complete and custom modes 1 and 2): orientation of the sensor in that frame,
  Euler angles being turns about x, y and z of the earth in this order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hipimu.errors import RecordingError
from hipimu.sources.csv_table import CsvTable
from hipimu.sources.quantities import Kind, Mode, Names, found_in, mode_from

_SPELLINGS: Final[Mapping[Kind, Sequence[Names]]] = {
    "acc": [("Acc_X", "Acc_Y", "Acc_Z")],
    "gyr": [("Gyr_X", "Gyr_Y", "Gyr_Z")],
    "dv": [("dv[1]", "dv[2]", "dv[3]"), ("dv_1", "dv_2", "dv_3")],
    "dq": [("dq_W", "dq_X", "dq_Y", "dq_Z")],
    "free": [("FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z")],
    "quat": [("Quat_W", "Quat_X", "Quat_Y", "Quat_Z")],
    "euler": [("Euler_X", "Euler_Y", "Euler_Z")],
}
REMEDY_MODE: Final = (
    "In the vendor's app choose the measurement mode 'Inertial data Mode - Rate Quantities', or "
    "export a recording again with acceleration and angular velocity; other modes leave one out."
)


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
    mode = mode_from(found_in(table.columns, _SPELLINGS))
    if not isinstance(mode, Mode):
        raise _lacking(table, mode == "acc", measured)
    table.require(mode.names, REMEDY_MODE)
    return mode


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
