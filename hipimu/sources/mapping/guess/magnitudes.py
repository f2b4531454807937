"""What unit numbers are in, told by how large they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.units import GRAVITY_M_S2

_REST: Final = {"g": 1.0, "m/s2": GRAVITY_M_S2, "mg": 1000.0}
"""Length of acceleration at rest."""
_AT_REST: Final = 0.12
"""Share by which a sensor that nobody calibrated may be off."""
_UPRIGHT: Final = 0.5
"""The same for the median of a whole run, as a factor on either side."""
_WINDOW_S: Final = 0.5
_QUIETEST: Final = 3
_QUIET: Final = 0.03
"""Spread within a window at rest, as a share of its mean."""
_COUNTS: Final = tuple(float(2**power) for power in range(8, 16))
"""Counts that usually are 1 g."""
_SLOWEST_HZ, _FASTEST_HZ = 10.0, 2500.0
_STEPS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# A runner's thigh turns at 3 to 15 rad/s, 170 to 860 °/s; the sensors' own range ends at 4000 °/s.
_RAD_S: Final = (0.7, 22.0)
_DEG_S: Final = (60.0, 4100.0)
_MDEG_S: Final = (4e4, 4.1e6)
_MOVING: Final = 0.05
"""Spread of acceleration's length, as a share of its median."""
_FIELD_UT: Final = (20.0, 110.0)
"""The earth's field, with a room's iron."""
_FIELDS: Final = {"uT": 1.0, "mgauss": 10.0, "gauss": 0.01, "nT": 1000.0, "mT": 0.001, "T": 1e-6}


@dataclass(frozen=True, slots=True)
class Told:
    """What numbers say; `unit` None where they do not say it."""

    unit: str | None
    because: str
    scale: float = 1.0
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """How long acceleration is where it is quietest."""

    length: float
    quiet: bool
    """Whether the sensor was at rest there."""
    median: float
    """Of the whole file."""


