"""The four dimensions of hip strength, as far as two or three sensors can see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hipimu.data import SIDES, Body, Bout, HipMotion, Outcome, Side, Strength, Stride
from hipimu.strength.columns import run_of
from hipimu.strength.control import control
from hipimu.strength.endurance import durability, endurance
from hipimu.strength.force import force
from hipimu.strength.full_range import full_range
from hipimu.strength.profiles import range_profiles
from hipimu.strength.swings import swings_of
from hipimu.strength.thigh import thigh_of


def measure_strength(
    strides: Sequence[Stride],
    bouts: Sequence[Bout],
    motion: Mapping[Side, HipMotion],
    body: Body,
    detectable_rad: Mapping[tuple[Side, Outcome], float] | None = None,
) -> Strength:
    """Measure force, endurance, full range and control over one session.

    Parameters
    ----------
    strides : sequence of Stride
        Labelled with pace, bout and moving fraction.
    bouts : sequence of Bout
    motion : dict
        Angles of each measured side over the whole run.
    body : Body
        What is known of the runner's body; without its mass, moment and work are missing.
    detectable_rad : dict, optional
        Detectable change of each peak, from the fatigue estimates that have one; durability tells
        the others from the strides themselves.

    Returns
    -------
    Strength
        Every measure that could not be estimated says why.
    """
    sides = [side for side in SIDES if side in motion or any(s.side == side for s in strides)]
    run = run_of(strides, bouts, sides)
    swings = {side: swings_of(run.sides[side], motion.get(side)) for side in sides}
    thigh = thigh_of(body)
    return Strength(
        force=force(run, swings, thigh),
        endurance=endurance(run),
        full_range=full_range(run, swings, thigh),
        control=control(run, swings, motion),
        profiles=range_profiles(run, swings, thigh),
        durability=durability(run, detectable_rad or {}),
    )
