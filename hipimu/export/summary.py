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
    FatigueEstimate,
    Interval,
    Outcome,
    SensorSummary,
    Session,
    Side,
    set_aside,
)
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
        "strength": {"force": None, "endurance": None, "full_range": None, "control": None},
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
    }


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
