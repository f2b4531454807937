"""Moments of a run as faces meet them, made by hand."""

from __future__ import annotations

from dataclasses import replace

from hipimu.data import (
    Baseline,
    LiveState,
    Outcome,
    Pace,
    PeakNow,
    SensorNow,
    Side,
    StartState,
)
from hipimu.pipeline.board import LiveBoard
from hipimu.units import rad_from_deg

SO_FAR = "Too early to say: 2 fast bouts, 3 are needed."


def sensor(role: str = "pelvis", **changes: object) -> SensorNow:
    """A sensor that delivers well."""
    well = SensorNow(
        sensor=role,
        device=f"hipimu {role}",
        link="up",
        phase="streaming",
        why="",
        rate_hz=100.0,
        loss=0.001,
        age_s=0.04,
        battery=0.87,
        clipped=0.0,
        drops=0,
        absent=False,
    )
    return replace(well, **changes)  # type: ignore[arg-type]


def peak(
    side: Side,
    value_deg: float | None,
    baseline_deg: float | None = None,
    *,
    outcome: Outcome = "peak_flexion",
    pace: Pace = "fast",
    strides: int = 30,
) -> PeakNow:
    """A peak and, where the strides for it are there, its baseline."""
    known = None if baseline_deg is None else rad_from_deg(baseline_deg)
    stands_out = None if known is None else rad_from_deg(1.0)
    baseline = Baseline(side, outcome, pace, strides, 30, known, stands_out)
    value = None if value_deg is None else rad_from_deg(value_deg)
    return PeakNow(side, outcome, value, 5, baseline)


def start_state(**changes: object) -> LiveState:
    """Standing still, two seconds so far."""
    start = StartState(
        "stand", done_s=2.1, needed_s=5.0, going=True, said="Stand still for five seconds."
    )
    state = LiveState(
        number=1,
        t_s=8.0,
        arrived_ns=0,
        phase="start",
        mode="virtual",
        name="tuesday",
        start=start,
        sides=("left", "right"),
        sensors=tuple(map(sensor, ("pelvis", "thigh_left", "thigh_right"))),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def running_state(**changes: object) -> LiveState:
    """Twelve minutes into a run, at fast pace."""
    state = replace(
        start_state(),
        number=2,
        t_s=754.0,
        phase="running",
        start=StartState("ready"),
        pace="fast",
        pace_source="button",
        peaks=(
            peak("left", 52.3, 53.5),
            peak("right", 51.0, 50.9),
            peak("left", 14.2, 14.0, outcome="peak_extension"),
            peak("right", 13.1, 14.4, outcome="peak_extension"),
        ),
        running_strides=1874,
        cadence_spm=178.2,
        so_far=SO_FAR,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


class Pressed:
    """A board that remembers what was asked of it."""

    def __init__(self, state: LiveState) -> None:
        self.board = LiveBoard(state)
        self.asked: list[str] = []
        self.board.on_mark = self.asked.append
        self.board.on_proceed = lambda: self.asked.append("proceed")
        self.board.on_stop = lambda: self.asked.append("stop")
        self.board.on_sound = lambda on: self.asked.append(f"sound {on}")
