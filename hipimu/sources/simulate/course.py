"""The way that is run: straight on, round a circle or round an oval, always to the left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray

_TRANSITION_M = 4.0
"""Nobody's path bends from one step to the next."""


@dataclass(frozen=True, slots=True)
class Track:
    """Curvature along the way."""

    curve_radius_m: float | None
    straight_m: float

    @property
    def bends(self) -> bool:
        """Whether there are curves at all."""
        return self.curve_radius_m is not None

    def curvature_1_m(self, distance_m: FloatArray) -> FloatArray:
        """Curvature (n,) after a distance (n,): positive to the left."""
        radius = self.curve_radius_m
        if radius is None:
            return np.zeros(len(distance_m))
        if self.straight_m == 0.0:
            return np.full(len(distance_m), 1 / radius)
        arc = np.pi * radius
        half_lap = self.straight_m + arc
        centre = self.straight_m + 0.5 * arc
        away = np.abs(np.mod(distance_m - centre + 0.5 * half_lap, half_lap) - 0.5 * half_lap)
        width = min(_TRANSITION_M, self.straight_m, arc)
        inside = np.clip((0.5 * (arc + width) - away) / width, 0.0, 1.0)
        # symmetric about the ends of the arc, so that every curve turns by exactly half a circle
        return np.asarray(inside**2 * (3 - 2 * inside) / radius)
