"""All sensors in one dot: well, in need of attention, or bad; and why, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from hipimu.data import SEGMENTS, SensorNow

Dot = Literal["good", "attention", "bad"]

_WORSE: dict[Dot, int] = {"good": 0, "attention": 1, "bad": 2}

_SOME_LOSS = 0.02
"""Up to here nearly all gaps are single packets, which are bridged and cost no stride."""
_MUCH_LOSS = 0.10
"""From here on a stride of a hundred samples hardly ever comes whole."""
_SILENT_S = 1.0
"""More than a stride and more than any packet waits; half of what ends the link."""
_SILENT_BESIDE_S = 10.0
"""Straps and foot pods tell about once a second, and their links wait as long."""
_LOW_BATTERY = 0.20
"""Less than an hour or two of most sensors: enough for this run, perhaps not for the next."""
_EMPTY_BATTERY = 0.05
"""It may end within this run."""
_SOME_CLIPPED = 0.001
"""One sample in ten strides of a hundred: the range of the sensor is set too small."""


class _Finding(NamedTuple):
    dot: Dot
    said: str


def dot(sensors: Sequence[SensorNow]) -> tuple[Dot, str]:
    """Judge all sensors by the worst of them.

    Parameters
    ----------
    sensors : sequence of SensorNow

    Returns
    -------
    dot : {"good", "attention", "bad"}
    str
        Why, in a sentence that names the sensor.
    """
    if not sensors:
        return "attention", "There is no sensor yet."
    found = [finding for sensor in sensors for finding in _of(sensor)]
    if not found:
        many = (
            f"All {len(sensors)} sensors deliver." if len(sensors) > 1 else "The sensor delivers."
        )
        return "good", many
    return max(found, key=lambda finding: _WORSE[finding.dot])


def _of(sensor: SensorNow) -> Iterator[_Finding]:
    """What is wrong with one sensor, the most telling first.

    Of a strap or a foot pod nothing is bad: the answer does without them.
    """
    for finding in _findings(sensor):
        worn = sensor.sensor in SEGMENTS
        yield finding if worn else finding._replace(dot="attention")


def _findings(sensor: SensorNow) -> Iterator[_Finding]:
    name = _name(sensor.sensor)
    silent_s = _SILENT_S if sensor.sensor in SEGMENTS else _SILENT_BESIDE_S
    if sensor.phase == "stopped":
        return
    if sensor.absent:
        yield _Finding("bad", f"{name}: missing, the others go on without it.")
    elif sensor.link == "down" and sensor.age_s is None and not sensor.drops:
        yield _Finding("attention", f"{name}: being connected.")
    elif sensor.link == "down":
        why = f" ({sensor.why})" if sensor.why else ""
        yield _Finding("bad", f"{name}: the link is lost{why}, and is being tried again.")
    elif sensor.age_s is not None and sensor.age_s > silent_s:
        yield _Finding("bad", f"{name}: nothing has come for {sensor.age_s:.1f} s.")
    if sensor.loss >= _SOME_LOSS:
        yield _Finding(
            _bad_if(sensor.loss >= _MUCH_LOSS),
            f"{name}: {100 * sensor.loss:.0f} % of samples lost.",
        )
    if sensor.battery is not None and sensor.battery < _LOW_BATTERY:
        how = _bad_if(sensor.battery < _EMPTY_BATTERY)
        yield _Finding(how, f"{name}: battery at {100 * sensor.battery:.0f} %.")
    if sensor.clipped > _SOME_CLIPPED:
        share = f"{100 * sensor.clipped:.1f} % of samples at the end of its range"
        yield _Finding("attention", f"{name}: {share}.")


def _bad_if(much: bool) -> Dot:
    return "bad" if much else "attention"


def _name(role: str) -> str:
    """Return what people call a role: ``thigh_left`` is the left thigh."""
    part, _, side = role.partition("_")
    words = f"{side} {part}" if side in ("left", "right") else role.replace("_", " ")
    return words.capitalize()
