"""The live page's server through its real door: what goes over the WebSocket, and to how many."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from hipimu.data import ShownStride
from hipimu.pipeline.board import LiveBoard
from hipimu.web import Limits, LiveServer
from tests.faces.live_web import HELLO, ended, fresh, page, port_of, served, socket_url, soon, until

STRIDE = ShownStride("left", 1.0, 0.7, 0.2, 0.7, "running", 1.0)


@pytest.fixture(scope="module")
def local() -> Iterator[LiveServer]:
    with served(fresh().board) as server:
        yield server


# -- what a page is sent


def test_welcome_comes_first_and_then_all_there_is(local: LiveServer) -> None:
    with page(local) as opened:
        welcome = json.loads(opened.recv(timeout=5))
        strides, state = until(opened, "strides"), until(opened, "state")
    assert (welcome["type"], welcome["version"], welcome["keep"]) == ("welcome", 1, 0)
    assert welcome["simulated"] is True
    assert strides["from"] == 0
    assert len(strides["strides"]) == state["running_strides"]
    assert state["viewers"] == 1


def test_a_state_comes_again_where_nothing_happens(local: LiveServer) -> None:
    with page(local) as opened:
        first = until(opened, "state")
        before = time.monotonic()
        again = until(opened, "state")
        waited = time.monotonic() - before
    assert again["number"] == first["number"]
    assert 0.2 < waited < 1.5


def test_ping_is_answered(local: LiveServer) -> None:
    with page(local) as opened:
        opened.send('{"type": "ping", "at": 123.4}')
        pong = until(opened, "pong")
    assert pong["at"] == 123.4
    assert abs(pong["now_ms"] - 1e3 * time.time()) < 2000


def test_a_long_history_comes_in_pieces_whole_and_in_order() -> None:
    board = fresh().board
    board.add([replace(STRIDE, t_s=float(n)) for n in range(5000)])
    total = len(board.strides())
    board.put(replace(board.state, number=10**6, strides=total))
    with served(board) as server, page(server) as opened:
        have = 0
        while have < total:
            piece = until(opened, "strides")
            assert piece["from"] == have
            assert len(piece["strides"]) <= 2000
            have += len(piece["strides"])
    assert have == total


def test_who_comes_back_misses_no_stride_and_gets_none_twice() -> None:
    run = fresh()
    got: list[Any] = []
    with served(run.board) as server:
        name = None
        for _ in range(4):
            with page(server, HELLO | {"have": len(got), "run": name}) as opened:
                welcome = until(opened, "welcome")
                assert welcome["keep"] == len(got)
                name = welcome["run"]
                for _ in range(3):
                    run.advance(1.7)
                    piece = until(opened, "strides")
                    assert piece["from"] == len(got)
                    got += piece["strides"]
            run.advance(5.0, states=3)  # while nobody is there
    whole = run.board.strides(0, len(got))
    assert [row[1] for row in got] == [round(stride.t_s, 3) for stride in whole]


@pytest.mark.parametrize("hello", [{"have": 3, "run": "another"}, {"have": 10**6}, {"have": 3}])
def test_a_history_of_another_run_is_not_kept(local: LiveServer, hello: dict[str, Any]) -> None:
    with page(local) as opened:
        name = until(opened, "welcome")["run"]
    if hello["have"] == 10**6:
        hello = hello | {"run": name}
    with page(local, HELLO | hello) as opened:
        assert until(opened, "welcome")["keep"] == 0
        assert until(opened, "strides")["from"] == 0


# -- what a page asks for


def test_what_is_pressed_reaches_the_run() -> None:
    board, asked = fresh().board, list[Any]()
    board.on_mark = asked.append
    board.on_sound = asked.append
    board.on_proceed = lambda: asked.append("proceed")
    board.on_stop = lambda: asked.append("stop")
    with served(board) as server, page(server) as opened:
        for message in (
            {"type": "mark", "mark": "fast"},
            {"type": "mark", "mark": "undo"},
            {"type": "sound", "on": True},
            {"type": "proceed"},
            {"type": "stop"},
        ):
            opened.send(json.dumps(message))
        assert soon(lambda: len(asked) == 5)
    assert asked == ["fast", "undo", True, "proceed", "stop"]


def test_a_mistake_of_the_run_does_not_end_the_page(caplog: pytest.LogCaptureFixture) -> None:
    board = fresh().board

    def fail(_: object) -> None:
        raise RuntimeError("a mistake")

    board.on_mark = fail
    with served(board) as server, page(server) as opened:
        opened.send('{"type": "mark", "mark": "fast"}')
        opened.send('{"type": "ping", "at": 1}')
        assert until(opened, "pong")["at"] == 1
    assert "a mistake" in caplog.text


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        '{"type": "mark", "mark": "slow"}',
        "[" * 4000,
        '{"type": "ping", "at": 1e999}',
        json.dumps(HELLO),
        b"\x00\x01",
    ],
)
def test_anything_else_ends_the_connection(local: LiveServer, message: str | bytes) -> None:
    with page(local) as opened:
        until(opened, "state")
        opened.send(message)
        code, reason = ended(opened)
    assert code == 1008
    assert reason


@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        ({"type": "stop"}, "Say hello first."),
        ("{", "That is no message of the live page."),
        (HELLO | {"version": 2}, "This page is of another version of hipimu: reload it."),
    ],
)
def test_hello_has_to_come_first(local: LiveServer, hello: Any, reason: str) -> None:
    with page(local, hello) as opened:
        assert ended(opened) == (1008, reason)


def test_hello_has_to_come_soon() -> None:
    with (
        served(fresh().board, limits=Limits(hello_s=0.2)) as server,
        page(server, hello=None) as opened,
    ):
        assert ended(opened) == (1008, "No hello came.")


def test_more_than_four_kilobytes_end_the_connection(local: LiveServer) -> None:
    with page(local) as opened:
        opened.send(json.dumps({"type": "ping", "at": 1, "more": "x" * 4000}))
        until(opened, "pong")
        opened.send(json.dumps({"type": "ping", "at": 1, "more": "x" * 4100}))
        assert ended(opened)[0] == 1009


def test_more_than_twenty_messages_a_second_end_the_connection(local: LiveServer) -> None:
    with page(local) as opened:
        for _ in range(20):
            opened.send('{"type": "ping", "at": 1}')
        until(opened, "pong")
        for _ in range(20):
            with suppress(ConnectionClosed):
                opened.send('{"type": "ping", "at": 1}')
        assert ended(opened) == (1008, "Too many messages at once.")


def test_one_viewer_too_many_is_told_so_and_the_others_stay() -> None:
    with (
        served(fresh().board, limits=Limits(viewers=2)) as server,
        page(server) as first,
        page(server) as second,
    ):
        until(first, "state")
        until(second, "state")
        assert server.viewers == 2
        with page(server) as third:
            code, reason = ended(third)
        assert code == 1013
        assert reason == "2 pages are open, and that is the most: close one of them."
        until(first, "state")
        first.close()
        assert soon(lambda: server.viewers == 1)
        with page(server) as fourth:
            until(fourth, "welcome")


# -- many, and some that stand still


@contextmanager
def stalled(server: LiveServer, pages: int = 3) -> Iterator[None]:
    """Have pages open that say hello and never read."""
    with ExitStack() as still:
        for _ in range(pages):
            still.enter_context(stalled_page(server))
        assert soon(lambda: server.viewers == pages)
        yield


def stalled_page(server: LiveServer) -> socket.socket:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port_of(server)))
    raw.sendall(
        b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += raw.recv(1)
    raw.sendall(Frame(Opcode.TEXT, json.dumps(HELLO).encode()).serialize(mask=True))
    return raw


@dataclass
class Seen:
    """What pages that read got."""

    delays_ms: list[float]
    counts: list[int]


def watched(server: LiveServer, pages: int, seconds: float) -> Seen:
    """Open pages, read for so long after all were welcomed."""

    async def read(begin: asyncio.Barrier, seen: Seen) -> None:
        async with connect_async(socket_url(server), compression=None, proxy=None) as opened:
            await opened.send(json.dumps(HELLO))
            await opened.recv()
            await begin.wait()
            count, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                text = await opened.recv()
                now_ms = 1e-6 * time.time_ns()
                if '"type":"state"' in str(text)[:20]:
                    count += 1
                    seen.delays_ms.append(now_ms - json.loads(text)["arrived_ms"])
            seen.counts.append(count)

    async def together() -> Seen:
        seen, begin = Seen([], []), asyncio.Barrier(pages)
        await asyncio.gather(*(read(begin, seen) for _ in range(pages)))
        return seen

    return asyncio.run(together())


def timed(board: LiveBoard) -> list[float]:
    """Have every `put` of a board timed, in seconds."""
    took: list[float] = []
    put = board.put

    def timed_put(*given: Any, **named: Any) -> None:
        before = time.perf_counter()
        put(*given, **named)
        took.append(time.perf_counter() - before)

    board.put = timed_put  # type: ignore[method-assign]
    return took


def test_ten_pages_are_served_within_milliseconds() -> None:
    run = fresh()
    with served(run.board) as server, run.playing():
        seen = watched(server, pages=10, seconds=3.0)
    delays = sorted(seen.delays_ms)
    p50, p95 = delays[len(delays) // 2], delays[int(0.95 * len(delays))]
    print(f"board to page, 10 pages: median {p50:.1f} ms, p95 {p95:.1f} ms, n {len(delays)}")
    assert min(seen.counts) >= 20 * 3.0
    assert p95 < 100, "these pages share a processor with the server and the other tests"


def test_who_stands_still_costs_the_others_nothing_and_is_dropped() -> None:
    run = fresh()
    run.board.add([STRIDE] * 6000)
    took = timed(run.board)
    limits = Limits(stalled_s=1.0)
    with served(run.board, limits=limits) as server, run.playing(), stalled(server):
        seen = watched(server, pages=7, seconds=3.0)
        assert soon(lambda: server.viewers == 0), "the three were dropped"
    assert min(seen.counts) >= 20 * 3.0
    print(f"put took at most {1e3 * max(took):.2f} ms of {len(took)}")
    assert max(took) < 0.25, "a page that stands still would hold it up for seconds"
    assert sorted(took)[len(took) // 2] < 0.001


def test_who_stands_still_holds_no_memory() -> None:
    run = fresh()
    run.warnings = ("x" * 50_000,)
    with served(run.board) as server, stalled(server):

        def play(states: int) -> int:
            for _ in range(states):
                run.advance(0.0)
                time.sleep(1 / 30)
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            warm = play(20)
            grown = play(60) - warm
        finally:
            tracemalloc.stop()
        assert server.viewers == 3
    assert grown < 500_000, "three times sixty messages would be nine million"
