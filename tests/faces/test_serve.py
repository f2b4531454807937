"""`hipimu serve` through its real door."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from hipimu.cli.serve import serve
from hipimu.errors import OutputError, StoreError
from hipimu.store import open_store
from tests.faces.test_cli import DONE, ERROR, hipimu


def test_lan_is_refused_as_there_are_no_accounts(tmp_path: Path) -> None:
    done = hipimu("serve", "--lan", "--store", tmp_path / "store.sqlite")

    assert done.code == ERROR
    assert "no accounts yet" in done.err
    assert "Leave --lan out" in done.err
    assert not (tmp_path / "store.sqlite").exists()


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


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_and_ends_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "hipimu", "serve", "--port", "0"]
    command += ["--store", str(tmp_path / "store.sqlite")]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
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
    finally:
        running.kill()
        running.wait()
    assert (running.returncode, err) == (DONE, "")
    assert out == "Ended.\n"
    assert time.monotonic() - asked < 4
