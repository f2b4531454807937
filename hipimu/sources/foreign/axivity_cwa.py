"""Axivity AX6 recordings (.cwa): acceleration and angular velocity, and nothing hidden.

Follows the published format (openmovement, ``Docs/ax3/cwa.h`` and ``ax3-technical.md``). The kept
library for it, cwa-reader-rs (MIT), is what the tests compare with, but does not read here: it
passes over checksums and stretches the samples before a lost block over the gap.

- A header of 1024 bytes, then blocks of 512 with a checksum each: 16-bit words that add up to zero.
- An AX3 measures acceleration alone, and an AX6 may be set up so: no hip angle comes of that.
- Samples are gyroscope x, y, z, then accelerometer x, y, z (then magnetometer), 16 bits each.
  Counts of 1 g and the range in deg/s stand in the top bits of the field for light, block by block:
  2^(8+a) and 8000/2^g, 32768 counts. (The comment in ``cwa.h`` that says 4000 is at odds with its
  own list and with the vendor's software.)
- A block says at which of its samples which time was; rates are nominal, true ones a little off:
  between blocks times are interpolated. The fraction of a second has been taken out of the sample's
  index again, for old software, and is put back.
- The clock is local time as a computer set it: when the recording started, and what several devices
  have in common, is left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipimu.data import BoolArray, FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.segment_names import segment_named
from hipimu.units import GRAVITY_M_S2, rad_from_deg

FORMAT: Final = "axivity-cwa"
_HEADER_BYTES, _BLOCK_BYTES = 1024, 512
_AX6: Final = 0x64
_MAG_COUNTS_PER_UT: Final = 16.0
_REMEDY: Final = "Copy the file from the device again; OmGui can check it."
_OFF_BY: Final = 0.2
"""Share by which a device's rate may differ from what it was set to; more is a gap."""
_FIELDS: Final = (
    ("head", "S2", 0),
    ("size", "<u2", 2),
    ("fraction", "<u2", 4),
    ("sequence", "<u4", 10),
    ("stamp", "<u4", 14),
    ("scales", "<u2", 18),
    ("rate", "u1", 24),
    ("axes", "u1", 25),
    ("offset", "<i2", 26),
    ("count", "<u2", 28),
    ("data", "V480", 30),
)
_BLOCK: Final = np.dtype(
    {
        "names": [name for name, _, _ in _FIELDS],
        "formats": [kind for _, kind, _ in _FIELDS],
        "offsets": [at for _, _, at in _FIELDS],
        "itemsize": _BLOCK_BYTES,
    }
)
_Blocks = NDArray[np.void]


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Say whether a file begins like one."""
    return head.startswith(b"MD\xfc\x03")


def read(paths: Sequence[Path]) -> Foreign:
    """Read devices, one a file.

    Raises
    ------
    RecordingError
        When one has no gyroscope, or cannot be used.
    """
    remarks = ["The devices' clocks are local time: when the recording started is left open."]
    sensors = [_sensor(path, remarks) for path in paths]
    labels = [sensor.label for sensor in sensors]
    for path, label in zip(paths, labels, strict=True):
        if labels.count(label) > 1:
            raise RecordingError(
                f"{path.name}: device {label} is there twice.",
                "Keep one recording of each device in a folder.",
                path=path,
            )
    return Foreign(FORMAT, tuple(sensors), synchronised=False, remarks=tuple(remarks))


def _sensor(path: Path, remarks: list[str]) -> ForeignSensor:
    raw = _bytes(path)
    _check_device(path, raw)
    blocks = _blocks(path, raw, remarks)
    rate_hz = 3200.0 / 2.0 ** (15 - int(blocks["rate"][0] & 0x0F))
    axes = int(blocks["axes"][0] >> 4)
    counts = blocks["count"].astype(np.int64)
    values = _values(blocks, axes, counts)
    scales = np.repeat(blocks["scales"].astype(np.int64), counts)
    acc = values[:, 3:6] * (GRAVITY_M_S2 / 2.0 ** (8 + (scales >> 13 & 7)))[:, None]
    code = scales >> 10 & 7
    range_deg_s = np.where(code == 0, 2000.0, 8000.0 / 2.0**code)
    gyr = rad_from_deg(values[:, 0:3] * (range_deg_s / 32768.0)[:, None])
    t_s = _times(blocks, counts, rate_hz)
    device = int.from_bytes(raw[5:7].tobytes(), "little")
    return ForeignSensor(
        label=str(device + (int.from_bytes(raw[11:13].tobytes(), "little") % 0xFFFF << 16)),
        path=path,
        rate_hz=rate_hz,
        t_s=t_s - t_s[0],
        acc_m_s2=acc,
        gyr_rad_s=gyr,
        mag_ut=values[:, 6:9] / _MAG_COUNTS_PER_UT if axes == 9 else None,
        segment=segment_named(path.stem),
    )


def _bytes(path: Path) -> NDArray[np.uint8]:
    try:
        raw = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from error
    if len(raw) < _HEADER_BYTES + _BLOCK_BYTES:
        raise _unusable(path, "it ends before its first block")
    return raw


def _check_device(path: Path, raw: NDArray[np.uint8]) -> None:
    if int(raw[4]) != _AX6:
        raise RecordingError(
            f"{path.name} is of an AX3, which has no gyroscope.",
            "Use the AX6 with its gyroscope on: a hip angle needs angular velocity.",
            path=path,
        )


def _blocks(path: Path, raw: NDArray[np.uint8], remarks: list[str]) -> _Blocks:
    """Return the blocks that are whole."""
    count = (len(raw) - _HEADER_BYTES) // _BLOCK_BYTES
    body = raw[_HEADER_BYTES : _HEADER_BYTES + count * _BLOCK_BYTES]
    blocks: _Blocks = body.view(_BLOCK)
    words = body.view("<u2").reshape(count, -1)
    whole = (blocks["head"] == b"AX") & (blocks["size"] == _BLOCK_BYTES - 4)
    whole &= words.sum(axis=1, dtype=np.uint64) % 65536 == 0
    unused = (body.reshape(count, -1) == body.reshape(count, -1)[:, :1]).all(axis=1)
    damaged = int((~whole & ~unused).sum())
    blocks = blocks[whole]
    if len(blocks):
        _check_kind(path, blocks)
        fit = blocks["count"] <= 480 // (2 * int(blocks["axes"][0] >> 4))
        fit &= (blocks["count"] > 0) & (_seconds(blocks) >= 0)
        damaged += int((~fit).sum())
        blocks = blocks[fit]
    if not len(blocks):
        raise _unusable(path, "it has no whole block of samples")
    if damaged:
        remarks.append(f"{path.name}: {damaged} damaged blocks are left out and count as losses.")
    return blocks


def _check_kind(path: Path, blocks: _Blocks) -> None:
    for name in ("axes", "rate"):
        if np.any(blocks[name] != blocks[name][0]):
            raise _unusable(path, f"its blocks differ in {name}: it holds two recordings")
    axes = int(blocks["axes"][0])
    if axes >> 4 == 3:
        raise RecordingError(
            f"{path.name}: the AX6 was set up without its gyroscope.",
            "Record again with the gyroscope on: a hip angle needs angular velocity.",
            path=path,
        )
    if axes not in (0x62, 0x92):
        raise _unusable(path, f"its samples are of an unknown kind (0x{axes:02x})")


def _values(blocks: _Blocks, axes: int, counts: IntArray) -> FloatArray:
    per_block = 480 // (2 * axes)
    data = np.ascontiguousarray(blocks["data"]).view("<i2").reshape(len(blocks), -1)
    table = data[:, : per_block * axes].reshape(len(blocks), per_block, axes)
    kept = np.arange(per_block) < counts[:, None]
    return table[kept].astype(np.float64)


def _seconds(blocks: _Blocks) -> IntArray:
    """Return each block's whole second, counted from 1970 as if its clock were UTC; −1: none."""
    found: dict[int, int] = {}
    for stamp in np.unique(blocks["stamp"]).tolist():
        try:
            date = datetime(
                2000 + (stamp >> 26 & 0x3F),
                stamp >> 22 & 0x0F,
                stamp >> 17 & 0x1F,
                stamp >> 12 & 0x1F,
                stamp >> 6 & 0x3F,
                stamp & 0x3F,
                tzinfo=UTC,
            )
            found[stamp] = int(date.timestamp())
        except ValueError:
            found[stamp] = -1
    return np.array([found[stamp] for stamp in blocks["stamp"].tolist()], dtype=np.int64)


