"""Hours of running as strides, as a live readout meets them: unchanged, with a loss, with mischief.

Strides are those of the statistics study (`hipimu.validation.honesty`): 20 × (2 min easy at 3 m/s,
1 min fast at 5 m/s), amplitude AR(1) 2 %, whole bouts 0.5° above or below, peaks measured with 0.5°
of noise, a wrong neutral pose, a strap that creeps by 2° over the hour (standard deviations). Taken
through the whole signal path, strides are more like their neighbours than that: the leg's motion is
smooth from one to the next, and a sensor's error lasts for some. Both is added here; that they then
vary as measured ones do is part of what the study tells. A foot pod errs by 2 %, for seconds on
end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from hipimu.data import (
    SIDES,
    Baseline,
    BoolArray,
    Bout,
    Cue,
    FloatArray,
    IntArray,
    Lap,
    Pace,
    PaceEvidence,
    Reason,
    Side,
    Stride,
)
from hipimu.fatigue import CueRule, fresh_baselines
from hipimu.fatigue.cues import IN_A_ROW
from hipimu.fatigue.fresh import FRESH_BOUTS
from hipimu.gait import label_strides
from hipimu.units import rad_from_deg
from hipimu.validation.honesty import SCENARIOS, Scenario
from hipimu.validation.honesty.sessions import FAST_S, strides_of

HOUR: Final = replace(next(s for s in SCENARIOS if s.name == "null"), bouts=20)
NAMED: Final = {s.name: replace(s, bouts=20) for s in SCENARIOS}
_POD_SD, _POD_MEMORY = 0.02, 0.95
_ERROR_DEG, _ERROR_MEMORY = 0.6, 0.7
_PER_M_S: Final = {"flexion": 8.6, "extension": 2.1}
"""Degrees that the simulated runner's peaks gain per m/s at fast pace (`simulate.body`)."""
_LOOK_EVERY: Final = 25
"""Strides after which baselines are told anew while they are not complete."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Where each stride lies, (n,) each; both legs in order of time."""

    left: BoolArray
    fast: BoolArray
    bout: IntArray
    """−1 outside all."""
    tau: FloatArray
    within_s: FloatArray
    """Since the bout began."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """What is different from the session as drawn: a number or one for each stride."""

    flexion_deg: Any = 0.0
    extension_deg: Any = 0.0
    speed_m_s: Any = 0.0


Change = Callable[[Columns, np.random.Generator], Shift]


def unchanged(_at: Columns, _rng: np.random.Generator) -> Shift:
    return Shift()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of session; seeds make many of it."""

    name: str
    what: str = ""
    scenario: Scenario = HOUR
    change: Change = unchanged
    pod: bool = True
    easy: bool = True
    """False: what is run between the fast bouts is not marked as easy."""
    late_s: float = 0.0
    """How late every lap button is pressed."""


@dataclass(frozen=True, slots=True, eq=False)
class Hour:
    """One session, ready to be listened to."""

    strides: list[Stride]
    """As they are found, both legs in order of time."""
    labelled: list[Stride]
    """The same, as `label_strides` gives them."""
    bouts: tuple[Bout, ...]
    sides: tuple[Side, ...] = SIDES
    paces: tuple[Pace, ...] = ("easy", "fast")
    """That baselines can be had of."""

    def hours(self) -> float:
        """Of running."""
        return sum(bout.end_s - bout.start_s for bout in self.bouts) / 3600

    def fast_strides(self, side: Side, since: float, until: float) -> int:
        """Fast strides of one leg from one τ to another."""
        own = (s.moving_fraction or 0.0 for s in self.labelled if _is(s, side, "fast"))
        return sum(since <= tau <= until for tau in own)


