"""What a change of the thigh's range is made of: the hip's own part, and the pelvis's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Bout,
    Change,
    Compensation,
    Outcome,
    Pace,
    Side,
    Stride,
)
from hipimu.fatigue.enough import not_separable, reasons_against
from hipimu.fatigue.model import Model, fit_model
from hipimu.fatigue.series import PACES, Chosen, usable_sides


def split_compensation(
    strides: Sequence[Stride], bouts: Sequence[Bout], sides: Iterable[Side] = SIDES
) -> tuple[Compensation, ...]:
    """Split the change of the thigh's peaks into what the hip and what the pelvis did.

    Parameters
    ----------
    strides : sequence of Stride
        Labelled with pace, bout and moving fraction.
    bouts : sequence of Bout
    sides : iterable of Side

    Returns
    -------
    tuple of Compensation
        For each side, peak and pace; none for a side whose changes cannot be estimated, for the
        reasons that its fatigue estimates give. What hip and pelvis did adds up to what the thigh
        did exactly, at equal speed.
    """
    found: list[Compensation] = []
    for side, chosen in usable_sides(strides, bouts, sides):
        if not reasons_against(chosen, bouts):
            found += [split for outcome in OUTCOMES for split in _splits(side, outcome, chosen)]
    return tuple(found)


def _splits(side: Side, outcome: Outcome, chosen: Chosen) -> list[Compensation]:
    thigh = {pace: chosen[pace].thigh_rad[outcome] for pace in PACES}
    hip = {pace: chosen[pace].peak_rad[outcome] for pace in PACES}
    pelvis = {pace: thigh[pace] - hip[pace] for pace in PACES}
    whole, own, rest = (fit_model(chosen, values) for values in (thigh, hip, pelvis))
    if not_separable(own, fit_model(chosen, hip, by_speed=False)):
        return []
    return [
        Compensation(
            side,
            outcome,
            pace,
            thigh_rad=_change(whole, pace),
            hip_rad=_change(own, pace),
            pelvis_rad=_rest(_change(whole, pace), _change(own, pace), _change(rest, pace)),
        )
        for pace in PACES
    ]


def _change(model: Model, pace: Pace) -> Change:
    change = model.change(pace)
    return Change(model.fit.level(PACES.index(pace)).value, change.value, change.interval())


def _rest(whole: Change, own: Change, fitted: Change) -> Change:
    """What is left, with the doubt of its own fit.

    Each fit weighs the bouts by its own scatter, so that three fits would not add up to the last
    digit; a difference does.
    """
    delta = whole.delta - own.delta
    low, high = (end - fitted.delta for end in fitted.delta_ci95)
    return Change(whole.fresh - own.fresh, delta, (delta + low, delta + high))
