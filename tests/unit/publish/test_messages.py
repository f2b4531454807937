"""Messages are what their schema says, and the reference names every key."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from hipimu.data import Cue, FatigueEstimate
from hipimu.publish import schema
from hipimu.publish.messages import encoded, samples_message, state_message, stride_message
from hipimu.units import rad_from_deg
from tests.live_board import PLAN, PlayedRun
from tests.live_states import peak, running_state, sensor, start_state
from tests.unit.publish.given import SET_ASIDE, imu, stride

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "published-streams.md"
EPOCH_S = 1_750_000_000.0


def checked(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    """Read a message as a receiver does, and hold it against the schema."""
    read: dict[str, Any] = json.loads(encoded(message))
    jsonschema.validate(read, {"$ref": f"#/$defs/{kind}", **schema()})
    return read


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_stride() -> None:
    message = checked("stride", stride_message(stride(number=4), EPOCH_S))
    assert message["side"] == "left"
    assert message["stride"] == 4
    assert message["t_s"] == 12.3456
    assert message["unix_s"] == 1_750_000_012.346
    assert message["peak_flexion_deg"] == 50.0
    assert message["peak_extension_deg"] == 14.0
    assert message["stride_time_s"] == 0.68


def test_a_stride_that_was_set_aside() -> None:
    message = checked("stride", stride_message(SET_ASIDE, EPOCH_S))
    assert message["reasons"] == ["gap", "clipped"]
    assert message["stride_time_s"] is None


def test_a_state() -> None:
    cue = Cue(3, "right", "peak_extension", "range_back", 700.0, 0.0)
    estimate = FatigueEstimate(
        "left", "peak_flexion", "supported", (), {"fast": 90}, {"fast": 3},
        rfi_rad=rad_from_deg(3.7), rfi_ci95_rad=(rad_from_deg(2.0), rad_from_deg(5.5)),
    )  # fmt: skip
    state = running_state(cue=cue, fatigue=(estimate,), warnings=("Soft.",), heart_rate_bpm=166.0)
    message = checked("state", state_message(state, EPOCH_S))
    assert message["peaks"][0] == {
        "side": "left",
        "outcome": "peak_flexion",
        "value_deg": 52.3,
        "strides": 5,
        "baseline_deg": 53.5,
        "detectable_deg": 1.0,
        "baseline_strides": 30,
    }
    assert message["fatigue"][0]["rfi_ci95_deg"] == [2.0, 5.5]
    assert message["cue"]["number"] == 3
    assert message["dot"] == "good"
    assert message["heart_rate_bpm"] == 166


@pytest.mark.parametrize(
    "state",
    [
        start_state(),
        running_state(pace=None, pace_source="none", peaks=(peak("left", None),), cadence_spm=None),
        running_state(sensors=(sensor("foot_pod", battery=None, age_s=None, rate_hz=math.nan),)),
        running_state(phase="done", ended="Your range held."),
    ],
)
def test_what_is_not_known_is_null(state: Any) -> None:
    if state.sensors[0].sensor == "foot_pod":
        assert state_message(state, EPOCH_S)["sensors"][0]["rate_hz"] is None
    else:
        checked("state", state_message(state, EPOCH_S))


def test_every_state_of_a_run() -> None:
    run = PlayedRun(plan=PLAN)
    for _ in range(16):
        run.advance(25.0)
        checked("state", state_message(run.board.state, EPOCH_S))


def test_samples() -> None:
    block = imu("thigh_left", 10.0, 5)
    message = checked("samples", samples_message(block, np.array([1, 0, 0, 1, 0], bool), EPOCH_S))
    assert message["sensor"] == "thigh_left"
    assert message["t_s"] == [10.0, 10.03]
    assert message["acc_m_s2"] == [[10.0, 1.0, 0.0], [10.03, 1.0, 0.0]]
    assert message["gyr_rad_s"][0] == [1.0, 0.1, 0.0]


@pytest.mark.parametrize("kind", ["stride", "state", "samples"])
def test_the_reference_names_every_key(kind: str) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"### {kind}\n")[1].split("\n##")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.M)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(named) == sorted(schema()["$defs"][kind]["properties"])