@dataclass(frozen=True, slots=True)
class Heard:
    """A cue, and when it came."""

    cue: Cue
    tau: float
    detectable_deg: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How cues are told; the study asks others too."""

    in_a_row: int = IN_A_ROW
    fresh_bouts: int = FRESH_BOUTS
    heed_easy: bool = True

    def cue_rule(self) -> CueRule:
        return CueRule(self.in_a_row, heed_easy=self.heed_easy)

    def baselines(self, strides: list[Stride], bouts: tuple[Bout, ...]) -> tuple[Baseline, ...]:
        return fresh_baselines(strides, bouts, fresh_bouts=self.fresh_bouts)


def drawn(kind: Kind, seed: int) -> Hour:
    """Draw one session of a kind."""
    found, bouts = strides_of(kind.scenario, seed)
    strides = sorted(found, key=lambda s: s.t_peak_flexion_s)
    rng = np.random.default_rng([seed, *kind.name.encode()])
    strides = _shifted(strides, kind, _columns(strides, bouts), rng)
    if kind.late_s:
        strides, bouts = _pressed_late(strides, bouts, kind.late_s)
    if not kind.easy:
        strides = [s._replace(pace="other") if s.pace == "easy" else s for s in strides]
    return hour_of(
        strides, bouts, kind.scenario.sides, ("easy", "fast") if kind.easy else ("fast",)
    )


def hour_of(
    labelled: Iterable[Stride],
    bouts: tuple[Bout, ...],
    sides: tuple[Side, ...] = SIDES,
    paces: tuple[Pace, ...] = ("easy", "fast"),
) -> Hour:
    """Make a session of labelled strides."""
    strides = sorted(labelled, key=lambda s: s.t_peak_flexion_s)
    return Hour([_as_found(s) for s in strides], strides, bouts, sides, paces)


def listened(hour: Hour, rule: Rule) -> list[Heard]:
    """Go through a session as a live readout does; return what is heard."""
    cues, baselines, heard = rule.cue_rule(), rule.baselines([], ()), []
    complete = False
    for i, (stride, label) in enumerate(zip(hour.strides, hour.labelled, strict=True)):
        if not complete and i % _LOOK_EVERY == 0:
            baselines = rule.baselines(hour.labelled[:i], hour.bouts)
            asked = [b for b in baselines if b.side in hour.sides and b.pace in hour.paces]
            complete = all(b.value_rad is not None for b in asked)
        cue = cues.push(stride, label.pace, baselines)
        if cue is not None:
            tau = label.moving_fraction or 0.0
            heard.append(Heard(cue, tau, _detectable_deg(cue, baselines)))
    return heard


def _detectable_deg(cue: Cue, baselines: Iterable[Baseline]) -> float:
    asked = (cue.side, cue.outcome, "fast")
    own = next(b for b in baselines if (b.side, b.outcome, b.pace) == asked)
    return float(np.rad2deg(own.detectable_rad or 0.0))


def _is(stride: Stride, side: Side, pace: Pace) -> bool:
    return stride.side == side and stride.pace == pace


def _columns(strides: list[Stride], bouts: tuple[Bout, ...]) -> Columns:
    starts = np.array([bout.start_s for bout in bouts])
    bout = np.array([-1 if s.bout is None else s.bout for s in strides])
    t_s = np.array([s.t_peak_flexion_s for s in strides])
    return Columns(
        left=np.array([s.side == "left" for s in strides]),
        fast=np.array([s.pace == "fast" for s in strides]),
        bout=bout,
        tau=np.array([s.moving_fraction or 0.0 for s in strides]),
        within_s=t_s - starts[bout],
    )


def _shifted(
    strides: list[Stride], kind: Kind, at: Columns, rng: np.random.Generator
) -> list[Stride]:
    shift = kind.change(at, rng)
    zeros = np.zeros(len(strides))
    off = {
        "flexion": shift.flexion_deg + shift.speed_m_s * _PER_M_S["flexion"],
        "extension": shift.extension_deg + shift.speed_m_s * _PER_M_S["extension"],
    }
    columns = [
        _measured(strides, at, f"peak_{name}_rad", rng) + rad_from_deg(zeros + more)
        for name, more in off.items()
    ]
    columns += [zeros + shift.speed_m_s, 1 + _ar1(len(strides), _POD_SD, _POD_MEMORY, rng)]
    return [
        s._replace(
            peak_flexion_rad=flexion,
            peak_extension_rad=extension,
            speed_m_s=((s.speed_m_s or 0.0) + quicker) * wrong if kind.pod else None,
        )
        for s, flexion, extension, quicker, wrong in zip(
            strides, *(column.tolist() for column in columns), strict=True
        )
    ]


def _measured(
    strides: list[Stride], at: Columns, name: str, rng: np.random.Generator
) -> FloatArray:
    """Peaks as alike to their neighbours as those that are measured, (n,)."""
    peaks = np.array([getattr(s, name) for s in strides])
    for leg in (at.left, ~at.left):
        own, bout = peaks[leg], at.bout[leg]
        inside = (bout[1:-1] == bout[:-2]) & (bout[1:-1] == bout[2:])
        own[1:-1] = np.where(inside, 0.25 * (own[:-2] + own[2:]) + 0.5 * own[1:-1], own[1:-1])
        peaks[leg] = own + rad_from_deg(_ar1(len(own), _ERROR_DEG, _ERROR_MEMORY, rng))
    return peaks


def _ar1(count: int, sd: float, memory: float, rng: np.random.Generator) -> FloatArray:
    shocks = rng.normal(0.0, sd * np.sqrt(1 - memory**2), count).tolist()
    values, last = [], float(rng.normal(0.0, sd))
    for shock in shocks:
        last = memory * last + shock
        values.append(last)
    return np.array(values)


def _pressed_late(
    strides: list[Stride], bouts: tuple[Bout, ...], late_s: float
) -> tuple[list[Stride], tuple[Bout, ...]]:
    laps = tuple(Lap(b.start_s + late_s, b.end_s + late_s, b.label) for b in bouts)
    bare = [_as_found(s) for s in strides]
    labelled, found = label_strides(bare, PaceEvidence(laps=laps))
    speed = {(s.side, s.stride): s.speed_m_s for s in strides}
    told = [s._replace(speed_m_s=speed[s.side, s.stride]) for s in labelled]
    return sorted(told, key=lambda s: s.t_peak_flexion_s), found


def _as_found(stride: Stride) -> Stride:
    """Take the label's doubt off again: the live path does not know that a bout is about to end."""
    if Reason.TRANSITION not in stride.reasons:
        return stride
    rest = tuple(reason for reason in stride.reasons if reason != Reason.TRANSITION)
    return stride._replace(quality=0.0 if rest else 1.0, reasons=rest)


