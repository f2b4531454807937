"""Data quality: what the sensors delivered, what was set aside, how the axes were found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hipimu.data import (
    SIDES,
    Reason,
    Segment,
    SensorSummary,
    Session,
    Side,
    WatchSummary,
    set_aside,
)
from hipimu.report.numerals import number, percent
from hipimu.report.table import Table
from hipimu.units import ms_from_s

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
_MEANING: Final[Mapping[str, str]] = {
    Reason.GAP: "Short gaps are filled in and the stride counts less; beside longer ones a stride "
    "is set aside.",
    Reason.CLIPPED: "The true value lies beyond what the sensor can show, so the stride counts "
    "half.",
    Reason.TRANSITION: "The first and last strides of a bout belong to neither pace: set aside.",
    Reason.WALKING: "Paces compare running with running: set aside.",
    Reason.SYNC: "The sensors’ clocks are matched poorly here, so the stride counts half.",
    Reason.SLIP: "Strides around a slip are set aside; later ones are turned back and count half.",
    Reason.HEADING: "Which way the sensors face is contradicted, so the stride counts half.",
    Reason.TILT: "Two ways to the vertical differ by more than 6°, so the stride counts half.",
}
_ALIGNED: Final[Mapping[str, str]] = {
    "start time": "its start time",
    "cadence": "its cadence against the sensors’",
    "start time and cadence": "its start time and its cadence against the sensors’",
}
_SENSORS: Final[Mapping[Segment, str]] = {
    "pelvis": "Pelvis",
    "thigh_left": "Left thigh",
    "thigh_right": "Right thigh",
}


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


def _axis(ratio: float | None) -> str:
    if ratio is None:
        return "given by the recording"
    words = "clearly" if ratio >= 2.0 else "somewhat" if ratio >= 1.4 else "hardly"
    return f"{words} ({number(ratio)} times the next)"


def _sign(margin: float | None) -> str:
    if margin is None:
        return "not made"
    words = "passed" if margin >= 0.5 else "unclear" if margin > 0 else "undecided"
    return f"{words} ({number(100 * margin, 0)} % agreement)"


def watch_pairs(watch: WatchSummary) -> tuple[tuple[str, str], ...]:
    """What was read from the watch file and how its clock was matched, as pairs."""
    source = _ALIGNED.get(watch.offset_source, watch.offset_source)
    later = "later" if watch.offset_s >= 0 else "earlier"
    pairs = [
        ("Watch file", watch.name),
        ("Its clock", f"put {number(abs(watch.offset_s))} s {later} to fit the sensors’"),
        ("Matched by", source),
    ]
    if watch.correlation is not None:
        pairs.append(
            ("Cadence of watch and sensors", f"correlation {number(watch.correlation, 2)}")
        )
    return (*pairs, ("Laps in it", str(watch.laps)))


def stride_reasons(session: Session) -> tuple[tuple[str, str], ...]:
    """Every reason met in this session, in words with its count, and what it means."""
    counts: dict[str, int] = {}
    for stride in session.strides:
        for reason in stride.reasons or ((stride.gait,) if stride.gait == "walking" else ()):
            counts[str(reason)] = counts.get(str(reason), 0) + 1
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    return tuple(
        (f"{_capital(_REASONS.get(name, name))} ({count})", _MEANING.get(name, ""))
        for name, count in ranked
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
