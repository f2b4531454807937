"""Orientation filters by name: VQF, and every ahrs filter that needs no magnetometer.

All are used in 6D (gyroscope and accelerometer): a magnetometer next to a treadmill or a phone
costs more than it gives. Each returns the rotation sensor → earth, z up.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import vqf

from hipimu.data import FloatArray
from hipimu.errors import UnknownNameError
from hipimu.maths import quaternion


class OrientationFilter(Protocol):
    """What a filter must offer."""

    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """Take samples (n, 3) each; return (n, 4) sensor → earth after each."""

    def state(self) -> Any:
        """Return a copy of what has changed since the start."""

    def restore(self, state: Any) -> None:
        """Go on where `state` was taken."""


class Vqf:
    """VQF without magnetometer (Laidig & Seel 2023, Information Fusion 91:187–204)."""

    def __init__(self, rate_hz: float) -> None:
        self._vqf = vqf.VQF(1 / rate_hz, magDistRejectionEnabled=False)

    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """See `OrientationFilter.update`."""
        gyr, acc = np.ascontiguousarray(gyr_rad_s), np.ascontiguousarray(acc_m_s2)
        return np.asarray(self._vqf.updateBatch(gyr, acc)["quat6D"])

    def state(self) -> Any:
        """See `OrientationFilter.state`."""
        return copy.deepcopy(self._vqf.state)

    def restore(self, state: Any) -> None:
        """See `OrientationFilter.restore`."""
        self._vqf.state = copy.deepcopy(state)


class Ahrs:
    """One of the recursive filters of the ahrs package, sample by sample.

    Parameters
    ----------
    make : callable
        Builds the ahrs object for a rate.
    step : callable
        ``step(filter, quat, gyr, acc) → quat`` in the filter's own convention.
    to_earth : callable
        Turns that convention into sensor → earth, z up.
    state_names : tuple of str
        The attributes in which this filter remembers, besides its quaternion.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        step: Callable[[Any, FloatArray, FloatArray, FloatArray], FloatArray],
        *,
        start: Callable[[FloatArray], FloatArray],
        to_earth: Callable[[FloatArray], FloatArray],
        state_names: tuple[str, ...] = (),
    ) -> None:
        self._filter = make()
        self._step = step
        self._start = start
        self._to_earth = to_earth
        self._state_names = state_names
        self._quat: FloatArray | None = None

    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """See `OrientationFilter.update`."""
        quats = np.empty((len(gyr_rad_s), 4))
        for i, (gyr, acc) in enumerate(zip(gyr_rad_s, acc_m_s2, strict=True)):
            before = self._start(acc) if self._quat is None else self._quat
            self._quat = np.asarray(self._step(self._filter, before, gyr, acc), dtype=np.float64)
            quats[i] = self._quat
        return self._to_earth(quats)

    def state(self) -> Any:
        """See `OrientationFilter.state`."""
        memory = {name: getattr(self._filter, name) for name in self._state_names}
        return copy.deepcopy({"quat": self._quat, "memory": memory})

    def restore(self, state: Any) -> None:
        """See `OrientationFilter.restore`."""
        saved = copy.deepcopy(state)
        self._quat = saved["quat"]
        for name, value in saved["memory"].items():
            setattr(self._filter, name, value)


def upright_from(acc_m_s2: FloatArray) -> FloatArray:
    """Shortest rotation (4,) sensor → earth that takes the measured specific force to z up."""
    up = acc_m_s2 / max(float(np.sqrt((acc_m_s2**2).sum())), 1e-9)
    if up[2] < -0.999999:
        return np.array([0.0, 1.0, 0.0, 0.0])
    half = np.array([1 + up[2], up[1], -up[0], 0.0])
    return quaternion.normalise(half)


def make_filter(name: str, rate_hz: float) -> OrientationFilter:
    """Build the filter called `name` for samples at `rate_hz`.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    """
    if name == "vqf":
        return Vqf(rate_hz)
    if name not in _AHRS:
        raise UnknownNameError("filter", name, FILTER_NAMES)
    return _AHRS[name](rate_hz)


def _same(quat: FloatArray) -> FloatArray:
    return quat


def _madgwick(rate_hz: float) -> Ahrs:
    from ahrs.filters import Madgwick

    return Ahrs(
        lambda: Madgwick(frequency=rate_hz),
        lambda f, q, gyr, acc: f.updateIMU(q, gyr=gyr, acc=acc),
        start=upright_from,
        to_earth=_same,
    )


def _mahony(rate_hz: float) -> Ahrs:
    from ahrs.filters import Mahony

    return Ahrs(
        lambda: Mahony(frequency=rate_hz),
        lambda f, q, gyr, acc: f.updateIMU(q, gyr=gyr, acc=acc),
        start=upright_from,
        to_earth=_same,
        state_names=("b",),
    )


def _ekf(rate_hz: float) -> Ahrs:
    from ahrs.filters import EKF

    return Ahrs(
        lambda: EKF(frequency=rate_hz),
        lambda f, q, gyr, acc: f.update(q, gyr=gyr, acc=acc),
        start=upright_from,
        to_earth=_same,
        state_names=("P",),
    )


# Left out: ROLEQ, Fourati and the single-frame estimators need a magnetometer, Complementary only
# works on whole recordings, AngularRate has no tilt correction, UKF strayed by 39° on a simulated
# running pelvis and AQUA lost a simulated running thigh altogether.
_AHRS: dict[str, Callable[[float], Ahrs]] = {
    "madgwick": _madgwick,
    "mahony": _mahony,
    "ekf": _ekf,
}
FILTER_NAMES: tuple[str, ...] = ("vqf", *_AHRS)
FOR_COMPARISON = tuple(_AHRS)
"""Filters that normalise every accelerometer sample; their tilt is off on running thighs."""
