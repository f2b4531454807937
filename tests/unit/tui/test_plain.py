"""The plain face: what it says when, and that it waits for nobody."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest

from hipimu.data import Cue, LiveState
from hipimu.pipeline.board import LiveBoard
from hipimu.tui.plain import LEGEND, PlainFace, status_line
from hipimu.units import rad_from_deg
from tests.live_states import SO_FAR, Pressed, peak, running_state, sensor, start_state


class Page:
    """What was written; `text` is without what was painted over by the same line."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    @property
    def lines(self) -> list[str]:
        """Every line as it stood when something came below it."""
        return [line.rpartition("\r")[2].rstrip() for line in "".join(self.writes).split("\n")]


@contextmanager
def shown(board: LiveBoard, page: Page, **options: object) -> Iterator[Event]:
    stop = Event()
    face = PlainFace(board, page.writes.append, **options)  # type: ignore[arg-type]
    thread = Thread(target=face.run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(timeout=5.0)
    assert not thread.is_alive()


def until(done: object, seconds: float = 3.0) -> None:
    """Wait for something that another thread does."""
    end_s = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end_s, "it does not happen"
        time.sleep(0.01)


def test_a_line_says_all_of_it_in_eighty_columns() -> None:
    line = status_line(running_state(), 79)
    assert line == ("12:34 fast  left 52.3° (−1.2)  right 51.0° (+0.1)  cadence 178  sensors good")


def test_a_wide_terminal_says_how_it_stands() -> None:
    line = status_line(running_state(), 119)
    assert f"cadence 178  so far: {SO_FAR[:20]}" in line
    assert line.endswith("…  sensors good")
    assert len(line) <= 119


def test_a_very_wide_one_has_peak_extension_too() -> None:
    line = status_line(running_state(), 200)
    assert "right extension 13.1° (−1.3)" in line
    assert f"so far: {SO_FAR}" in line


@pytest.mark.parametrize("width", [20, 40, 60, 79])
def test_sensors_are_readable_longest(width: int) -> None:
    silent = running_state(sensors=(sensor(age_s=4.0),), peaks=(peak("left", 52.3, strides=12),))
    line = status_line(silent, width)
    assert len(line) <= width
    assert line.endswith("sensors bad")


@pytest.mark.parametrize("pace", ["easy", "fast", "other", None])
def test_a_line_is_there_for_every_pace(pace: str | None) -> None:
    line = status_line(running_state(pace=pace, peaks=(), cadence_spm=None), 79)
    assert f" {pace or 'no pace'}  left –  right –  cadence –" in line


def test_sentences_stand_above_the_line_and_are_said_once() -> None:
    page, board = Page(), LiveBoard(start_state())
    with shown(board, page, rewrites=True):
        until(lambda: page.writes)
        start = board.state.start
        board.put(start_state(start=replace(start, problem="You moved 3.2°: stand still.")))
        until(lambda: "You moved 3.2°: stand still." in page.lines)
        board.put(start_state(start=replace(start, problem="You moved 4.7°: stand still.")))
        time.sleep(0.5)
    said = "\n".join(page.lines)
    assert said.count("Stand still for five seconds.") == 1
    assert said.count("stand still.") == 1
    assert page.lines[-2].startswith("step 3 of 5: stand still  2.1 of 5 s")


def test_a_cue_a_warning_and_the_end() -> None:
    cue = Cue(1, "left", "peak_flexion", "range_down", 754.0, rad_from_deg(-2.1))
    page, board = Page(), LiveBoard(running_state(cue=cue, warnings=("The axes are soft.",)))
    with shown(board, page):
        until(lambda: page.writes)
        board.put(running_state(cue=cue, warnings=("The axes are soft.",)))
        board.put(running_state(phase="done", ended="Your range held.", cue=cue))
        until(lambda: "Your range held." in page.lines)
    said = "\n".join(page.lines)
    assert said.count(LEGEND) == 1
    assert said.count("12:34 left hip: peak flexion −2.1° from your fresh range") == 1
    assert said.count("Attention: The axes are soft.") == 1
    assert said.count(f"So far: {SO_FAR}") == 1
    assert "\r" not in "".join(page.writes)


def test_a_bad_sensor_is_named() -> None:
    page, board = Page(), LiveBoard(running_state())
    with shown(board, page):
        until(lambda: page.writes)
        board.put(running_state(sensors=(sensor("thigh_left", age_s=4.0),)))
        until(lambda: any("Left thigh: nothing has come" in line for line in page.lines))


def test_the_latest_state_only_and_no_oftener_than_the_eye_follows() -> None:
    page, board = Page(), LiveBoard(running_state())
    with shown(board, page, rewrites=True):
        for number in range(100):
            board.put(running_state(number=number, t_s=float(number)))
            time.sleep(0.01)
        until(lambda: "1:39 fast" in page.writes[-1])
    assert len(page.writes) < 12


def test_where_no_terminal_is_a_line_comes_now_and_then() -> None:
    page, board = Page(), LiveBoard(running_state())
    with shown(board, page):
        for number in range(60):
            board.put(running_state(number=number, t_s=float(number)))
            time.sleep(0.01)
    assert sum("cadence" in line for line in page.lines) == 1


def test_a_terminal_that_takes_nothing_holds_up_nobody() -> None:
    stuck, release = Event(), Event()

    def write(text: str) -> None:
        stuck.set()
        release.wait()

    board, stop = LiveBoard(running_state()), Event()
    thread = Thread(target=PlainFace(board, write, rewrites=True).run, args=(stop,))
    thread.start()
    assert stuck.wait(3.0)
    begun_s = time.monotonic()
    for number in range(1000):
        board.put(running_state(number=number))
    assert time.monotonic() - begun_s < 0.5
    stop.set()
    release.set()
    thread.join(timeout=5.0)
    assert not thread.is_alive()


def test_what_is_not_taken_is_not_written_and_the_latest_comes_after() -> None:
    taken = Event()
    page, board = Page(), LiveBoard(running_state(warnings=("First.",)))
    with shown(board, page, rewrites=True, takes=taken.is_set):
        time.sleep(0.5)
        assert page.writes == []
        taken.set()
        until(lambda: "Attention: First." in page.lines)


def test_it_returns_when_the_run_has_ended() -> None:
    board = LiveBoard(running_state(phase="failed", ended="The disk is full."))
    page = Page()
    PlainFace(board, page.writes.append).run(Event())
    assert page.lines == ["The disk is full.", ""]


def test_it_forgets_the_board() -> None:
    board = LiveBoard(running_state(phase="done"))
    PlainFace(board, Page().writes.append).run(Event())
    assert board._watchers == {}


@pytest.mark.parametrize(
    ("state", "keys", "asked"),
    [
        (running_state(), "eFru", ["easy", "fast", "rest", "undo"]),
        (running_state(), "s", ["sound True"]),
        (running_state(sound=True), "s", ["sound False"]),
        (start_state(), "\n", ["proceed"]),
        (running_state(), "\nx?", []),
        (running_state(), "q", []),
        (running_state(), "qq", ["stop"]),
        (running_state(), "qeq", ["easy"]),
    ],
)
def test_keys(state: LiveState, keys: str, asked: list[str]) -> None:
    pressed = Pressed(state)
    face = PlainFace(pressed.board, lambda _: None)
    for key in keys:
        face.press(key)
    assert pressed.asked == asked


def test_ending_is_asked_once_in_words() -> None:
    page, board = Page(), LiveBoard(running_state())
    stop = Event()
    face = PlainFace(board, page.writes.append)
    face.press("q")
    thread = Thread(target=face.run, args=(stop,))
    thread.start()
    until(lambda: any(re.match("Press q once more", line) for line in page.lines))
    stop.set()
    thread.join(timeout=5.0)
