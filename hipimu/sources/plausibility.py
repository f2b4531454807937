"""Are units and sampling rate what the recording says? Judged on its first minute.

The unit of acceleration shows in the quietest second, where gravity is nearly all there is.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.maths.filters import length
from hipimu.sources.samples import SampleFile, Samples
from hipimu.units import GRAVITY_M_S2

_JUDGED_S = 60.0
_GRAVITY_RANGE_M_S2 = (6.0, 15.0)
"""Wide enough for a recording that starts in mid-run."""
_MOVING_RANGE_M_S2 = (6.0, 60.0)
"""Where even the quietest second is none: a sprinting thigh feels 4 g on average."""
_MOVING_SPREAD = 0.2
_FASTEST_GYR_RAD_S = 60.0
_RARE = 0.001
_RATE_TOLERANCE = 0.02
_UNITS_OF_ACC = (
    ((0.0, 0.3), "gravity seems to be removed", "Export the acceleration with gravity"),
    ((0.6, 1.5), "it looks like g", "Multiply it by 9.80665"),
    ((600.0, 1500.0), "it looks like mg", "Multiply it by 0.00980665"),
    ((1500.0, np.inf), "it looks like raw counts", "Multiply it by the sensor's scale"),
)


class PlausibilityCheck:
    """Unit and rate of one sensor; the verdict does not depend on how the file is cut.

    Parameters
    ----------
    file : SampleFile
        The sensor.
    """

    def __init__(self, file: SampleFile) -> None:
        self._file = file
        self._rows_wanted = round(_JUDGED_S * file.rate_hz)
        self._held: list[Samples] = []
        self._held_rows = 0
        self._judged = False
        self._rows = 0
        self._impossible = 0

    def push(self, piece: Samples) -> None:
        """Take the next rows.

        Raises
        ------
        RecordingError
            Once the first minute is there, when it does not fit.
        """
        self._rows += len(piece)
        self._impossible += int(np.sum(length(piece.gyr_rad_s) > _FASTEST_GYR_RAD_S))
        if self._judged:
            return
        taken = piece.part(0, min(len(piece), self._rows_wanted - self._held_rows))
        self._held.append(taken)
        self._held_rows += len(taken)
        if self._held_rows >= self._rows_wanted:
            self._judge()

    def flush(self) -> None:
        """Say that nothing follows.

        Raises
        ------
        RecordingError
            When the recording, short as it may be, does not fit.
        """
        if not self._judged:
            self._judge()
        if self._impossible > _RARE * self._rows:
            raise _wrong_gyr_unit(self._file, self._impossible / self._rows)

    def _judge(self) -> None:
        self._judged = True
        t_s = np.concatenate([piece.t_s for piece in self._held])
        acc = np.concatenate([length(piece.acc_m_s2) for piece in self._held])
        gyr = np.concatenate([length(piece.gyr_rad_s) for piece in self._held])
        self._held = []
        _check_acc_unit(self._file, t_s, acc)
        if (share := float(np.mean(gyr > _FASTEST_GYR_RAD_S))) > _RARE:
            raise _wrong_gyr_unit(self._file, share)
        _check_rate(self._file, t_s)


def _check_acc_unit(file: SampleFile, t_s: FloatArray, acc: FloatArray) -> None:
    width = min(len(acc), max(1, round(file.rate_hz)))
    seconds = acc[: len(acc) // width * width].reshape(-1, width)
    # Relative spread: the unit is not known yet.
    spread = np.std(seconds, axis=1) / np.maximum(np.mean(seconds, axis=1), 1e-12)
    quietest = int(np.argmin(spread))
    moving = spread[quietest] > _MOVING_SPREAD
    # The median of a running pelvis is that of flight; its mean still carries the body.
    level = float(np.mean(seconds[quietest]) if moving else np.median(seconds[quietest]))
    lowest, highest = _MOVING_RANGE_M_S2 if moving else _GRAVITY_RANGE_M_S2
    if lowest <= level <= highest:
        return
    guess, remedy = "its unit is not one that is known", "Convert it to m/s²"
    for (low, high), name, cure in _UNITS_OF_ACC:
        if low <= level <= high:
            guess, remedy = name, cure
    time_s = float(t_s[quietest * width])
    raise RecordingError(
        f"{file.path.name}: acceleration is {level:.4g} at rest (at {time_s:.1f} s), not "
        f"{GRAVITY_M_S2:.2f} m/s²: {guess}.",
        f"{remedy}: {file.channels[0]} and its neighbours must be specific force in m/s².",
        path=file.path,
        time_s=time_s,
        sensor=file.segment,
    )


def _wrong_gyr_unit(file: SampleFile, share: float) -> RecordingError:
    return RecordingError(
        f"{file.path.name}: angular velocity exceeds {_FASTEST_GYR_RAD_S:.0f} rad/s in "
        f"{100 * share:.1f} % of the samples, which no leg reaches: it looks like deg/s.",
        f"Give {file.channels[3]} and its neighbours in rad/s: divide deg/s by 57.29578.",
        path=file.path,
        sensor=file.segment,
    )


def _check_rate(file: SampleFile, t_s: FloatArray) -> None:
    if len(t_s) < 2:
        return
    step_s = np.diff(t_s)
    # The mean, since times may be rounded to milliseconds; without the gaps.
    whole = step_s[step_s <= 1.5 * np.median(step_s)]
    rate_hz = 1.0 / float(np.mean(whole))
    if abs(rate_hz / file.rate_hz - 1.0) <= _RATE_TOLERANCE:
        return
    raise RecordingError(
        f"{file.path.name} has {rate_hz:.4g} samples per second by its times from "
        f"{t_s[0]:.1f} s on, but {file.rate_hz:g} are declared.",
        f"Correct rate_hz of {file.segment}, or the times, which must be in seconds.",
        path=file.path,
        time_s=float(t_s[0]),
        sensor=file.segment,
    )
