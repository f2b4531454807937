"""Suggest which sensor sits on the pelvis and which on which thigh, from a short guided start.

The runner stands still for some seconds, lifts the left knee high twice, and walks. Then

- in walking a thigh swings and a pelvis hardly does (`hipimu.motion.roles`);
- the thigh that rose twice in a row, while all else stayed, is the left one: in walking thighs
  take turns;
- whoever lifts the other knee by mistake is found out by two witnesses that know left from right
  (`hipimu.motion.sides`). Alone they are only good for a guess.

Whatever does not fit together is called unclear: a wrong role costs the whole run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    AlignedBlock,
    Flag,
    OrientationBlock,
    Segment,
    Side,
)
from hipimu.errors import CalibrationError
from hipimu.motion import roles
from hipimu.motion.axis_finder import GAIT_WINDOW_S, AxisFinder
from hipimu.motion.guided_start import (
    RATE_HZ,
    THIGHS_SHARE,
    WALK_S,
    RawSamples,
    Seen,
    watch,
)
from hipimu.motion.knee_lifts import LIFTS
from hipimu.units import rad_from_deg

_PELVIS_SHARE = 0.6
"""A pelvis turns at most 0.4 times as fast as a thigh, see `hipimu.motion.roles`."""
_APART_SHARE = 0.35
"""Two sensors that tilt apart by less than this share of their tilt are on one thigh: at most 0.2
there and above 1.2 on two thighs in simulation, 0.56 on the two thighs of the real run."""
_SURE_VOTE = 0.35
_STAYED_RAD = rad_from_deg(15.0)
_STIRRED_RAD_S = 0.1
_NOT_LIFTED = "No left knee was seen that rose twice while all else stayed."


@dataclass(frozen=True, slots=True)
class RoleSuggestion:
    """Where each sensor seems to be worn."""

    roles: Mapping[str, Segment | None]
    """Every sensor's name → segment; None where it cannot be told. Unless clear it is a guess."""
    confidence: Literal["clear", "unclear"]
    reason: str
    """One sentence: what it rests on where it is clear, what is missing where it is not."""
    warnings: tuple[str, ...]


def suggest_roles(samples: Mapping[str, RawSamples]) -> RoleSuggestion:
    """Suggest where each sensor is worn.

    Parameters
    ----------
    samples : mapping
        Name of the sensor, for example its address → t_s (n,) strictly increasing, in seconds on
        a clock that all sensors share within some hundredths; gyr_rad_s (n, 3); acc_m_s2 (n, 3).
        Rates may differ, samples may be missing, axes may point anywhere.

    Returns
    -------
    RoleSuggestion
        Never clear when one of two or three sensors that moved has no role.
    """
    seen = watch(samples)
    warnings = [f"{name} delivered too little" for name in samples if name not in seen.names]
    lying = [name for name in seen.names if name not in seen.worn]
    if seen.worn:
        warnings += [f"{name} did not move at all: is it worn?" for name in lying]
    found = _suggested(seen.only(seen.worn), warnings)
    return RoleSuggestion(
        {name: found.roles.get(name) for name in samples},
        found.confidence,
        found.reason,
        tuple(warnings),
    )


def _unclear(reason: str, guess: Mapping[str, Segment | None] | None = None) -> RoleSuggestion:
    return RoleSuggestion(guess or {}, "unclear", reason, ())


def _suggested(seen: Seen, warnings: list[str]) -> RoleSuggestion:
    """Suggest roles of sensors that all moved; adds to `warnings`."""
    count = len(seen.names)
    if count == 0:
        return _unclear("No sensor moved.")
    if count == 1:
        return _unclear(
            f"Only {seen.names[0]} moved: a sensor on the pelvis and one on a thigh are needed."
        )
    if count > len(SIDES) + 1:
        return _unclear(f"{count} sensors moved, and there is place for three.")
    if seen.walked_s < WALK_S:
        both = ", with two thighs that swing alike" if count > 2 else ""
        return _unclear(
            f"Only {seen.walked_s:.0f} s of walking{both} were seen, {WALK_S:.0f} s are needed."
        )
    swing = {n: roles.swing_rad_s(g, seen.gait, RATE_HZ) for n, g in seen.gyr_rad_s.items()}
    pelvis, *thighs = sorted(swing, key=lambda name: swing[name])
    if swing[pelvis] > _PELVIS_SHARE * swing[thighs[0]]:
        return _unclear(
            f"{pelvis} and {thighs[0]} swing nearly alike in walking: neither is clearly the "
            "pelvis's."
        )
    if swing[thighs[0]] < THIGHS_SHARE * swing[thighs[-1]]:
        return _unclear(
            f"{thighs[-1]} swings much faster in walking than {thighs[0]}: the two are not worn on "
            "the same place of both thighs.",
            {pelvis: "pelvis"},
        )
    if len(thighs) == 2 and _are_one(seen, *thighs):
        warnings.append(f"{thighs[0]} and {thighs[1]} seem to be worn on the same thigh")
        return _unclear(
            f"{thighs[0]} and {thighs[1]} swing together, as on one thigh.", {pelvis: "pelvis"}
        )
    return _with_sides(seen, pelvis, thighs)


def _are_one(seen: Seen, one: str, other: str) -> bool:
    """Whether two sensors tilt alike all the time, as on one thigh."""
    stand = seen.longest_stand
    if stand is None:
        return False
    used = seen.whole[stand.stop :]
    a, b = (seen.tilt_rad(name, stand)[stand.stop :][used] for name in (one, other))
    apart, together = ((a - b) ** 2).mean(), (0.25 * (a + b) ** 2).mean()
    return bool(apart < _APART_SHARE**2 * together)


