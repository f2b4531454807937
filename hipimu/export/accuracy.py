"""accuracy.json and accuracy.csv: how accurate hipimu is, in degrees, for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from hipimu.data import OUTCOMES, Outcome
from hipimu.units import deg_from_rad
from hipimu.validation.broad import OrientationResult
from hipimu.validation.metrics import Counts, Pairs, PeakErrors, peak_errors, peaks_beside
from hipimu.validation.references import PartResult, ReferenceResult
from hipimu.validation.run import Accuracy, SimulatedResult
from hipimu.validation.suites import DESCRIPTIONS

SCHEMA_NAME: Final = "hipimu-accuracy/1"
COLUMNS: Final = (
    "kind",
    "table",
    "name",
    "detail",
    "speed_m_s",
    "filter",
    "method",
    "side",
    "quantity",
    "strides",
    "rmse_deg",
    "rmse_offset_removed_deg",
    "bias_deg",
    "limit_low_deg",
    "limit_high_deg",
    "timing_rmse_ms",
    "r",
    "precision",
    "recall",
    "kept",
)
_MOST_POINTS: Final = 400
"""Of one Bland–Altman plot: every k-th stride, so that the file stays small."""


def accuracy_document(accuracy: Accuracy) -> dict[str, Any]:
    """Everything but the curves, as plain JSON values; None where there is no number.

    Parameters
    ----------
    accuracy : Accuracy

    Returns
    -------
    dict
        Degrees, milliseconds and shares; the Markdown page is made from nothing else.
    """
    return {
        "schema": SCHEMA_NAME,
        "hipimu": accuracy.hipimu_version,
        "quick": accuracy.quick,
        "seeds": accuracy.seeds,
        "suites": dict(DESCRIPTIONS),
        "simulated": [_simulated(result) for result in accuracy.simulated],
        "references": [_reference(result) for result in accuracy.references],
        "orientations": [_orientation(result) for result in accuracy.orientations],
        "bland_altman": _bland_altman(accuracy),
        "missing": [{"name": m.name, "why": m.why} for m in accuracy.missing],
    }


def accuracy_frame(document: Mapping[str, Any]) -> pd.DataFrame:
    """One row for every peak, curve and orientation that was compared, columns `COLUMNS`."""
    rows = [*_simulated_rows(document), *_reference_rows(document), *_orientation_rows(document)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"strides": "Int64"})


def _simulated(result: SimulatedResult) -> dict[str, Any]:
    case = result.case
    return {
        "table": case.table,
        "suite": case.suite,
        "fault": case.fault,
        "speed_m_s": case.speed_m_s,
        "filter": case.filter,
        "method": result.method,
        "sessions": result.sessions,
        "refused": list(result.refused),
        "strides": _counts(result.counts),
        **{outcome: _peak(result.peaks[outcome]) for outcome in OUTCOMES},
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "true": counts.true,
        "found": counts.found,
        "invented": counts.invented,
        "precision": round(counts.precision, 4),
        "recall": round(counts.recall, 4),
        "f1": round(counts.f1, 4),
        "kept": _share(counts.kept, counts.true),
        "set_aside": _share(counts.found - counts.kept, counts.true),
        "why": {why: _share(n, counts.true) for why, n in counts.set_aside.items()},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _peak(errors: PeakErrors | None) -> dict[str, Any] | None:
    if errors is None:
        return None
    return {
        "strides": errors.strides,
        "rmse_deg": _deg(errors.rmse_rad),
        "rmse_offset_removed_deg": _deg(errors.rmse_offset_removed_rad),
        "bias_deg": _deg(errors.bias_rad),
        "limits_deg": [_deg(limit) for limit in errors.limits_rad],
        "timing_rmse_ms": round(1000 * errors.timing_rmse_s, 2),
    }


def _deg(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else round(deg_from_rad(angle_rad), 3)


def _reference(result: ReferenceResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "source": result.source,
        "kind": "simulated" if result.simulated else "real",
        "method": result.method,
        "filter": result.filter,
        "parts": [_part(part) for part in result.parts],
    }


def _part(part: PartResult) -> dict[str, Any]:
    return {
        "label": part.label,
        "side": part.side,
        "start_s": part.start_s,
        "end_s": part.end_s,
        "r": round(part.curve.r, 4),
        "rmse_deg": _deg(part.curve.rmse_rad),
        "rmse_offset_removed_deg": _deg(part.curve.rmse_offset_removed_rad),
        "bias_deg": _deg(part.curve.bias_rad),
        "strides": part.strides,
        **{outcome: _part_peak(part, outcome) for outcome in OUTCOMES},
    }


def _part_peak(part: PartResult, outcome: Outcome) -> dict[str, Any] | None:
    errors = _peak(peak_errors([part.pairs], outcome))
    if errors is None:
        return None
    return {
        "median_deg": _deg(part.median_rad[outcome]),
        "reference_median_deg": _deg(part.reference_median_rad[outcome]),
        **errors,
    }


def _orientation(result: OrientationResult) -> dict[str, Any]:
    return {
        "trial": result.trial,
        "filter": result.filter,
        "inclination_deg": _deg(result.errors.inclination_rad),
        "heading_deg": _deg(result.errors.heading_rad),
        "total_deg": _deg(result.errors.total_rad),
    }


def _bland_altman(accuracy: Accuracy) -> list[dict[str, Any]]:
    realistic = [
        pairs
        for result in accuracy.simulated
        if (result.case.table, result.case.suite) == ("speed", "realistic")
        for pairs in result.pairs
    ]
    plots = [_points("realistic", "simulated", realistic)]
    for result in accuracy.references:
        kind = "simulated" if result.simulated else "real"
        plots.append(_points(result.name, kind, [part.pairs for part in result.parts]))
    return plots


def _points(name: str, kind: str, pairs: Sequence[Pairs]) -> dict[str, Any]:
    """Mean and difference of every pair, with the figures of all of them."""
    plot: dict[str, Any] = {"name": name, "kind": kind}
    for outcome in OUTCOMES:
        ours, theirs = peaks_beside(pairs, outcome)
        both = np.stack((0.5 * (ours + theirs), ours - theirs), axis=1)
        shown = deg_from_rad(both[:: max(len(both) // _MOST_POINTS, 1)])
        errors = _peak(peak_errors(pairs, outcome))
        plot[outcome] = errors and {**errors, "points_deg": shown.round(2).tolist()}
    return plot


def _simulated_rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for case in document["simulated"]:
        about = {
            "kind": "simulated",
            "table": case["table"],
            "name": case["suite"],
            "detail": case["fault"],
            "speed_m_s": case["speed_m_s"],
            "filter": case["filter"],
            "method": case["method"],
            **{name: case["strides"][name] for name in ("precision", "recall", "kept")},
        }
        yield from (about | _peak_row(outcome, case[outcome]) for outcome in OUTCOMES)


def _peak_row(outcome: Outcome, errors: Mapping[str, Any] | None) -> dict[str, Any]:
    if errors is None:
        return {"quantity": outcome, "strides": 0}
    names = ("strides", "rmse_deg", "rmse_offset_removed_deg", "bias_deg", "timing_rmse_ms")
    low, high = errors["limits_deg"]
    limits = {"limit_low_deg": low, "limit_high_deg": high}
    return {"quantity": outcome, **limits, **{name: errors[name] for name in names}}


def _reference_rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for reference in document["references"]:
        for part in reference["parts"]:
            about = {
                "kind": reference["kind"],
                "table": "reference",
                "name": reference["name"],
                "detail": part["label"],
                "filter": reference["filter"],
                "method": reference["method"],
                "side": part["side"],
            }
            names = ("r", "rmse_deg", "rmse_offset_removed_deg", "bias_deg")
            # Curves are compared before any refinement over strides.
            curve = {"quantity": "hip_flexion", "method": "causal"}
            yield about | curve | {name: part[name] for name in names}
            met = [outcome for outcome in OUTCOMES if part[outcome]]
            yield from (about | _peak_row(outcome, part[outcome]) for outcome in met)


def _orientation_rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for result in document["orientations"]:
        for quantity in ("inclination", "heading", "total"):
            yield {
                "kind": "real",
                "table": "orientation",
                "name": "BROAD",
                "detail": result["trial"],
                "filter": result["filter"],
                "quantity": quantity,
                "rmse_deg": result[f"{quantity}_deg"],
            }
