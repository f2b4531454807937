"""Codecs by their names in protocol files."""

from __future__ import annotations

from collections.abc import Callable

from hipimu.protocol.codecs import Codec, CodecParameters, Resync, TwoPart
from hipimu.protocol.polar import PolarPmd
from hipimu.protocol.schema import Protocol
from hipimu.protocol.shimmer import Shimmer

CODECS: dict[str, Callable[[CodecParameters], Codec]] = {
    "resync": Resync,
    "two_part": TwoPart,
    "polar_pmd": PolarPmd,
    "shimmer": Shimmer,
}


def codec_of(protocol: Protocol) -> Codec | None:
    """Return a fresh codec of a protocol; None where payloads are packets.

    Parameters
    ----------
    protocol : Protocol

    Raises
    ------
    ValueError
        When the file's framing does not fit the codec.
    """
    framing = protocol.framing
    if framing is None:
        return None
    begins = {
        bytes.fromhex(layout.begins)
        for layout in protocol.layouts.values()
        if layout.from_ in framing.on
    }
    return CODECS[framing.codec](CodecParameters(tuple(sorted(begins)), framing.length))
