"""Force: what the swing asks of the hip at the pace that was run, never the most it could give.

T0 needs nothing but the sensors: the thigh's angular acceleration. T1 weighs it with a thigh of
average build, M = I·θ̈ + m·l·f: the moment that moves the thigh alone, as if nothing hung from the
knee. f is what the pelvis sensor feels along the thigh's forward axis; gravity is in it. It is not
moved to the centre of the hip, 0.16 m away (docs, four dimensions, says what that costs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import Dimension, FloatArray, Side
from hipimu.strength.columns import Run
from hipimu.strength.quantity import Quantity, dimension, headline_of, measures_of, observe
from hipimu.strength.swings import Swings
from hipimu.strength.thigh import NO_MASS, Thigh

_PEAK: Final = 0.95
"""Share of the swing's samples below its peak: the largest of all is a matter of luck."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What each swing asked for, (n,); NaN where the swing is not usable."""

    peak_acceleration_rad_s2: FloatArray
    peak_moment_n_m: FloatArray
    swing_work_j: FloatArray


def demand_of(swings: Swings, thigh: Thigh) -> Demand:
    """Measure the swings of one side.

    Parameters
    ----------
    swings : Swings
    thigh : Thigh
        Without its mass, moment and work are NaN.

    Returns
    -------
    Demand
        Peaks are the 95th percentile over the swing, signed: forward is positive, so the braking at
        its end is not in them. Work is the sum of what was put in, ∫ max(M·θ̇, 0) dt: the net work
        of a swing is nearly nothing, for it begins and ends at rest.
    """
    acceleration = swings.share_below(swings.thigh_rad_s2, _PEAK)
    if thigh.inertia_kg_m2 is None:
        unknown = np.full(len(acceleration), np.nan)
        return Demand(acceleration, unknown, unknown)
    moment = moment_n_m(swings, thigh)
    power = np.maximum(moment * swings.thigh_rad_s, 0.0)
    work = swings.sums(power) * swings.step_s
    return Demand(acceleration, swings.share_below(moment, _PEAK), work)


def moment_n_m(swings: Swings, thigh: Thigh) -> FloatArray:
    """Thigh-only inertial moment at every sample, (s,); NaN without the thigh's mass."""
    if thigh.inertia_kg_m2 is None or thigh.mass_arm_kg_m is None:
        return np.full(len(swings.thigh_rad_s2), np.nan)
    return np.asarray(
        thigh.inertia_kg_m2 * swings.thigh_rad_s2 + thigh.mass_arm_kg_m * swings.hip_force_m_s2
    )


def force(run: Run, swings: Mapping[Side, Swings], thigh: Thigh) -> Dimension:
    """Say how the demand of the swings changed."""
    demand = {side: demand_of(own, thigh) for side, own in swings.items()}
    without = (NO_MASS,) if thigh.inertia_kg_m2 is None else ()
    acceleration = observe(
        run,
        {side: own.peak_acceleration_rad_s2 for side, own in demand.items()},
        Quantity("peak_acceleration", "rad/s²", follows_speed=True),
    )
    work = observe(
        run,
        {side: own.swing_work_j for side, own in demand.items()},
        Quantity("swing_work", "J", None, False, True, without, thigh.caveats),
    )
    moment = observe(
        run,
        {side: own.peak_moment_n_m for side, own in demand.items()},
        Quantity("peak_moment", "N·m", None, False, True, without, thigh.caveats),
    )
    measures = [m for observed in (acceleration, work, moment) for m in measures_of(observed, run)]
    return dimension("force", headline_of(acceleration, run), measures)