def _times(blocks: _Blocks, counts: IntArray, rate_hz: float) -> FloatArray:
    """Return the time of each sample, in seconds."""
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    fraction = np.where(blocks["fraction"] >= 0x8000, blocks["fraction"] & 0x7FFF, 0)
    fraction = fraction.astype(np.int64)
    shim = (fraction << 1) * int(rate_hz) >> 16
    at = first + blocks["offset"].astype(np.int64) + shim
    seconds = _seconds(blocks)
    anchor_s = (seconds - seconds[0]).astype(np.float64) + fraction / 32768.0
    t_s = np.empty(int(counts.sum()))
    breaks = np.flatnonzero(_gap_before(blocks, at, anchor_s, rate_hz))
    for start, stop in zip(breaks, [*breaks[1:], len(blocks)], strict=True):
        run = slice(int(first[start]), int(first[stop - 1] + counts[stop - 1]))
        rows = np.arange(run.start, run.stop, dtype=np.float64)
        t_s[run] = _between(rows, at[start:stop].astype(np.float64), anchor_s[start:stop], rate_hz)
    return t_s


def _gap_before(blocks: _Blocks, at: IntArray, anchor_s: FloatArray, rate_hz: float) -> BoolArray:
    """Say before which blocks samples are missing."""
    follows = np.diff(blocks["sequence"].astype(np.int64)) == 1
    steps, elapsed_s = np.diff(at), np.diff(anchor_s)
    even = np.abs(elapsed_s * rate_hz - steps) <= _OFF_BY * np.maximum(steps, 1)
    return np.concatenate([[True], ~(follows & even & (steps > 0) & (elapsed_s > 0.0))])


def _between(rows: FloatArray, at: FloatArray, anchor_s: FloatArray, rate_hz: float) -> FloatArray:
    """Interpolate, and go on at the run's own rate beyond its ends."""
    span = at[-1] - at[0]
    period_s = (anchor_s[-1] - anchor_s[0]) / span if span > 0.0 else 1.0 / rate_hz
    t_s: FloatArray = np.interp(rows, at, anchor_s)
    t_s += np.minimum(rows - at[0], 0.0) * period_s + np.maximum(rows - at[-1], 0.0) * period_s
    return t_s


def _unusable(path: Path, why: str) -> RecordingError:
    return RecordingError(f"{path.name} is no usable AX6 recording: {why}.", _REMEDY, path=path)


READER = Reader(
    id=FORMAT,
    title="Axivity AX6 (.cwa)",
    suffixes=(".cwa",),
    recognises=recognises,
    read=read,
)
