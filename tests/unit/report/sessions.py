"""Made-up sessions that look like real ones, one for every state a face must show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    THIGHS,
    Bout,
    Calibration,
    Cycle,
    FatigueEstimate,
    Outcome,
    Pace,
    Reason,
    SensorSummary,
    Session,
    Side,
    Stride,
    WatchSummary,
)
from tests.unit.report.estimates import (
    LEVEL_DEG,
    LONELY,
    LOSS,
    MIXED,
    NULL,
    REVERSED,
    WIDE,
    Effects,
    estimate_of,
    holm,
)
from tests.unit.report.strengths import compensation_of, nothing_measured, strength_of

SHORT_MIN = 4.0
BY_RHYTHM = (
    "pace is known from the rhythm of the pelvis only, so a change of speed may pass for one of "
    "range: mark laps, or record the speed"
)
IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])
STRIDE_S: Mapping[Pace, float] = {"easy": 0.72, "fast": 0.62, "other": 0.80}
SPEED_M_S: Mapping[Pace, float | None] = {"easy": 2.9, "fast": 4.8, "other": None}


def bouts_of(minutes: float) -> tuple[Bout, ...]:
    """A warm-up at easy pace, then fast and easy in turn with short gaps."""
    pieces: list[tuple[Pace, float]] = [("easy", 0.2)]
    pieces += [("fast", 0.08), ("easy", 0.08)] * 5
    bouts, start = [], 20.0
    for number, (pace, share) in enumerate(pieces):
        end = start + share * minutes * 60
        bouts.append(Bout(number, pace, "laps", start, end - 4, SPEED_M_S[pace], pace))
        start = end
    return tuple(bouts)


def strides_of(
    side: Side, bouts: tuple[Bout, ...], effects: Effects, rng: np.random.Generator
) -> list[Stride]:
    """Strides through all bouts; those in the pauses between bouts are transitions."""
    strides: list[Stride] = []
    t = bouts[0].start_s + (0.36 if side == "right" else 0.0)
    last = bouts[-1].end_s
    while t < last:
        bout = next((b for b in bouts if b.start_s <= t <= b.end_s), None)
        pace: Pace = bout.pace if bout else "other"
        tau = (t - bouts[0].start_s) / (last - bouts[0].start_s)
        strides.append(_stride(side, len(strides), t, pace, bout, tau, effects, rng))
        t += STRIDE_S[pace] * (1 + 0.012 * rng.standard_normal())
    return strides


def _stride(
    side: Side,
    number: int,
    t: float,
    pace: Pace,
    bout: Bout | None,
    tau: float,
    effects: Effects,
    rng: np.random.Generator,
) -> Stride:
    flexion = _peak(side, "peak_flexion", pace, tau, effects, rng)
    extension = _peak(side, "peak_extension", pace, tau, effects, rng)
    tilt = 6.0 + (3.0 if pace == "fast" else 0.0) + 1.5 * tau + 0.6 * rng.standard_normal()
    gap = number % 97 == 50
    transition = bout is None
    reasons = (Reason.GAP,) if gap else (Reason.TRANSITION,) if transition else ()
    return Stride(
        side=side,
        stride=number,
        t_peak_extension_s=t - 0.31,
        peak_extension_rad=np.radians(extension),
        t_peak_flexion_s=t,
        peak_flexion_rad=np.radians(flexion),
        stride_time_s=None if number == 0 else STRIDE_S[pace],
        gait="walking" if number < 4 else "running",
        pelvis_tilt_rad=np.radians(tilt),
        pelvis_tilt_range_rad=np.radians(7.0 + 0.7 * rng.standard_normal()),
        pelvis_obliquity_range_rad=np.radians(9.0 + 0.7 * rng.standard_normal()),
        pelvis_rotation_range_rad=np.radians(14.0 + rng.standard_normal()),
        thigh_peak_flexion_rad=np.radians(flexion - tilt),
        thigh_peak_extension_rad=np.radians(extension + tilt),
        quality=0.0 if reasons else 1.0,
        reasons=reasons,
        pace=pace,
        bout=bout.bout if bout else None,
        speed_m_s=SPEED_M_S[pace],
        moving_fraction=tau,
    )


def _peak(
    side: Side,
    outcome: Outcome,
    pace: Pace,
    tau: float,
    effects: Effects,
    rng: np.random.Generator,
) -> float:
    effect = effects[side, outcome]
    change = {"easy": effect.easy, "fast": effect.fast, "other": 0.0}[pace]
    spread = 1.0 if outcome == "peak_flexion" else 0.8
    offset = 0.8 if side == "right" else 0.0
    return float(LEVEL_DEG[outcome, pace] + offset + change * tau + spread * rng.standard_normal())


def cycles_of(sides: tuple[Side, ...], effects: Effects) -> tuple[Cycle, ...]:
    """Hip angle over the stride, first and last third, for both paces."""
    cycles = []
    phase = np.linspace(0, 1, 101)
    # Warped so that peak extension lies at 40 % of the stride, not at half.
    shape = 0.5 + 0.5 * np.cos(2 * np.pi * (phase + 0.1 * np.sin(np.pi * phase) ** 2))
    for side in sides:
        for pace in ("easy", "fast"):
            for part, tau in (("early", 1 / 6), ("late", 5 / 6)):
                cycles.append(_cycle(side, pace, part, tau, shape, effects))
    return tuple(cycles)


def _cycle(side: Side, pace: Pace, part: str, tau: float, shape: object, effects: Effects) -> Cycle:
    slope = {key: {"easy": e.easy, "fast": e.fast, "other": 0.0} for key, e in effects.items()}
    top = LEVEL_DEG["peak_flexion", pace] + slope[side, "peak_flexion"][pace] * tau
    low = -LEVEL_DEG["peak_extension", pace] - slope[side, "peak_extension"][pace] * tau
    mean = np.radians(low + (top - low) * np.asarray(shape))
    return Cycle(side, pace, part, mean, np.radians(np.full(101, 1.8)), 120)  # type: ignore[arg-type]


def interval_session(
    effects: Effects = LOSS,
    minutes: float = 12.0,
    sides: tuple[Side, ...] = SIDES,
    seed: int = 7,
) -> Session:
    """An interval run with the given effects; every number in it is plausible."""
    rng = np.random.default_rng(seed)
    bouts = bouts_of(minutes)
    strides = [s for side in sides for s in strides_of(side, bouts, effects, rng)]
    return Session(
        recording="tuesday-intervals",
        simulated=False,
        started_at=datetime(2026, 7, 1, 18, 30, tzinfo=UTC),
        athlete="Robin Example",
        duration_s=minutes * 60 + 40,
        method="refined",
        filter="vqf",
        neutral="quiet standing, 2.0 to 8.5 s",
        hipimu_version="0.1.0",
        parameters={"rate_hz": 100.0, "tau_acc_s": 3.0, "heading_window_s": 10.0},
        sensors=sensors_of(sides, minutes),
        calibration=calibration_of(sides),
        strides=tuple(strides),
        bouts=bouts,
        cycles=cycles_of(sides, effects),
        fatigue=holm(
            [
                estimate_of(side, outcome, effects[side, outcome], strides)
                for side in sides
                for outcome in OUTCOMES
            ]
        ),
        compensation=compensation_of(sides, effects),
        strength=strength_of(sides),
        warnings=(),
    )


def sensors_of(sides: tuple[Side, ...], minutes: float) -> tuple[SensorSummary, ...]:
    samples = int(minutes * 6000)
    thighs = [SensorSummary(THIGHS[side], samples - 210, 100.02, 0.0117, 0.0004) for side in sides]
    return (SensorSummary("pelvis", samples, 99.98, 0.0003, 0.0, 12.4), *thighs)


def calibration_of(sides: tuple[Side, ...]) -> Calibration:
    worn = ("pelvis", *(THIGHS[side] for side in sides))
    return Calibration(
        quat_wxyz=dict.fromkeys(worn, IDENTITY),
        source="stand and gait",
        stand_s=(2.0, 8.5),
        gait_s=118.0,
        axis_ratio=dict.fromkeys(worn, 3.4),
        sign_margin=dict.fromkeys(worn, 0.93),
        standing_pelvis_tilt_rad=0.12,
    )


def refused(session: Session, *reasons: str) -> tuple[FatigueEstimate, ...]:
    """The estimates of a session that cannot answer."""
    return tuple(
        FatigueEstimate(e.side, e.outcome, "not_estimable", reasons, e.strides, {"easy": 0})
        for e in session.fatigue
    )


def short_session() -> Session:
    """Ten seconds of running, no pace known."""
    base = interval_session(minutes=6)
    strides = [
        stride._replace(pace="other", bout=None, speed_m_s=None, moving_fraction=i / 12)
        for side in SIDES
        for i, stride in enumerate([s for s in base.strides if s.side == side and s.usable()][:12])
    ]
    return replace(
        base,
        recording="ten-seconds",
        started_at=None,
        athlete=None,
        duration_s=10.2,
        strides=tuple(strides),
        bouts=(),
        cycles=(),
        fatigue=refused(
            base, "it has no bout whose pace is known, three easy and three fast are needed"
        ),
        compensation=(),
        strength=nothing_measured("it has 12 strides a side, 30 at one pace are needed"),
        warnings=("The recording is 10 s long; calibration rests on 4 s of gait.",),
        notice="Measured by others; CC BY 4.0.",
    )


def empty_session() -> Session:
    """A recording without a single stride."""
    base = interval_session(minutes=6)
    return replace(
        base,
        strides=(),
        bouts=(),
        cycles=(),
        fatigue=refused(base, "no strides were found"),
        compensation=(),
        strength=None,
        warnings=("No gait was found: the thighs never swing.",),
    )


def simulated_session() -> Session:
    return replace(interval_session(minutes=SHORT_MIN), simulated=True, recording="demo")


def one_side_session() -> Session:
    return interval_session(minutes=SHORT_MIN, sides=("left",))


def not_estimable_session() -> Session:
    """Paces are known, but one fast bout is not enough; two warnings."""
    base = interval_session(minutes=SHORT_MIN)
    return replace(
        base,
        fatigue=refused(base, "it has one fast bout of at least 30 s, three are needed"),
        compensation=(),
        warnings=("thigh_left slipped by 9° at 81 s: taken out; 6 strides around it set aside",),
    )


def by_rhythm(session: Session) -> Session:
    """The same run, had nothing but the pelvis's rhythm told the pace."""
    return replace(
        session,
        bouts=tuple(replace(bout, pace_source="pelvis", speed_m_s=None) for bout in session.bouts),
        strides=tuple(stride._replace(speed_m_s=None) for stride in session.strides),
        fatigue=tuple(
            replace(e, speed_change_m_s={}, checks=e.checks[:2]) for e in session.fatigue
        ),
    )


