"""The guided start follows the runner, and says in words what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hipimu.data import SEGMENTS, Calibration, ImuBlock, SensorNow, StartState
from hipimu.pipeline import LivePath, RadioPath
from hipimu.pipeline.live_start import StartGuide, found_sentences
from tests.air import packets, spoken_by

GOOD = SensorNow("pelvis", "hipimu 1", "up", "streaming", "", 100.0, 0.0, 0.02, 0.9, 0.0, 0, False)
SENSORS = tuple(replace(GOOD, sensor=segment) for segment in SEGMENTS)
STEP_S = 0.1
RATES = dict.fromkeys(SEGMENTS, 100.0)


def started(
    guide: StartGuide,
    seconds: float,
    sensors: Sequence[SensorNow] = SENSORS,
    *,
    put_on_s: float = 2.0,
) -> Iterator[tuple[float, StartState]]:
    """Ten seconds of standing, twenty of walking, then a run."""
    arrivals = packets(seconds)
    path = LivePath(RadioPath(spoken_by(dict.fromkeys(SEGMENTS, "hipimu-open"))))
    at = 0
    for now_s in np.arange(STEP_S, seconds, STEP_S).tolist():
        until = at
        while until < len(arrivals) and arrivals[until].t_host_ns * 1e-9 <= now_s:
            until += 1
        shown = path.push(arrivals[at:until])
        at = until
        if abs(now_s - put_on_s) < STEP_S / 2:
            guide.proceed()
        samples = path.samples
        yield now_s, guide.take(shown.blocks, now_s, sensors, samples.gait_s, samples.calibration)


@pytest.fixture(scope="module")
def whole() -> list[tuple[float, StartState]]:
    return list(started(StartGuide(RATES), 42.0))


def test_the_steps_follow_the_runner(whole: list[tuple[float, StartState]]) -> None:
    first = {state.step: now_s for now_s, state in reversed(whole)}
    assert list(dict.fromkeys(state.step for _, state in whole)) == list(whole[0][1].steps)
    assert first["stand"] == pytest.approx(2.0, abs=0.2)
    assert 5.0 < first["walk"] < 9.0
    assert 28.0 < first["ready"] < 40.0


def test_progress_never_runs_backwards_nor_beyond(whole: list[tuple[float, StartState]]) -> None:
    walked = [state for _, state in whole if state.step == "walk"]
    done = [state.done_s for state in walked]
    assert all(later >= earlier for earlier, later in pairwise(done))
    assert max(done) <= walked[0].needed_s == 20.0
    assert done[-1] > 16.0
    steps = np.diff(done)
    assert steps.max() < 1.0, "it grows evenly, not by whole windows"


def test_it_says_whether_the_runner_does_it(whole: list[tuple[float, StartState]]) -> None:
    at = {round(now_s, 1): state for now_s, state in whole}
    assert at[4.0].going
    assert at[20.0].going
    assert at[20.0].step == "walk"


def test_at_the_end_it_says_what_was_found(whole: list[tuple[float, StartState]]) -> None:
    found = " ".join(whole[-1][1].found)
    assert "Neutral is how you stood" in found
    assert "knee forward is flexion" in found
    assert whole[-1][1].problem == ""


def test_who_begins_to_run_is_told() -> None:
    states = [s for _, s in started(StartGuide(RATES), 24.0, put_on_s=12.0)]
    assert states[-1].step == "stand"
    assert "stood still" in states[-1].problem


def test_worn_sensors_need_no_saying() -> None:
    states = [s for _, s in started(StartGuide(RATES, worn=True), 9.0, put_on_s=99.0)]
    assert states[-1].step == "walk"


def test_what_is_worn_already_has_no_such_step() -> None:
    guide = StartGuide(RATES, guided=False)
    states = [state for _, state in started(guide, 3.0, put_on_s=99.0)]
    assert "put_on" not in states[0].steps
    assert states[-1].step == "stand"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phase": "waiting", "why": "out of range"}, "cannot be reached (out of range)"),
        ({"battery": 0.1}, "at 10 %: charge it"),
    ],
)
def test_what_keeps_a_sensor_is_said(change: dict[str, object], said: str) -> None:
    sensors = (*SENSORS[:2], replace(SENSORS[2], **change))  # type: ignore[arg-type]
    state = StartGuide(RATES).take([], 1.0, sensors, 0.0, None)
    assert state.step == "sensors"
    assert said in state.problem
    assert "right thigh" in state.problem


def test_a_sensor_lost_on_the_way_is_said() -> None:
    sensors = (*SENSORS[:2], replace(SENSORS[2], link="down"))
    *_, (_, state) = started(StartGuide(RATES), 6.0, sensors)
    assert "right thigh sensor does not deliver" in state.problem


def test_doubts_of_the_calibration_are_passed_on() -> None:
    calibration = Calibration(
        quat_wxyz={s: np.array([1.0, 0.0, 0.0, 0.0]) for s in SEGMENTS},
        source="stand and gait",
        stand_s=(3.0, 9.0),
        gait_s=20.0,
        axis_ratio={},
        sign_margin=dict.fromkeys(SEGMENTS, 0.2),
        standing_pelvis_tilt_rad=0.0,
        warnings=("left and right may be exchanged",),
    )
    said = found_sentences(calibration)
    assert said[0] == "Neutral is how you stood for 6 s."
    assert said[-1] == "Attention: left and right may be exchanged."
    assert not any("knee forward" in sentence or "Nothing speaks" in sentence for sentence in said)


def test_nothing_of_a_silent_sensor_is_taken_for_standing() -> None:
    guide = StartGuide(RATES)
    block = ImuBlock(
        "pelvis",
        np.arange(200) / 100.0,
        np.zeros((200, 3)),
        np.tile([0.0, 0.0, 9.81], (200, 1)),
        np.zeros(200, dtype=bool),
    )
    guide.proceed()
    state = guide.take([block], 2.0, SENSORS, 0.0, None)
    assert state.step == "sensors"
