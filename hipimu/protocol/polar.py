"""Polar's PMD streams: delta-coded samples, and the factor that the start reply tells.

Facts from the vendor's public SDK (polarofficial/polar-ble-sdk, BlePmdClient and its tests).
Packets handed on are ``u8 type, u64 ns, N × 3 f32``: acceleration in mg, angular rate in deg/s.
"""

from __future__ import annotations

import struct

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.protocol.codecs import Codec, CodecParameters

_ACC, _GYR = 2, 5
_KIND = 0x3F
_DELTA = 0x80
_HEADER = 10
_CHANNELS = 3
_REPLY, _START = 0xF0, 2
_FACTOR = 5
_SIZES = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4, 6: 1}
"""Bytes of one value of each setting in a reply."""
_MOST_SAMPLES = 4096
_MOST_BITS = 32
_BLOCK = 255


class PolarPmd(Codec):
    """Delta frames ↔ plain ones.

    Parameters
    ----------
    parameters : CodecParameters
    """

    def __init__(self, parameters: CodecParameters) -> None:
        super().__init__(parameters)
        self._factor = dict.fromkeys((_ACC, _GYR), 1.0)

    def decode(self, characteristic: str, payload: bytes) -> list[bytes]:
        """Return a plain packet; replies are read for their factor and not handed on."""
        del characteristic
        if payload[:1] == bytes([_REPLY]):
            self._read_reply(payload)
            return []
        if len(payload) < _HEADER:
            raise ValueError(f"{len(payload)} bytes are too short for a frame")
        kind, frame_type = payload[0] & _KIND, payload[9]
        if kind not in self._factor:
            raise ValueError(f"measurement {kind} is neither acceleration nor angular rate")
        values = self._values(kind, frame_type, payload[_HEADER:])
        return [bytes([kind]) + payload[1:9] + values.astype("<f4").tobytes()]

    def _values(self, kind: int, frame_type: int, body: bytes) -> FloatArray:
        if not frame_type & _DELTA:
            return _plain(frame_type, body)
        if frame_type & ~_DELTA > 1:
            raise ValueError(f"delta frames of type {frame_type & ~_DELTA} are not known")
        # The vendor's type 0 of acceleration is in g once multiplied, all others as they are named.
        unit = 1000.0 if kind == _ACC and frame_type == _DELTA else 1.0
        return _from_deltas(body) * (self._factor[kind] * unit)

    def _read_reply(self, payload: bytes) -> None:
        if len(payload) < 6 or payload[1] != _START or payload[3] != 0:
            return
        kind, at = payload[2] & _KIND, 5
        if kind not in self._factor:
            return
        self._factor[kind] = 1.0
        while at + 2 <= len(payload):
            setting, count = payload[at], payload[at + 1]
            size = _SIZES.get(setting)
            if size is None or at + 2 + size * count > len(payload):
                raise ValueError("the start reply's settings are cut off")
            if setting == _FACTOR and count:
                factor = float(struct.unpack_from("<f", payload, at + 2)[0])
                if not 1e-9 < abs(factor) < 1e9:
                    raise ValueError(f"the start reply's factor is {factor:g}")
                self._factor[kind] = factor
            at += 2 + size * count

    def encode(self, characteristic: str, packet: bytes) -> list[bytes]:
        """Return one delta frame, by the factor of the last reply seen."""
        del characteristic
        kind = packet[0]
        values = np.frombuffer(packet, "<f4", offset=9).reshape(-1, _CHANNELS).astype(np.float64)
        counts = np.rint(values / self._factor[kind]).astype(np.int64)
        frame_type = _DELTA | (1 if kind == _ACC else 0)
        return [packet[:9] + bytes([frame_type]) + _to_deltas(counts)]


def _plain(frame_type: int, body: bytes) -> FloatArray:
    size = frame_type + 1
    if size > 2:
        raise ValueError(f"plain frames of type {frame_type} are not known")
    if not body or len(body) % (size * _CHANNELS):
        raise ValueError(f"{len(body)} bytes do not hold whole samples")
    return np.frombuffer(body, f"<i{size}").reshape(-1, _CHANNELS).astype(np.float64)


def _from_deltas(body: bytes) -> FloatArray:
    if len(body) < 2 * _CHANNELS:
        raise ValueError("the reference sample is cut off")
    parts: list[IntArray] = [np.frombuffer(body, "<i2", _CHANNELS).astype(np.int64)[None]]
    at, samples = 2 * _CHANNELS, 1
    while at < len(body):
        bits, count = _block_header(body, at)
        values = count * _CHANNELS
        size = (bits * values + 7) // 8
        at += 2
        samples += count
        if at + size > len(body) or samples > _MOST_SAMPLES:
            raise ValueError("a block of deltas is cut off")
        parts.append(_unpacked(body[at : at + size], bits, values).reshape(-1, _CHANNELS))
        at += size
    return np.cumsum(np.concatenate(parts), axis=0).astype(np.float64)


def _block_header(body: bytes, at: int) -> tuple[int, int]:
    if at + 2 > len(body):
        raise ValueError("a block of deltas is cut off")
    bits, count = body[at], body[at + 1]
    if bits > _MOST_BITS or not count:
        raise ValueError(f"a block of {count} deltas of {bits} bits is not possible")
    return bits, count


def _unpacked(packed: bytes, bits: int, values: int) -> IntArray:
    """Signed numbers of `bits` bits, lowest bit first, (values,)."""
    if bits == 0:
        return np.zeros(values, dtype=np.int64)
    raw = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")[: bits * values]
    weights = np.left_shift(np.int64(1), np.arange(bits, dtype=np.int64))
    weights[-1] = -weights[-1]
    return np.asarray((raw.reshape(values, bits) * weights).sum(axis=1), dtype=np.int64)


def _to_deltas(counts: IntArray) -> bytes:
    reference = np.clip(counts[0], -(2**15), 2**15 - 1)
    body: bytes = reference.astype("<i2").tobytes()
    deltas = np.diff(counts, axis=0)
    for start in range(0, len(deltas), _BLOCK):
        block = deltas[start : start + _BLOCK]
        bits = max(int(np.abs(block).max()).bit_length() + 1, 1)
        numbers = block.ravel()[:, None] >> np.arange(bits) & 1
        packed = np.packbits(numbers.astype(np.uint8).ravel(), bitorder="little").tobytes()
        body += bytes([bits, len(block)]) + packed
    return body
