"""From counts to SI units: what a field's numbers are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hipimu.data import BoolArray, FloatArray
from hipimu.protocol.layout import Layout
from hipimu.protocol.schema import Protocol, Signal, key_of
from hipimu.units import UNITS

_AT_THE_END = 0.998
"""of the range: counts end at 32767, and a data sheet's sensitivity is rounded."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One signal of a layout."""

    field: str
    factor: float
    """SI units in one count."""
    limit: float | None
    """End of the range, SI; None where not known."""

    def applied(self, counts: np.ndarray, samples: int, *, inside: bool) -> FloatArray:
        """Return SI values, one row a sample.

        Parameters
        ----------
        counts : ndarray
            Sample fields (m, samples) or (m, samples, k), head fields (m,) or (m, k).
        samples : int
            In a packet.
        inside : bool
            Whether it is a sample field; one of the head counts for all samples of its packet.
        """
        values = counts.astype(np.float64)
        if inside:
            values = values.reshape(-1, *values.shape[2:])
        elif samples > 1:
            values = values.repeat(samples, axis=0)
        return values * self.factor if self.factor != 1.0 else values

    def beyond(self, values: FloatArray) -> BoolArray:
        """Where any of a sample's values is at the end of the range, (n,)."""
        if self.limit is None:
            return np.zeros(len(values), dtype=np.bool_)
        over = np.abs(values) >= _AT_THE_END * self.limit
        return np.asarray(over if over.ndim == 1 else over.any(axis=1), dtype=np.bool_)


def scales(protocol: Protocol, layout: Layout, settings: Mapping[str, float]) -> dict[str, Scale]:
    """Return the signals of a layout by their name with its unit, such as ``acc_m_s2``.

    Parameters
    ----------
    protocol : Protocol
    layout : Layout
    settings : mapping
        Value of every setting.
    """
    found = {}
    for name in dict.fromkeys(layout.names):
        signal = protocol.signals.get(name)
        if signal is not None:
            found[signal_name(name, signal)] = _scale(name, signal, settings)
    return found


def signal_name(field: str, signal: Signal) -> str:
    """Return a signal's name with its SI unit."""
    ending, _ = UNITS[signal.unit]
    return f"{field}_{ending}" if ending else field


def _scale(name: str, signal: Signal, settings: Mapping[str, float]) -> Scale:
    _, worth = UNITS[signal.unit]
    counts = signal.counts_per_unit
    if isinstance(counts, dict):
        ((setting, table),) = counts.items()
        counts = table[key_of(settings[setting])]
    limit = settings[signal.limit] if isinstance(signal.limit, str) else signal.limit
    return Scale(name, worth / counts, None if limit is None else limit * worth)


def count_scale(protocol: Protocol, field: str, settings: Mapping[str, float]) -> float | None:
    """Return the SI units in one count of a signal that is sent as whole numbers.

    Parameters
    ----------
    protocol : Protocol
    field : str
        Such as ``acc``.
    settings : mapping
        Value of every setting.

    Returns
    -------
    float or None
        None where it is sent as floating-point numbers, or not at all.
    """
    for entry in protocol.layouts.values():
        layout = entry.compiled()
        for known in (*layout.head, *layout.sample):
            if known.name == field and known.kind[0] != "f" and field in protocol.signals:
                return _scale(field, protocol.signals[field], settings).factor
    return None
