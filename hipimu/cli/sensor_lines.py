"""Sensors in the words of the terminal: one line each."""

from __future__ import annotations

from hipimu.data import SensorHealth


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


def _beside(health: SensorHealth) -> str:
    parts = []
    if health.malformed:
        parts.append(f"{health.malformed} packets could not be read")
    if health.duplicates:
        parts.append(f"{health.duplicates} came twice and count once")
    return f" ({'; '.join(parts)})" if parts else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
