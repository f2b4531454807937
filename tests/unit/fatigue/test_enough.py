"""Every reason not to answer, one at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hipimu.data import FatigueEstimate, PaceSource, Stride
from hipimu.fatigue import estimate_fatigue
from tests.unit.fatigue.sessions import Design, session

NUMBERS = (
    "delta_easy_rad",
    "delta_easy_ci95_rad",
    "delta_fast_rad",
    "delta_fast_ci95_rad",
    "rfi_rad",
    "rfi_ci95_rad",
    "detectable_rad",
)


def refused(found: FatigueEstimate) -> tuple[str, ...]:
    """The reasons; a refusal never carries a number."""
    assert found.verdict == "not_estimable"
    assert all(getattr(found, name) is None for name in NUMBERS)
    assert found.line_rad == {}
    assert found.reasons
    return found.reasons


def reasons_of(design: Design) -> tuple[str, ...]:
    strides, bouts = session(design)
    return refused(estimate_fatigue(strides, bouts, ("right",))[0])


def answered(design: Design) -> bool:
    strides, bouts = session(design)
    return estimate_fatigue(strides, bouts, ("right",))[0].verdict != "not_estimable"


def test_three_bouts_of_each_pace_are_enough() -> None:
    assert answered(Design(bouts_each=3))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("none", "its pace is unknown"),
        ("laps", "no lap is labelled easy or fast"),
        ("watch_laps", "the watch's laps show one pace only"),
        ("speed", "its speed shows one pace only"),
        ("pelvis", "the rhythm of the pelvis shows one pace only"),
    ],
)
def test_one_pace_says_where_two_were_looked_for(source: PaceSource, said: str) -> None:
    strides, bouts = session(Design(source=source))
    other = [s._replace(pace="other") for s in strides]
    alike = [replace(bout, pace="other") for bout in bouts]
    (reason,) = refused(estimate_fatigue(other, alike, ("right",))[0])

    assert reason.startswith(said)
    assert "laps.csv" in reason


def test_no_strides_and_no_bouts() -> None:
    found = estimate_fatigue([], [])

    assert len(found) == 4
    for estimate in found:
        assert "its pace is unknown" in refused(estimate)[0]
        assert estimate.strides == {"easy": 0, "fast": 0}


def test_two_bouts_of_each_pace() -> None:
    assert reasons_of(Design(bouts_each=2)) == (
        "it has two easy bouts of at least 30 s, three are needed",
        "it has two fast bouts of at least 30 s, three are needed",
    )


def test_one_fast_bout() -> None:
    strides, bouts = session(Design())
    kept = [s for s in strides if s.pace == "easy" or s.bout == 1]

    assert refused(estimate_fatigue(kept, bouts, ("right",))[0]) == (
        "it has one fast bout of at least 30 s, three are needed",
    )


def test_bouts_that_are_too_short_do_not_count() -> None:
    strides, bouts = session(Design())
    short = [replace(b, end_s=b.start_s + 28.0) if b.bout in (1, 3) else b for b in bouts]

    assert refused(estimate_fatigue(strides, short, ("right",))[0]) == (
        "it has two fast bouts of at least 30 s, three are needed",
    )
    assert answered(Design(bout_s=30.0))
    rounded = [
        replace(b, end_s=b.start_s + 29.0) for b in bouts
    ]  # as a watch may tell half a minute
    assert estimate_fatigue(strides, rounded, ("right",))[0].verdict != "not_estimable"


def test_too_few_strides() -> None:
    strides, bouts = session(Design())
    fast = [s for s in strides if s.pace == "fast"]

    def with_fast(kept: list[Stride]) -> FatigueEstimate:
        easy = [s for s in strides if s.pace == "easy"]
        return estimate_fatigue([*easy, *kept], bouts, ("right",))[0]

    assert refused(with_fast([*fast[::9], fast[1], fast[2]])) == (
        "it has 29 usable fast strides, 30 are needed",
    )
    assert with_fast([*fast[::9], *fast[1:4]]).verdict != "not_estimable"


def test_bouts_that_lie_too_close_together() -> None:
    strides, bouts = session(Design())
    crowded = [
        s._replace(moving_fraction=0.45 * (s.moving_fraction or 0.0)) if s.pace == "fast" else s
        for s in strides
    ]

    assert refused(estimate_fatigue(crowded, bouts, ("right",))[0]) == (
        "its fast bouts lie too close together to show a change over the run",
    )


def slowing(to_m_s: float) -> FatigueEstimate:
    """Easy at 3 m/s; fast comes down from 5 m/s to `to_m_s` in the last third."""
    strides, bouts = session(Design(speed=True))
    fast = [s for s in strides if s.pace == "fast"]
    speeds = np.where(np.arange(len(fast)) < 2 * len(fast) / 3, 5.0, to_m_s).tolist()
    changed = [
        *(s._replace(speed_m_s=3.0) for s in strides if s.pace == "easy"),
        *(s._replace(speed_m_s=v) for s, v in zip(fast, speeds, strict=True)),
    ]
    return estimate_fatigue(changed, bouts, ("right",))[0]


def test_speed_lost() -> None:
    (reason,) = refused(slowing(3.9))

    assert reason == "speed was lost at fast pace, so speed and range are not separable"
    assert slowing(4.9).verdict != "not_estimable"


def test_a_pace_that_drifts_with_time_is_not_separable_from_it() -> None:
    """Not a collapse, but no one can say what a metre per second is worth within a pace."""
    strides, bouts = session(Design(speed=True, noise_rad=0.02, bout_rad=0.005))

    def drifting(by_m_s: float) -> FatigueEstimate:
        return estimate_fatigue(
            [
                s._replace(speed_m_s=5.0 + by_m_s * (s.moving_fraction or 0.0))
                if s.pace == "fast"
                else s._replace(speed_m_s=3.0)
                for s in strides
            ],
            bouts,
            ("right",),
        )[0]

    slowed = drifting(-0.8)
    assert refused(slowed) == (
        "its fast pace slowed by 0.8 m/s over the run, so speed and range are not separable",
    )
    assert slowed.speed_change_m_s["fast"] == pytest.approx(-0.8)
    assert "fast pace grew quicker by 0.8 m/s" in refused(drifting(0.8))[0]
    assert drifting(-0.05).verdict != "not_estimable"


def test_one_stride_without_speed_leaves_speed_out() -> None:
    strides, bouts = session(Design(speed=True))
    strides[100] = strides[100]._replace(speed_m_s=None)

    assert estimate_fatigue(strides, bouts, ("right",))[0].verdict != "not_estimable"


def test_both_paces_may_be_missing_something() -> None:
    strides, bouts = session(Design())
    kept = [s for s in strides if s.bout in (0, 2, 4, 1)]
    reasons = refused(estimate_fatigue(kept, bouts, ("right",))[0])

    assert len(reasons) == 1
    fewer = [s for s in strides if s.bout in (0, 1)]
    assert len(refused(estimate_fatigue(fewer, bouts, ("right",))[0])) == 2
