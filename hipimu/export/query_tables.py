"""Summaries as rows of tables, for questions in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from hipimu.data import SIDES, SessionSummary
from hipimu.export.tables import STRIDE_COLUMNS
from hipimu.units import deg_from_rad

_TEXT: Final = pa.string()
_NUMBER: Final = pa.float64()
_CHANGES: Final = ("delta_easy", "delta_fast", "rfi")

_WHOSE: Final = {
    "recording": _TEXT,
    "athlete": _TEXT,
    # UTC; without a zone, which DuckDB would need an extension to compute with.
    "started_at": pa.timestamp("us"),
}

RESULTS: Final = pa.schema(
    {
        "filename": _TEXT,
        **_WHOSE,
        "duration_s": _NUMBER,
        "simulated": pa.bool_(),
        "method": _TEXT,
        "filter": _TEXT,
        "neutral": _TEXT,
        "hipimu": _TEXT,
        "calibration_quality": _NUMBER,
        "loss_percent": _NUMBER,
        "strides_left": pa.int64(),
        "strides_right": pa.int64(),
    }
)

FATIGUE: Final = pa.schema(
    {
        **_WHOSE,
        "side": _TEXT,
        "outcome": _TEXT,
        "verdict": _TEXT,
        "delta_easy_deg": _NUMBER,
        "delta_easy_low_deg": _NUMBER,
        "delta_easy_high_deg": _NUMBER,
        "delta_fast_deg": _NUMBER,
        "delta_fast_low_deg": _NUMBER,
        "delta_fast_high_deg": _NUMBER,
        "rfi_deg": _NUMBER,
        "rfi_low_deg": _NUMBER,
        "rfi_high_deg": _NUMBER,
        "detectable_deg": _NUMBER,
        "reserve_deg": _NUMBER,
        "reasons": _TEXT,
    }
)


def result_row(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `RESULTS` holds of one summary, but for the names of recording and file."""
    losses = [sensor["loss_percent"] for sensor in summary["sensors"].values()]
    row = {name: summary[name] for name in RESULTS.names if name in summary}
    return row | {
        "started_at": _started_at(summary),
        "calibration_quality": summary["calibration"]["quality"],
        "loss_percent": max((loss for loss in losses if loss is not None), default=None),
        **{f"strides_{side}": _strides(summary, side) for side in SIDES},
    }


def fatigue_rows(summary: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what `FATIGUE` holds of one summary, but for the recording: a row an estimate."""
    whose = {"athlete": summary["athlete"], "started_at": _started_at(summary)}
    for estimate in summary["fatigue"]:
        row = {name: estimate[name] for name in FATIGUE.names if name in estimate}
        row |= whose | {"reasons": "; ".join(estimate["reasons"])}
        for name in _CHANGES:
            bounds = estimate[f"{name}_deg_ci95"] or (None, None)
            row[f"{name}_low_deg"], row[f"{name}_high_deg"] = bounds
        yield row


def _strides(summary: Mapping[str, Any], side: str) -> int | None:
    counts = summary["strides"].get(side)
    return None if counts is None else sum(counts.values())


def _started_at(summary: Mapping[str, Any]) -> datetime | None:
    text = summary["started_at"]
    return None if text is None else _utc(datetime.fromisoformat(text))


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC).replace(tzinfo=None)


def stored_result_row(summary: SessionSummary, strides: Path | None) -> dict[str, Any]:
    """Return what `RESULTS` holds of a session of a store, and of the file of its strides."""
    return {
        "filename": None if strides is None else str(strides),
        "recording": summary.session,
        "athlete": summary.athlete,
        "started_at": _utc(summary.started_at),
        "duration_s": summary.duration_s,
        "simulated": summary.simulated,
        "method": summary.method,
        "filter": summary.filter,
        "neutral": summary.neutral,
        "hipimu": summary.hipimu_version,
        "calibration_quality": summary.calibration_quality,
        "loss_percent": 100.0 * max(summary.loss.values(), default=0.0),
        **{f"strides_{side}": summary.strides.get(side) for side in SIDES},
    }


def stored_fatigue_rows(summary: SessionSummary) -> Iterator[dict[str, Any]]:
    """Yield what `FATIGUE` holds of a session of a store: a row an estimate."""
    for estimate in summary.fatigue:
        row: dict[str, Any] = {
            "recording": summary.session,
            "athlete": summary.athlete,
            "started_at": _utc(summary.started_at),
            "side": estimate.side,
            "outcome": estimate.outcome,
            "verdict": estimate.verdict,
            "detectable_deg": _degrees(estimate.detectable_rad),
            "reserve_deg": _degrees(estimate.reserve_rad),
            "reasons": "; ".join(estimate.reasons),
        }
        for name in _CHANGES:
            bounds = getattr(estimate, f"{name}_ci95_rad") or (None, None)
            row[f"{name}_deg"] = _degrees(getattr(estimate, f"{name}_rad"))
            row[f"{name}_low_deg"], row[f"{name}_high_deg"] = map(_degrees, bounds)
        yield row


def stored_strides() -> str:
    """Return, in SQL, how the columns of ``strides.csv`` come from the strides of a store."""
    computed = {
        "rom_deg": "degrees(peak_flexion_rad + peak_extension_rad)",
        "cadence_spm": "120 / stride_time_s",
        "grade_percent": "100 * grade",
    }
    return ", ".join(f"{computed.get(name) or _kept(name)} AS {name}" for name in STRIDE_COLUMNS)


def _kept(column: str) -> str:
    angle = column.removesuffix("_deg")
    return column if angle == column else f"degrees({angle}_rad)"


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else deg_from_rad(angle_rad)
