"""What goes over the live page's WebSocket, as ``docs/reference/live-page.md`` says it.

What pages send is not trusted: whatever it is, it is read as one of the messages or refused in a
sentence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hipimu.data import (
    SIDES,
    Baseline,
    Cue,
    FatigueEstimate,
    Lap,
    LiveState,
    MarkKind,
    PeakNow,
    SensorNow,
    ShownStride,
)
from hipimu.pipeline.sensor_dot import dot
from hipimu.units import deg_from_rad

VERSION: Final = 1
_MOST_STRIDES: Final = 10**9


class _FromPage(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)


class Hello(_FromPage):
    """The first message: what the page has already."""

    type: Literal["hello"]
    version: int
    have: Annotated[int, Field(ge=0, le=_MOST_STRIDES)] = 0
    run: Annotated[str, Field(max_length=64)] | None = None


class PressMark(_FromPage):
    """Somebody pressed a lap button."""

    type: Literal["mark"]
    mark: MarkKind


class Proceed(_FromPage):
    """The step of the guided start is done, or is to be passed over."""

    type: Literal["proceed"]


class SwitchSound(_FromPage):
    """Whether the recording machine plays cues itself."""

    type: Literal["sound"]
    on: bool


class StopRun(_FromPage):
    """The run is over."""

    type: Literal["stop"]


class Ping(_FromPage):
    """The page measures the way there and back."""

    type: Literal["ping"]
    at: float


FromPage = Hello | PressMark | Proceed | SwitchSound | StopRun | Ping
_READER: Final[TypeAdapter[FromPage]] = TypeAdapter(
    Annotated[FromPage, Field(discriminator="type")]
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is none."""

    why: str
    """A short sentence."""


def read_message(text: str | None) -> FromPage | Refusal:
    """Read what a page sent.

    Parameters
    ----------
    text : str or None
        None where it was no text.

    Returns
    -------
    FromPage or Refusal
        Nothing is raised, whatever was sent.
    """
    if text is None:
        return Refusal("Messages are text.")
    try:
        return _READER.validate_json(text)
    except (ValidationError, UnicodeError, RecursionError):
        return Refusal("That is no message of the live page.")


def welcome_text(state: LiveState, *, run: str, simulated: bool, keep: int) -> str:
    """Write the first message to a page."""
    return _text(
        {
            "type": "welcome",
            "version": VERSION,
            "run": run,
            "simulated": simulated,
            "mode": state.mode,
            "name": state.name,
            "sides": list(state.sides),
            "keep": keep,
        }
    )


def pong_text(at: float, now_ns: int) -> str:
    """Write the answer to a ping.

    Parameters
    ----------
    at : float
        As the page sent it.
    now_ns : int
        Nanoseconds since the Unix epoch.
    """
    return _text({"type": "pong", "at": at, "now_ms": _ms(now_ns)})


def strides_text(place: int, strides: Sequence[ShownStride]) -> str:
    """Write a piece of the history that begins at `place`."""
    return _text({"type": "strides", "from": place, "strides": [_stride(s) for s in strides]})


def state_text(state: LiveState, viewers: int) -> str:
    """Write everything that a page shows, at one moment.

    Parameters
    ----------
    state : LiveState
    viewers : int
        How many pages are open.

    Returns
    -------
    str
        Never with NaN: what is not a finite number is null.
    """
    colour, said = dot(state.sensors)
    return _text(
        {
            "type": "state",
            "number": state.number,
            "t_s": _number(state.t_s, 3),
            "arrived_ms": _ms(state.arrived_ns),
            "phase": state.phase,
            "start": _start(state),
            "pace": state.pace,
            "pace_source": state.pace_source,
            "laps": [_lap(lap) for lap in state.laps],
            "angle": {side: _degrees(angle) for side, angle in state.flexion_rad.items()},
            "peaks": [_peak(peak) for peak in state.peaks],
            "running_strides": state.running_strides,
            "cadence_spm": _number(state.cadence_spm, 1),
            "speed_m_s": _number(state.speed_m_s, 2),
            "heart_rate_bpm": _number(state.heart_rate_bpm, 1),
            "so_far": state.so_far,
            "fatigue": [_fatigue(estimate) for estimate in state.fatigue],
            "sensors": [_sensor(sensor) for sensor in state.sensors],
            "dot": colour,
            "dot_said": said,
            "cue": None if state.cue is None else _cue(state.cue),
            "sound": state.sound,
            "warnings": list(state.warnings),
            "ended": state.ended,
            "report": state.report,
            "viewers": viewers,
        }
    )  # fmt: skip


