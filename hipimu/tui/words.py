"""A state of the run in the words of a terminal, short enough for a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hipimu.data import (
    SEGMENTS,
    Baseline,
    Cue,
    LiveState,
    Outcome,
    Pace,
    PeakNow,
    SensorNow,
    Side,
    StartState,
    StartStep,
)
from hipimu.report.numerals import clock, counted, degrees
from hipimu.units import deg_from_rad

STEP_NAMES: Final[Mapping[StartStep, str]] = {
    "sensors": "sensors",
    "put_on": "put on",
    "stand": "stand still",
    "lift": "lift the left knee",
    "walk": "walk",
    "ready": "ready",
}

_PEAKS: Final[Mapping[Outcome, str]] = {
    "peak_flexion": "peak flexion",
    "peak_extension": "peak extension",
}


def printable(text: str) -> str:
    """Take control characters out: names come over the radio, from anyone who sends."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def cut(text: str, width: int) -> str:
    """Cut to so many columns; what is left out shows as ``…``."""
    if len(text) <= width:
        return text
    return f"{text[: max(width - 1, 0)].rstrip()}…"[: max(width, 0)]


def peak_of(state: LiveState, side: Side, outcome: Outcome) -> PeakNow | None:
    """Return one side's peak, where it is in the state."""
    found = (p for p in state.peaks if p.side == side and p.outcome == outcome)
    return next(found, None)


def peak_words(peak: PeakNow | None) -> str:
    """Write a peak as ``52.3° (−1.2)``: in brackets how far it is from the baseline.

    While the baseline is being made there stands how many of its strides there are, ``(12/30)``.
    """
    if peak is None or peak.value_rad is None:
        return "–"
    told = degrees(deg_from_rad(peak.value_rad))
    if peak.baseline is None:
        return told
    change = change_rad(peak)
    if change is None:
        return f"{told} ({peak.baseline.strides}/{peak.baseline.needed})"
    return f"{told} ({signed(change)})"


def change_rad(peak: PeakNow) -> float | None:
    """How far a peak is from its baseline in radians, a loss negative; None where not known."""
    if peak.value_rad is None or peak.baseline is None or peak.baseline.value_rad is None:
        return None
    return peak.value_rad - peak.baseline.value_rad


def signed(angle_rad: float) -> str:
    """Write a change in degrees with its sign and without unit, such as ``+0.1``."""
    told = degrees(deg_from_rad(angle_rad)).removesuffix("°")
    return told if told.startswith("−") or float(told) == 0 else f"+{told}"


def baseline_words(baseline: Baseline | None, pace: Pace | None) -> str:
    """Say what a peak is held against, and how far from it is still as fresh."""
    if baseline is None:
        return "press easy or fast to compare" if pace is None else "nothing to compare with"
    if baseline.value_rad is None:
        return f"fresh range: {baseline.strides} of {counted(baseline.needed, 'stride')}"
    told = f"fresh at {baseline.pace} {degrees(deg_from_rad(baseline.value_rad))}"
    if baseline.detectable_rad is None:
        return told
    return f"{told} ± {degrees(deg_from_rad(baseline.detectable_rad))}"


def pace_words(state: LiveState) -> str:
    """Name the pace; ``no pace`` where nobody said one."""
    return state.pace or "no pace"


def cadence_words(state: LiveState) -> str:
    """Write the cadence in whole steps a minute."""
    return "–" if state.cadence_spm is None else f"{state.cadence_spm:.0f}"


def start_words(start: StartState) -> str:
    """Name the step of the guided start and how far it is, such as ``stand still 2.1 of 5 s``."""
    number = start.steps.index(start.step) + 1 if start.step in start.steps else 1
    told = f"step {number} of {len(start.steps)}: {STEP_NAMES[start.step]}"
    if start.needed_s > 0:
        told += f"  {start.done_s:.1f} of {start.needed_s:.0f} s"
        told += "" if start.going else " (waiting)"
    return told


def cue_words(cue: Cue) -> str:
    """Say what a cue sounds for."""
    place = f"{clock(cue.t_s)} {cue.side} hip"
    peak = _PEAKS[cue.outcome]
    if cue.kind == "range_back":
        return f"{place}: {peak} is back in your fresh range"
    return f"{place}: {peak} {signed(cue.change_rad)}° from your fresh range"


def sensor_words(sensor: SensorNow) -> tuple[str, ...]:
    """Write a sensor as the cells of a row: role, link, loss, age, battery, what is wrong."""
    age = "–" if sensor.age_s is None else f"{1000 * sensor.age_s:.0f} ms"
    battery = "–" if sensor.battery is None else f"{100 * sensor.battery:.0f} %"
    return (
        sensor.sensor.replace("_", " "),
        "absent" if sensor.absent else printable(sensor.phase),
        f"{sensor.rate_hz:.0f} Hz" if sensor.sensor in SEGMENTS else "–",
        f"{100 * sensor.loss:.2f} %",
        age,
        battery,
        printable(_wrong(sensor)),
    )


SENSOR_COLUMNS: Final = ("sensor", "link", "rate", "lost", "age", "battery", "")


def _wrong(sensor: SensorNow) -> str:
    parts = [sensor.why] if sensor.why else []
    if sensor.drops:
        parts.append(f"link lost {'once' if sensor.drops == 1 else f'{sensor.drops} times'}")
    if sensor.clipped:
        parts.append(f"{100 * sensor.clipped:.2f} % clipped")
    return ", ".join(parts)


def standing_words(peak: PeakNow | None) -> str:
    """Say how a peak stands to its baseline; empty where that is not known."""
    change = None if peak is None else change_rad(peak)
    if peak is None or change is None or peak.baseline is None:
        return ""
    stands_out = peak.baseline.detectable_rad
    if stands_out is None or abs(change) <= stands_out:
        return "as fresh"
    return "less" if change < 0 else "more"
