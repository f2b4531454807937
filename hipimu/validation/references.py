"""Real recordings with hip angles that somebody else computed or measured.

Beside a recording lie ``reference_angles.csv`` (``time_s`` on the recording's clock and
``SOURCE_hip_flexion_left_rad``, ``SOURCE_hip_flexion_right_rad`` or one of them; SOURCE is a word
for where the angles come from, such as vendor or optical) and, if the recording has parts that
differ, ``reference_parts.csv`` (``start_s,end_s,label``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hipimu.data import (
    OUTCOMES,
    SIDES,
    FloatArray,
    HipAngleBlock,
    Lap,
    Method,
    Outcome,
    Side,
    Stride,
)
from hipimu.errors import RecordingError
from hipimu.maths.peaks import local_maxima
from hipimu.motion import SteadySegments
from hipimu.pipeline import Parameters, analyse_recording, sample_path_for
from hipimu.sources import Recording, open_recording
from hipimu.sources.laps import read_laps
from hipimu.stage import Chain
from hipimu.validation.metrics import Agreement, Pairs, TrueStrides, agreement, score

ANGLES = "reference_angles.csv"
PARTS = "reference_parts.csv"
SAMPLE = "isen-run"
_COLUMN = re.compile(r"(\w+)_hip_flexion_(left|right)_rad")
_APART_S = 0.3
"""A turn of the reference's curve is a peak when nothing this near exceeds it."""
_LEAST_SAMPLES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Hip flexion from elsewhere, on the recording's clock."""

    source: str
    t_s: FloatArray
    flexion_rad: Mapping[Side, FloatArray]
    parts: tuple[Lap, ...]
    """Empty: the recording is looked at as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Hip flexion of one side, ours beside theirs, (n,) each."""

    t_s: FloatArray
    ours_rad: FloatArray
    theirs_rad: FloatArray
    unsteadied_rad: FloatArray
    """Ours before the segments are steadied."""

    def part(self, start_s: float, end_s: float) -> Curve:
        """Return the samples from `start_s` until before `end_s`."""
        inside = (self.t_s >= start_s) & (self.t_s < end_s)
        return Curve(
            self.t_s[inside],
            self.ours_rad[inside],
            self.theirs_rad[inside],
            self.unsteadied_rad[inside],
        )


@dataclass(frozen=True, slots=True, eq=False)
class PartResult:
    """One part of a recording, one side, against its reference."""

    label: str
    side: Side
    start_s: float
    end_s: float
    curve: Agreement
    strides: int
    """Running strides in this part."""
    median_rad: Mapping[Outcome, float | None]
    """Of our running strides; None without any."""
    reference_median_rad: Mapping[Outcome, float | None]
    """Of all turns of the reference's own curve; None where our curve has no stride."""
    pairs: Pairs
    """Our running strides beside the reference's turns."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceResult:
    """One recording against its reference."""

    name: str
    source: str
    simulated: bool
    method: str
    filter: str
    parts: tuple[PartResult, ...]
    curves: Mapping[Side, Curve]
    strides: tuple[Stride, ...]


def sample_recording() -> Path | None:
    """Find the sample recording: in a checkout, or in the installed package's data."""
    package = Path(__file__).parents[1]
    places = (package.parent / "recordings" / SAMPLE, package / "recordings" / SAMPLE)
    return next((place for place in places if (place / ANGLES).is_file()), None)


def read_reference(folder: Path) -> Reference:
    """Read the reference angles beside a recording.

    Raises
    ------
    RecordingError
        When the file is missing, is no table, or has no column of hip flexion.
    """
    path = folder / ANGLES
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise RecordingError(
            f"{path} cannot be read: {error}.",
            f"Put {ANGLES} with time_s and SOURCE_hip_flexion_SIDE_rad into the recording.",
            path=path,
        ) from error
    found = {c: match for c in table.columns if (match := _COLUMN.fullmatch(c))}
    if not found or "time_s" not in table.columns:
        raise RecordingError(
            f"{path} lacks time_s or hip flexion: it has {', '.join(map(str, table.columns))}.",
            "Name the columns like time_s and optical_hip_flexion_left_rad.",
            path=path,
        )
    flexion = {
        side: table[column].to_numpy(dtype=np.float64)
        for side in SIDES
        for column, match in found.items()
        if match[2] == side
    }
    parts = folder / PARTS
    return Reference(
        source=next(iter(found.values()))[1],
        t_s=table["time_s"].to_numpy(dtype=np.float64),
        flexion_rad=flexion,
        parts=read_laps(parts) if parts.is_file() else (),
    )


def compare(folder: Path, method: Method = "refined") -> ReferenceResult:
    """Analyse a recording and compare it with the reference angles beside it.

    Raises
    ------
    RecordingError, CalibrationError
        When the recording or its reference cannot be used.
    """
    reference = read_reference(folder)
    recording = open_recording(folder)
    session = analyse_recording(recording, Parameters(method))
    curves = curves_beside(recording, reference, method)
    strides = tuple(stride for stride in session.strides if stride.gait == "running")
    parts = [
        _part_result(part, side, curves[side], strides)
        for part in _parts(reference, curves)
        for side in curves
    ]
    return ReferenceResult(
        name=session.recording,
        source=reference.source,
        simulated=session.simulated,
        method=session.method,
        filter=session.filter,
        parts=tuple(parts),
        curves=curves,
        strides=strides,
    )


