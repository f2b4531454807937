"""summary.json: one session in numbers, for other programs."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    THIGHS,
    Calibration,
    Change,
    Compensation,
    FatigueEstimate,
    Interval,
    Outcome,
    RobustLine,
    SensorSummary,
    Session,
    Side,
    Variability,
    WatchSummary,
    set_aside,
)
from hipimu.export.dimensions import dimensions, measure_document
from hipimu.units import deg_from_rad, ms_from_s

SCHEMA_NAME: Final = "hipimu-summary/1"

# A result without an estimate still says so: readers never meet an empty list for a measured side.
_NOT_COMPUTED: Final = "no estimate was made for this side"


def summary(session: Session) -> dict[str, Any]:
    """Everything but the strides themselves, as plain JSON values.

    Parameters
    ----------
    session : Session

    Returns
    -------
    dict
        Valid under `schema`: degrees, seconds, per cent; None where not estimable, never NaN.
    """
    return {
        "schema": SCHEMA_NAME,
        "hipimu": session.hipimu_version,
        "recording": session.recording,
        "simulated": session.simulated,
        "started_at": session.started_at.isoformat() if session.started_at else None,
        "athlete": session.athlete,
        "duration_s": _rounded(session.duration_s, 3),
        "method": session.method,
        "filter": session.filter,
        "neutral": session.neutral,
        "parameters": plain(session.parameters),
        "sensors": {sensor.sensor: _sensor(sensor) for sensor in session.sensors},
        "calibration": _calibration(session.calibration),
        "strides": _strides(session),
        "set_aside": _set_aside(session),
        "fatigue": _fatigue(session),
        "compensation": [_compensation(split) for split in session.compensation],
        "strength": dimensions(session.strength),
        "measures": [measure_document(measure) for measure in session.measures],
        "watch": None if session.watch is None else _watch(session.watch),
        "warnings": list(session.warnings),
        "notice": session.notice,
    }


def schema() -> dict[str, Any]:
    """Return the published JSON schema (draft 2020-12) of `summary`."""
    text = files("hipimu.export").joinpath("summary.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def sides_present(session: Session) -> tuple[Side, ...]:
    """Sides with a thigh sensor or with strides, left first."""
    worn = {sensor.sensor for sensor in session.sensors}
    walked = {stride.side for stride in session.strides}
    return tuple(side for side in SIDES if THIGHS[side] in worn or side in walked)


def plain(value: object) -> Any:
    """Turn any parameter into plain JSON: NumPy to Python, NaN and infinities to None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _sensor(sensor: SensorSummary) -> dict[str, Any]:
    return {
        "samples": sensor.samples,
        "rate_hz": _rounded(sensor.rate_hz, 3),
        "loss_percent": _rounded(100.0 * sensor.loss, 3),
        "clipped_percent": _rounded(100.0 * sensor.clipped, 3),
        "offset_ms": _milliseconds(sensor.offset_s),
        "offset_se_ms": _milliseconds(sensor.offset_se_s),
        "drift_ppm": _rounded(sensor.drift_ppm, 2),
        "drift_se_ppm": _rounded(sensor.drift_se_ppm, 2),
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "source": calibration.source,
        "quality": _rounded(calibration.quality, 3),
        "stand_s": plain(calibration.stand_s),
        "gait_s": _rounded(calibration.gait_s, 1),
        "axis_ratio": {name: _rounded(v, 2) for name, v in calibration.axis_ratio.items()},
        "sign_margin": {name: _rounded(v, 3) for name, v in calibration.sign_margin.items()},
        "standing_pelvis_tilt_deg": _degrees(calibration.standing_pelvis_tilt_rad),
        "warnings": list(calibration.warnings),
    }


def _strides(session: Session) -> dict[str, dict[str, int]]:
    counts = Counter((s.side, s.pace) for s in session.strides if s.usable())
    return {
        side: {pace: counts[side, pace] for pace in ("easy", "fast", "other")}
        for side in sides_present(session)
    }