def _with_sides(seen: Seen, pelvis: str, thighs: list[str]) -> RoleSuggestion:
    """Tell left from right by the knee that was lifted, and ask other witnesses."""
    lifted = [name for name in thighs if seen.lifts.get(name) == LIFTS]
    if len(lifted) == 2:
        return _guess(seen, pelvis, thighs, "Both knees rose twice, each on its own.")
    if not lifted:
        stood = len(thighs) == 1 and _stood_on(seen, pelvis, thighs[0])
        return (_standing_leg if stood else _guess)(seen, pelvis, thighs, _NOT_LIFTED)
    left = lifted[0]
    sided: dict[Side, str] = {"left": left}
    if len(thighs) == 2:
        sided["right"] = thighs[1 - thighs.index(left)]
    if _agreement(_votes(seen, pelvis, sided)) < 0:
        return _unclear(
            f"{left} rose twice, but by how it moves in walking it is worn on the right thigh: "
            "was the right knee lifted?",
            _roles(pelvis, sided),
        )
    return RoleSuggestion(
        _roles(pelvis, sided),
        "clear",
        f"{left} rose twice while all else stayed, and in walking {pelvis} turned little while "
        f"{' and '.join(sided.values())} swung.",
        (),
    )


def _standing_leg(seen: Seen, pelvis: str, thighs: list[str], _: str) -> RoleSuggestion:
    """Suggest that the only thigh sensor is on the leg that was stood on.

    That nothing rose is weak evidence, so the witnesses must agree.
    """
    sided: dict[Side, str] = {"right": thighs[0]}
    if _agreement(_votes(seen, pelvis, sided)) > 0:
        return RoleSuggestion(
            _roles(pelvis, sided),
            "clear",
            f"{thighs[0]} stayed while {pelvis} moved, and in walking it moves as on the right "
            "thigh.",
            (),
        )
    return _unclear(
        f"{thighs[0]} did not rise, as on the right thigh, but how it moves in walking does not "
        "confirm it.",
        _roles(pelvis, sided),
    )


def _roles(pelvis: str, sided: Mapping[Side, str]) -> dict[str, Segment | None]:
    said: dict[str, Segment | None] = {pelvis: "pelvis"}
    for side, name in sided.items():
        said[name] = THIGHS[side]
    return said


def _guess(seen: Seen, pelvis: str, thighs: list[str], reason: str) -> RoleSuggestion:
    """Suggest sides by gait alone, where both witnesses agree."""
    sided: dict[Side, str] = dict(zip(SIDES, thighs, strict=False))
    agreement = _agreement(_votes(seen, pelvis, sided))
    if agreement == 0:
        return _unclear(f"{reason} Left and right cannot be told.", {pelvis: "pelvis"})
    if agreement < 0:
        sided = dict(zip(reversed(SIDES), thighs, strict=False))
    return _unclear(
        f"{reason} Left and right are a guess from how the pelvis moves.", _roles(pelvis, sided)
    )


def _stood_on(seen: Seen, pelvis: str, thigh: str) -> bool:
    """Whether, between standing and walking, the pelvis moved for a while and the thigh did not."""
    second = round(RATE_HZ)
    first_gait = seen.gait[0][0].start
    stand = next((s for s in seen.stands if s.stop < first_gait), None)
    if stand is None or seen.tilt_rad(thigh, stand)[stand.stop : first_gait].max() > _STAYED_RAD:
        return False
    gyr = seen.level_gyr_rad_s[pelvis][stand.stop : first_gait]
    seconds = gyr[: len(gyr) // second * second].reshape(-1, second, 3)
    turning = np.sqrt((seconds**2).sum(axis=2).mean(axis=1))
    return int((turning > _STIRRED_RAD_S).sum()) >= LIFTS


def _agreement(votes: tuple[float, float] | None) -> int:
    """1 where both witnesses are sure of a side, −1 where both are sure of the other, else 0."""
    if votes is None:
        return 0
    if min(votes) >= _SURE_VOTE:
        return 1
    return -1 if max(votes) <= -_SURE_VOTE else 0


def _votes(seen: Seen, pelvis: str, sided: Mapping[Side, str]) -> tuple[float, float] | None:
    """Votes of lever and pelvis on a side for each thigh; None where they cannot be asked."""
    names: dict[Segment, str] = {"pelvis": pelvis}
    names |= {THIGHS[side]: name for side, name in sided.items()}
    gait: list[tuple[int, float]] = []
    for window, stride in seen.gait:
        if not gait or window.start >= gait[-1][0] + round(GAIT_WINDOW_S * RATE_HZ):
            gait.append((window.start, stride / RATE_HZ))
    finder = AxisFinder(
        _as_segments(seen, names), seen.longest_stand, tuple(gait), tuple(names), RATE_HZ
    )
    try:
        return finder.votes_on_sides()
    except CalibrationError:
        return None


def _as_segments(seen: Seen, names: Mapping[Segment, str]) -> OrientationBlock:
    flags = {s: (~seen.there[n]) * np.uint8(Flag.GAP) for s, n in names.items()}
    aligned = AlignedBlock(
        seen.t_s,
        RATE_HZ,
        {segment: seen.level_gyr_rad_s[name] for segment, name in names.items()},
        {segment: seen.acc_m_s2[name] for segment, name in names.items()},
        flags,
    )
    return OrientationBlock(aligned, {s: seen.quat_wxyz[name] for s, name in names.items()})
