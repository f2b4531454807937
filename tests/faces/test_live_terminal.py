"""A run in the terminal through its real doors: a pseudo-terminal, keys, and a pipe."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

RUN = """
import signal, sys
from threading import Event
from hipimu.tui import run, run_plain
from tests.live_board import PlayedRun

signal.signal(signal.SIGHUP, signal.SIG_IGN)
played = PlayedRun(steps=("put_on", "ready"))
played.board.on_stop = lambda: played.end("done", "Your range held.")
with played.playing(speed=4.0):
    if sys.argv[1] == "whole":
        run(played.board)
    else:
        run_plain(played.board, Event())
print(f"{len(played.board.strides())} strides")
"""
GONE = RUN.replace(
    "with played",
    """
from pathlib import Path
from threading import Timer
Timer(2.5, lambda: played.end("done", "Over.")).start()
with played""",
).replace("print(", "Path(sys.argv[2]).write_text(")


class Terminal:
    """What a person sees and types."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.seen = ""
        self.closed = False

    def look(self, text: str, seconds: float = 20.0) -> None:
        """Wait until something was written."""
        until_s = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < until_s, f"{text!r} is not shown: {self.seen[-2000:]!r}"
            if select.select([self.end], [], [], 0.2)[0]:
                self.seen += os.read(self.end, 65536).decode(errors="ignore")

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.end)

    def type(self, keys: str) -> None:
        os.write(self.end, keys.encode())


@contextmanager
def opened(code: str, *arguments: str) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    """Show a made-up run on a terminal of 80 × 24."""
    person, program = pty.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    become_ours = "import os; os.close(os.open(os.ttyname(0), os.O_RDWR))\n"
    child = subprocess.Popen(
        [sys.executable, "-c", become_ours + code, *arguments],
        stdin=program,
        stdout=program,
        stderr=program,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    before = termios.tcgetattr(program)
    terminal = Terminal(person)
    try:
        yield terminal, child
        assert child.wait(timeout=20.0) == 0
        if not terminal.closed:
            assert termios.tcgetattr(program) == before, "the terminal is not put back"
    finally:
        child.kill()
        child.wait()
        os.close(program)
        terminal.close()


@pytest.mark.parametrize("face", ["whole", "plain"])
def test_a_run_from_start_to_end(face: str) -> None:
    with opened(RUN, face) as (terminal, _):
        terminal.look("Put the sensors on")
        terminal.type("\r")
        terminal.look("no pace")
        terminal.type("f")
        terminal.look("fast")
        terminal.type("q")
        terminal.look("once more")
        terminal.type("q")
        terminal.look("Your range held.")
        if face == "whole":
            terminal.type("\r")
        terminal.look(" strides\r\n")
    assert int(re.findall(r"(\d+) strides\r\n", terminal.seen)[-1]) > 0


def test_a_run_goes_on_when_its_terminal_is_closed(tmp_path: Path) -> None:
    """The whole face ends, and the plain one goes on without anybody who reads it."""
    result = tmp_path / "result"
    with opened(GONE, "whole", str(result)) as (terminal, child):
        terminal.look("Put the sensors on")
        terminal.close()
        time.sleep(0.5)
        assert child.poll() is None
        assert not result.exists()
    assert result.read_text().endswith(" strides")


def test_without_a_terminal_lines_follow_each_other() -> None:
    code = RUN.replace('steps=("put_on", "ready")', "").replace(
        "if sys.argv",
        "import time; time.sleep(0.5); played.end('done', 'Over.')\n    if sys.argv",
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "whole"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "Over.\n"
    assert done.stdout.endswith(" strides\n")
