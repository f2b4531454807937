"""Samples in, bytes out: what a device of a protocol would send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hipimu.data import FloatArray
from hipimu.protocol.fields import Field
from hipimu.protocol.layout import Layout
from hipimu.protocol.named import codec_of
from hipimu.protocol.schema import Protocol
from hipimu.protocol.settings import chosen
from hipimu.protocol.signals import scales

_SAMPLES_ASKED = "samples_per_packet"
_SAMPLES_USUAL = 12
"""Where a protocol leaves it open, as Polar's does."""


class Encoder:
    """Encode what one device sends; the inverse of `Decoder`.

    Parameters
    ----------
    protocol : Protocol
    settings : mapping or None
        Setting → value, where not the default.

    Raises
    ------
    UnknownNameError
        When a setting or its value is not in the protocol.
    """

    def __init__(self, protocol: Protocol, settings: Mapping[str, float] | None = None) -> None:
        self.protocol = protocol
        self.settings = chosen(protocol, settings)
        self._codec = codec_of(protocol)
        self._layouts = {name: entry.compiled() for name, entry in protocol.layouts.items()}

    def change(self, settings: Mapping[str, float]) -> None:
        """Go on with other settings; what was learned stays.

        Parameters
        ----------
        settings : mapping
            Those that change.

        Raises
        ------
        UnknownNameError
        """
        self.settings = chosen(self.protocol, self.settings | dict(settings))

    def learn(self, characteristic: str, reply: bytes) -> None:
        """Take note of an answer that the device gave: its codec may depend on it.

        Parameters
        ----------
        characteristic : str
            Its name in the protocol file.
        reply : bytes
        """
        framing = self.protocol.framing
        if self._codec is not None and framing is not None and characteristic in framing.on:
            self._codec.decode(characteristic, reply)

    def layouts_with(self, field: str) -> tuple[str, ...]:
        """Return the names of the layouts that hold a field."""
        return tuple(name for name, layout in self._layouts.items() if field in layout.names)

    def samples_in(self, layout: str) -> int:
        """Return how many samples a packet of a layout holds."""
        declared = self.protocol.layouts[layout]
        if not declared.samples:
            return 1
        if declared.count is not None:
            return declared.count
        if _SAMPLES_ASKED in self.settings:
            return int(self.settings[_SAMPLES_ASKED])
        framing = self.protocol.framing
        if framing is not None and framing.length is not None:
            return self._fitting(self._layouts[layout], framing.length)
        return _SAMPLES_USUAL

    def encode(
        self,
        layout: str,
        signals: Mapping[str, FloatArray],
        *,
        clock_ticks: int = 0,
        counter: int = 0,
        fields: Mapping[str, Any] | None = None,
    ) -> list[bytes]:
        """Return the payloads of one packet.

        Parameters
        ----------
        layout : str
        signals : mapping
            Name with its unit, such as ``acc_m_s2`` → (samples, …) in SI units, or (…,) where the
            layout repeats nothing; values beyond the field's type are cut off.
        clock_ticks : int
            Of the sample that the packet stamps; wraps.
        counter : int
            Of the packet; wraps.
        fields : mapping or None
            Field → what it holds, for those that are no signal.
        """
        compiled = self._layouts[layout]
        known = {f.name: f for f in (*compiled.head, *compiled.sample) if f.name is not None}
        values: dict[str, Any] = dict(fields or {})
        for name, scale in scales(self.protocol, compiled, self.settings).items():
            if name in signals:
                values[scale.field] = _counts(signals[name] / scale.factor, known[scale.field])
        for part, number in (("clock", clock_ticks), ("counter", counter)):
            declared = getattr(self.protocol, part)
            if declared is not None and declared.field in known:
                values.setdefault(declared.field, number % declared.wrap)
        samples = self.samples_in(layout)
        first = next((signals[n] for n in signals if compiled.sample), None)
        if first is not None:
            samples = len(first)
        packet = compiled.pack(values, samples)
        if self._codec is None or not self._framed(layout):
            return [packet]
        return self._codec.encode(self.protocol.layouts[layout].from_, packet)

    def _framed(self, layout: str) -> bool:
        framing = self.protocol.framing
        return framing is not None and self.protocol.layouts[layout].from_ in framing.on

    @staticmethod
    def _fitting(layout: Layout, length: int) -> int:
        head = len(layout.begins) + sum(f.size for f in layout.head)
        return max((length - head) // sum(f.size for f in layout.sample), 1)


def _counts(values: FloatArray, field: Field) -> np.ndarray:
    """Numbers as a field can hold them."""
    if field.kind[0] == "f":
        return values
    bits = 8 * field.item_size
    low, high = (0, 2**bits - 1) if field.kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    top = high if field.kind[0] == "u" else high - 1
    # 64-bit ends are no float64: what is cut off there does not occur.
    return np.clip(np.rint(values), low, top).astype(np.int64 if low < 0 else np.uint64)
