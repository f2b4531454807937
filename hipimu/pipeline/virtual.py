"""Virtual sensors worn by the simulated runner, each speaking a protocol of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import SEGMENTS, FloatArray
from hipimu.pipeline.choose_sensors import ROLES
from hipimu.protocol import Device, Protocol, known, protocol_named
from hipimu.sources.ble.virtual import (
    Behaviour,
    CharacteristicSpec,
    DeviceClock,
    Outgoing,
    Passive,
    PeripheralSpec,
    Reaction,
    Reply,
)
from hipimu.sources.simulate import Plan, WornMotion
from hipimu.sources.simulate.plan import Loss, PlannedBout

_DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
_SERIAL_NUMBER = "00002a25-0000-1000-8000-00805f9b34fb"
_BATTERY = 87
_GUIDED_START = (
    PlannedBout(pace="stand", duration_s=16.0),
    PlannedBout(pace="knee_lifts", duration_s=8.0),
    PlannedBout(pace="walk", duration_s=16.0, speed_m_s=1.4),
)
_WARM_UP = (
    PlannedBout(pace="stand", duration_s=25.0),
    PlannedBout(pace="walk", duration_s=20.0, speed_m_s=1.4),
)
_ROUND = (
    PlannedBout(pace="easy", duration_s=60.0, speed_m_s=3.0),
    PlannedBout(pace="fast", duration_s=45.0, speed_m_s=5.0),
)
_TIRED_DEG = 8.0
_BESIDE = {"heart_rate": "heart-rate", "foot_pod": "running-speed-cadence"}


def virtual_plan(minutes: float = 20.0, *, guided: bool = False, tires: bool = False) -> Plan:
    """Return a session that leaves time to connect, then stands, walks, and runs intervals.

    Parameters
    ----------
    minutes : float
        At least so long.
    guided : bool
        Whether it begins with what a guided start asks for.
    tires : bool
        Whether the runner loses 8° of flexion at fast pace from the first stride to the last.
    """
    start = _GUIDED_START if guided else ()
    warm_up = (*start, *_WARM_UP)
    spent_s = sum(bout.duration_s for bout in warm_up)
    round_s = sum(bout.duration_s for bout in _ROUND)
    return Plan(
        seed=11,
        rate_hz=200.0,
        warm_up=warm_up,
        bouts=_ROUND,
        loss=Loss(fast_flexion_deg=_TIRED_DEG if tires else 0.0),
        repeat=max(1, int(np.ceil((minutes * 60.0 - spent_s) / round_s))),
    )


class Speaking(Passive):
    """A device on the air that speaks a protocol and feels what its wearer does.

    Parameters
    ----------
    protocol : Protocol
    motion : WornMotion
    role : str
        One of `hipimu.pipeline.choose_sensors.ROLES`.
    """

    def __init__(self, protocol: Protocol, motion: WornMotion, role: str) -> None:
        self._motion, self._role = motion, role
        self._segment = next((s for s in SEGMENTS if s == role), None)
        self._clock = DeviceClock()
        self._device = Device(protocol, self._measured)

    def on_start(self, clock: DeviceClock) -> None:
        """Begin anew."""
        self._clock = clock
        self._device.forget()

    def on_disconnect(self, at_s: float) -> None:
        """Stop measuring."""
        del at_s
        self._device.stop()

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:
        """Do what the protocol says a command does."""
        del at_s
        answer = self._device.write(characteristic, payload)
        if answer.streaming is False:
            self._device.stop()
        replies = tuple(Reply(uuid, reply) for uuid, reply in answer.replies)
        return Reaction(replies, answer.streaming)

    def on_subscribe(self, characteristic: str, on: bool, at_s: float) -> Reaction:
        """Measure as soon as somebody listens, where no command is needed."""
        del characteristic, at_s
        return Reaction(streaming=on) if self._device.starts_by_itself else Reaction()

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:
        """Send what became due."""
        return [Outgoing(*sent) for sent in self._device.packets(from_s, to_s)]

    def _measured(self, t_s: FloatArray) -> Mapping[str, FloatArray]:
        world_s = np.array([self._clock.world_s(float(t)) for t in (t_s[0], t_s[-1])])
        times = np.linspace(world_s[0], world_s[1], len(t_s))
        if self._segment is None:
            return self._beside(times)
        acc, gyr = self._motion.felt(self._segment, times)
        return {"acc_m_s2": acc, "gyr_rad_s": gyr}

    def _beside(self, times: FloatArray) -> Mapping[str, FloatArray]:
        speed = self._motion.speed_m_s(times)
        return {
            "heart_rate_bpm": 70.0 + 20.0 * speed,
            "speed_m_s": speed,
            "cadence_per_min": np.where(speed > 2.0, 80.0 + 2.0 * speed, 55.0),
        }


def virtual_sensors(
    count: int,
    motion: WornMotion,
    protocol: str = "hipimu-open",
    clocks: Mapping[str, DeviceClock] | None = None,
) -> list[tuple[str, PeripheralSpec, Behaviour]]:
    """Return virtual sensors: pelvis, left and right thigh, then heart rate and foot pod.

    Parameters
    ----------
    count : int
        1 to 5.
    motion : WornMotion
    protocol : str
        Spoken by the sensors for movement.
    clocks : mapping or None
        Role → clock, where it is to run fast or slow.

    Returns
    -------
    list of (str, PeripheralSpec, Behaviour)
        Role, and what `virtual_world` takes.
    """
    made: list[tuple[str, PeripheralSpec, Behaviour]] = []
    for number, role in enumerate(ROLES[:count]):
        spoken = known()[_BESIDE[role]] if role in _BESIDE else protocol_named(protocol)
        clock = (clocks or {}).get(role, DeviceClock())
        made.append((role, _spec(spoken, number, clock), Speaking(spoken, motion, role)))
    return made


def _spec(protocol: Protocol, number: int, clock: DeviceClock) -> PeripheralSpec:
    names = protocol.recognise.names
    serial = f"VIRTUAL-{number + 1}"
    characteristics = [
        CharacteristicSpec(c.uuid, c.service, tuple(c.properties), _value(protocol, alias))
        for alias, c in protocol.characteristics.items()
    ]
    if all(c.uuid != _SERIAL_NUMBER for c in characteristics):
        characteristics.append(
            CharacteristicSpec(_SERIAL_NUMBER, _DEVICE_INFORMATION, ("read",), serial.encode())
        )
    return PeripheralSpec(
        name=f"{names[0] if names else 'hipimu'} {number + 1}",
        address=f"D4:22:CD:00:00:{number + 1:02X}",
        characteristics=tuple(characteristics),
        advertised_services=tuple(protocol.recognise.services[:1]),
        manufacturer_data=tuple((number, b"\0") for number in protocol.recognise.company_ids[:1]),
        clock=clock,
    )


def _value(protocol: Protocol, alias: str) -> bytes:
    return bytes([_BATTERY]) if alias == protocol.battery else b""
