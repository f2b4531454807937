"""Record sensors: every packet into the journal, and how well each delivers, meanwhile.

The one place besides `sources.ble`, `web` and the commands that knows asyncio: here links,
journal and decoding meet, for whoever shows them.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from hipimu.data import SEGMENTS, Arrival, ImuBlock, LinkEvent, SensorHealth
from hipimu.errors import OutputError
from hipimu.pipeline.radio import RadioPath, Wanted
from hipimu.pipeline.recover import JOURNAL, PROTOCOLS
from hipimu.protocol import chosen, conversation
from hipimu.sources.ble import Backend, Heard, Recorder, SensorSetup, SensorStatus, since_now
from hipimu.sources.journal import JournalMetadata, JournalSensor, JournalWriter
from hipimu.sources.metadata import Athlete

_DRAIN_S = 0.25
MOST_JOURNAL_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Assigned:
    """A device with a role."""

    sensor: str
    """The segment it is worn on, or ``heart_rate`` or ``foot_pod``."""
    heard: Heard
    wanted: Wanted
    protocol_file: Path | None = None
    """Where its protocol did not come with hipimu."""


@dataclass(frozen=True, slots=True)
class SensorLine:
    """How one sensor is doing: what its link says, and what its samples say."""

    status: SensorStatus
    health: SensorHealth
    age_s: float | None
    """Since the last packet; None before the first."""


@dataclass(slots=True)
class LiveRecording:
    """A recording under way.

    Parameters
    ----------
    folder : Path
        ``NAME.hipimu``; made here, and must not exist.
    assigned : sequence of Assigned
    backend : Backend or None
        None: the system's Bluetooth.
    athlete : Athlete or None
    on_lines : callable or None
        Called four times a second with a line for every sensor.
    on_blocks : callable or None
        Called with the samples that became complete.
    max_bytes : int
        The journal never grows larger.
    """

    folder: Path
    assigned: Sequence[Assigned]
    backend: Backend | None = None
    athlete: Athlete | None = None
    on_lines: Callable[[tuple[SensorLine, ...]], None] | None = None
    on_blocks: Callable[[list[ImuBlock]], None] | None = None
    max_bytes: int = MOST_JOURNAL_BYTES
    _path: RadioPath = field(init=False)
    _recorder: Recorder = field(init=False)
    _journal: JournalWriter = field(init=False)
    _fresh: list[Arrival] = field(init=False, default_factory=list)
    _metadata: JournalMetadata = field(init=False)
    _clock: Callable[[], int] = field(init=False)

    async def run(self, stop: asyncio.Event, *, minutes: float | None = None) -> None:
        """Record until `stop` is set, or for so many minutes after all sensors deliver.

        Raises
        ------
        OutputError
            When the folder exists already or cannot be made.
        SensorError
            When a sensor does not deliver at the start.
        JournalError
            When the disk is full or the limit is reached; what was written stays.
        """
        self._prepare()
        drained = asyncio.create_task(self._drain())
        timer = None if minutes is None else asyncio.create_task(self._stop_after(stop, minutes))
        try:
            await self._recorder.run(stop)
        finally:
            for task in (drained, timer):
                await _ended(task)
            self._take()
            self._journal.close()

    async def wait_until_streaming(self) -> None:
        """Wait until every sensor has delivered."""
        while not hasattr(self, "_recorder"):
            await asyncio.sleep(_DRAIN_S)
        await self._recorder.wait_until_streaming()

    def lines(self) -> tuple[SensorLine, ...]:
        """How every sensor is doing now."""
        now_s = self._clock() * 1e-9
        health = {h.sensor: h for h in self._path.health(now_s)}
        return tuple(
            SensorLine(s, health[s.sensor], _age_s(s.last_packet_ns, now_s))
            for s in self._recorder.status
        )

    @property
    def acknowledged(self) -> int:
        """Arrivals, counted from the first, that are known to be on the disk."""
        return self._journal.synced

    def declared_rates(self) -> dict[str, float]:
        """Return the sampling rate that was asked of every sensor on a segment."""
        return {segment: self._path.rate_hz(segment) for segment in self._path.segments}

    def _prepare(self) -> None:
        _make_folder(self.folder)
        _keep_protocols(self.folder, self.assigned)
        self._clock = since_now()
        self._metadata = JournalMetadata(
            started_at=datetime.now(UTC),
            athlete=self.athlete,
            sensors=tuple(_described(entry) for entry in self.assigned),
        )
        self._journal = JournalWriter(
            self.folder / JOURNAL, self._metadata, max_bytes=self.max_bytes
        )
        self._path = RadioPath({entry.sensor: entry.wanted for entry in self.assigned})
        self._recorder = Recorder(
            [setup_of(entry) for entry in self.assigned],
            self._sink,
            backend=self.backend,
            clock=self._clock,
        )

    def _sink(self, arrival: Arrival) -> None:
        for kept in journaled(arrival):
            self._journal.append(kept)
        self._fresh.append(arrival)

    async def _drain(self) -> None:
        while True:
            await asyncio.sleep(_DRAIN_S)
            self._take()
            self._tell_serials()
            if self.on_lines is not None:
                self.on_lines(self.lines())

    def _take(self) -> None:
        fresh, self._fresh = self._fresh, []
        blocks = self._path.push(fresh)
        if blocks and self.on_blocks is not None:
            self.on_blocks(blocks)

    def _tell_serials(self) -> None:
        """Serial numbers are known only once a device is connected."""
        serials = {status.sensor: status.serial for status in self._recorder.status}
        sensors = tuple(
            entry.model_copy(update={"serial": serials[entry.sensor]})
            for entry in self._metadata.sensors
        )
        if sensors != self._metadata.sensors:
            self._metadata = self._metadata.model_copy(update={"sensors": sensors})
            self._journal.describe(self._metadata)

    async def _stop_after(self, stop: asyncio.Event, minutes: float) -> None:
        await self._recorder.wait_until_streaming()
        await asyncio.sleep(60.0 * minutes)
        stop.set()


async def stream(
    assigned: Sequence[Assigned],
    seconds: float,
    *,
    backend: Backend | None = None,
    on_blocks: Callable[[RadioPath, list[ImuBlock]], bool] | None = None,
) -> RadioPath:
    """Let sensors deliver without recording them, for a test or to see which is which.

    Parameters
    ----------
    assigned : sequence of Assigned
    seconds : float
        At most, counted from when all deliver.
    backend : Backend or None
    on_blocks : callable or None
        Given the path and new samples; true ends it.

    Returns
    -------
    RadioPath
        With the sensors' health.

    Raises
    ------
    SensorError
        When a sensor does not deliver.
    """
    path = RadioPath({entry.sensor: entry.wanted for entry in assigned})
    fresh: list[Arrival] = []
    recorder = Recorder([setup_of(e) for e in assigned], fresh.append, backend=backend)
    stop = asyncio.Event()

    async def watch() -> None:
        await recorder.wait_until_streaming()
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s:
            await asyncio.sleep(_DRAIN_S)
            new, fresh[:] = list(fresh), []
            blocks = path.push(new)
            if on_blocks is not None and on_blocks(path, blocks):
                break
        stop.set()

    await _together(recorder.run(stop), watch())
    return path


async def _together(main: Awaitable[None], beside: Awaitable[None]) -> None:
    helper = asyncio.ensure_future(beside)
    try:
        await main
    finally:
        await _ended(helper)


async def _ended(task: asyncio.Future[None] | None) -> None:
    """End a task that runs beside; what went wrong in it must not be lost."""
    if task is None:
        return
    if task.done():
        task.result()
        return
    task.cancel()
    await asyncio.wait([task])


def journaled(arrival: Arrival) -> tuple[Arrival, ...]:
    """Return what goes into a journal for something that arrived.

    That a link is up is written twice: without it nothing that follows is decoded, and a damaged
    byte must not cost more than a frame. Hearing it twice changes nothing.
    """
    return (arrival,) * (2 if isinstance(arrival, LinkEvent) and arrival.state == "up" else 1)


def setup_of(entry: Assigned) -> SensorSetup:
    """Return what a radio needs to know of a sensor."""
    return SensorSetup(
        sensor=entry.sensor,
        device=entry.heard.device,
        conversation=conversation(entry.wanted.protocol, entry.wanted.settings),
        device_name=entry.heard.advertisement.name,
    )


def with_roles(assigned: Sequence[Assigned], roles: dict[str, str]) -> list[Assigned]:
    """Return the same devices with other roles, by the names they have now."""
    return [replace(e, sensor=roles[e.sensor]) for e in assigned if e.sensor in roles]


def _described(entry: Assigned) -> JournalSensor:
    values = chosen(entry.wanted.protocol, entry.wanted.settings)
    return JournalSensor(
        sensor=entry.sensor,
        protocol=entry.wanted.protocol.id,
        settings=dict(values),
        rate_hz=values.get("rate_hz") if entry.sensor in SEGMENTS else None,
        device=entry.heard.advertisement.name,
        address=entry.heard.advertisement.address,
    )


def refuse_existing(folder: Path) -> None:
    """Refuse a name that is taken.

    Raises
    ------
    OutputError
    """
    if folder.exists():
        raise OutputError(
            f"{folder} exists already, and a recording is never overwritten.",
            "Choose another --out.",
        )


def _make_folder(folder: Path) -> None:
    refuse_existing(folder)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made: {error.strerror}.", "Choose another --out."
        ) from error


def _keep_protocols(folder: Path, assigned: Sequence[Assigned]) -> None:
    """Keep protocol files of the user's own: without them the journal could not be read."""
    for entry in assigned:
        if entry.protocol_file is not None:
            (folder / PROTOCOLS).mkdir(exist_ok=True)
            target = folder / PROTOCOLS / f"{entry.wanted.protocol.id}.toml"
            shutil.copyfile(entry.protocol_file, target)


def _age_s(last_ns: int | None, now_s: float) -> float | None:
    return None if last_ns is None else max(now_s - last_ns * 1e-9, 0.0)
