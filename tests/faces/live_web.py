"""The live page's server on loopback, and pages that are no browser."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from hipimu.pipeline.board import LiveBoard
from hipimu.web import LiveServer
from tests.live_board import PlayedRun

HELLO = {"type": "hello", "version": 1, "have": 0, "run": None}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@contextmanager
def served(board: LiveBoard, **options: Any) -> Iterator[LiveServer]:
    server = LiveServer(board, port=0, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def fresh() -> PlayedRun:
    run = PlayedRun(plan=[(0.0, "easy")])
    run.advance(20.0)
    return run


def get(server: LiveServer, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    """Ask without following anything; `Host` and others as they are given."""
    connection = HTTPConnection("127.0.0.1", port_of(server), timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)


def port_of(server: LiveServer) -> int:
    port = urlsplit(server.url).port
    assert port is not None
    return port


def token_of(server: LiveServer) -> str:
    return urlsplit(server.url).query.removeprefix("t=")


def cookie_of(server: LiveServer) -> str:
    return get(server, f"/?t={token_of(server)}").headers["set-cookie"].split(";")[0]


def socket_url(server: LiveServer) -> str:
    return f"ws://127.0.0.1:{port_of(server)}/live"


@contextmanager
def page(server: LiveServer, hello: Any = HELLO, **headers: str) -> Iterator[ClientConnection]:
    url = socket_url(server)
    with connect(url, compression=None, additional_headers=headers, proxy=None) as opened:
        if hello is not None:
            with suppress(ConnectionClosed):  # ended before it was said
                opened.send(hello if isinstance(hello, str) else json.dumps(hello))
        yield opened


def until(opened: ClientConnection, kind: str) -> Any:
    while (message := json.loads(opened.recv(timeout=5)))["type"] != kind:
        pass
    return message


def ended(opened: ClientConnection) -> tuple[int, str]:
    """Read to the end; return why it came."""
    with suppress(ConnectionClosed):
        for _ in opened:
            pass
    assert opened.close_code is not None
    return opened.close_code, opened.close_reason or ""


def soon(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    until_s = time.monotonic() + seconds
    while not true() and time.monotonic() < until_s:
        time.sleep(0.01)
    return true()
