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
from hipimu.maths import quaternion
from hipimu.registry import Registry


class OrientationFilter(Protocol):
    """What a filter must offer."""

    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """Take samples (n, 3) each; return (n, 4) sensor → earth after each."""

    def state(self) -> Any:
        """Return a copy of what has changed since the start."""

    def restore(self, state: Any) -> None:
        """Go on where `state` was taken."""


FILTERS: Registry[Callable[[float], OrientationFilter]] = Registry("filter", "hipimu.filters")
"""By name, what makes one for a rate in Hz. A class may have a static method ``whole(rate_hz,
gyr_rad_s, acc_m_s2)`` that looks both ways over a complete session; else it runs forward there."""


_OFFLINE_TAU_ACC_S = 2.2
"""Less than VQF's default of 3 s. While a runner turns, gains of the gyroscope that are a per cent
off tilt each sensor in its own way, the more the longer tilt is left alone. What a quicker
correction costs elsewhere, following true accelerations, strikes pelvis and thigh alike and cancels
in the hip."""


@FILTERS.named("vqf")
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

    @staticmethod
    def whole(rate_hz: float, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """Orientation over a complete session by the offline variant of VQF (same paper)."""
        gyr, acc = np.ascontiguousarray(gyr_rad_s), np.ascontiguousarray(acc_m_s2)
        parameters = {"tauAcc": _OFFLINE_TAU_ACC_S}
        return np.asarray(vqf.offlineVQF(gyr, acc, None, 1 / rate_hz, parameters)["quat6D"])


class Ahrs:
    """One of the recursive filters of the ahrs package, sample by sample.

    Parameters
    ----------
    made : object
        The ahrs filter, set up for the rate.
    step : callable
        ``step(filter, quat, gyr, acc) → quat``, sensor → earth, z up.
    state_names : tuple of str
        The attributes in which this filter remembers, besides its quaternion.
    """

    def __init__(
        self,
        made: Any,
        step: Callable[[Any, FloatArray, FloatArray, FloatArray], FloatArray],
        *,
        state_names: tuple[str, ...] = (),
    ) -> None:
        self._filter = made
        self._step = step
        self._state_names = state_names
        self._quat: FloatArray | None = None

    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        """See `OrientationFilter.update`."""
        quats = np.empty((len(gyr_rad_s), 4))
        for i, (gyr, acc) in enumerate(zip(gyr_rad_s, acc_m_s2, strict=True)):
            before = upright_from(acc) if self._quat is None else self._quat
            self._quat = np.asarray(self._step(self._filter, before, gyr, acc), dtype=np.float64)
            quats[i] = self._quat
        return quats

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
    return FILTERS.get(name)(rate_hz)


def whole_session(
    name: str, rate_hz: float, gyr_rad_s: FloatArray, acc_m_s2: FloatArray
) -> FloatArray:
    """Orientation (n, 4) sensor → earth of a session that is complete, looking both ways.

    Filters that cannot run forward.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    """
    made = FILTERS.get(name)
    whole = getattr(made, "whole", None)
    if whole is None:
        return made(rate_hz).update(gyr_rad_s, acc_m_s2)
    return np.asarray(whole(rate_hz, gyr_rad_s, acc_m_s2))


def _madgwick(rate_hz: float) -> Ahrs:
    from ahrs.filters import Madgwick  # ahrs takes long to import

    return _from_earth(Madgwick(frequency=rate_hz), "updateIMU")


def _mahony(rate_hz: float) -> Ahrs:
    from ahrs.filters import Mahony

    return _from_earth(Mahony(frequency=rate_hz), "updateIMU", ("b",))


def _ekf(rate_hz: float) -> Ahrs:
    from ahrs.filters import EKF

    return _from_earth(EKF(frequency=rate_hz), "update", ("P",))


def _from_earth(made: Any, update: str, state_names: tuple[str, ...] = ()) -> Ahrs:
    """Wrap a filter whose quaternion turns the sensor into an earth frame with z up."""
    return Ahrs(
        made,
        lambda f, q, gyr, acc: getattr(f, update)(q, gyr=gyr, acc=acc),
        state_names=state_names,
    )


# Left out: ROLEQ, Fourati and the single-frame estimators need a magnetometer, Complementary only
# works on whole recordings, AngularRate has no tilt correction, UKF strayed by 39° on a simulated
# running pelvis and AQUA lost a simulated running thigh altogether.
_AHRS: dict[str, Callable[[float], Ahrs]] = {
    "madgwick": _madgwick,
    "mahony": _mahony,
    "ekf": _ekf,
}
for _name, _make in _AHRS.items():
    FILTERS.register(_name, _make)
FILTER_NAMES: tuple[str, ...] = FILTERS.names()
"""Those that hipimu brings along."""
FOR_COMPARISON = tuple(_AHRS)
"""Filters that normalise every accelerometer sample; their tilt is off on running thighs."""
