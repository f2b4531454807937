"""Lost samples: the bursts of a radio link, drawn after Gilbert and Elliott."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hipimu.data import AlignedBlock, BoolArray, Flag, ImuBlock, Segment
from hipimu.stage import Stage
from tests.simulated import Simulation


def gilbert_elliott(
    samples: int, share: float, burst_samples: float, rng: np.random.Generator, after: int = 100
) -> BoolArray:
    """Which samples are lost: bursts and pauses of geometric length (Gilbert 1960), ends spared."""
    lost = np.zeros(samples, dtype=np.bool_)
    pause = burst_samples * (1 - share) / share
    at = after
    while True:
        at += int(rng.geometric(1 / pause))
        length = int(rng.geometric(1 / burst_samples))
        if at + length >= samples - 5:
            return lost
        lost[at : at + length] = True
        at += length


def without(session: Simulation, lost: dict[Segment, BoolArray]) -> list[ImuBlock]:
    """The session's samples, the lost ones deleted."""
    blocks = []
    for segment, (t_s, gyr, acc) in session.samples.items():
        kept = ~lost.get(segment, np.zeros(len(t_s), dtype=np.bool_))
        clipped = np.zeros(int(kept.sum()), dtype=np.bool_)
        blocks.append(ImuBlock(segment, t_s[kept], gyr[kept], acc[kept], clipped))
    return blocks


class LoseSamples(Stage[AlignedBlock, AlignedBlock]):
    """Mark the same bursts in any session and put nonsense in their place."""

    state_names = ("_seen",)

    def __init__(self) -> None:
        rng = np.random.default_rng(4)
        self._lost = [gilbert_elliott(10_000, 0.06, 9.0, rng) for _ in range(3)]
        self._seen = 0

    def push(self, block: AlignedBlock) -> list[AlignedBlock]:
        at = slice(self._seen, self._seen + len(block.t_s))
        self._seen = at.stop
        gyr, acc, flags = dict(block.gyr_rad_s), dict(block.acc_m_s2), dict(block.flags)
        for segment, lost in zip(block.flags, self._lost, strict=False):
            gyr[segment] = np.where(lost[at, None], 99.0, gyr[segment])
            acc[segment] = np.where(lost[at, None], 99.0, acc[segment])
            flags[segment] = flags[segment] | np.uint8(Flag.GAP) * lost[at]
        return [replace(block, gyr_rad_s=gyr, acc_m_s2=acc, flags=flags)]
