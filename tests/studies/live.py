"""What the live readout costs, loses and shows: `make study-live`, about a quarter of an hour.

    make study-live                  all parts
    make study-live PARTS="page"     one of: page, soak, replay, cost, webkit

page    `hipimu live --virtual 3` in a browser, on a phone's screen with its processor slowed four
        times: from the guided start to fatigue, with laps pressed where the cadence changes.
        Pictures stay in .live/.
soak    an hour replayed at 20×, seen by ten pages of which three stall and two come back again and
        again: no stride is lost, memory stays.
replay  five recordings with drops through the real Bluetooth client: the strides shown are those
        of the replay and of `analyse --causal`, bit for bit.
cost    a minute at 1×: what the processor does.
webkit  the page in WebKit, where it is installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hipimu.data import SEGMENTS, SIDES, Entry, LinkEvent, Packet, ShownStride, Stride
from hipimu.pipeline import LivePath, RadioPath, analyse, recover
from hipimu.pipeline.recover import wanted
from hipimu.pipeline.virtual import Speaking, virtual_plan
from hipimu.protocol import chosen, conversation, protocol_named
from hipimu.sources.ble.virtual import DeviceClock
from hipimu.sources.journal import JournalMetadata, JournalSensor, JournalWriter, read_journal
from hipimu.sources.simulate import WornMotion
from tests.studies.live_runs import recorded_live

HOUR_S = 3600.0
SPEED = 20.0
PAGES, STALLED, RETURNING = 10, 3, 2
RUNS = 5
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def live(*options: str, out: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start `hipimu live`; give the process and the address of its page."""
    command = [sys.executable, "-m", "hipimu", "live", "--port", "0", *options]
    errors = (out / "said.txt").open("w+")
    child = subprocess.Popen(command, cwd=out, stdout=errors, stderr=errors, text=True)
    try:
        yield child, _address(out / "said.txt", child)
    finally:
        if child.poll() is None:
            child.terminate()
        child.wait(120.0)
        errors.close()