def angle_blocks(
    recording: Recording, method: Method, *, steadied: bool = True
) -> list[HipAngleBlock]:
    """Hip angles of the sample path; without steadying if so asked."""
    chain = sample_path_for(recording, method=method).angles
    if not steadied:
        chain = Chain([stage for stage in chain.stages if not isinstance(stage, SteadySegments)])
    blocks = [out for block in recording.blocks() for out in chain.push(block)]
    return blocks + chain.flush()


def curves_beside(recording: Recording, reference: Reference, method: Method) -> dict[Side, Curve]:
    """Hip flexion of each side that both have, on our samples that the reference covers."""
    ours, shaken = (
        _by_side(angle_blocks(recording, method, steadied=steadied)) for steadied in (True, False)
    )
    curves: dict[Side, Curve] = {}
    for side, theirs in reference.flexion_rad.items():
        if side not in ours:
            continue
        t_s, flexion = ours[side]
        curve = Curve(t_s, flexion, np.interp(t_s, reference.t_s, theirs), shaken[side][1])
        last = np.nextafter(reference.t_s[-1], np.inf)
        curves[side] = curve.part(float(reference.t_s[0]), float(last))
    if min((len(curve.t_s) for curve in curves.values()), default=0) < _LEAST_SAMPLES:
        raise RecordingError(
            f"{recording.path}: recording and reference angles have no time or side in common.",
            f"Give time_s of {ANGLES} on the recording's clock.",
            path=recording.path,
        )
    return curves


def _by_side(blocks: list[HipAngleBlock]) -> dict[Side, tuple[FloatArray, FloatArray]]:
    own = {side: [block for block in blocks if block.side == side] for side in SIDES}
    return {
        side: (
            np.concatenate([block.t_s for block in found]),
            np.concatenate([block.flexion_rad for block in found]),
        )
        for side, found in own.items()
        if found
    }


def _parts(reference: Reference, curves: Mapping[Side, Curve]) -> tuple[Lap, ...]:
    if reference.parts:
        return reference.parts
    t_s = next(iter(curves.values())).t_s
    return (Lap(float(t_s[0]), float(t_s[-1]), "whole recording"),)


def _part_result(part: Lap, side: Side, curve: Curve, strides: tuple[Stride, ...]) -> PartResult:
    inner = curve.part(part.start_s, part.end_s)
    own = [s for s in strides if s.side == side and part.start_s <= s.t_peak_flexion_s < part.end_s]
    true = reference_strides(side, inner)
    _, pairs = score(true, [s._replace(quality=1.0) for s in own])
    ours = {
        "peak_flexion": [s.peak_flexion_rad for s in own],
        "peak_extension": [s.peak_extension_rad for s in own],
    }
    return PartResult(
        label=part.label,
        side=side,
        start_s=part.start_s,
        end_s=part.end_s,
        curve=agreement(inner.ours_rad, inner.theirs_rad),
        strides=len(own),
        median_rad={outcome: _median(np.array(ours[outcome])) for outcome in OUTCOMES},
        reference_median_rad=_turn_medians(inner) if own else dict.fromkeys(OUTCOMES),
        pairs=pairs,
    )


def _turn_medians(curve: Curve) -> dict[Outcome, float | None]:
    high, low = turns(curve.t_s, curve.theirs_rad), turns(curve.t_s, -curve.theirs_rad)
    return {"peak_flexion": _median(high[1]), "peak_extension": _median(low[1])}


def _median(values: FloatArray) -> float | None:
    return float(np.median(values)) if len(values) else None


def reference_strides(side: Side, curve: Curve) -> TrueStrides:
    """Turns of the reference's own curve: each peak flexion with the extension before it."""
    t_high, high = turns(curve.t_s, curve.theirs_rad)
    t_low, low = turns(curve.t_s, -curve.theirs_rad)
    before = np.searchsorted(t_low, t_high) - 1
    whole = before >= 0
    before, t_high, high = before[whole], t_high[whole], high[whole]
    return TrueStrides(
        side=side,
        t_s={"peak_flexion": t_high, "peak_extension": t_low[before]},
        peak_rad={"peak_flexion": high, "peak_extension": low[before]},
        scored=np.ones(len(t_high), dtype=np.bool_),
    )


def turns(t_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times and values of the maxima that nothing within 0.3 s exceeds, (n,) each."""
    reach = round(_APART_S / float(np.median(np.diff(t_s))))
    at = [
        i
        for i in local_maxima(values).tolist()
        if values[i] >= values[max(i - reach, 0) : i + reach + 1].max()
    ]
    index = np.array(at, dtype=np.int64)
    return t_s[index], values[index]
