"""Any number of open pages over one board: each gets the latest state and every stride.

A page that is slow or stands still costs the others nothing: it has a task of its own, at most one
message under way, and is dropped when that does not get through.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.websockets import WebSocket, WebSocketDisconnect

from hipimu.pipeline.board import LiveBoard
from hipimu.web.allowance import Allowance
from hipimu.web.messages import (
    VERSION,
    FromPage,
    Hello,
    Ping,
    PressMark,
    Proceed,
    Refusal,
    StopRun,
    SwitchSound,
    pong_text,
    read_message,
    state_text,
    strides_text,
    welcome_text,
)

_log = logging.getLogger(__name__)
_TEXTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How much pages may ask for, and how long is waited for them."""

    viewers: int = 20
    states_per_s: float = 60.0
    quiet_s: float = 1.0
    """A state is sent again where there is no new one for so long."""
    piece: int = 2000
    """Strides in one message."""
    hello_s: float = 5.0
    stalled_s: float = 10.0
    """A message that takes longer to hand to the system ends its viewer."""
    messages_per_s: float = 20.0
    farewell_s: float = 0.5
    """For the last message to a page."""


class Farewell(NamedTuple):
    """Why a connection ends, as WebSockets say it."""

    code: int
    reason: str
    """At most 123 bytes."""


_GONE = Farewell(1006, "")
"""There is nobody to say it to."""


class _Shown(NamedTuple):
    """A state as pages get it."""

    serial: int
    strides: int
    text: str


class _Viewer:
    """One open page."""

    def __init__(self, socket: WebSocket, patience_s: float) -> None:
        self.socket = socket
        self.news = asyncio.Event()
        self.over: asyncio.Future[Farewell] = asyncio.get_running_loop().create_future()
        self.place = 0
        """How many strides it has."""
        self._patience_s = patience_s

    async def send(self, text: str) -> None:
        async with asyncio.timeout(self._patience_s):
            await self.socket.send_text(text)

    def end(self, farewell: Farewell) -> None:
        if not self.over.done():
            self.over.set_result(farewell)


