"""Run a protocol file's own examples: its bytes must mean what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hipimu.data import FloatArray, Readings
from hipimu.errors import HipimuError
from hipimu.protocol.decoder import Decoder
from hipimu.protocol.schema import Example, Protocol
from hipimu.protocol.signals import signal_name
from hipimu.units import UNITS


def failures(protocol: Protocol) -> list[tuple[int, str]]:
    """Return the examples that do not come out, with the reason.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of (int, str)
        Number of the example, counted from 0, and a sentence without its period.
    """
    found = []
    for number, example in enumerate(protocol.examples):
        why = _failure(protocol, example)
        if why is not None:
            found.append((number, f"example {number + 1} ({example.about}) {why}"))
    return found


def _failure(protocol: Protocol, example: Example) -> str | None:
    try:
        got = values_of(protocol, example)
    except HipimuError as error:
        return f"cannot be read: {error.what.removesuffix('.')}"
    for name, wanted in example.gives.items():
        if name not in got:
            return f"gives no {name}; it gives {', '.join(got) or 'nothing'}"
        why = _difference(name, got[name], wanted, example.within)
        if why is not None:
            return why
    return None


def _difference(name: str, got: FloatArray, wanted: Any, within: float) -> str | None:
    try:
        values = np.asarray(wanted, dtype=np.float64)
    except (TypeError, ValueError):
        return f"has values of {name} that are not numbers"
    if values.shape != got.shape:
        return f"gives {name} of shape {got.shape}, not {values.shape}"
    if not np.allclose(got, values, rtol=0.0, atol=within):
        return f"gives {name} = {np.round(got, 6).tolist()}, not {wanted}"
    return None


def values_of(protocol: Protocol, example: Example) -> dict[str, FloatArray]:
    """Decode an example's packets: signals in their declared unit, one row a sample.

    Parameters
    ----------
    protocol : Protocol
    example : Example

    Returns
    -------
    dict
        Signal → (n,) or (n, k); also ``time_s``, the seconds from the first sample to each.

    Raises
    ------
    DecodeError, UnknownNameError
    """
    decoder = Decoder(protocol, "example", example.settings)
    parts: dict[str, list[FloatArray]] = {}
    first: dict[str, int] = {}
    for number, packet in enumerate(example.packets):
        for alias, text in packet.items():
            decoded = decoder.push(alias, [bytes.fromhex(text)], [float(number)])
            if decoded.refused:
                raise decoded.refused[0]
            for readings in decoded.readings:
                for name, values in _declared(protocol, readings.signals).items():
                    parts.setdefault(name, []).append(values)
                if readings.ticks is not None:
                    parts.setdefault("time_s", []).append(_since_first(decoder, readings, first))
    return {name: np.concatenate(values) for name, values in parts.items()}


def _since_first(decoder: Decoder, readings: Readings, first: dict[str, int]) -> FloatArray:
    """Seconds since a layout's first sample, across a wrap of the clock."""
    if readings.ticks is None:
        raise AssertionError("called only where there are ticks")
    timing = decoder.timing(readings.layout)
    begin = first.setdefault(readings.layout, int(readings.ticks[0]))
    return np.multiply((readings.ticks - begin) % timing.wrap, timing.tick_s)


def _declared(protocol: Protocol, signals: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    names = {signal_name(field, signal): field for field, signal in protocol.signals.items()}
    return {
        names[name]: values / UNITS[protocol.signals[names[name]].unit][1]
        for name, values in signals.items()
    }
