"""Small virtual IMUs, each a few dozen lines of protocol, and how to record from them."""

from __future__ import annotations

import asyncio
import math
import selectors
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from hipimu.data import Arrival, Command, Conversation, LinkEvent, Packet
from hipimu.sources.ble import Backend, Patience, Recorder, SensorSetup, SensorStatus, scan
from hipimu.sources.ble.virtual import (
    CharacteristicSpec,
    Outgoing,
    Passive,
    PeripheralSpec,
    Reaction,
    Reply,
    VirtualSensor,
    VirtualWorld,
    virtual_world,
)

SERVICE = "10000000-0000-4000-8000-000000000000"
CONTROL = "10000001-0000-4000-8000-000000000000"
DATA = "10000002-0000-4000-8000-000000000000"
SIG = "0000{}-0000-1000-8000-00805f9b34fb"
BATTERY, SERIAL, FIRMWARE = (SIG.format(n) for n in ("2a19", "2a25", "2a26"))
RATE_HZ = 100.0
INTERVAL_S = 0.015

SET_RATE, SET_RANGE, START, STOP = b"\x01\x64", b"\x02\x10", b"\x03", b"\x04"


_STEP_S = 1e-6
"""Every turn of the loop takes so long: nobody meets a moment exactly, or turns for ever."""


class _Selector(selectors.DefaultSelector):
    """Finds that time has passed instead of waiting for it."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0.0)
        self.now_s += _STEP_S
        if not ready:
            assert timeout is not None, "everybody waits for somebody else"
            self.now_s += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """Time is what the timers say: waiting an hour takes none, and computing next to none."""

    def __init__(self) -> None:
        self._told = _Selector()
        super().__init__(self._told)

    def time(self) -> float:
        return self._told.now_s


def play(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to the end in a time of its own, where ten minutes pass at once."""

    async def bounded() -> None:
        async with asyncio.timeout(600.0):
            await main()

    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(bounded())


def imu_spec(number: int = 1, name: str | None = None, **others: Any) -> PeripheralSpec:
    told = (("2a19", b"\x57"), ("2a25", b"SN%04d" % number), ("2a26", b"1.2"))
    return PeripheralSpec(
        name or f"IMU {number}",
        f"D4:22:CD:00:00:{number:02X}",
        (
            CharacteristicSpec(CONTROL, SERVICE, ("write", "notify")),
            CharacteristicSpec(DATA, SERVICE, ("notify",)),
            *(CharacteristicSpec(SIG.format(n), SIG.format("180f"), ("read",), v) for n, v in told),
        ),
        advertised_services=(SERVICE,),
        **others,
    )


@dataclass
class Imu(Passive):
    """Numbers its packets from 0 since it was switched on, and logs what is done to it."""

    log: list[str] = field(default_factory=list)
    written_s: list[float] = field(default_factory=list)
    """By its clock."""
    rate_hz: float = RATE_HZ
    answers: bool = True
    ignore: int = 0
    """So many commands go unanswered first."""
    refuses: bool = False
    keeps_streaming: bool = False
    """Streams by itself whenever somebody subscribes; as if somebody had left it streaming."""
    starts: bool = True
    counts_anew: bool = False
    """Its count begins anew when it is configured."""
    count: int = 0

    def on_subscribe(self, characteristic: str, on: bool, at_s: float) -> Reaction:
        if on:
            self.log.append("subscribe " + {DATA: "data", CONTROL: "control"}[characteristic])
        streams = on and characteristic == DATA and self.keeps_streaming
        return Reaction(streaming=True if streams else None)

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:
        self.log.append(
            {SET_RATE: "rate", SET_RANGE: "range", START: "start", STOP: "stop"}[payload]
        )
        self.written_s.append(at_s)
        if self.refuses:
            return Reaction(error=0x80)
        streaming = {START: self.starts, STOP: False}.get(payload)
        if payload == SET_RATE and self.counts_anew:
            self.count = 0
        if not self.answers or self.ignore > 0:
            self.ignore -= 1
            return Reaction(streaming=streaming)
        return Reaction((Reply(CONTROL, b"\xf0" + payload[:1], 0.05),), streaming)

    def on_disconnect(self, at_s: float) -> None:
        self.log.append("gone")

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:
        first, last = (math.ceil(t * self.rate_hz) for t in (from_s, to_s))
        made = [
            Outgoing(n / self.rate_hz, DATA, struct.pack("<I", self.count + n - first))
            for n in range(first, last)
        ]
        self.count += len(made)
        return made


