"""Samples that come over radio: a device's own counter, and packets that arrive late."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from hipimu.data import FloatArray, ImuBlock, Readings, TickBlock
from hipimu.stage import Stage, part


def sent(
    t_s: FloatArray,
    rng: np.random.Generator,
    *,
    ppm: float = 40.0,
    start_s: float = 17.3,
    tick_s: float = 1 / 32768,
    wrap: int = 2**16,
    wrong_tick: float = 0.0,
    jitter_s: float = 0.02,
    stalls: int = 0,
    per_packet: int = 4,
) -> TickBlock:
    """Counter and arrival of samples taken at `t_s` (n,), host seconds.

    Delay is exponential with mean `jitter_s` on top of up to 15 ms until the radio's next slot. In
    a stall nothing comes for 1.2 s, and then everything at once.
    """
    device_s = start_s + (t_s - t_s[0]) * (1 + 1e-6 * ppm)
    ticks = np.rint(device_s / (tick_s * (1 + wrong_tick))).astype(np.int64) % wrap
    packet = np.arange(len(t_s)) // per_packet
    last = t_s[np.minimum(np.arange(packet[-1] + 1) * per_packet + per_packet - 1, len(t_s) - 1)]
    arrival_s = last + rng.exponential(jitter_s, len(last)) + rng.uniform(0.0, 0.015, len(last))
    for begin_s in rng.uniform(t_s[0], t_s[-1], stalls):
        held = (arrival_s > begin_s) & (arrival_s < begin_s + 1.2)
        arrival_s[held] = begin_s + 1.2
    return TickBlock("pelvis", ticks, np.maximum.accumulate(arrival_s)[packet])


class Radio(Stage[ImuBlock, TickBlock]):
    """Sends the pelvis's samples, losing some seconds of them and starting anew half-way."""

    state_names: ClassVar[tuple[str, ...]] = ()

    def push(self, block: ImuBlock) -> list[TickBlock]:
        if block.sensor != "pelvis":
            return []
        rng = np.random.default_rng(1)
        half = len(block.t_s) // 2
        one, two = (sent(t, rng, stalls=2) for t in (block.t_s[: half - 300], block.t_s[half:]))
        return [
            TickBlock(
                "pelvis",
                np.concatenate((one.ticks, two.ticks)),
                np.concatenate((one.arrival_s, two.arrival_s)),
            )
        ]


def readings(block: ImuBlock, layout: str, names: tuple[str, ...]) -> Readings:
    """Samples as a layout with these signals brings them, late by the radio's jitter."""
    late = sent(block.t_s, np.random.default_rng(len(layout)), stalls=1, per_packet=1)
    values = {"acc_m_s2": block.acc_m_s2, "gyr_rad_s": block.gyr_rad_s}
    return Readings(
        sensor=block.sensor,
        layout=layout,
        signals={name: values[name] for name in names},
        arrival_s=late.arrival_s,
        packet=np.arange(len(block.t_s), dtype=np.int64),
        ticks=late.ticks,
        clipped=block.clipped,
    )


class Together(Stage[ImuBlock, Readings]):
    """The pelvis's acceleration and angular rate in one layout."""

    state_names: ClassVar[tuple[str, ...]] = ()

    def push(self, block: ImuBlock) -> list[Readings]:
        if block.sensor != "pelvis":
            return []
        return [readings(block, "motion", ("acc_m_s2", "gyr_rad_s"))]


class Apart(Stage[ImuBlock, Readings]):
    """The same in two layouts, of which one begins later and ends earlier."""

    state_names: ClassVar[tuple[str, ...]] = ()

    def push(self, block: ImuBlock) -> list[Readings]:
        if block.sensor != "pelvis":
            return []
        late = part(block, 3, len(block.t_s) - 5)
        return [readings(late, "acc", ("acc_m_s2",)), readings(block, "gyr", ("gyr_rad_s",))]
