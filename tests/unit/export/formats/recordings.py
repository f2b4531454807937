"""Recordings in memory, and how two are compared: nothing may differ by a bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, ImuBlock, Segment
from hipimu.sources import Recording
from hipimu.sources.foreign.memory import file_of
from hipimu.sources.foreign.noun import ForeignSensor
from hipimu.sources.metadata import Metadata, Sensor, Sensors
from tests.unit.sources.conftest import motion


def told(**keys: object) -> Metadata:
    """Return metadata of three sensors that says no more than it must, but for `keys`."""
    sensors = {s: Sensor(file=f"{s}.csv", rate_hz=100.0) for s in SEGMENTS}
    return Metadata(
        format="hipimu-csv/1", synchronised=True, sensors=Sensors(**sensors)
    ).model_copy(update=keys)


def in_memory(
    metadata: Metadata, seconds: float = 3.0, seed: int = 0, *, magnetic: bool = False
) -> Recording:
    """Return a recording whose numbers need all their digits."""
    files = []
    for number, segment in enumerate(metadata.sensors.by_segment()):
        random = np.random.default_rng((seed, number))
        table = motion(seconds, seed=number)
        values = table[:, 1:] * random.uniform(0.9, 1.1, (len(table), 6))
        t_s = table[:, 0] + random.uniform(-0.0005, 0.0005, len(table)) + 1.0
        mag = random.normal(0.0, 40.0, (len(t_s), 3)) if magnetic else None
        sensor = ForeignSensor(segment, Path("x"), 100.0, t_s, values[:, :3], values[:, 3:], mag)
        files.append(file_of(segment, sensor))
    return Recording("run", Path("run"), metadata, tuple(files))


def same_samples(first: Recording, second: Recording) -> None:
    """Compare all samples bit for bit."""
    one, other = list(first.blocks()), list(second.blocks())
    assert first.segments == second.segments
    for segment in first.segments:
        for name in ("t_s", "acc_m_s2", "gyr_rad_s", "mag_ut", "clipped"):
            assert _bytes(one, segment, name) == _bytes(other, segment, name), (segment, name)


def _bytes(blocks: list[ImuBlock], segment: Segment, name: str) -> bytes | None:
    parts: list[FloatArray | None] = [getattr(b, name) for b in blocks if b.sensor == segment]
    known = [part for part in parts if part is not None]
    assert len(known) in (0, len(parts))
    return np.concatenate(known).tobytes() if known else None
