"""What goes over MQTT, as JSON: degrees, seconds on the recording's clock and on everybody's."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from hipimu.data import Cue, FatigueEstimate, ImuBlock, LiveState, PeakNow, SensorNow, Stride
from hipimu.pipeline.sensor_dot import dot
from hipimu.units import deg_from_rad

FORMAT: Final = "hipimu-live/1"


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the messages: ``stride``, ``state`` and ``samples``."""
    text = files(__package__).joinpath("messages.schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def encoded(message: dict[str, Any]) -> bytes:
    """Return a message as the bytes that are sent: JSON without line ends, in UTF-8."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def stride_message(stride: Stride, offset_s: float) -> dict[str, Any]:
    """Describe a stride.

    Parameters
    ----------
    stride : Stride
    offset_s : float
        The recording's start, in seconds since the Unix epoch.
    """
    return {
        "format": FORMAT,
        "side": stride.side,
        "stride": stride.stride,
        "t_s": _rounded(stride.t_peak_flexion_s, 4),
        "unix_s": _rounded(stride.t_peak_flexion_s + offset_s, 3),
        "peak_flexion_deg": _degrees(stride.peak_flexion_rad),
        "peak_extension_deg": _degrees(stride.peak_extension_rad),
        "stride_time_s": _rounded(stride.stride_time_s, 4),
        "gait": stride.gait,
        "quality": _rounded(stride.quality, 3),
        "reasons": [str(reason) for reason in stride.reasons],
    }


def state_message(state: LiveState, offset_s: float) -> dict[str, Any]:
    """Describe a moment of a run as the faces show it.

    Parameters
    ----------
    state : LiveState
    offset_s : float
        The recording's start, in seconds since the Unix epoch.
    """
    level, said = dot(state.sensors)
    return {
        "format": FORMAT,
        "t_s": _rounded(state.t_s, 3),
        "unix_s": _rounded(state.t_s + offset_s, 3),
        "name": state.name,
        "mode": state.mode,
        "phase": state.phase,
        "step": state.start.step,
        "pace": state.pace,
        "pace_source": state.pace_source,
        "running_strides": state.running_strides,
        "cadence_spm": _rounded(state.cadence_spm, 1),
        "speed_m_s": _rounded(state.speed_m_s, 2),
        "heart_rate_bpm": _rounded(state.heart_rate_bpm, 0),
        "peaks": [_peak(peak) for peak in state.peaks],
        "so_far": state.so_far,
        "fatigue": [_fatigue(estimate) for estimate in state.fatigue],
        "cue": None if state.cue is None else _cue(state.cue),
        "sensors": [_sensor(sensor) for sensor in state.sensors],
        "dot": level,
        "dot_said": said,
        "warnings": list(state.warnings),
        "ended": state.ended,
    }


def samples_message(
    block: ImuBlock, chosen: np.ndarray[Any, Any], offset_s: float
) -> dict[str, Any]:
    """Describe some samples of a sensor.

    Parameters
    ----------
    block : ImuBlock
    chosen : numpy.ndarray
        Which of its samples.
    offset_s : float
        The recording's start, in seconds since the Unix epoch.
    """
    return {
        "format": FORMAT,
        "sensor": block.sensor,
        "t_s": np.round(block.t_s[chosen], 4).tolist(),
        "unix_s": np.round(block.t_s[chosen] + offset_s, 3).tolist(),
        "acc_m_s2": np.round(block.acc_m_s2[chosen], 3).tolist(),
        "gyr_rad_s": np.round(block.gyr_rad_s[chosen], 4).tolist(),
    }


def _peak(peak: PeakNow) -> dict[str, Any]:
    baseline = peak.baseline
    return {
        "side": peak.side,
        "outcome": peak.outcome,
        "value_deg": _degrees(peak.value_rad),
        "strides": peak.strides,
        "baseline_deg": None if baseline is None else _degrees(baseline.value_rad),
        "detectable_deg": None if baseline is None else _degrees(baseline.detectable_rad),
        "baseline_strides": None if baseline is None else baseline.strides,
    }


def _fatigue(estimate: FatigueEstimate) -> dict[str, Any]:
    interval = estimate.rfi_ci95_rad
    return {
        "side": estimate.side,
        "outcome": estimate.outcome,
        "verdict": estimate.verdict,
        "rfi_deg": _degrees(estimate.rfi_rad),
        "rfi_ci95_deg": None if interval is None else [_degrees(end) for end in interval],
        "reasons": list(estimate.reasons),
    }


def _cue(cue: Cue) -> dict[str, Any]:
    return {
        "number": cue.number,
        "side": cue.side,
        "outcome": cue.outcome,
        "kind": cue.kind,
        "t_s": _rounded(cue.t_s, 3),
        "change_deg": _degrees(cue.change_rad),
    }


def _sensor(sensor: SensorNow) -> dict[str, Any]:
    return {
        "sensor": sensor.sensor,
        "link": sensor.link,
        "phase": sensor.phase,
        "rate_hz": _rounded(sensor.rate_hz, 1),
        "loss_percent": _rounded(100 * sensor.loss, 2),
        "age_s": _rounded(sensor.age_s, 2),
        "battery_percent": None if sensor.battery is None else _rounded(100 * sensor.battery, 0),
        "drops": sensor.drops,
        "absent": sensor.absent,
    }


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else _rounded(deg_from_rad(angle_rad), 3)


def _rounded(value: float | None, decimals: int) -> float | None:
    """Round; what is no number is not known, as JSON has it."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals)