def lost(
    at: Columns,
    _rng: np.random.Generator,
    *,
    degrees: float,
    since: float | None = None,
    left_only: bool = False,
) -> Shift:
    """Flexion lost at fast pace: evenly over the session, or all of it from one moment on."""
    share = at.tau if since is None else (at.tau >= since).astype(float)
    return Shift(flexion_deg=-degrees * share * at.fast * (at.left | (not left_only)))


def lost_extension(at: Columns, _rng: np.random.Generator, *, degrees: float) -> Shift:
    """Extension lost at fast pace, evenly over the session."""
    return Shift(extension_deg=-degrees * at.tau * at.fast)


def lost_at_both(at: Columns, _rng: np.random.Generator, *, degrees: float) -> Shift:
    """Flexion lost at both paces alike, evenly over the session."""
    return Shift(flexion_deg=-degrees * at.tau)


def first_bout_off(at: Columns, _rng: np.random.Generator, *, degrees: float) -> Shift:
    """The first fast bout is not like the others."""
    more = degrees * (at.bout == at.bout[at.fast].min())
    return Shift(flexion_deg=more, extension_deg=more)


def warming_up(at: Columns, _rng: np.random.Generator, *, degrees: float) -> Shift:
    """Peaks of both paces are larger at the start; two thirds of that last six minutes."""
    more = degrees * np.exp(-at.tau / 0.1)
    return Shift(flexion_deg=more, extension_deg=more)


def slipping(at: Columns, rng: np.random.Generator, *, degrees: float, fast: bool) -> Shift:
    """The left thigh's strap slips once, at one pace: less flexion, and as much more extension."""
    moments = np.flatnonzero((at.fast == fast) & (at.tau > 0.25) & (at.bout >= 0))
    after = (np.arange(len(at.tau)) >= rng.choice(moments)) & at.left
    return Shift(flexion_deg=-degrees * after, extension_deg=degrees * after)


def uneven(at: Columns, rng: np.random.Generator, *, sd_m_s: float) -> Shift:
    """Each fast bout has a speed of its own."""
    own = rng.normal(0.0, sd_m_s, int(at.bout.max()) + 1)
    return Shift(speed_m_s=np.where(at.fast, own[at.bout], 0.0))


def hot_start(at: Columns, _rng: np.random.Generator, *, by_m_s: float) -> Shift:
    """Each fast bout begins quicker than it ends."""
    return Shift(speed_m_s=np.where(at.fast, by_m_s * (0.5 - at.within_s / FAST_S), 0.0))
