"""Who is let in to the live page, under which name, and what no answer lacks."""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from hipimu.errors import OutputError
from hipimu.pipeline.board import LiveBoard
from hipimu.sound.clips import CLIPS
from hipimu.web import Limits, LiveServer
from hipimu.web.static_files import known_files
from tests.faces.live_web import (
    HELLO,
    cookie_of,
    ended,
    fresh,
    get,
    page,
    port_of,
    served,
    socket_url,
    soon,
    token_of,
    until,
)

ALWAYS = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cache-control",
}


@pytest.fixture(scope="module")
def local() -> Iterator[LiveServer]:
    with served(fresh().board) as server:
        yield server


@pytest.fixture(scope="module")
def lan() -> Iterator[LiveServer]:
    with served(fresh().board, lan=True) as server:
        yield server


# -- headers, and nothing beside them


def known_file() -> str:
    return next(name for name in known_files() if name.endswith(".js"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/report", 404),
        ("/nowhere", 404),
        ("/static/nowhere.js", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
        ("/?t=anything", 200),
    ],
)
def test_every_answer_has_the_headers(local: LiveServer, path: str, status: int) -> None:
    answer = get(local, path)
    assert answer.status == status
    assert set(answer.headers) >= ALWAYS
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_files_of_the_page(local: LiveServer) -> None:
    name = known_file()
    answer = get(local, f"/static/{name}")
    assert answer.status == 200
    assert set(answer.headers) >= ALWAYS
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    again = get(local, f"/static/{name}", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, "")


def test_all_that_the_page_asks_for_is_there(local: LiveServer) -> None:
    texts = [get(local).body]
    texts += [path.read_text("utf-8") for name, path in known_files().items() if name[-3:] == ".js"]
    asked = {name for text in texts for name in re.findall(r"[\"'`](/static/[\w/.-]+)", text)}
    asked |= {f"/static/sounds/{name}.wav" for name in CLIPS}
    assert len(asked) > len(CLIPS) + 3
    for path in asked - {"/static/sounds/"}:
        assert get(local, path).status == 200, path
    assert get(local, "/static/sounds/easy.wav").headers["content-type"] == "audio/wav"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static/live/../../app.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/",
        "/static/live",
        "/static/%00",
        "/templates/live.html",
        "/static/../templates/live.html",
    ],
)
def test_nothing_else_is_served(local: LiveServer, path: str) -> None:
    answer = get(local, path)
    assert answer.status == 404
    assert "There is no such page." in answer.body


def test_only_reading(local: LiveServer) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        answer = get(local, "/", method=method)
        assert answer.status == 405, method
        assert set(answer.headers) >= ALWAYS


def test_the_report_once_there_is_one() -> None:
    run = fresh()
    with served(run.board) as server:
        assert "There is no report yet." in get(server, "/report").body
        run.end("done", report="<!doctype html><p>the report</p>")
        answer = get(server, "/report")
    assert (answer.status, answer.body) == (200, "<!doctype html><p>the report</p>")
    assert set(answer.headers) >= ALWAYS
    assert "'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


class BrokenBoard(LiveBoard):
    """A board on which reports cannot be looked up."""

    @property
    def report(self) -> str | None:
        raise RuntimeError("secret")


def test_a_mistake_of_ours_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with served(BrokenBoard(fresh().board.state)) as server:
        answer = get(server, "/report")
        assert get(server).status == 200
    assert answer.status == 500
    assert "Something went wrong on this side." in answer.body
    assert "secret" not in answer.body
    assert "Traceback" not in answer.body
    assert set(answer.headers) >= ALWAYS
    assert "secret" in caplog.text


# -- names and origins


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8017", "192.168.1.5", ""])
def test_another_name_is_refused(local: LiveServer, host: str) -> None:
    answer = get(local, Host=host)
    assert answer.status == 421
    assert set(answer.headers) >= ALWAYS
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "A" * 22 + "==",
        "Sec-WebSocket-Version": "13",
    }
    assert get(local, "/live", Host=f"127.0.0.1:{port_of(local)}", **upgrade).status == 101
    assert get(local, "/live", Host=host, **upgrade).status == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}"])
