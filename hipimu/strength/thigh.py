"""A thigh as a rigid rod of average build, from a body's mass, height and sex.

Shares of body mass, centre of mass and radius of gyration about the transverse axis, the one that
flexion turns about, after de Leva 1996 (J Biomech 29:1223–1230, table 4), from hip to knee; lengths
from the same table's mean thighs (0.4222 m and 0.3685 m) and bodies (1.741 m and 1.735 m).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import Body

NO_MASS: Final = "body mass is unknown: give athlete.mass_kg in recording.toml"
NO_HEIGHT: Final = "body height is unknown: 1.75 m is assumed"
NO_SEX: Final = "male or female proportions are not known: their mean is assumed"
_HEIGHT_M: Final = 1.75


@dataclass(frozen=True, slots=True)
class _Proportions:
    mass: float
    """Share of body mass."""
    length: float
    """Share of body height."""
    centre: float
    """Share of the thigh's length, from the hip."""
    gyration: float
    """The same, about the centre of mass."""


_PROPORTIONS: Final[Mapping[str, _Proportions]] = {
    "m": _Proportions(0.1416, 0.4222 / 1.741, 0.4095, 0.329),
    "f": _Proportions(0.1478, 0.3685 / 1.735, 0.3612, 0.364),
}


@dataclass(frozen=True, slots=True)
class Thigh:
    """What is needed to turn it: M = I·θ̈ + m·l·f."""

    inertia_kg_m2: float | None
    """I, about the hip; None: the body's mass is unknown."""
    mass_arm_kg_m: float | None
    """m·l, mass times the distance of its centre from the hip."""
    pendulum_m: float
    """I / (m·l), which needs no mass."""
    caveats: tuple[str, ...]


def thigh_of(body: Body) -> Thigh:
    """Build a thigh; what is unknown of the body is assumed and said, but never its mass."""
    height, sex, mass = _sound(body.height_m), body.sex, _sound(body.mass_kg)
    used = [_PROPORTIONS[sex]] if sex in ("f", "m") else list(_PROPORTIONS.values())
    tall = _HEIGHT_M if height is None else height
    arm = tall * _mean(p.mass * p.centre * p.length for p in used)
    second = tall**2 * _mean(p.mass * (p.centre**2 + p.gyration**2) * p.length**2 for p in used)
    return Thigh(
        inertia_kg_m2=None if mass is None else mass * second,
        mass_arm_kg_m=None if mass is None else mass * arm,
        pendulum_m=second / arm,
        caveats=(
            *((NO_HEIGHT,) if height is None else ()),
            *((NO_SEX,) if len(used) > 1 else ()),
        ),
    )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _sound(number: float | None) -> float | None:
    return number if number is not None and np.isfinite(number) and number > 0 else None
