"""What pages are sent holds what the reference says, and whatever they send is read or refused."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FatigueEstimate, ShownStride
from hipimu.web.messages import (
    Hello,
    Ping,
    PressMark,
    Proceed,
    Refusal,
    StopRun,
    SwitchSound,
    pong_text,
    read_message,
    state_text,
    strides_text,
    welcome_text,
)
from tests.live_board import PlayedRun

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "live-page.md"
TABLE = PAGE.read_text("utf-8").split("| key | meaning |")[1].split("\n\n")[0]
RUN = PlayedRun(plan=[(0.0, "easy"), (60.0, "fast")])
RUN.advance(150.0, states=10)
STATE = RUN.board.state
FATIGUE = FatigueEstimate(
    "left", "peak_flexion", "supported", ("why",), {}, {},
    rfi_rad=math.radians(4.1),
    rfi_ci95_rad=(math.radians(2.64), math.radians(5.66)),
    detectable_rad=math.radians(1.8),
)  # fmt: skip


def strict(text: str) -> Any:
    """Read JSON as browsers do: without NaN and Infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


# -- to the page


def test_a_state_has_the_keys_of_the_reference() -> None:
    rows = re.findall(r"^\| (`.*?) \|", TABLE, re.M)
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    message = strict(state_text(STATE, 2))
    assert keys | {"type", "pace_source", "dot_said"} == set(message)
    for beside in ("pace_source", "dot_said"):
        assert f"`{beside}`" in TABLE


def test_parts_have_the_keys_of_the_reference() -> None:
    message = strict(state_text(replace(STATE, fatigue=(FATIGUE,)), 2))
    for part in ("peaks", "fatigue", "sensors"):
        row = next(line for line in TABLE.splitlines() if line.startswith(f"| `{part}`"))
        keys = re.search(r"\{(.*?)\}", row)
        assert keys is not None
        assert list(message[part][0]) == keys[1].split(", "), part
    assert list(message["peaks"][0]["baseline"]) == [
        "value", "detectable", "strides", "needed", "speed_m_s",
    ]  # fmt: skip


def test_angles_are_degrees_with_one_decimal() -> None:
    message = strict(state_text(replace(STATE, fatigue=(FATIGUE,)), 2))
    (fatigue,) = message["fatigue"]
    assert (fatigue["rfi"], fatigue["rfi_ci95"], fatigue["detectable"]) == (4.1, [2.6, 5.7], 1.8)
    now, peak = STATE.peaks[0], message["peaks"][0]
    assert now.value_rad is not None
    assert peak["value"] == pytest.approx(math.degrees(now.value_rad), abs=0.0501)
    assert peak["value"] == round(peak["value"], 1)
    assert message["angle"].keys() == {"left", "right"}


def test_what_is_not_known_is_null_and_nan_never_goes_out() -> None:
    unknown = replace(
        STATE,
        t_s=math.inf,
        flexion_rad={"left": math.nan},
        cadence_spm=math.nan,
        speed_m_s=None,
        peaks=tuple(replace(peak, value_rad=math.nan) for peak in STATE.peaks),
        sensors=tuple(replace(s, age_s=None, battery=None, loss=math.nan) for s in STATE.sensors),
        cue=None,
    )
    message = strict(state_text(unknown, 0))
    for key in ("t_s", "cadence_spm", "speed_m_s", "cue"):
        assert message[key] is None, key
    assert message["angle"] == {"left": None}
    sensor = message["sensors"][0]
    assert (sensor["age_s"], sensor["battery_percent"], sensor["loss_percent"]) == (None,) * 3


def test_numbers_of_numpy_and_odd_letters_go_out() -> None:
    float32: Any = np.float32(166.66)
    odd = replace(STATE, cadence_spm=float32, name="\ud800", so_far="4.1° − ok")
    message = strict(state_text(odd, 0).encode("utf-8").decode())
    assert message["cadence_spm"] == 166.7
    assert message["so_far"] == "4.1° − ok"


def test_there_is_no_minus_zero() -> None:
    assert "-0.0" not in state_text(replace(STATE, flexion_rad={"left": -1e-5}), 0)


