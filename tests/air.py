"""Packets of virtual sensors as radio would bring them, without a radio and without waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from hipimu.data import SEGMENTS, Arrival, LinkEvent, Packet
from hipimu.data.radio import STOPPED
from hipimu.pipeline import Wanted
from hipimu.pipeline.virtual import Speaking
from hipimu.protocol import conversation, protocol_named
from hipimu.sources.ble.virtual import DeviceClock
from hipimu.sources.simulate import Plan, WornMotion
from hipimu.sources.simulate.plan import PlannedBout

INTERVAL_S = 0.015


@cache
def motion(seconds: float = 60.0) -> WornMotion:
    """Ten seconds of standing, twenty of walking, and then a run."""
    return WornMotion(
        Plan(
            seed=3,
            warm_up=(
                PlannedBout(pace="stand", duration_s=10.0),
                PlannedBout(pace="walk", duration_s=20.0, speed_m_s=1.4),
            ),
            bouts=(PlannedBout(pace="easy", duration_s=seconds, speed_m_s=3.0),),
        )
    )


def spoken_by(protocols: Mapping[str, str]) -> dict[str, Wanted]:
    return {sensor: Wanted(protocol_named(name)) for sensor, name in protocols.items()}


def packets(
    seconds: float,
    protocol: str = "hipimu-open",
    *,
    drops: Sequence[tuple[str, float, float]] = (),
    lost: float = 0.0,
    repeated: float = 0.0,
    drift_ppm: float = 40.0,
    seed: int = 1,
) -> list[Arrival]:
    """Everything that arrives from three sensors in the first `seconds`, in order.

    `drops` are (sensor, from_s, to_s) without a link. Packets wait for the next connection event,
    and 5 % of those miss one.
    """
    rng = np.random.default_rng(seed)
    arrivals: list[Arrival] = []
    for number, sensor in enumerate(SEGMENTS):
        gone = [(a, b) for name, a, b in drops if name == sensor]
        own = _of(sensor, protocol, seconds, gone, drift_ppm * (number - 1), rng)
        arrivals += _spoilt(own, lost, repeated, rng)
    return sorted(arrivals, key=lambda arrival: arrival.t_host_ns)


def _of(
    sensor: str,
    protocol: str,
    seconds: float,
    gone: Sequence[tuple[float, float]],
    drift_ppm: float,
    rng: np.random.Generator,
) -> list[Arrival]:
    spoken = protocol_named(protocol)
    device = Speaking(spoken, motion(), sensor)
    clock = DeviceClock(drift_ppm=drift_ppm)
    device.on_start(clock)
    talk, begin_s = conversation(spoken), 0.1 + 0.3 * rng.random()
    arrivals: list[Arrival] = []
    for end_s, back_s in [*gone, (seconds, seconds)]:
        arrivals.append(LinkEvent(sensor, "up", round(begin_s * 1e9)))
        for command in (*talk.configure, *talk.start):
            for reply in device.on_write(command.characteristic, command.payload, 0.0).replies:
                arrivals.append(
                    Packet(sensor, reply.characteristic, reply.payload, round(begin_s * 1e9))
                )
        sent = device.packets(clock.device_s(begin_s), clock.device_s(end_s))
        arrivals += _carried(sensor, [(clock.world_s(p.due_s), p) for p in sent], rng)
        why = STOPPED if end_s == seconds else ""
        arrivals.append(LinkEvent(sensor, "down", round(max(end_s, begin_s) * 1e9), why))
        device.on_disconnect(0.0)
        begin_s = back_s
    return arrivals


def _carried(sensor: str, sent: list, rng: np.random.Generator) -> list[Arrival]:  # type: ignore[type-arg]
    arrivals: list[Arrival] = []
    before_s = 0.0
    for due_s, packet in sent:
        missed = int(rng.random() < 0.05)
        event_s = (np.floor(due_s / INTERVAL_S) + 1 + missed) * INTERVAL_S
        before_s = max(event_s + 1e-4 * rng.random(), before_s + 2e-5)
        at_ns = round(before_s * 1e9)
        arrivals.append(Packet(sensor, packet.characteristic, packet.payload, at_ns))
    return arrivals


def _spoilt(
    arrivals: list[Arrival], lost: float, repeated: float, rng: np.random.Generator
) -> list[Arrival]:
    kept: list[Arrival] = []
    for arrival in arrivals:
        data = isinstance(arrival, Packet) and len(arrival.payload) > 12
        if data and rng.random() < lost:
            continue
        kept += [arrival] * (2 if data and rng.random() < repeated else 1)
    return kept
