"""summary.json as rows of tables, for questions in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from hipimu.data import SIDES

_TEXT: Final = pa.string()
_NUMBER: Final = pa.float64()

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
        for name in ("delta_easy", "delta_fast", "rfi"):
            bounds = estimate[f"{name}_deg_ci95"] or (None, None)
            row[f"{name}_low_deg"], row[f"{name}_high_deg"] = bounds
        yield row


def _strides(summary: Mapping[str, Any], side: str) -> int | None:
    counts = summary["strides"].get(side)
    return None if counts is None else sum(counts.values())


def _started_at(summary: Mapping[str, Any]) -> datetime | None:
    text = summary["started_at"]
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
