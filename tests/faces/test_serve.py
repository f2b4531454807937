"""`hipimu serve` through its real door."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from hipimu.cli.serve import serve
from hipimu.errors import OutputError, StoreError
from hipimu.store import open_store
from tests.faces.test_cli import DONE, ERROR, hipimu


def test_others_are_let_in_by_https_only(tmp_path: Path) -> None:
    done = hipimu("serve", "--lan", "--store", tmp_path / "store.sqlite")

    assert done.code == ERROR
    assert "could read passwords" in done.err
    assert "Add --https" in done.err


@pytest.mark.parametrize("way", [{"lan": True, "https": True}, {"behind_proxy": "team.example"}])
def test_others_are_let_in_with_accounts_only(tmp_path: Path, way: dict[str, Any]) -> None:
    with pytest.raises(OutputError, match="no accounts") as caught:
        serve(port=0, store=str(tmp_path / "store.sqlite"), **way)
    assert caught.value.remedy.startswith("Run hipimu serve --accounts first")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OutputError, match=f"another program uses port {port}") as caught:
            serve(port=port, store=str(tmp_path / "store.sqlite"))

    assert "choose another --port" in caught.value.remedy


def test_a_newer_store_is_said(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    open_store(str(path)).close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    with pytest.raises(StoreError, match="newer hipimu") as caught:
        serve(port=0, store=str(path))
    assert caught.value.remedy == "Update hipimu."


@contextmanager
def started(*options: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "hipimu", "serve", "--port", "0", *map(str, options)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to it")
def test_the_first_owner_comes_by_a_link(tmp_path: Path) -> None:
    with started("--accounts", "--store", tmp_path / "store.sqlite") as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(3)]
        url = lines[1].split()[-1]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/join\?t=[\w-]{32,}", url)
        assert "becomes the owner: once, within a day" in lines[2]
        opener = build_opener(HTTPCookieProcessor())
        with opener.open(url, timeout=10) as answer:
            assert "You become the owner" in answer.read().decode()
            assert answer.url.endswith("/join")
        with opener.open(url.partition("join")[0], timeout=10) as answer:
            assert "Nobody has an account here yet" in answer.read().decode()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=10)
    assert (running.returncode, out, err) == (DONE, "Ended.\n", "")


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_and_ends_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    with started("--store", tmp_path / "store.sqlite") as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(3)]
        assert "store.sqlite" in lines[0]
        url = lines[1].split()[-1]
        assert "no login on this computer" in lines[2]
        with urlopen(url, timeout=5) as answer:  # noqa: S310 — our own address
            assert "Nobody is in this store yet." in answer.read().decode()
        asked = time.monotonic()
        running.send_signal(number)
        out, err = running.communicate(timeout=10)
    assert (running.returncode, err) == (DONE, "")
    assert out == "Ended.\n"
    assert time.monotonic() - asked < 4