def proxy_session() -> Session:
    """Pace from the pelvis's rhythm: what looks like a finding is held back."""
    base = by_rhythm(interval_session(minutes=SHORT_MIN))
    return replace(base, fatigue=tuple(map(held_back, base.fatigue)))


def held_back(estimate: FatigueEstimate) -> FatigueEstimate:
    """What fatigue makes of a finding that it doubts."""
    if estimate.verdict == "no_evidence":
        return estimate
    return replace(estimate, verdict="no_evidence", reasons=(BY_RHYTHM,))


def watch_session() -> Session:
    """A watch file says pace, speed and laps."""
    base = interval_session(NULL, minutes=SHORT_MIN)
    return replace(
        base,
        bouts=tuple(replace(bout, pace_source="watch_laps") for bout in base.bouts),
        watch=WatchSummary(
            "tuesday.fit",
            -12.4,
            "start time and cadence",
            0.94,
            11,
            ("2 of 702 records have no speed",),
        ),
    )


def plain_session() -> Session:
    """An analysis as version 0.1 made it: nothing of the four dimensions, no checks, no p."""
    base = interval_session(minutes=SHORT_MIN)
    estimates = tuple(
        replace(
            estimate,
            reserve_rad=None,
            reserve_ci95_rad=None,
            rfi_share_of_reserve=None,
            p_value=None,
            p_holm=None,
            checks=(),
            speed_change_m_s={},
        )
        for estimate in base.fatigue
    )
    return replace(base, fatigue=estimates, compensation=(), strength=None)


def compensated_session() -> Session:
    """The thighs keep their extension at fast pace, and the pelvis pays for it."""
    base = interval_session(NULL, minutes=SHORT_MIN)
    return replace(base, compensation=compensation_of(SIDES, NULL, moved_to_pelvis=True))


# Short runs: every state is there, and drawing them all stays quick.
VARIANTS: Mapping[str, Callable[[], Session]] = {
    "supported": lambda: interval_session(minutes=SHORT_MIN),
    "no_evidence": lambda: interval_session(NULL, SHORT_MIN),
    "reversed": lambda: interval_session(REVERSED, SHORT_MIN),
    "mixed": lambda: interval_session(MIXED, SHORT_MIN),
    "short": short_session,
    "empty": empty_session,
    "one_side": one_side_session,
    "simulated": simulated_session,
    "wide": lambda: interval_session(WIDE, SHORT_MIN),
    "lonely": lambda: interval_session(LONELY, SHORT_MIN),
    "not_estimable": not_estimable_session,
    "proxy": proxy_session,
    "watch": watch_session,
    "plain": plain_session,
    "compensated": compensated_session,
}
