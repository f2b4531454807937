"""Record sensors: every packet into the journal, and how well each delivers, meanwhile.

The one place besides `sources.ble`, `web` and the commands that knows asyncio: here links,
journal and decoding meet, for whoever shows them. Packets are decoded, and what they say is shown,
in a thread of its own: however slow that is, no packet waits to be recorded.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from hipimu.data import (
    Absence,
    Arrival,
    Entry,
    LinkEvent,
    Mark,
    MarkKind,
    SensorHealth,
)
from hipimu.errors import JournalError, OutputError
from hipimu.pipeline.assigned import Assigned, described, keep_protocols, radio_path, setup_of
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.recover import JOURNAL
from hipimu.pipeline.stream import ended
from hipimu.sources.ble import Backend, Recorder, SensorStatus, since_now
from hipimu.sources.journal import JournalMetadata, JournalWriter
from hipimu.sources.metadata import Athlete

_DRAIN_S = 0.25
_GATHER_S = 0.02
"""What comes within that time is read at once: fifty times a second is quicker than the eye."""
MOST_JOURNAL_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class SensorLine:
    """How one sensor is doing: what its link says, and what its samples say."""

    status: SensorStatus
    health: SensorHealth
    age_s: float | None
    """Since the last packet; None before the first."""


class Reader(Protocol):
    """Makes something of a recording's entries, in a thread of its own."""

    radio: RadioPath

    def take(self, entries: list[Entry], now_s: float) -> None:
        """Take what came since the last time, in order; at least four times a second.

        Parameters
        ----------
        entries : list of Entry
            Possibly none.
        now_s : float
            Host time.
        """

    def told(self, lines: Sequence[SensorLine]) -> None:
        """Take how the sensors are doing, four times a second."""

    def absence(self) -> tuple[str, float] | None:
        """Name the sensor that is to be waited for no longer, and until when."""

    def end(self) -> None:
        """Take it that nothing follows."""