class Viewers:
    """All open pages of one run.

    Parameters
    ----------
    board : LiveBoard
    simulated : bool
        Whether no runner is behind the numbers.
    limits : Limits
    """

    def __init__(
        self, board: LiveBoard, *, simulated: bool = False, limits: Limits | None = None
    ) -> None:
        self.run = secrets.token_hex(8)
        """A name for this run."""
        self.limits = limits or Limits()
        self._board = board
        self._simulated = simulated or board.state.mode == "virtual"
        self._open: set[_Viewer] = set()
        self._welcomed: set[_Viewer] = set()
        self._texts: dict[tuple[int, int], str] = {}
        self._shown = _Shown(0, 0, "")
        self._due = asyncio.Event()
        """Something is new: a state, or how many pages are open."""
        self._farewell: Farewell | None = None
        self._complained = False

    @property
    def count(self) -> int:
        """How many pages are open; for any thread."""
        return len(self._welcomed)

    # -- from the board to all pages

    async def publish(self) -> None:
        """Pass on states until cancelled, in the loop that serves the pages."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._due.set)

        # One after the other may come a little early: threads do not keep time.
        states = Allowance(self.limits.states_per_s, burst=3)
        unwatch = self._board.watch(wake)
        try:
            while True:
                self._publish_latest()
                await asyncio.sleep(states.wait_s(loop.time()))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.limits.quiet_s):
                        await self._due.wait()
                self._due.clear()
        finally:
            unwatch()

    def _publish_latest(self) -> None:
        state = self._board.state
        try:
            text = state_text(state, self.count)
        except Exception:  # noqa: BLE001 - one state that cannot be shown does not end the others
            if not self._complained:
                _log.exception("A state cannot be written.")
            self._complained = True
            return
        self._shown = _Shown(self._shown.serial + 1, state.strides, text)
        for viewer in self._welcomed:
            viewer.news.set()

    async def dismiss(self, farewell: Farewell) -> None:
        """End all connections, and let nobody in any more."""
        self._farewell = farewell
        for viewer in self._open:
            viewer.end(farewell)
        until = time.monotonic() + self.limits.farewell_s
        while self._open and time.monotonic() < until:
            await asyncio.sleep(0.01)

    # -- one page

    async def attend(self, socket: WebSocket) -> None:
        """Speak with one page from its first message to its last."""
        await socket.accept()
        if self._farewell is not None:
            return await self._close(socket, self._farewell)
        if len(self._open) >= self.limits.viewers:
            many = f"{len(self._open)} pages are open, and that is the most: close one of them."
            return await self._close(socket, Farewell(1013, many))
        viewer = _Viewer(socket, self.limits.stalled_s)
        self._open.add(viewer)
        try:
            farewell = await self._meet(viewer)
        finally:
            self._open.discard(viewer)
            self._welcomed.discard(viewer)
            self._due.set()
        await self._close(socket, farewell)
        return None

    async def _meet(self, viewer: _Viewer) -> Farewell:
        """Greet, then speak and listen until one of the two ends."""
        greeted = await self._first(viewer, self._greet(viewer))
        if greeted is not None:
            return greeted
        said = await self._first(viewer, self._listen(viewer), self._show(viewer))
        return said or _GONE

    async def _first(
        self, viewer: _Viewer, *doings: Coroutine[Any, Any, Farewell | None]
    ) -> Farewell | None:
        """Return what the first to end ends with, or what ends them all; stop the others."""
        tasks = [asyncio.create_task(_kept(doing)) for doing in doings]
        try:
            waited: list[asyncio.Future[Any]] = [*tasks, viewer.over]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if viewer.over.done():
            return viewer.over.result()
        return next((task.result() for task in tasks if not task.cancelled()), None)

    async def _greet(self, viewer: _Viewer) -> Farewell | None:
        try:
            async with asyncio.timeout(self.limits.hello_s):
                said = await _received(viewer)
        except TimeoutError:
            return Farewell(1008, "No hello came.")
        if not isinstance(said, Hello):
            return said if isinstance(said, Farewell) else Farewell(1008, "Say hello first.")
        if said.version != VERSION:
            return Farewell(1008, "This page is of another version of hipimu: reload it.")
        holds = said.run == self.run and said.have <= self._shown.strides
        viewer.place = said.have if holds else 0
        state = self._board.state
        await viewer.send(
            welcome_text(state, run=self.run, simulated=self._simulated, keep=viewer.place)
        )
        self._welcomed.add(viewer)
        self._due.set()
        return None

    async def _show(self, viewer: _Viewer) -> Farewell:
        """Send the latest state whenever there is one, and never leave a stride out."""
        serial = 0
        while True:
            await viewer.news.wait()
            viewer.news.clear()
            shown = self._shown
            until = min(shown.strides, viewer.place + self.limits.piece)
            if until > viewer.place:
                await viewer.send(self._strides(viewer.place, until))
                viewer.place = until
            if self._shown.serial != serial:
                serial = self._shown.serial
                await viewer.send(self._shown.text)
            if viewer.place < self._shown.strides:
                viewer.news.set()

    def _strides(self, place: int, until: int) -> str:
        """Return a piece of the history; many pages ask for the same."""
        text = self._texts.get((place, until))
        if text is None:
            text = strides_text(place, self._board.strides(place, until))
            while len(self._texts) >= _TEXTS_KEPT:
                self._texts.pop(next(iter(self._texts)))
            self._texts[place, until] = text
        return text

    async def _listen(self, viewer: _Viewer) -> Farewell:
        """Do what the page asks for, until it leaves or asks for too much."""
        loop = asyncio.get_running_loop()
        messages = Allowance(self.limits.messages_per_s, burst=self.limits.messages_per_s)
        while True:
            said = await _received(viewer)
            if isinstance(said, Farewell):
                return said
            if messages.wait_s(loop.time()) > 0:
                return Farewell(1008, "Too many messages at once.")
            if isinstance(said, Hello):
                return Farewell(1008, "Hello was said before.")
            if isinstance(said, Ping):
                await viewer.send(pong_text(said.at, time.time_ns()))
            else:
                self._do(said)

    def _do(self, asked: FromPage) -> None:
        board = self._board
        try:
            match asked:
                case PressMark(mark=mark):
                    board.on_mark(mark)
                case Proceed():
                    board.on_proceed()
                case SwitchSound(on=on):
                    board.on_sound(on)
                case StopRun():
                    board.on_stop()
        except Exception:  # noqa: BLE001 - a run's mistake must not end its faces
            _log.exception("What a page asked for failed.")

    async def _close(self, socket: WebSocket, farewell: Farewell) -> None:
        if farewell is _GONE:
            return
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self.limits.farewell_s):
                await socket.close(farewell.code, farewell.reason)


async def _received(viewer: _Viewer) -> FromPage | Farewell:
    message = await viewer.socket.receive()
    if message["type"] == "websocket.disconnect":
        return _GONE
    said = read_message(message.get("text"))
    return Farewell(1008, said.why) if isinstance(said, Refusal) else said


async def _kept(doing: Coroutine[Any, Any, Farewell | None]) -> Farewell | None:
    """Let a page that stands still, has left or meets a mistake of ours end by itself."""
    try:
        return await doing
    except (TimeoutError, WebSocketDisconnect):
        return _GONE
    except Exception:  # noqa: BLE001 - the other pages go on
        _log.exception("A page's connection failed.")
        return Farewell(1011, "Something went wrong on this side.")