def _text(message: dict[str, Any]) -> str:
    # ASCII: names of devices may hold what UTF-8 does not allow.
    return json.dumps(message, allow_nan=False, separators=(",", ":"))


def _number(value: float | None, decimals: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals) + 0.0  # no −0


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else _number(deg_from_rad(angle_rad), 1)


def _percent(share: float | None, decimals: int) -> float | None:
    return None if share is None else _number(100 * share, decimals)


def _ms(time_ns: int) -> float:
    return round(time_ns / 1e6, 1)


def _start(state: LiveState) -> dict[str, Any]:
    times = {"done_s": _number(state.start.done_s, 1), "needed_s": _number(state.start.needed_s, 1)}
    return asdict(state.start) | times


def _lap(lap: Lap) -> list[float | str | None]:
    return [_number(lap.start_s, 3), _number(lap.end_s, 3), lap.label]


def _peak(peak: PeakNow) -> dict[str, Any]:
    return {
        "side": peak.side,
        "outcome": peak.outcome,
        "value": _degrees(peak.value_rad),
        "strides": peak.strides,
        "baseline": None if peak.baseline is None else _baseline(peak.baseline),
    }


def _baseline(baseline: Baseline) -> dict[str, Any]:
    return {
        "value": _degrees(baseline.value_rad),
        "detectable": _degrees(baseline.detectable_rad),
        "strides": baseline.strides,
        "needed": baseline.needed,
        "speed_m_s": _number(baseline.speed_m_s, 2),
    }


def _fatigue(estimate: FatigueEstimate) -> dict[str, Any]:
    interval = estimate.rfi_ci95_rad
    return {
        "side": estimate.side,
        "outcome": estimate.outcome,
        "verdict": estimate.verdict,
        "rfi": _degrees(estimate.rfi_rad),
        "rfi_ci95": None if interval is None else [_degrees(end) for end in interval],
        "detectable": _degrees(estimate.detectable_rad),
        "reasons": list(estimate.reasons),
    }


def _sensor(sensor: SensorNow) -> dict[str, Any]:
    return {
        "sensor": sensor.sensor,
        "device": sensor.device,
        "link": sensor.link,
        "phase": sensor.phase,
        "why": sensor.why,
        "rate_hz": _number(sensor.rate_hz, 1),
        "loss_percent": _percent(sensor.loss, 1),
        "age_s": _number(sensor.age_s, 2),
        "battery_percent": _percent(sensor.battery, 0),
        "clipped_percent": _percent(sensor.clipped, 2),
        "drops": sensor.drops,
        "absent": sensor.absent,
    }


def _cue(cue: Cue) -> dict[str, Any]:
    return {
        "number": cue.number,
        "side": cue.side,
        "outcome": cue.outcome,
        "kind": cue.kind,
        "t_s": _number(cue.t_s, 3),
        "change": _degrees(cue.change_rad),
    }


def _stride(stride: ShownStride) -> list[float | int | None]:
    return [
        SIDES.index(stride.side),
        _number(stride.t_s, 3),
        _degrees(stride.peak_flexion_rad),
        _degrees(stride.peak_extension_rad),
        _number(stride.stride_time_s, 3),
        int(stride.quality > 0 and stride.gait == "running"),
    ]