class Decoding:
    """The reader that only decodes, so that it is known how well each sensor delivers."""

    def __init__(self, radio: RadioPath) -> None:
        self.radio = radio

    def take(self, entries: list[Entry], now_s: float) -> None:
        """Decode."""
        del now_s
        self.radio.push(entries)

    def told(self, lines: Sequence[SensorLine]) -> None:
        """Nothing of that is kept here."""

    def absence(self) -> tuple[str, float] | None:
        """Nobody waits for anybody."""
        return None

    def end(self) -> None:
        """Leave what is held back: it is counted when the recording is finished."""


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
    simulated : bool
        Whether no runner is behind it.
    on_lines : callable or None
        Called four times a second, from another thread, with a line for every sensor.
    reader : Reader or None
        None: `Decoding`.
    max_bytes : int
        The journal never grows larger.
    """

    folder: Path
    assigned: Sequence[Assigned]
    backend: Backend | None = None
    athlete: Athlete | None = None
    simulated: bool = False
    on_lines: Callable[[tuple[SensorLine, ...]], None] | None = None
    reader: Reader | None = None
    max_bytes: int = MOST_JOURNAL_BYTES
    _reader: Reader = field(init=False)
    _recorder: Recorder = field(init=False)
    _journal: JournalWriter = field(init=False)
    _fresh: list[Entry] = field(init=False, default_factory=list)
    _order: threading.Lock = field(init=False, default_factory=threading.Lock)
    """What is read has the order of the journal."""
    _came: threading.Event = field(init=False, default_factory=threading.Event)
    _closing: threading.Event = field(init=False, default_factory=threading.Event)
    _failure: Exception | None = field(init=False, default=None)
    _lines: tuple[SensorLine, ...] = field(init=False, default=())
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
        reading = threading.Thread(target=self._read, name="reader", daemon=True)
        reading.start()
        timer = None if minutes is None else asyncio.create_task(self._stop_after(stop, minutes))
        try:
            await self._recorder.run(stop)
        finally:
            await ended(timer)
            try:
                self._journal.close()
            finally:
                self._closing.set()
                self._came.set()
                await asyncio.to_thread(reading.join)
        if self._failure is not None:
            raise self._failure

    async def wait_until_streaming(self) -> None:
        """Wait until every sensor has delivered."""
        while not hasattr(self, "_recorder"):
            await asyncio.sleep(_DRAIN_S)
        await self._recorder.wait_until_streaming()

    def lines(self) -> tuple[SensorLine, ...]:
        """How every sensor is doing, as of a quarter of a second ago at most."""
        return self._lines

    def now_s(self) -> float:
        """Host time."""
        return self._clock() * 1e-9

    def mark(self, kind: MarkKind) -> None:
        """Note that a lap button is pressed; from any thread.

        Raises
        ------
        JournalError
            When the recording has ended or failed.
        """
        with self._order:
            self._keep(Mark(kind, self._clock()))

    @property
    def acknowledged(self) -> int:
        """Arrivals, counted from the first, that are known to be on the disk."""
        return self._journal.synced

    def declared_rates(self) -> dict[str, float]:
        """Return the sampling rate that was asked of every sensor on a segment."""
        radio = self._reader.radio
        return {segment: radio.rate_hz(segment) for segment in radio.segments}

    def _prepare(self) -> None:
        _make_folder(self.folder)
        keep_protocols(self.folder, self.assigned)
        self._clock = since_now()
        self._metadata = JournalMetadata(
            started_at=datetime.now(UTC),
            athlete=self.athlete,
            simulated=self.simulated,
            sensors=tuple(described(entry) for entry in self.assigned),
        )
        self._journal = JournalWriter(
            self.folder / JOURNAL, self._metadata, max_bytes=self.max_bytes
        )
        self._reader = self.reader or Decoding(radio_path(self.assigned))
        self._recorder = Recorder(
            [setup_of(entry) for entry in self.assigned],
            self._sink,
            backend=self.backend,
            clock=self._clock,
        )

    def _sink(self, arrival: Arrival) -> None:
        with self._order:
            self._keep(arrival)

    def _keep(self, entry: Entry) -> None:
        for kept in journaled(entry):
            self._journal.append(kept)
        if self._failure is None:  # else nobody takes it any more
            self._fresh.append(entry)
        self._came.set()

    # What follows runs in the reader's thread.

    def _read(self) -> None:
        try:
            self._keep_reading()
        except Exception as error:  # noqa: BLE001 - the recording goes on; `run` raises it then
            self._failure = error

    def _keep_reading(self) -> None:
        told_s = taken_s = -_DRAIN_S
        while not self._closing.is_set():
            self._came.wait(_DRAIN_S)
            time.sleep(max(taken_s + _GATHER_S - time.monotonic(), 0.0))
            taken_s = time.monotonic()
            self._take()
            if time.monotonic() - told_s >= _DRAIN_S:
                told_s = time.monotonic()
                self._tell()
        self._take()
        self._reader.end()
        self._tell()

    def _take(self) -> None:
        self._came.clear()
        with self._order:
            fresh, self._fresh = self._fresh, []
        self._reader.take(fresh, self.now_s())
        overdue = self._reader.absence()
        if overdue is not None:
            self._go_on_without(*overdue)

    def _go_on_without(self, sensor: str, until_s: float) -> None:
        """Journal it first: it counts from its place there."""
        with self._order, suppress(JournalError):  # that failure ends the recording anyhow
            self._keep(Absence(sensor, round(until_s * 1e9), self._clock()))

    def _tell(self) -> None:
        self._tell_serials()
        now_s = self.now_s()
        health = {h.sensor: h for h in self._reader.radio.health(now_s)}
        self._lines = tuple(
            SensorLine(s, health[s.sensor], _age_s(s.last_packet_ns, now_s))
            for s in self._recorder.status
        )
        self._reader.told(self._lines)
        if self.on_lines is not None:
            self.on_lines(self._lines)

    def _tell_serials(self) -> None:
        """Serial numbers are known only once a device is connected."""
        serials = {status.sensor: status.serial for status in self._recorder.status}
        sensors = tuple(
            entry.model_copy(update={"serial": serials[entry.sensor]})
            for entry in self._metadata.sensors
        )
        if sensors != self._metadata.sensors:
            self._metadata = self._metadata.model_copy(update={"sensors": sensors})
            with suppress(JournalError):  # closed, or its failure ends the recording anyhow
                self._journal.describe(self._metadata)

    async def _stop_after(self, stop: asyncio.Event, minutes: float) -> None:
        await self._recorder.wait_until_streaming()
        await asyncio.sleep(60.0 * minutes)
        stop.set()


def journaled(entry: Entry) -> tuple[Entry, ...]:
    """Return what goes into a journal for something that happened.

    That a link is up is written twice: without it nothing that follows is decoded, and a damaged
    byte must not cost more than a frame. Hearing it twice changes nothing.
    """
    return (entry,) * (2 if isinstance(entry, LinkEvent) and entry.state == "up" else 1)


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


def _age_s(last_ns: int | None, now_s: float) -> float | None:
    return None if last_ns is None else max(now_s - last_ns * 1e-9, 0.0)
