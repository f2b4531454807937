"""Roles for devices, and verdicts on their links: every mistake in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hipimu.data import Advertisement, SensorHealth
from hipimu.errors import HipimuError, SensorError, UnknownNameError
from hipimu.pipeline.choose_sensors import (
    Recognised,
    assign,
    read_request,
    recognised,
    requests_of_roles,
)
from hipimu.pipeline.link_test import verdicts
from hipimu.pipeline.record import SensorLine
from hipimu.sources.ble import Heard, SensorStatus

DOT = "Movella DOT"


def devices(*named: tuple[str, str]) -> list[Recognised]:
    heard = [
        Heard(Advertisement(address, name, -60, (), ()), None)  # type: ignore[arg-type]
        for address, name in named
    ]
    return recognised(heard, {})


def test_roles_are_given_by_address_and_by_name() -> None:
    found = devices(("AA:01", DOT), ("AA:02", f"{DOT} left"), ("AA:03", "Polar H10 123"))
    requests = [read_request(text) for text in ("pelvis=aa:01", f"thigh_left={DOT} left")]
    given = assign(found, [*requests, read_request("heart_rate=AA:03")], rate_hz=30)

    assert [entry.sensor for entry in given] == ["pelvis", "thigh_left", "heart_rate"]
    assert [e.wanted.protocol.kind for e in given] == ["imu", "imu", "heart_rate"]
    assert [e.wanted.settings for e in given] == [{"rate_hz": 30}, {"rate_hz": 30}, {}]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("pelvis=AA:09", SensorError, "was not heard (heard: "),
        (f"pelvis={DOT}", SensorError, "2 devices are called"),
        ("pelvis=AA:04", SensorError, "of no kind that hipimu knows"),
        ("pelvis=AA:03", SensorError, "sensor for heart rate"),
        ("heart_rate=AA:01", SensorError, "sensor for imu"),
        ("pelvis=AA:05", SensorError, "cannot be used"),
        ("pelvis=AA:04@nonsense", UnknownNameError, "nonsense"),
    ],
)
def test_mistakes_say_what_to_do(text: str, kind: type[HipimuError], said: str) -> None:
    found = devices(
        ("AA:01", DOT), ("AA:02", DOT), ("AA:03", "Polar H10 1"), ("AA:04", "Scale"),
        ("AA:05", "CC2650 SensorTag"),
    )  # fmt: skip
    with pytest.raises(kind) as caught:
        assign(found, [read_request(text)])
    assert said in caught.value.what
    assert caught.value.remedy


def test_a_named_protocol_is_taken_for_a_device_that_does_not_tell() -> None:
    (given,) = assign(devices(("AA:04", "Scale")), [read_request("pelvis=AA:04@movella-dot")])
    assert given.wanted.protocol.id == "movella-dot"


def test_remembered_roles_need_a_pelvis_and_a_thigh() -> None:
    one, two = devices(("AA:01", DOT), ("AA:02", DOT))
    assert requests_of_roles([replace(one, role="pelvis"), two]) == []
    both = [replace(one, role="thigh_left"), replace(two, role="pelvis")]
    assert [r.role for r in requests_of_roles(both)] == ["pelvis", "thigh_left"]


def line(*, age_s: float | None = 0.02, battery: float | None = 0.9, **health: Any) -> SensorLine:
    usual: dict[str, Any] = {
        "sensor": "thigh_left", "link": "up", "packets": 500, "samples": 520, "rate_hz": 104.0,
        "lost": 0, "loss": 0.0, "drops": 0, "duplicates": 0, "malformed": 0, "clipped": 0.0,
        "last_s": 5.0,
    }  # fmt: skip
    status = SensorStatus(
        "thigh_left", "streaming", "", 500, 5, 0, 0, battery, 247, "x", "AA", None, None
    )
    return SensorLine(status, SensorHealth(**usual | health), age_s)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (line(age_s=None), "is silent"),
        (line(age_s=2.0), "is silent"),
        (line(link="down"), "is silent"),
        (line(loss=0.03, lost=15), "loses 3.0 %"),
        (line(rate_hz=60.0), "60 samples a second instead of 104"),
        (line(battery=0.1), "at 10 %"),
        (line(malformed=60), "60 of 500 packets"),
    ],
)
def test_a_poor_link_is_told(given: SensorLine, said: str) -> None:
    (verdict,) = verdicts([given], {"thigh_left": 104.0})
    assert said in verdict


def test_a_good_link_needs_no_words() -> None:
    assert verdicts([line(battery=None), line()], {"thigh_left": 104.0}) == ()
