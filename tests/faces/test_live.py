"""`hipimu live` through its real doors: the command, its page's socket, a terminal that hangs."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from hipimu.data import SIDES
from hipimu.pipeline import analyse
from hipimu.sources.journal import read_journal
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from tests.choked import choke, choked_pipe
from tests.faces.test_cli import DONE, ERROR, NOT_ESTIMABLE, hipimu

PLAN = Plan(
    seed=5,
    rate_hz=100.0,
    warm_up=(
        PlannedBout(pace="stand", duration_s=8.0),
        PlannedBout(pace="walk", duration_s=26.0, speed_m_s=1.4),
    ),
    bouts=(PlannedBout(pace="easy", duration_s=30.0, speed_m_s=3.0),),
)


@contextmanager
def live(
    folder: Path, *options: str, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "hipimu", "live", *options]
    child = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                stream.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def connected(port: int) -> Iterator[ClientConnection]:
    """Say hello to the page's socket, as soon as it is served."""
    until = time.monotonic() + 40.0
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            break
        assert time.monotonic() < until, "no page is served"
        time.sleep(0.2)
    with connect(f"ws://127.0.0.1:{port}/live", close_timeout=1.0) as page:
        page.send(json.dumps({"type": "hello", "version": 1, "have": 0, "run": None}))
        yield page


class Face:
    """A page that keeps all it is sent."""

    def __init__(self, page: ClientConnection) -> None:
        self.page = page
        self.strides: list[list[Any]] = []
        self.state: dict[str, Any] = {}

    def until(self, wanted: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not (self.state and wanted(self.state)):
            assert time.monotonic() < end, self.state
            message = json.loads(self.page.recv(timeout=10.0))
            if message["type"] == "strides":
                self.strides += message["strides"]
            elif message["type"] == "state":
                self.state = message

    def say(self, **message: object) -> None:
        self.page.send(json.dumps(message))


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pipe whose size can be set")
def test_a_run_whose_terminal_hangs(tmp_path: Path) -> None:
    """From the guided start to the report, seen by one page; nobody ever reads the terminal."""
    port = free_port()
    reading, writing = choked_pipe()
    options = ("--virtual", "3", "--out", "run", "--port", str(port), "--minutes", "1.0")
    with live(tmp_path, *options, stderr=writing) as child, connected(port) as page:
        choke(writing)
        face = Face(page)
        face.until(lambda s: s["start"]["step"] == "stand", 30.0)
        face.until(lambda s: s["start"]["step"] == "walk", 30.0)
        face.until(lambda s: s["phase"] == "running", 60.0)
        assert any("Neutral" in said for said in face.state["start"]["found"])
        face.say(type="mark", mark="fast")
        face.until(lambda s: s["pace"] == "fast", 5.0)
        face.say(type="mark", mark="undo")
        face.until(lambda s: s["pace"] is None, 5.0)
        face.say(type="mark", mark="easy")
        face.until(lambda s: s["report"], 90.0)
        assert face.state["phase"] == "done"
        assert "cannot answer" in face.state["ended"]
        assert child.poll() is None, "the main thread waits for the terminal"
        page.close()
        os.close(writing)
        said = os.read(reading, 1 << 16).decode(errors="replace")
        os.set_blocking(reading, False)
        out = child.communicate(timeout=30.0)[0]
        os.close(reading)
    # Of its own words the run may have got some out before the pipe was full, or none.
    assert said.count(".") > 1000, "the pipe was never full"
    assert "Report: " not in said
    assert "Report: run-report/report.html" in out
    assert child.returncode == NOT_ESTIMABLE

    folder = tmp_path / "run.hipimu"
    assert not read_journal(folder / "journal.bin").damage
    session = analyse(folder, method="causal")
    assert session.simulated
    assert [bout.label for bout in session.bouts] == ["easy"]
    for number, side in enumerate(SIDES):
        own = [s for s in session.strides if s.side == side]
        shown = [row for row in face.strides if row[0] == number]
        assert [row[2] for row in shown] == [
            round(float(np.degrees(s.peak_flexion_rad)), 1) for s in own
        ]
    assert len(face.strides) > 20


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live") / "walk"
    simulate(PLAN, folder)
    return folder


def test_a_replay_ends_with_the_report(simulated: Path) -> None:
    options = ("--replay", "walk", "--speed", "20", "--port", "0")
    with live(simulated.parent, *options) as child:
        out, err = child.communicate(timeout=120.0)
    assert child.returncode == NOT_ESTIMABLE, err
    assert re.search(r"Page: http://127.0.0.1:\d+/", err)
    assert "Report: walk-report/report.html" in out
    assert (simulated.parent / "walk-report" / "report.html").is_file()
    assert "Traceback" not in err


def test_ctrl_c_ends_a_replay_early(simulated: Path) -> None:
    with live(simulated.parent, "--replay", "walk", "--port", "0") as child:
        assert child.stderr is not None
        assert "Page" in child.stderr.readline()
        time.sleep(2.0)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60.0)
    assert child.returncode == NOT_ESTIMABLE, err
    assert "Report" in out
    assert "Traceback" not in err


def test_ctrl_c_before_anything_is_recorded(tmp_path: Path) -> None:
    """Nobody has said yet that the sensors are worn."""
    options = ("--virtual", "3", "--guide", "--no-page", "--out", "run")
    with live(tmp_path, *options) as child:
        assert child.stderr is not None
        said = islice(iter(child.stderr.readline, ""), 12)
        assert any("Put the sensors on" in line for line in said)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30.0)
    assert child.returncode == DONE, err
    assert "Ended before anything was recorded." in err
    assert not (tmp_path / "run.hipimu").exists()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = hipimu("live", "--virtual", "3", "--port", port, "--out", tmp_path / "run")
    assert done.code == ERROR
    assert port in done.err
    assert "--port" in done.err
    assert not (tmp_path / "run.hipimu").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--replay", "nowhere"), "nowhere"),
        (("--replay", ".", "--virtual", "3"), "needs no sensors"),
        (("--virtual", "3", "--out", "there"), "exists already"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "there.hipimu").mkdir()
    monkeypatch.chdir(tmp_path)
    done = hipimu("live", *options, "--no-page")
    assert done.code == ERROR
    assert said in done.err
    assert "Traceback" not in done.err