def _set_aside(session: Session) -> dict[str, dict[str, int]]:
    return {
        side: set_aside(stride for stride in session.strides if stride.side == side)
        for side in sides_present(session)
    }


def _fatigue(session: Session) -> list[dict[str, Any]]:
    made = {(estimate.side, estimate.outcome): estimate for estimate in session.fatigue}
    return [
        _estimate(made.get((side, outcome)) or _missing(side, outcome))
        for side in sides_present(session)
        for outcome in OUTCOMES
    ]


def _missing(side: Side, outcome: Outcome) -> FatigueEstimate:
    return FatigueEstimate(side, outcome, "not_estimable", (_NOT_COMPUTED,), {}, {})


def _estimate(estimate: FatigueEstimate) -> dict[str, Any]:
    known = estimate.verdict != "not_estimable"
    return {
        "side": estimate.side,
        "outcome": estimate.outcome,
        "delta_easy_deg": _degrees(estimate.delta_easy_rad if known else None),
        "delta_easy_deg_ci95": _interval(estimate.delta_easy_ci95_rad if known else None),
        "delta_fast_deg": _degrees(estimate.delta_fast_rad if known else None),
        "delta_fast_deg_ci95": _interval(estimate.delta_fast_ci95_rad if known else None),
        "rfi_deg": _degrees(estimate.rfi_rad if known else None),
        "rfi_deg_ci95": _interval(estimate.rfi_ci95_rad if known else None),
        "detectable_deg": _degrees(estimate.detectable_rad if known else None),
        "verdict": estimate.verdict,
        "reasons": list(estimate.reasons),
        "strides": dict(estimate.strides),
        "set_aside": {pace: dict(aside) for pace, aside in estimate.set_aside.items()},
        "bouts": dict(estimate.bouts),
        "reserve_deg": _degrees(estimate.reserve_rad if known else None),
        "reserve_deg_ci95": _interval(estimate.reserve_ci95_rad if known else None),
        "rfi_percent_of_reserve": _percent(estimate.rfi_share_of_reserve if known else None),
        "p_value": _rounded(estimate.p_value if known else None, 6),
        "p_holm": _rounded(estimate.p_holm if known else None, 6),
        "checks": [_check(check) for check in estimate.checks],
        "speed_change_m_s": {k: _rounded(v, 3) for k, v in estimate.speed_change_m_s.items()},
        "variability": _variability(estimate.variability if known else None),
    }


def _check(check: RobustLine) -> dict[str, Any]:
    return {
        "name": check.name,
        "rfi_deg": _degrees(check.rfi_rad),
        "rfi_deg_ci95": _interval(check.rfi_ci95_rad),
    }


def _variability(found: Variability | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "bout_sd_deg": _degrees(found.bout_sd_rad),
        "stride_sd_deg": {pace: _degrees(sd) for pace, sd in found.stride_sd_rad.items()},
    }


def _compensation(split: Compensation) -> dict[str, Any]:
    return {
        "side": split.side,
        "outcome": split.outcome,
        "pace": split.pace,
        "thigh": _change(split.thigh_rad),
        "hip": _change(split.hip_rad),
        "pelvis": _change(split.pelvis_rad),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "fresh_deg": _degrees(change.fresh),
        "delta_deg": _degrees(change.delta),
        "delta_deg_ci95": _interval(change.delta_ci95),
    }


def _watch(watch: WatchSummary) -> dict[str, Any]:
    return {
        "name": watch.name,
        "offset_s": _rounded(watch.offset_s, 2),
        "offset_source": watch.offset_source,
        "correlation": _rounded(watch.correlation, 3),
        "laps": watch.laps,
        "warnings": list(watch.warnings),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else _rounded(100.0 * share, 1)


def _milliseconds(time_s: float | None) -> float | None:
    return None if time_s is None else _rounded(ms_from_s(time_s), 2)


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else _rounded(deg_from_rad(angle_rad), 3)


def _interval(interval_rad: Interval | None) -> list[float | None] | None:
    return None if interval_rad is None else [_degrees(bound) for bound in interval_rad]


def _rounded(value: float | None, decimals: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals)
