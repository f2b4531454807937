"""The tables of the report, cell by cell, already in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    FatigueEstimate,
    Outcome,
    Pace,
    Reason,
    SensorSummary,
    Session,
    Side,
    Stride,
    set_aside,
)
from hipimu.report.contrast import contrast, hip
from hipimu.report.numerals import degrees, number, percent, span
from hipimu.report.quantity import ShownChange
from hipimu.report.series import PACES
from hipimu.report.wording import verdict_short
from hipimu.units import deg_from_rad, ms_from_s

_REASONS: Final[Mapping[str, str]] = {
    Reason.GAP: "samples missing",
    Reason.CLIPPED: "sensor at the end of its range",
    Reason.TRANSITION: "change of pace or gait",
    Reason.WALKING: "walking",
    Reason.SYNC: "clock in doubt",
    Reason.SLIP: "strap slipped",
    Reason.HEADING: "direction of the sensors in doubt",
    Reason.TILT: "filter and accelerometer disagree",
}
_SENSORS: Final = {"pelvis": "Pelvis", "thigh_left": "Left thigh", "thigh_right": "Right thigh"}

_PACES: Final = {"easy": "Easy pace", "fast": "Fast pace", "other": "Other or unknown pace"}

# Fewer strides than this at a pace are not cut into thirds.
_FEWEST_FOR_THIRDS: Final = 30


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first cell of each row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def fatigue_table(session: Session) -> Table:
    """Every estimate with its intervals and its verdict in words."""
    return Table(
        "Change over the run in degrees, with 95 % intervals; a loss is negative",
        ("Peak", "Easy pace (δ)", "Fast pace (δ)", "Extra loss (RFI)", "Detectable", "In words"),
        tuple(_estimate(estimate) for estimate in session.fatigue),
    )


def peaks_table(session: Session) -> Table | None:
    """Level and spread of the peaks at each pace; None without usable strides."""
    strides = [stride for stride in session.strides if stride.usable()]
    if not strides:
        return None
    paces = [pace for pace in PACES if any(stride.pace == pace for stride in strides)]
    sides = [side for side in SIDES if any(stride.side == side for stride in strides)]
    return Table(
        "Peaks over the whole run: the median, and between which values nine tenths lie",
        ("Peak", *_named(paces)),
        tuple(
            (
                hip(side, outcome).capitalize(),
                *(_level(_peaks(strides, side, outcome, pace)) for pace in paces),
            )
            for side in sides
            for outcome in OUTCOMES
        ),
    )


def _named(paces: list[Pace]) -> tuple[str, ...]:
    return ("All strides",) if paces == ["other"] else tuple(_PACES[pace] for pace in paces)


def _peaks(strides: list[Stride], side: Side, outcome: Outcome, pace: Pace) -> list[float]:
    own = (s for s in strides if s.side == side and s.pace == pace)
    return [
        deg_from_rad(s.peak_flexion_rad if outcome == "peak_flexion" else s.peak_extension_rad)
        for s in own
    ]


def _level(peaks_deg: list[float]) -> str:
    if not peaks_deg:
        return "–"
    low, high = (float(edge) for edge in np.quantile(peaks_deg, (0.05, 0.95)))
    return f"{degrees(median(peaks_deg))} ({span((low, high))})"


def pelvis_table(session: Session) -> Table | None:
    """Pelvis and thigh in the first and last third of each pace; None without usable strides."""
    strides = [stride for stride in session.strides if stride.usable()]
    paces = [pace for pace in PACES if any(stride.pace == pace for stride in strides)]
    if not strides:
        return None
    thirds = any(len(_at(strides, pace)) >= _FEWEST_FOR_THIRDS for pace in paces)
    return Table(
        "Medians in the first and the last third of the strides at each pace"
        if thirds
        else "Medians of all strides",
        ("Quantity", *_named(paces)),
        tuple(
            (name, *(_early_late(strides, pace, value) for pace in paces))
            for name, value in _QUANTITIES
        ),
    )


def sensor_table(session: Session) -> Table:
    """What each sensor delivered."""
    # Empty columns tell nothing.
    own_clocks = any(sensor.drift_ppm is not None for sensor in session.sensors)
    head = ("Sensor", "Samples", "Rate", "Lost", "Clipped", "Clock offset", "Clock drift")
    columns = len(head) if own_clocks else len(head) - 2
    return Table(
        "Sensors",
        head[:columns],
        tuple(_sensor(sensor)[:columns] for sensor in session.sensors),
    )


def stride_table(session: Session) -> Table | None:
    """Strides found, used and set aside, and why; None without strides."""
    sides = [side for side in SIDES if any(stride.side == side for stride in session.strides)]
    if not sides:
        return None
    return Table(
        "Strides",
        ("Side", "Found", "Used", "Set aside because of"),
        tuple(_strides(session, side) for side in sides),
    )


def calibration_table(session: Session) -> Table:
    """How sure the sensor-to-segment calibration is."""
    calibration = session.calibration
    return Table(
        "Calibration",
        ("Sensor", "Turning axis stands out", "Sign self-test: knee forward is flexion"),
        tuple(
            (
                _SENSORS[sensor.sensor],
                _axis(calibration.axis_ratio.get(sensor.sensor)),
                _sign(calibration.sign_margin.get(sensor.sensor)),
            )
            for sensor in session.sensors
        ),
    )


def _estimate(estimate: FatigueEstimate) -> tuple[str, ...]:
    name = hip(estimate.side, estimate.outcome).capitalize()
    known = contrast(estimate)
    why = "; ".join(estimate.reasons)
    words = f"{verdict_short(estimate.verdict)}{f': {why}' if why else ''}"
    if known is None:
        return (name, "–", "–", "–", "–", words)
    detectable = known.detectable_deg
    return (
        name,
        _change(known.easy),
        _change(known.fast),
        _change(known.rfi),
        "–" if detectable is None else degrees(detectable),
        words,
    )


def _change(change: ShownChange) -> str:
    return f"{degrees(change.value)} ({span(change.ci95)})"


Quantity = Callable[[Stride], float]

_QUANTITIES: Final[tuple[tuple[str, Quantity], ...]] = (
    ("Mean pelvis tilt, forward from standing", lambda s: s.pelvis_tilt_rad),
    ("Range of pelvis tilt in a stride", lambda s: s.pelvis_tilt_range_rad),
    ("Range of pelvis drop in a stride", lambda s: s.pelvis_obliquity_range_rad),
    ("Range of pelvis rotation in a stride", lambda s: s.pelvis_rotation_range_rad),
    ("Peak hip extension", lambda s: s.peak_extension_rad),
    ("Peak thigh extension, from the vertical", lambda s: s.thigh_peak_extension_rad),
)


def _early_late(strides: list[Stride], pace: Pace, value: Quantity) -> str:
    own = _at(strides, pace)
    if len(own) < _FEWEST_FOR_THIRDS:
        return _median(own, value)
    third = len(own) // 3
    return f"{_median(own[:third], value)} → {_median(own[-third:], value)}"


def _at(strides: list[Stride], pace: Pace) -> list[Stride]:
    return sorted((s for s in strides if s.pace == pace), key=lambda s: s.t_peak_flexion_s)


def _median(strides: list[Stride], value: Quantity) -> str:
    known = [angle for angle in map(value, strides) if math.isfinite(angle)]
    return degrees(deg_from_rad(median(known))) if known else "–"


def _sensor(sensor: SensorSummary) -> tuple[str, ...]:
    offset = _give_or_take(sensor.offset_s, sensor.offset_se_s, ms_from_s, "ms")
    drift = _give_or_take(sensor.drift_ppm, sensor.drift_se_ppm, float, "ppm")
    return (
        _SENSORS[sensor.sensor],
        str(sensor.samples),
        f"{sensor.rate_hz:.1f} Hz",
        percent(sensor.loss),
        percent(sensor.clipped),
        offset,
        drift,
    )


def _give_or_take(
    value: float | None, error: float | None, unit_of: Callable[[float], float], unit: str
) -> str:
    if value is None:
        return "–"
    known = "" if error is None else f" ± {number(unit_of(error))}"
    return f"{number(unit_of(value))}{known} {unit}"


def _strides(session: Session, side: Side) -> tuple[str, ...]:
    own = [stride for stride in session.strides if stride.side == side]
    why = reasons_said(set_aside(own))
    return (side.capitalize(), str(len(own)), str(sum(s.usable() for s in own)), why or "–")


def reasons_said(aside: Mapping[str, int]) -> str:
    """Reasons with their counts, the commonest first."""
    ranked = sorted(aside.items(), key=lambda item: -item[1])
    return ", ".join(f"{_REASONS.get(reason, reason)} ({n})" for reason, n in ranked)


def averaged(session: Session) -> str:
    """What the mean cycles are made of, and what is not in them."""
    pieces = []
    for cycle in session.cycles:
        if cycle.part == "late":
            left_out = reasons_said(cycle.set_aside)
            aside = f"; set aside: {left_out}" if left_out else ""
            side = cycle.side.capitalize()
            pieces.append(f"{side}, {cycle.pace}: {cycle.strides} strides a curve{aside}.")
    return " ".join(pieces)


def _axis(ratio: float | None) -> str:
    if ratio is None:
        return "given by the recording"
    words = "clearly" if ratio >= 2.0 else "somewhat" if ratio >= 1.4 else "hardly"
    return f"{words} ({number(ratio)} times the next)"


def _sign(margin: float | None) -> str:
    if margin is None:
        return "not made"
    words = "passed" if margin >= 0.5 else "weak" if margin > 0 else "undecided"
    return f"{words} ({number(100 * margin, 0)} % agreement)"