def rest_of(accs: Sequence[FloatArray], rate_hz: float) -> Rest:
    """Return how long acceleration is at rest; all values are finite.

    Parameters
    ----------
    accs : sequence of (n, 3) arrays
        One a sensor, in any unit.
    rate_hz : float
        Samples a second.
    """
    size = max(4, round(_WINDOW_S * rate_hz))
    lengths = [_length(acc) for acc in accs]
    windows = [length[: len(length) // size * size].reshape(-1, size) for length in lengths]
    means = np.concatenate([window.mean(axis=1) for window in windows])
    spreads = np.concatenate([window.std(axis=1) for window in windows])
    whole = np.concatenate(lengths)
    median = float(np.median(whole)) if len(whole) else 0.0
    if not len(means):
        return Rest(median, False, median)
    order = np.argsort(spreads, kind="stable")[:_QUIETEST]
    length = float(np.median(means[order]))
    quiet = bool(np.median(spreads[order]) <= _QUIET * max(length, 1e-3 * median, 1e-12))
    return Rest(length, quiet, median)


def _length(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.sum(vectors * vectors, axis=1)), dtype=np.float64)


def unit_of_acc(rest: Rest, *, whole: bool) -> Told:
    """Return the unit of acceleration.

    Parameters
    ----------
    rest : Rest
        How long it is at rest.
    whole : bool
        Whether all numbers are whole: counts, perhaps.
    """
    if rest.quiet:
        for unit, length in _REST.items():
            if abs(rest.length / length - 1.0) <= _AT_REST and not (whole and unit != "mg"):
                return Told(unit, f"At rest acceleration is {rest.length:.4g} long.", certain=True)
        counts = min(_COUNTS, key=lambda count: abs(np.log(max(rest.length, 1e-9) / count)))
        if whole and abs(rest.length / counts - 1.0) <= _AT_REST:
            because = f"At rest the whole numbers are {rest.length:.4g} long: {counts:.0f} is 1 g."
            return Told("g", because, 1.0 / counts)
        return Told(None, f"At rest acceleration is {rest.length:.4g} long, which is no unit's g.")
    for unit, length in _REST.items():
        if _UPRIGHT < rest.median / length < 1.0 / _UPRIGHT and not (whole and unit != "mg"):
            because = f"No rest was found; acceleration's median length is {rest.median:.4g}."
            return Told(unit, because)
    return Told(None, f"Acceleration's median length is {rest.median:.4g}, which is no unit's g.")


def lacks_gravity(rest: Rest) -> bool:
    """Say whether acceleration is nothing at rest: gravity was taken out."""
    return rest.length < 0.25 * rest.median or (rest.quiet and rest.length < 0.05)


def moves(accs: Sequence[FloatArray]) -> bool:
    """Say whether any sensor moves like a person's leg, told by its acceleration."""
    lengths = [_length(acc) for acc in accs]
    spreads = [np.std(length) / max(float(np.median(length)), 1e-12) for length in lengths]
    return bool(max(spreads) > _MOVING)


def unit_of_gyr(gyrs: Sequence[FloatArray], *, whole: bool, moving: bool) -> Told:
    """Return the unit of angular velocity, by its 99th percentile where the sensors move."""
    largest = float(np.percentile(np.abs(np.concatenate(gyrs)), 99.0))
    because = f"99 of 100 angular velocities are below {largest:.4g}"
    if whole:
        return Told(None, f"{because}, all whole numbers: counts, by the data sheet.")
    if not moving:
        return Told(None, f"{because}, and the sensors hardly move: that tells no unit.")
    if _RAD_S[0] <= largest < _RAD_S[1]:
        return Told("rad/s", f"{because}: a runner's thigh turns at 3 to 15 rad/s.")
    if _DEG_S[0] <= largest < _DEG_S[1]:
        return Told("deg/s", f"{because}: a runner's thigh turns at 170 to 860 °/s.")
    if _MDEG_S[0] <= largest < _MDEG_S[1]:
        return Told("mdeg/s", f"{because}: a runner's thigh turns at 170 000 to 860 000 m°/s.")
    return Told(None, f"{because}: that may be slow in rad/s, or slower still in deg/s.")


def unit_of_mag(mags: Sequence[FloatArray]) -> Told:
    """Return the unit of magnetic field; the earth's is 25 to 65 µT."""
    lengths = np.concatenate([_length(mag[(np.abs(mag) < 1e12).all(axis=1)]) for mag in mags])
    length = float(np.median(lengths)) if len(lengths) else 0.0
    for unit, size in _FIELDS.items():
        if _FIELD_UT[0] * size <= length <= _FIELD_UT[1] * size:
            return Told(unit, f"The field's median is {length:.4g}; the earth's is 25 to 65 µT.")
    return Told(None, f"The field's median is {length:.4g}; the earth's is 25 to 65 µT.")


def unit_of_time(step: float) -> Told:
    """Return the unit of numbers of time, by the usual step from sample to sample."""
    if not (np.isfinite(step) and step > 0.0):
        return Told(None, "Times stand still.")
    for unit, size in _STEPS.items():
        rate_hz = 1.0 / (step * size)
        if _SLOWEST_HZ <= rate_hz <= _FASTEST_HZ and not (step == 1.0 and unit == "ms"):
            return Told(unit, f"Steps of {step:.6g} {unit} are {rate_hz:.4g} samples a second.")
    if step == 1.0:
        return Told(None, "Steps of 1 count samples, or are milliseconds at 1000 samples a second.")
    return Told(None, f"Steps of {step:.6g} are no usual rate in s, ms, µs or ns.")


def wraps_at(counts: FloatArray, step: float) -> float | None:
    """Return where a counter starts again, where it does."""
    back = np.diff(counts)
    falls = back[back < 0.0]
    if not len(falls):
        return None
    fall = float(falls[0])
    for power in (8, 16, 24, 32):
        if abs(fall + 2.0**power - step) <= 20.0 * step and 2.0**power > 100.0 * step:
            return 2.0**power
    return None
