"""Are the links good enough for a run? Asked after a few seconds, not after an hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hipimu.pipeline.record import SensorLine

_MOST_LOSS = 0.01
_RATE_TOLERANCE = 0.08
"""A sensor's own rate is a few per cent off the one its data sheet names."""
_OLDEST_S = 0.5
_LEAST_BATTERY = 0.2


def verdicts(lines: Sequence[SensorLine], declared_hz: Mapping[str, float]) -> tuple[str, ...]:
    """Return what is wrong with the sensors of a recording that has just begun.

    Parameters
    ----------
    lines : sequence of SensorLine
    declared_hz : mapping
        Sampling rate asked of every sensor on a segment.

    Returns
    -------
    tuple of str
        Sentences; empty where all is well.
    """
    return tuple(
        sentence for line in lines for sentence in _of(line, declared_hz.get(line.health.sensor))
    )


def _of(line: SensorLine, declared_hz: float | None) -> Iterator[str]:
    health, name = line.health, line.health.sensor.replace("_", " ")
    if health.link == "down" or line.age_s is None or line.age_s > _OLDEST_S + _slack(declared_hz):
        yield f"The {name} sensor is silent: wear it where the body does not shade the receiver."
        return
    if health.loss > _MOST_LOSS:
        yield (
            f"The {name} sensor loses {100 * health.loss:.1f} % of its samples: come closer, use "
            "fewer sensors or a lower --rate."
        )
    if declared_hz is not None and health.samples:
        share = health.rate_hz / declared_hz
        if not 1 - _RATE_TOLERANCE <= share <= 1 + _RATE_TOLERANCE:
            yield (
                f"The {name} sensor delivers {health.rate_hz:.0f} samples a second instead of "
                f"{declared_hz:.0f}."
            )
    battery = line.status.battery
    if battery is not None and battery < _LEAST_BATTERY:
        yield f"The battery of the {name} sensor is at {100 * battery:.0f} %: charge it first."
    if health.malformed > health.packets / 100:
        yield (
            f"{health.malformed} of {health.packets} packets of the {name} sensor cannot be read: "
            "another firmware, or the wrong protocol."
        )


def _slack(declared_hz: float | None) -> float:
    """Devices beside the IMUs send about once a second."""
    return 0.0 if declared_hz is not None else 2.0