def _address(said: Path, child: subprocess.Popen[str]) -> str:
    until = time.monotonic() + 60.0
    while time.monotonic() < until and child.poll() is None:
        found = re.search(r"Page: (http\S+)", said.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"hipimu live does not begin: {said.read_text()}")


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Page:
    """A page without a browser: it says hello, and keeps what it is sent."""

    url: str
    stalls: bool = False
    returns_s: float | None = None
    """It leaves after so long, and comes back."""
    strides: list[list[Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)
    delays_ms: list[float] = field(default_factory=list)
    states: int = 0
    run: str | None = None
    visits: int = 0

    async def stay(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.visits += 1
            try:
                await self._visit(stop)
            except (ConnectionClosed, OSError, TimeoutError):
                await asyncio.sleep(0.5)

    async def _visit(self, stop: asyncio.Event) -> None:
        address = self.url.replace("http", "ws", 1).rstrip("/") + "/live"
        async with connect(address, max_queue=4, close_timeout=1.0, compression=None) as socket:
            hello = {"type": "hello", "version": 1, "have": len(self.strides), "run": self.run}
            await socket.send(json.dumps(hello))
            if self.stalls:
                # Nothing is read any more: the queue fills, and then the socket.
                await stop.wait()
                return
            leave = None if self.returns_s is None else time.monotonic() + self.returns_s
            while not stop.is_set() and (leave is None or time.monotonic() < leave):
                await self._take(socket)

    async def _take(self, socket: ClientConnection) -> None:
        async with asyncio.timeout(5.0):
            message = json.loads(await socket.recv())
        if message["type"] == "welcome":
            self.run = message["run"]
            del self.strides[message["keep"] :]
        elif message["type"] == "strides":
            assert message["from"] == len(self.strides), "a stride is missing or came twice"
            self.strides += message["strides"]
        elif message["type"] == "state":
            self._state(message)

    def _state(self, message: dict[str, Any]) -> None:
        if message["arrived_ms"] and message["arrived_ms"] != self.last.get("arrived_ms"):
            self.delays_ms.append(time.time() * 1e3 - message["arrived_ms"])
        self.last = message
        self.states += 1


def an_hour(folder: Path, seconds: float) -> None:
    """The journal of three virtual sensors, without waiting for it."""
    motion = WornMotion(virtual_plan(seconds / 60.0))
    spoken = protocol_named("hipimu-open")
    values = chosen(spoken, None)
    metadata = JournalMetadata(
        started_at=np.datetime64("2026-05-03T07:30:00").astype(object).astimezone(),
        simulated=True,
        sensors=tuple(
            JournalSensor(
                sensor=s, protocol=spoken.id, settings=dict(values), rate_hz=values["rate_hz"]
            )
            for s in SEGMENTS
        ),
    )
    folder.mkdir()
    arrivals = sorted(
        (entry for sensor in SEGMENTS for entry in _sent(sensor, motion, seconds)),
        key=lambda entry: entry.t_host_ns,
    )
    with JournalWriter(folder / "journal.bin", metadata) as writer:
        for entry in arrivals:
            writer.append(entry)
    recover(folder)


def _sent(sensor: str, motion: WornMotion, seconds: float) -> Iterator[Packet | LinkEvent]:
    spoken = protocol_named("hipimu-open")
    device, clock = Speaking(spoken, motion, sensor), DeviceClock()
    device.on_start(clock)
    yield LinkEvent(sensor, "up", 1)
    for command in (*conversation(spoken).configure, *conversation(spoken).start):
        for reply in device.on_write(command.characteristic, command.payload, 0.0).replies:
            yield Packet(sensor, reply.characteristic, reply.payload, 2)
    for start_s in np.arange(0.1, seconds, 10.0):
        end_s = min(start_s + 10.0, seconds)
        for packet in device.packets(clock.device_s(start_s), clock.device_s(end_s)):
            at_s = clock.world_s(packet.due_s) + 0.012
            yield Packet(sensor, packet.characteristic, packet.payload, round(at_s * 1e9))


def soak() -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "hour.hipimu"
        an_hour(folder, HOUR_S)
        return asyncio.run(_soak(folder))


async def _soak(folder: Path) -> bool:
    with live("--replay", str(folder), "--speed", str(SPEED), out=folder.parent) as (child, url):
        pages = [
            Page(url, stalls=n < STALLED, returns_s=8.0 if n >= PAGES - RETURNING else None)
            for n in range(PAGES)
        ]
        stop = asyncio.Event()
        visits = [asyncio.create_task(page.stay(stop)) for page in pages]
        memory = await _watched(child, pages[STALLED], stop)
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
    return _told(folder, pages, memory)


async def _watched(child: subprocess.Popen[str], page: Page, stop: asyncio.Event) -> list[float]:
    """Note the memory every five seconds, as long as the run goes on; then wait for its end."""
    memory: list[float] = []
    while page.last.get("phase") in (None, "start", "running") and child.poll() is None:
        await asyncio.sleep(5.0)
        memory.append(memory_mb(child.pid))
    while page.last.get("phase") == "finishing" and child.poll() is None:
        await asyncio.sleep(0.2)
    await asyncio.sleep(2.0)
    stop.set()
    return memory[:-1]


def _told(folder: Path, pages: list[Page], memory: list[float]) -> bool:
    truth = _replayed(folder)
    good = True
    for number, page in enumerate(pages):
        if page.stalls:
            continue
        same = _by_side(page.strides) == truth
        good = good and same
        print(
            f"page {number}: {len(page.strides)} of {sum(map(len, truth))} strides, "
            f"{'the same' if same else 'NOT the same'} as offline; {page.states} states, "
            f"{page.visits} visits, to the socket p95 {np.percentile(page.delays_ms, 95):.1f} ms"
        )
    warm = memory[len(memory) // 6]
    growth = max(memory) / warm - 1
    lost = sum(s["loss_percent"] for s in pages[STALLED].last["sensors"])
    print(f"memory: {warm:.0f} MB after ten minutes, at most {max(memory):.0f} ({growth:+.1%})")
    print(f"samples lost: {lost:.2f} %")
    return good and growth <= 0.05 and lost == 0


def _by_side(rows: list[list[Any]]) -> list[list[list[Any]]]:
    """Which side's stride is told first where both end in one batch is no part of the promise."""
    return [[row[:4] for row in rows if row[0] == side] for side in range(len(SIDES))]


def _replayed(folder: Path) -> list[list[list[Any]]]:
    """Strides of the journal as the page gets them, by side."""
    strides = causal(folder)
    rows = [
        [
            SIDES.index(s.side),
            round(s.t_peak_flexion_s, 3),
            round(float(np.degrees(s.peak_flexion_rad)), 1),
            round(float(np.degrees(s.peak_extension_rad)), 1),
        ]
        for s in strides
    ]
    return _by_side(rows)


def causal(folder: Path) -> list[Stride]:
    """Strides of a journal by the causal method, in the order in which they are found."""
    journal = read_journal(folder / "journal.bin")
    path = LivePath(RadioPath(wanted(journal.metadata, folder)))
    strides: list[Stride] = []
    batch: list[Entry] = []
    for entry in journal.entries():
        batch.append(entry)
        if len(batch) == 64:
            strides += path.push(batch).strides
            batch = []
    strides += path.push(batch).strides
    return strides + path.flush().strides


def replay() -> bool:
    """Five runs at once, each with sensors, drops and a journal of its own."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / f"run-{number}.hipimu" for number in range(RUNS)]
        shown = asyncio.run(recorded_live(folders))
        same = [_same(folder, own) for folder, own in zip(folders, shown, strict=True)]
        return all(same)


def _same(folder: Path, shown: list[ShownStride]) -> bool:
    recover(folder)
    again = [_bare(s) for s in causal(folder)]
    after = [_bare(s) for s in analyse(folder, method="causal").strides]
    live_ones = [_bare_shown(s) for s in shown]
    same = all(
        [s for s in live_ones if s[0] == side]
        == [s for s in again if s[0] == side]
        == [s for s in after if s[0] == side]
        for side in SIDES
    )
    journal = read_journal(folder / "journal.bin")
    drops = sum(isinstance(e, LinkEvent) and e.state == "down" for e in journal.entries())
    print(
        f"{folder.stem}: {len(shown)} strides, {drops - len(SEGMENTS)} drops, {journal.notes} "
        f"absences: {'the same bit for bit' if same else 'NOT the same'}"
    )
    return same and len(shown) > 50


def _bare(stride: Stride) -> tuple[Any, ...]:
    return (
        stride.side,
        stride.t_peak_flexion_s,
        stride.peak_flexion_rad,
        stride.peak_extension_rad,
        stride.stride_time_s,
        stride.gait,
    )


def _bare_shown(stride: ShownStride) -> tuple[Any, ...]:
    return (
        stride.side,
        stride.t_s,
        stride.peak_flexion_rad,
        stride.peak_extension_rad,
        stride.stride_time_s,
        stride.gait,
    )


def cost() -> bool:
    """A minute of running at 1×, replayed, with one page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "minutes.hipimu"
        an_hour(folder, 180.0)
        return asyncio.run(_cost(folder))


async def _cost(folder: Path) -> bool:
    with live("--replay", str(folder), out=folder.parent) as (child, url):
        page, stop = Page(url), asyncio.Event()
        visit = asyncio.create_task(page.stay(stop))
        while page.last.get("phase") != "running" and child.poll() is None:
            await asyncio.sleep(0.2)
        page.delays_ms.clear()
        states, before = page.states, processor_s(child.pid)
        await asyncio.sleep(60.0)
        spent = (processor_s(child.pid) - before) / 60.0
        stop.set()
        await visit
    p95 = float(np.percentile(page.delays_ms, 95))
    print(
        f"at 1× with one page: {spent:.1%} of a core, {(page.states - states) / 60.0:.1f} states a "
        f"second, from packet to socket p95 {p95:.1f} ms"
    )
    return p95 <= 30.0


def page() -> bool:
    from tests.studies.live_page import seen_by_a_runner

    return seen_by_a_runner(Path(".live"))


def webkit() -> bool:
    """The page in WebKit while a minute of running is replayed."""
    from tests.studies import live_webkit

    if live_webkit.missing():
        print(live_webkit.missing())
        return True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "minutes.hipimu"
        an_hour(folder, 180.0)
        with (
            live("--replay", str(folder), out=folder.parent) as (child, url),
            live_webkit.webkit() as browser,
        ):
            browser.open(url)
            return live_webkit.seen(browser, child)


PARTS = {"replay": replay, "cost": cost, "soak": soak, "page": page, "webkit": webkit}


def main(names: list[str]) -> int:
    failed = []
    for name in names or list(PARTS):
        print(f"== {name}", flush=True)
        if not PARTS[name]():
            failed.append(name)
            print(f"{name}: a promise is not kept")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
