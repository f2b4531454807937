"""Throw bytes at every protocol's decoder: `make fuzz`, ten million inputs, about ten minutes.

Coverage-guided by atheris (``pip install --group fuzz``). The first byte chooses a protocol and a
characteristic, the second whether the link is new and how the rest is cut into payloads. Whatever
comes, `Decoder.push` refuses by `DecodeError` and raises nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hipimu.protocol"]):
    from hipimu.protocol import Decoder, known

from hipimu.errors import DecodeError

INPUTS = 10_000_000
_DECODERS = [
    (
        Decoder(protocol, "fuzzed"),
        alias,
        [bytes.fromhex(x.begins) for x in protocol.layouts.values()],
    )
    for protocol in known().values()
    if protocol.refusal is None
    for alias in protocol.characteristics
    if any(x.from_ == alias for x in protocol.layouts.values())
    or (protocol.framing is not None and alias in protocol.framing.on)
]


def one_input(data: bytes) -> None:
    """Decode one input in one of the ways that its first bytes choose."""
    if len(data) < 3:
        return
    decoder, alias, begins = _DECODERS[data[0] % len(_DECODERS)]
    if data[1] & 1:
        decoder.link_up()
    size = 4 * (data[1] >> 1 & 63) + 8
    begin = begins[data[2] % len(begins)] if data[1] & 128 else b""
    rest = data[3:]
    payloads = [begin + rest[i : i + size] for i in range(0, max(len(rest), 1), size)]
    decoded = decoder.push(alias, payloads, [0.0] * len(payloads))
    for error in decoded.refused:
        if not isinstance(error, DecodeError):
            raise TypeError(f"{error!r} is no DecodeError")
    for readings in decoded.readings:
        if any(len(v) != len(readings.arrival_s) for v in readings.signals.values()):
            raise ValueError("a signal has another length than its times")


def seeds(folder: Path) -> None:
    """Write every protocol's own examples as what to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (decoder, alias, _) in enumerate(_DECODERS):
        for i, example in enumerate(decoder.protocol.examples):
            packets = [bytes.fromhex(p[alias]) for p in example.packets if alias in p]
            if packets:
                body = bytes([number, 0, 0]) + b"".join(packets)
                (folder / f"{decoder.protocol.id}-{alias}-{i}").write_bytes(body)


def main() -> None:
    """Run; the arguments after the folder of seeds are libFuzzer's."""
    folder = Path(sys.argv[1])
    seeds(folder)
    runs = [] if any(a.startswith("-runs") for a in sys.argv) else [f"-runs={INPUTS}"]
    arguments = [sys.argv[0], "-max_len=260", *runs, *sys.argv[2:], str(folder)]
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
