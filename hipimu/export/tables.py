"""The stride and bout tables, and the files they are written to. Degrees live here, not inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import pandas as pd

from hipimu.data import SIDES, Bout, Session, Side, Stride
from hipimu.errors import OutputError
from hipimu.export.summary import summary
from hipimu.units import deg_from_rad

STRIDE_COLUMNS: Final = (
    "side",
    "stride",
    "t_peak_extension_s",
    "peak_extension_deg",
    "t_peak_flexion_s",
    "peak_flexion_deg",
    "rom_deg",
    "stride_time_s",
    "cadence_spm",
    "speed_m_s",
    "pace",
    "bout",
    "pelvis_tilt_deg",
    "thigh_peak_flexion_deg",
    "quality",
    "reasons",
    "grade_percent",
    "heart_rate_bpm",
)

BOUT_COLUMNS: Final = (
    "bout",
    "pace",
    "pace_source",
    "start_s",
    "end_s",
    "speed_m_s",
    "strides_left",
    "strides_right",
    "peak_flexion_left_deg",
    "peak_flexion_right_deg",
    "peak_extension_left_deg",
    "peak_extension_right_deg",
    "heart_rate_bpm",
)

_SAID: Final = ("side", "outcome", "verdict", "reasons")
_WITH_INTERVAL: Final = ("delta_easy_deg", "delta_fast_deg", "rfi_deg")
FATIGUE_COLUMNS: Final = (
    "side",
    "outcome",
    "verdict",
    *(f"{name}{end}" for name in _WITH_INTERVAL for end in ("", "_low", "_high")),
    "detectable_deg",
    "reasons",
)

_WHOLE: Final = ("stride", "bout", "strides_left", "strides_right")
_TEXT: Final = ("side", "pace", "pace_source", "reasons")

# A tenth of a millisecond and a thousandth of a degree: well below what the sensors resolve.
_DECIMALS_BY_UNIT: Final = {"_s": 4, "_deg": 3, "_spm": 2, "quality": 3, "_percent": 2, "_bpm": 1}


@dataclass(frozen=True, slots=True)
class TablePaths:
    """Where the tables of one session were written."""

    strides: Path
    bouts: Path
    summary: Path


def strides_frame(session: Session) -> pd.DataFrame:
    """Every stride of a session, set aside or not, one row each.

    Parameters
    ----------
    session : Session

    Returns
    -------
    pandas.DataFrame
        Columns `STRIDE_COLUMNS`, angles in degrees, peak extension positive behind neutral, times
        in seconds on the recording's clock; missing where unknown.
    """
    return _frame((_stride_row(stride) for stride in session.strides), STRIDE_COLUMNS)


def bouts_frame(session: Session) -> pd.DataFrame:
    """Every bout of a session, one row each, with the medians of its usable strides.

    Parameters
    ----------
    session : Session

    Returns
    -------
    pandas.DataFrame
        Columns `BOUT_COLUMNS`, angles in degrees; missing where a bout has no usable stride.
    """
    usable = [stride for stride in session.strides if stride.usable()]
    return _frame((_bout_row(bout, usable) for bout in session.bouts), BOUT_COLUMNS)


def fatigue_frame(session: Session) -> pd.DataFrame:
    """Every fatigue estimate of a session, one row each side and peak.

    Parameters
    ----------
    session : Session

    Returns
    -------
    pandas.DataFrame
        ``side``, ``outcome``, ``verdict``; δ easy, δ fast, RFI and the detectable change in
        degrees, each with the ends of its 95 % interval; missing where not estimable, with the
        ``reasons`` joined by semicolons.
    """
    rows = [_fatigue_row(estimate) for estimate in summary(session)["fatigue"]]
    return pd.DataFrame(rows, columns=list(FATIGUE_COLUMNS)).astype(
        {name: "str" if name in _SAID else "float64" for name in FATIGUE_COLUMNS}
    )


def write_tables(session: Session, directory: Path) -> TablePaths:
    """Write ``strides.csv``, ``bouts.csv`` and ``summary.json``.

    Parameters
    ----------
    session : Session
    directory : Path
        Made if it is not there; files of these names are replaced.

    Returns
    -------
    TablePaths

    Raises
    ------
    OutputError
        If the folder or a file cannot be written.
    """
    paths = TablePaths(
        directory / "strides.csv", directory / "bouts.csv", directory / "summary.json"
    )
    text = json.dumps(summary(session), indent=2, ensure_ascii=False, allow_nan=False)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        paths.strides.write_text(_csv(strides_frame(session)), encoding="utf-8")
        paths.bouts.write_text(_csv(bouts_frame(session)), encoding="utf-8")
        paths.summary.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The results cannot be written to {directory}: {error.strerror}.",
            "Choose a folder you may write to, with --out.",
        ) from error
    return paths


def _stride_row(stride: Stride) -> dict[str, object]:
    time_s = stride.stride_time_s
    return {
        "side": stride.side,
        "stride": stride.stride,
        "t_peak_extension_s": stride.t_peak_extension_s,
        "peak_extension_deg": deg_from_rad(stride.peak_extension_rad),
        "t_peak_flexion_s": stride.t_peak_flexion_s,
        "peak_flexion_deg": deg_from_rad(stride.peak_flexion_rad),
        "rom_deg": deg_from_rad(stride.peak_flexion_rad + stride.peak_extension_rad),
        "stride_time_s": time_s,
        # Two steps a stride: cadence is counted in steps.
        "cadence_spm": None if time_s is None else 120.0 / time_s,
        "speed_m_s": stride.speed_m_s,
        "pace": stride.pace,
        "bout": stride.bout,
        "pelvis_tilt_deg": deg_from_rad(stride.pelvis_tilt_rad),
        "thigh_peak_flexion_deg": deg_from_rad(stride.thigh_peak_flexion_rad),
        "quality": stride.quality,
        "reasons": ";".join(stride.reasons),
        "grade_percent": None if stride.grade is None else 100.0 * stride.grade,
        "heart_rate_bpm": stride.heart_rate_bpm,
    }


def _fatigue_row(estimate: Mapping[str, Any]) -> dict[str, object]:
    row = {name: estimate[name] for name in ("side", "outcome", "verdict", "detectable_deg")}
    for name in _WITH_INTERVAL:
        low, high = estimate[f"{name}_ci95"] or (None, None)
        row |= {name: estimate[name], f"{name}_low": low, f"{name}_high": high}
    return row | {"reasons": ";".join(estimate["reasons"])}


def _bout_row(bout: Bout, usable: list[Stride]) -> dict[str, object]:
    row: dict[str, object] = {
        "bout": bout.bout,
        "pace": bout.pace,
        "pace_source": bout.pace_source,
        "start_s": bout.start_s,
        "end_s": bout.end_s,
        "speed_m_s": bout.speed_m_s,
    }
    own = [stride for stride in usable if stride.bout == bout.bout]
    for side in SIDES:
        row |= _bout_side([stride for stride in own if stride.side == side], side)
    beats = [s.heart_rate_bpm for s in own if s.heart_rate_bpm is not None]
    return row | {"heart_rate_bpm": median(beats) if beats else None}


def _bout_side(strides: list[Stride], side: Side) -> Mapping[str, object]:
    return {
        f"strides_{side}": len(strides),
        f"peak_flexion_{side}_deg": _median_deg([s.peak_flexion_rad for s in strides]),
        f"peak_extension_{side}_deg": _median_deg([s.peak_extension_rad for s in strides]),
    }


def _median_deg(angles_rad: list[float]) -> float | None:
    return deg_from_rad(median(angles_rad)) if angles_rad else None


def _frame(rows: Iterable[Mapping[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(columns))
    return frame.astype({name: _dtype(name) for name in columns})


def _dtype(column: str) -> str:
    if column in _TEXT:
        return "str"
    # Int64 (not int64) knows "missing": a stride outside every bout stays empty, not 0.
    return "Int64" if column in _WHOLE else "float64"


def _csv(frame: pd.DataFrame) -> str:
    decimals = {
        column: places
        for column in frame.columns
        for ending, places in _DECIMALS_BY_UNIT.items()
        if column.endswith(ending)
    }
    return frame.round(decimals).to_csv(index=False, lineterminator="\n")
