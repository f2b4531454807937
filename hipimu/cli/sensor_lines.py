"""Sensors in the words of the terminal: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hipimu.data import SEGMENTS, SensorHealth

if TYPE_CHECKING:
    from hipimu.pipeline import Recovered
    from hipimu.pipeline.record import SensorLine

_STALE_S = 1.0
_RATE_WIDTH = 23


def live_line(line: SensorLine) -> str:
    """Say how a sensor is doing now, in one line of a fixed layout.

    Parameters
    ----------
    line : SensorLine
    """
    health, status = line.health, line.status
    name = health.sensor.replace("_", " ")
    if status.phase != "streaming":
        why = f": {status.why}" if status.why else ""
        return f"{name:12} {status.phase}{why}"
    moves = health.sensor in SEGMENTS
    rate = f"{health.rate_hz:5.0f} Hz   lost {100 * health.loss:5.2f} %"
    if not moves:
        rate = f"{health.packets:5d} packets".ljust(_RATE_WIDTH)
    age = "–" if line.age_s is None else f"{1000 * line.age_s:.0f} ms"
    battery = "–" if status.battery is None else f"{100 * status.battery:.0f} %"
    text = f"{name:12} {rate}   age {age:>7}   battery {battery}"
    if health.clipped:
        text += f"   clipped {100 * health.clipped:.2f} %"
    if health.drops:
        text += f"   link lost {_times(health.drops)}"
    if health.malformed:
        text += f"   {health.malformed} unreadable"
    if moves and line.age_s is not None and line.age_s > _STALE_S:
        text += "   silent"
    return text


def summary_line(health: SensorHealth) -> str:
    """Say what a sensor delivered.

    Parameters
    ----------
    health : SensorHealth
    """
    name = health.sensor.replace("_", " ")
    if not health.packets:
        return f"{name}: nothing came"
    if not health.samples:
        return f"{name}: {health.packets} packets" + _beside(health)
    parts = [f"{health.samples} samples", f"{100 * health.loss:.2g} % lost"]
    if health.drops:
        parts.append(f"link lost {_times(health.drops)}")
    if health.clipped:
        parts.append(f"{100 * health.clipped:.2g} % clipped")
    return f"{name}: {', '.join(parts)}" + _beside(health)


def last_lines(done: Recovered) -> list[str]:
    """Say what a finished recording holds, and what comes next.

    Parameters
    ----------
    done : Recovered
    """
    return [
        *map(summary_line, done.health),
        f"Recording: {done.folder} ({done.duration_s / 60:.1f} min)",
        f"Next: hipimu analyse {done.folder}",
    ]


def _beside(health: SensorHealth) -> str:
    parts = []
    if health.malformed:
        parts.append(f"{health.malformed} packets could not be read")
    if health.duplicates:
        parts.append(f"{health.duplicates} came twice and count once")
    return f" ({'; '.join(parts)})" if parts else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
