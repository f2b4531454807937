"""What about a sensor will spoil a run: said before it, not after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hipimu.protocol.schema import Protocol
from hipimu.protocol.settings import chosen

LEAST_ACC_G = 16.0
LEAST_GYR_DEG_S = 1000.0
LEAST_RATE_HZ = 100.0
LEAST_BANDWIDTH_HZ = 40.0
"""What running needs: foot contact shakes a thigh by more than 8 g, a fast swing turns it by 600 to
900 deg/s, and the peaks of a stride are a few hundredths of a second wide."""


def concerns(protocol: Protocol, settings: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """Return what a runner should know before relying on a sensor.

    Parameters
    ----------
    protocol : Protocol
    settings : mapping or None
        Setting → value, where not the default.

    Returns
    -------
    tuple of str
        Sentences; empty where nothing is wrong.

    Raises
    ------
    UnknownNameError
        When a setting or its value is not in the protocol.
    """
    if protocol.kind != "imu":
        return tuple(protocol.warnings)
    values = chosen(protocol, settings)
    return (*_shortcomings(protocol, values), *protocol.warnings)


def _shortcomings(protocol: Protocol, values: Mapping[str, float]) -> Iterator[str]:
    limits = protocol.limits
    rate_hz = min(values["rate_hz"], limits.rate_hz or values["rate_hz"])
    if rate_hz < LEAST_RATE_HZ:
        yield (
            f"It samples at {rate_hz:g} Hz: below {LEAST_RATE_HZ:g} Hz peaks at fast pace come out "
            "too small."
        )
    acc_g = min(values.get("acc_range_g", LEAST_ACC_G), limits.acc_g or LEAST_ACC_G)
    if acc_g < LEAST_ACC_G:
        yield f"It measures up to ±{acc_g:g} g: foot contact at fast pace is clipped."
    gyr_deg_s = min(
        values.get("gyr_range_deg_s", LEAST_GYR_DEG_S), limits.gyr_deg_s or LEAST_GYR_DEG_S
    )
    asked_deg_s = values.get("gyr_range_deg_s", 0.0)
    if limits.gyr_deg_s is not None and limits.gyr_deg_s < asked_deg_s:
        yield (
            f"Its firmware cuts angular rate off at ±{limits.gyr_deg_s:g} °/s, though its range is "
            f"±{asked_deg_s:g} °/s: a sprint reaches that."
        )
    if gyr_deg_s < LEAST_GYR_DEG_S:
        yield f"It measures up to ±{gyr_deg_s:g} °/s: a fast swing of the thigh is clipped."
    bandwidth_hz = limits.bandwidth_hz or LEAST_BANDWIDTH_HZ
    if bandwidth_hz < LEAST_BANDWIDTH_HZ:
        yield f"Its factory filter passes up to {bandwidth_hz:g} Hz: peaks come out too small."
    missing = {"acc", "gyr"} - set(protocol.signals)
    if missing:
        what = "angular rate" if "gyr" in missing else "acceleration"
        yield f"It has no {what}: no angle can be made of it."