def test_another_pages_socket_is_refused(local: LiveServer, origin: str) -> None:
    origin = origin.format(port=port_of(local))
    with pytest.raises(InvalidStatus) as refused, page(local, Origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert set(map(str.lower, refused.value.response.headers)) >= ALWAYS


def test_its_own_pages_socket_is_not(local: LiveServer) -> None:
    with page(local, Origin=f"http://127.0.0.1:{port_of(local)}") as opened:
        until(opened, "welcome")


# -- the token


def test_alone_on_this_computer_none_is_needed(local: LiveServer) -> None:
    assert local.urls == (f"http://127.0.0.1:{port_of(local)}/",)


def test_the_token_becomes_a_cookie_and_leaves_the_address(lan: LiveServer) -> None:
    answer = get(lan, f"/?t={token_of(lan)}")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert set(answer.headers) >= ALWAYS
    assert get(lan, Cookie=cookie.split(";")[0]).status == 200


@pytest.mark.parametrize(
    "path", ["/", "/report", "/static/live/live.js", "/nowhere", "/report?t={}"]
)
def test_without_it_there_is_nothing(lan: LiveServer, path: str) -> None:
    answer = get(lan, path.format(token_of(lan)))
    assert answer.status == 403
    assert "This page is for those who were given its whole address." in answer.body
    assert set(answer.headers) >= ALWAYS


@pytest.mark.parametrize("wrong", ["", "{}x", "%ff"])
def test_a_wrong_one_waits_and_is_refused(lan: LiveServer, wrong: str) -> None:
    before = time.monotonic()
    answer = get(lan, f"/?t={wrong.format(token_of(lan))}")
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert time.monotonic() - before > 0.9


def test_many_guesses_at_once_are_not_looked_at_and_the_right_one_is(lan: LiveServer) -> None:
    guesses = [socket.create_connection(("127.0.0.1", port_of(lan))) for _ in range(20)]
    for guess in guesses:
        guess.sendall(b"GET /?t=x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    before = time.monotonic()
    assert get(lan, f"/?t={token_of(lan)}").status == 303
    assert time.monotonic() - before < 0.9
    said = [guess.recv(12) for guess in guesses]
    for guess in guesses:
        guess.close()
    assert said.count(b"HTTP/1.1 429") == 12
    assert said.count(b"HTTP/1.1 403") == 8


def test_the_socket_needs_the_cookie(lan: LiveServer) -> None:
    for headers in ({}, {"Cookie": cookie_of(lan)[:-1]}):
        with page(lan, **headers) as opened:
            code, reason = ended(opened)
        assert code == 4401
        assert "scan the code anew" in reason
    with page(lan, Cookie=cookie_of(lan)) as opened:
        until(opened, "welcome")


def test_the_token_is_in_no_log(
    lan: LiveServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    get(lan, f"/?t={token_of(lan)}")
    get(lan, f"/nowhere?t={token_of(lan)}", Cookie=cookie_of(lan))
    url = f"{socket_url(lan)}?t={token_of(lan)}"
    with connect(url, additional_headers={"Cookie": cookie_of(lan)}, proxy=None) as opened:
        opened.send(json.dumps(HELLO))
        until(opened, "state")
    own = [r.getMessage() for r in caplog.records if not r.name.startswith("websockets.client")]
    printed = capfd.readouterr()
    for text in (*own, printed.out, printed.err, repr(vars(lan)["_viewers"])):
        assert token_of(lan) not in text


def test_every_run_has_another() -> None:
    board = fresh().board
    assert LiveServer(board, lan=True).url != LiveServer(board, lan=True).url


# -- https


def test_https_with_a_certificate_that_a_client_may_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "live.pem"
    monkeypatch.setattr("hipimu.web.certificate.certificate_file", lambda: path)
    with served(fresh().board, lan=True, https=True) as server:
        assert server.certificate is not None
        assert len(server.certificate.fingerprint) == 32 * 3 - 1
        trusting = ssl.create_default_context(cafile=path)
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        asking = HTTPSConnection("127.0.0.1", port_of(server), context=trusting, timeout=5)
        asking.request("GET", f"/?t={token_of(server)}")
        answer = asking.getresponse()
        cookie = answer.getheader("Set-Cookie") or ""
        asking.close()
        assert answer.status == 303
        assert cookie.startswith("__Host-hipimu-")
        assert "; Secure" in cookie
        with connect(
            f"wss://127.0.0.1:{port_of(server)}/live",
            ssl=trusting,
            additional_headers={
                "Cookie": cookie.split(";")[0],
                "Origin": f"https://127.0.0.1:{port_of(server)}",
            },
            proxy=None,
        ) as opened:
            opened.send(json.dumps(HELLO))
            until(opened, "state")
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(socket_url(server).replace("ws", "wss", 1), proxy=None)


# -- beginning and end


def test_a_port_that_is_taken_is_said(local: LiveServer) -> None:
    with pytest.raises(OutputError) as error:
        LiveServer(fresh().board, port=port_of(local)).start()
    assert str(port_of(local)) in error.value.what
    assert "--port" in error.value.remedy


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_said(port: int) -> None:
    with pytest.raises(OutputError, match=f"at port {port}"):
        LiveServer(fresh().board, port=port).start()


def test_the_end_is_prompt_and_said_to_all() -> None:
    board = fresh().board
    with (
        served(board, limits=Limits(viewers=3)) as server,
        page(server) as one,
        page(server) as two,
    ):
        until(one, "state")
        until(two, "state")
        before = time.monotonic()
        server.stop()
        took = time.monotonic() - before
        for opened in (one, two):
            assert ended(opened) == (1001, "hipimu live has ended.")
        assert server.viewers == 0
        board.put(board.state)  # nobody watches any more, and nothing fails
    assert took < 1.5
    with pytest.raises(ConnectionRefusedError):
        get(server)


def test_the_same_port_can_be_served_again_at_once() -> None:
    board = fresh().board
    with served(board) as server, page(server) as opened:
        until(opened, "state")
        port = port_of(server)
    again = LiveServer(board, port=port)
    again.start()
    again.stop()


def test_who_never_asks_for_anything_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.web.connections._FIRST_REQUEST_S", 0.2)
    with (
        served(fresh().board) as server,
        socket.create_connection(("127.0.0.1", port_of(server)), timeout=5) as silent,
    ):
        assert silent.recv(1) == b""


def test_too_many_connections_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.web.connections._MOST", 3)
    with served(fresh().board) as server:
        address = ("127.0.0.1", port_of(server))
        with ExitStack() as held:
            for _ in range(3):
                held.enter_context(socket.create_connection(address, timeout=5))
            fourth = held.enter_context(socket.create_connection(address, timeout=5))
            with suppress(ConnectionResetError):
                assert fourth.recv(1) == b""
        assert soon(lambda: get(server).status == 200)
