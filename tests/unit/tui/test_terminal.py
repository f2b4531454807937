"""The plain face's keys and lines on a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TextIO

import pytest

from hipimu.pipeline.board import LiveBoard
from hipimu.tui.keys import listening
from hipimu.tui.plain import PlainFace
from hipimu.tui.screen import Screen
from tests.live_states import running_state

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import pty
import termios


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The end that a person sees, and the one that a program writes to."""
    person, program = pty.openpty()
    with os.fdopen(program, "r+b", buffering=0) as raw:
        yield person, io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    os.close(person)


def seen(person: int) -> str:
    return os.read(person, 65536).decode()


def test_lines_of_a_terminal_are_painted_over(terminal: tuple[int, TextIO]) -> None:
    person, program = terminal
    screen = Screen(program)
    assert screen.rewrites
    assert screen.takes()
    board = LiveBoard(running_state(phase="done", ended="Your range held."))
    face = PlainFace(board, screen.write, rewrites=True, takes=screen.takes)
    face.run(Event())
    assert seen(person).startswith("\rYour range held.")


def test_a_terminal_nobody_reads_blocks_only_its_own_thread(
    terminal: tuple[int, TextIO],
) -> None:
    _, program = terminal
    screen, board, stop = Screen(program), LiveBoard(running_state()), Event()
    termios.tcflow(program.fileno(), termios.TCOOFF)  # Ctrl-S
    assert not screen.takes()
    face = PlainFace(board, screen.write, rewrites=True, takes=screen.takes)
    thread = Thread(target=face.run, args=(stop,))
    thread.start()
    begun_s = time.monotonic()
    for number in range(100):
        board.put(running_state(number=number))
    assert time.monotonic() - begun_s < 0.5
    time.sleep(0.3)
    stop.set()
    thread.join(timeout=2.0)
    assert not thread.is_alive(), "the end of the run waits for a stopped terminal"
    termios.tcflow(program.fileno(), termios.TCOON)


def test_a_terminal_that_is_gone_is_no_error() -> None:
    person, program = pty.openpty()
    with os.fdopen(program, "r+b", buffering=0) as raw:
        screen = Screen(io.TextIOWrapper(raw, write_through=True))
        os.close(person)
        screen.write("Nobody is there.\n")
        assert not screen.takes()
        screen.write("Nor now.\n")


def test_a_file_is_not_painted_over() -> None:
    screen = Screen(io.StringIO())
    assert not screen.rewrites
    assert screen.takes()
    assert screen.columns() > 0


def test_no_keys_where_no_terminal_is() -> None:
    with listening(io.StringIO("eee"), pytest.fail) as listens:
        assert not listens


KEYS = """
import os, sys, time
from hipimu.tui.keys import listening
if sys.argv[2:]:
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the terminal of this session
with listening(sys.stdin, lambda key: print(f"got {key!r}", flush=True)) as listens:
    print(listens, flush=True)
    time.sleep(float(sys.argv[1]))
print("ended", flush=True)
"""
BACKGROUND = f"""
import os, subprocess, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
child = subprocess.Popen([sys.executable, "-c", {KEYS!r}, "0.3"], preexec_fn=os.setpgrp)
print("code", child.wait(timeout=20), flush=True)
"""


@contextmanager
def on_its_own_terminal(code: str, *arguments: str) -> Iterator[int]:
    """Run Python code in a session of its own; give the end of its terminal that a person sees."""
    person, program = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=program,
        stdout=program,
        stderr=program,
        start_new_session=True,
    )
    try:
        yield person
        assert child.wait(timeout=20.0) == 0
    finally:
        child.kill()
        child.wait()
        os.close(program)
        os.close(person)


def read_until(person: int, text: str) -> str:
    said = ""
    while text not in said:
        said += os.read(person, 4096).decode()
    return said


def test_keys_come_singly_and_the_terminal_is_put_back() -> None:
    with on_its_own_terminal(KEYS, "0.8", "leader") as person:
        before = termios.tcgetattr(person)[3]
        assert "True" in read_until(person, "True")
        assert not termios.tcgetattr(person)[3] & termios.ICANON
        assert termios.tcgetattr(person)[3] & termios.ISIG, "Ctrl-C must still end the run"
        os.write(person, b"e\x1b[1;5Au")
        os.write(person, b"\r")
        said = read_until(person, "ended")
        assert "got 'e'" in said
        assert "got 'u'" in said
        assert "got '\\n'" in said
        assert said.count("got") == 3
        assert termios.tcgetattr(person)[3] == before


def test_a_run_in_the_background_is_not_stopped_by_its_terminal() -> None:
    with on_its_own_terminal(BACKGROUND) as person:
        said = read_until(person, "code")
    assert "False" in said
    assert "ended" in said