def test_strides_are_rows() -> None:
    usable = ShownStride(
        "left", 12.3456, math.radians(45.06), math.radians(10.0), 0.7101, "running", 1.0
    )
    strides = [
        usable,
        replace(usable, side="right", stride_time_s=None, quality=0.0),
        replace(usable, gait="walking", peak_flexion_rad=math.nan),
    ]
    assert strict(strides_text(7, strides)) == {
        "type": "strides",
        "from": 7,
        "strides": [
            [0, 12.346, 45.1, 10.0, 0.71, 1],
            [1, 12.346, 45.1, 10.0, None, 0],
            [0, 12.346, None, 10.0, 0.71, 0],
        ],
    }


def test_welcome_and_pong() -> None:
    assert strict(welcome_text(STATE, run="8f3c", simulated=True, keep=12)) == {
        "type": "welcome",
        "version": 1,
        "run": "8f3c",
        "simulated": True,
        "mode": "virtual",
        "name": "tuesday",
        "sides": ["left", "right"],
        "keep": 12,
    }
    said = strict(pong_text(123.4, 1_790_000_000_123_456_789))
    assert said == {"type": "pong", "at": 123.4, "now_ms": 1_790_000_000_123.5}


# -- from the page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"type": "hello", "version": 1, "have": 120, "run": "8f3c"}',
            Hello(type="hello", version=1, have=120, run="8f3c"),
        ),
        (
            '{"type": "hello", "version": 1, "have": 0, "run": null, "more": [1]}',
            Hello(type="hello", version=1),
        ),
        ('{"type": "mark", "mark": "undo"}', PressMark(type="mark", mark="undo")),
        ('{"type": "proceed"}', Proceed(type="proceed")),
        ('{"type": "sound", "on": false}', SwitchSound(type="sound", on=False)),
        ('{"type": "stop"}', StopRun(type="stop")),
        ('{"type": "ping", "at": 123.4}', Ping(type="ping", at=123.4)),
        ('{"type": "ping", "at": 5}', Ping(type="ping", at=5.0)),
    ],
)
def test_messages_of_the_reference_are_read(text: str, message: object) -> None:
    assert read_message(text) == message


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"type": "hello"}',
        '{"type": "hello", "version": 1, "have": -1, "run": null}',
        '{"type": "hello", "version": 1, "have": 1e30, "run": null}',
        '{"type": "hello", "version": 1, "have": true, "run": null}',
        '{"type": "hello", "version": "1", "have": 0, "run": null}',
        '{"type": "hello", "version": 1, "have": 0, "run": ["x"]}',
        f'{{"type": "hello", "version": 1, "have": 0, "run": "{"x" * 65}"}}',
        f'{{"type": "hello", "version": 1, "have": {"9" * 4000}, "run": null}}',
        '{"type": "mark", "mark": "slow"}',
        '{"type": "mark"}',
        '{"type": ["mark"], "mark": "easy"}',
        '{"type": "sound", "on": 1}',
        '{"type": "sound", "on": "true"}',
        '{"type": "ping", "at": NaN}',
        '{"type": "ping", "at": 1e999}',
        '{"type": "ping", "at": null}',
        '{"type": "start"}',
        "[" * 4000,
        '{"type":' * 500,
        "\ud800",
    ],
)
def test_anything_else_is_refused(text: str | None) -> None:
    said = read_message(text)
    assert isinstance(said, Refusal), said
    assert len(said.why.encode()) <= 123, "the reason of a close frame"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("type", "version", "have", "run", "mark", "on", "at")
NAMES = st.sampled_from(("hello", "mark", "proceed", "sound", "stop", "ping", "easy"))


@given(st.dictionaries(st.sampled_from(KEYS), NAMES | JSON, min_size=1))
def test_no_message_raises(message: dict[str, Any]) -> None:
    said = read_message(json.dumps(message))
    if not isinstance(said, Refusal):
        assert said.type == message["type"]


@given(st.text(max_size=200) | st.text(alphabet='{}[]":,0123456789.eE-+ntrufalse', max_size=200))
def test_no_text_raises(text: str) -> None:
    read_message(text)