class Instrumented(NamedTuple):
    """A virtual backend whose clients write down when they connect and disconnect."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]
    log: list[str]


Trouble = Literal["haunted", "stuck", "deaf"]


async def _trouble_at_the_end(trouble: Trouble | None) -> None:
    if trouble == "stuck":
        await asyncio.Event().wait()
    if trouble == "deaf":
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.5)


def instrumented(world: VirtualWorld, trouble: Trouble | None = None) -> Instrumented:
    """Wrap a world's backend.

    haunted: what was subscribed once is delivered for ever, also to the callbacks of dead clients,
    as BlueZ did (bleak, issue 2002). stuck: disconnecting never returns. deaf: disconnecting takes
    half a second, and loses a cancellation on the way, as `asyncio.wait_for` may.
    """
    log: list[str] = []
    ghosts: dict[str, list[Callable[[bytearray], None]]] = {}
    real: Any = world.backend.client

    class Client(real):  # type: ignore[misc]
        async def connect(self, pair: bool, **others: Any) -> None:
            log.append(f"connect {self.address[-2:]}")
            await super().connect(pair, **others)
            log.append(f"connected {self.address[-2:]}")

        async def disconnect(self) -> None:
            log.append(f"disconnect {self.address[-2:]}")
            await super().disconnect()
            await _trouble_at_the_end(trouble)

        async def start_notify(self, characteristic: Any, callback: Any, **others: Any) -> None:
            if trouble != "haunted" or characteristic.uuid != DATA:
                await super().start_notify(characteristic, callback, **others)
                return
            callbacks = ghosts.setdefault(self.address, [])
            callbacks.append(callback)

            def all_at_once(data: bytearray) -> None:
                for each in callbacks:
                    each(data)

            await super().start_notify(characteristic, all_at_once, **others)

    class Scanner(world.backend.scanner):  # type: ignore[misc, name-defined]
        async def start(self) -> None:
            log.append("scan")
            await super().start()

        async def stop(self) -> None:
            await super().stop()
            log.append("scanned")

    return Instrumented(Scanner, Client, log)


def command(payload: bytes, *, answered: bool = True) -> Command:
    reply = CONTROL if answered else None
    return Command(CONTROL, payload, reply_characteristic=reply, reply_begins=b"\xf0" + payload[:1])


CONVERSATION = Conversation(
    protocol="test-imu",
    rate_hz=RATE_HZ,
    subscribe=(DATA,),
    configure=(command(SET_RATE), command(SET_RANGE)),
    start=(command(START),),
    stop=(command(STOP, answered=False),),
    battery=BATTERY,
    silence_s=2.0,
)


@dataclass
class Recording:
    """What a recorder handed on, and the recorder itself while it runs."""

    world: VirtualWorld
    recorder: Recorder
    arrivals: list[Arrival]
    stop: asyncio.Event
    task: asyncio.Task[None]

    def packets(self, sensor: str = "pelvis") -> list[Packet]:
        return [a for a in self.arrivals if isinstance(a, Packet) and a.sensor == sensor]

    def numbers(self, sensor: str = "pelvis") -> list[int]:
        return [struct.unpack("<I", p.payload)[0] for p in self.packets(sensor)]

    def links(self, sensor: str = "pelvis") -> list[LinkEvent]:
        return [a for a in self.arrivals if isinstance(a, LinkEvent) and a.sensor == sensor]

    def states(self, sensor: str = "pelvis") -> list[str]:
        return [event.state for event in self.links(sensor)]

    def status(self, sensor: str = "pelvis") -> SensorStatus:
        return next(s for s in self.recorder.status if s.sensor == sensor)

    @property
    def sensor(self) -> VirtualSensor:
        """The only sensor of this world."""
        (sensor,) = self.world.sensors.values()
        return sensor

    async def until(self, true: Callable[[], bool], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                if self.task.done():
                    self.task.result()
                    raise AssertionError("the recording ended")
                await asyncio.sleep(0.01)

    async def until_packets(
        self, more: int, sensor: str = "pelvis", within_s: float = 60.0
    ) -> None:
        target = len(self.packets(sensor)) + more
        await self.until(lambda: len(self.packets(sensor)) >= target, within_s)

    async def end(self) -> None:
        self.stop.set()
        await self.task


async def setups(
    world: VirtualWorld,
    conversation: Conversation = CONVERSATION,
    roles: Sequence[str] = ("pelvis",),
) -> list[SensorSetup]:
    wanted = len(roles)
    heard = await scan(2.0, backend=world.backend, until=lambda found: len(found) == wanted)
    assert len(heard) == wanted
    by_address = sorted(heard, key=lambda h: h.advertisement.address)
    return [
        SensorSetup(role, h.device, conversation, h.advertisement.name)
        for role, h in zip(roles, by_address, strict=True)
    ]


@asynccontextmanager
async def one(
    imu: Imu, conversation: Conversation = CONVERSATION, **patience: Any
) -> AsyncIterator[Recording]:
    """Record from one IMU in a world of its own."""
    async with (
        virtual_world((imu_spec(), imu), interval_s=INTERVAL_S) as world,
        recording(world, conversation, **patience) as run,
    ):
        yield run


async def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def recording(
    world: VirtualWorld,
    conversation: Conversation = CONVERSATION,
    roles: Sequence[str] = ("pelvis",),
    sink: Callable[[Arrival], None] | None = None,
    backend: Backend | None = None,
    before: Callable[[], None] = lambda: None,
    **patience: Any,
) -> AsyncIterator[Recording]:
    """Record in the background, after `before`; what the recorder raises is raised at the end."""
    arrivals: list[Arrival] = []
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    recorder = Recorder(
        await setups(world, conversation, roles),
        sink or arrivals.append,
        backend=backend or world.backend,
        patience=replace(Patience(), **{"jitter": 0.0} | patience),
        clock=lambda: round((loop.time() - began_s) * 1e9),
    )
    before()
    stop = asyncio.Event()
    task = asyncio.create_task(recorder.run(stop))
    try:
        yield Recording(world, recorder, arrivals, stop, task)
        stop.set()
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def record_for(
    world: VirtualWorld, conversation: Conversation, seconds: float, **options: Any
) -> Recording:
    """Record for so long, or until it fails."""
    async with recording(world, conversation, **options) as run:
        await asyncio.wait({run.task}, timeout=seconds)
    return run
