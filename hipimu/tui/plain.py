"""The plain face: one line that is kept up to date, and sentences above it.

It works in any terminal and in none: in a file or a log a line comes every ten seconds.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Final

from hipimu.data import LiveState, MarkKind
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.sensor_dot import dot
from hipimu.report.numerals import clock
from hipimu.tui.keys import listening
from hipimu.tui.screen import Screen
from hipimu.tui.words import (
    cadence_words,
    cue_words,
    cut,
    pace_words,
    peak_of,
    peak_words,
    printable,
    start_words,
)

_REWRITE_S = 0.2
_EVERY_S = 10.0
_SO_FAR_S = 60.0
_SENSORS_S = 10.0
_LOOK_S = 0.5
_SURE_S = 5.0
_LEAST_SO_FAR = 24
"""Fewer columns of a sentence tell nothing."""

_MARKS: Final[dict[str, MarkKind]] = {"e": "easy", "f": "fast", "r": "rest", "u": "undo"}

LEGEND: Final = (
    "Peak flexion over the last five strides; in brackets the change from your fresh range at this "
    "pace, or how many strides of that are there."
)
KEYS: Final = (
    "Keys: e easy, f fast, r rest, u undo, s sound, Enter goes on at the start, q ends the run."
)
ENDED: Final = ("done", "failed")


class PlainFace:
    """One line for the whole run.

    It runs in the thread that calls `run` and only ever shows the latest state, so that a terminal
    that takes nothing holds up nobody else.

    Parameters
    ----------
    board : LiveBoard
    write : callable
        Given text with its line ends; may block.
    rewrites : bool
        Whether the line can be painted over, as on a terminal.
    columns : callable
        How wide the line may be.
    takes : callable
        Whether `write` would return at once; where not, the latest state waits.
    """

    def __init__(
        self,
        board: LiveBoard,
        write: Callable[[str], None],
        *,
        rewrites: bool = False,
        columns: Callable[[], int] = lambda: 80,
        takes: Callable[[], bool] = lambda: True,
    ) -> None:
        self._board, self._write = board, write
        self._rewrites, self._columns, self._takes = rewrites, columns, takes
        self._painted = 0
        self._news = _News()
        self._due_s = -_EVERY_S
        self._asked_s: float | None = None
        self._answers: list[str] = []

    def run(self, stop: Event) -> None:
        """Show the run until it has ended or `stop` is set."""
        woken = Event()
        end = self._board.watch(woken.set)
        try:
            while not stop.is_set():
                state = self._board.state
                self._show(state)
                if state.phase in ENDED:
                    break
                # Not sooner than the eye follows, and then as soon as there is something.
                if not stop.wait(_REWRITE_S):
                    woken.wait(_LOOK_S)
                    woken.clear()
        finally:
            end()
            self._leave()

    def press(self, key: str) -> None:
        """Do what a key asks for; from any thread.

        Parameters
        ----------
        key : str
            One character.
        """
        key = key.lower()
        if key == "q":
            self._end()
            return
        self._asked_s = None
        if key in _MARKS:
            self._board.on_mark(_MARKS[key])
        elif key == "s":
            self._board.on_sound(not self._board.state.sound)
        elif key == "\n" and self._board.state.phase == "start":
            self._board.on_proceed()

    def tell(self, sentence: str) -> None:
        """Have a sentence stand above the line; from any thread."""
        self._answers.append(sentence)

    def _end(self) -> None:
        """End the run, if it is meant: asked once."""
        now_s = monotonic()
        if self._asked_s is not None and now_s - self._asked_s < _SURE_S:
            self._board.on_stop()
            return
        self._asked_s = now_s
        self.tell("Press q once more to end the run.")

    def _show(self, state: LiveState) -> None:
        if not self._takes():
            return
        answers, self._answers = self._answers, []
        lines = [printable(text) for text in (*answers, *self._news.since_last(state))]
        width = self._columns() - 1
        line = status_line(state, width)
        if self._rewrites:
            self._paint([part for text in lines for part in textwrap.wrap(text, width)], line)
            return
        if monotonic() >= self._due_s and state.phase not in ENDED:
            self._due_s = monotonic() + _EVERY_S
            lines.append(line)
        if lines:
            self._write("".join(f"{text}\n" for text in lines))

    def _paint(self, lines: list[str], line: str) -> None:
        """Write lines above the one that is kept up to date."""
        over = " " * max(self._painted - len(line), 0)
        above = "".join(f"{text}{' ' * max(self._painted - len(text), 0)}\n" for text in lines)
        self._write(f"\r{above}{line}{over}")
        self._painted = len(line)

    def _leave(self) -> None:
        if self._rewrites and self._painted and self._takes():
            self._write("\n")


class _News:
    """What is told once, in a line of its own: a sentence whose numbers change is no other one."""

    def __init__(self) -> None:
        self._start: tuple[str, ...] = ()
        self._warned: set[str] = set()
        self._cue = 0
        self._so_far = self._ended = ""
        self._sensors = "good"
        self._so_far_s = self._sensors_s = -_SO_FAR_S
        self._legend = False

    def since_last(self, state: LiveState) -> list[str]:
        """Return the sentences that are new in a state."""
        return [
            *self._of_start(state),
            *self._warnings(state),
            *(self._of_run(state) if state.phase == "running" else ()),
            *self._of_end(state),
        ]

    def _of_start(self, state: LiveState) -> list[str]:
        if state.phase != "start":
            return []
        said = (state.start.said, state.start.problem, *state.start.found)
        before, self._start = self._start, tuple(map(_without_numbers, said))
        return [text for text in said if text and _without_numbers(text) not in before]

    def _warnings(self, state: LiveState) -> list[str]:
        fresh = {_without_numbers(text): text for text in state.warnings}
        told = [text for known, text in fresh.items() if known not in self._warned]
        self._warned.update(fresh)
        return [f"Attention: {text}" for text in told]

    def _of_run(self, state: LiveState) -> list[str]:
        lines = [] if self._legend else [LEGEND]
        self._legend = True
        if state.cue is not None and state.cue.number > self._cue:
            self._cue = state.cue.number
            lines.append(cue_words(state.cue))
        return [*lines, *self._of_sensors(state), *self._fatigue(state)]

    def _of_sensors(self, state: LiveState) -> list[str]:
        level, said = dot(state.sensors)
        known = "good" if level == "good" else _without_numbers(said)
        now_s = monotonic()
        if known == self._sensors or now_s - self._sensors_s < _SENSORS_S:
            return []
        self._sensors, self._sensors_s = known, now_s
        return [f"{clock(state.t_s)} {said}"]

    def _fatigue(self, state: LiveState) -> list[str]:
        now_s = monotonic()
        if state.so_far in ("", self._so_far) or now_s - self._so_far_s < _SO_FAR_S:
            return []
        self._so_far, self._so_far_s = state.so_far, now_s
        return [f"So far: {state.so_far}"]

    def _of_end(self, state: LiveState) -> list[str]:
        if state.ended in ("", self._ended):
            return []
        self._ended = state.ended
        return [state.ended]


def _without_numbers(sentence: str) -> str:
    return re.sub(r"\d", "", sentence)


def status_line(state: LiveState, width: int) -> str:
    """Say how the run is doing, in one line.

    Parameters
    ----------
    state : LiveState
    width : int
        The line is at most so long. Sensors stay readable longest.

    Returns
    -------
    str
    """
    if state.phase not in ("start", "running"):
        return cut(f"{clock(state.t_s)} {state.phase}", width)
    level, _ = dot(state.sensors)
    sensors = f"sensors {level}"
    middle = _middle(state, width - len(sensors) - 2)
    return cut(printable(f"{middle}  {sensors}"), width)


def _middle(state: LiveState, width: int) -> str:
    if state.phase == "start":
        return cut(start_words(state.start), width)
    line = f"{clock(state.t_s)} {pace_words(state)}"
    for side in state.sides:
        line += f"  {side} {peak_words(peak_of(state, side, 'peak_flexion'))}"
    line += f"  cadence {cadence_words(state)}"
    behind = "".join(
        f"  {side} extension {peak_words(peak_of(state, side, 'peak_extension'))}"
        for side in state.sides
    )
    line += behind if len(line) + len(behind) + _LEAST_SO_FAR < width else ""
    room = width - len(line) - 2
    if state.so_far and room >= _LEAST_SO_FAR:
        line += f"  {cut(f'so far: {state.so_far}', room)}"
    return cut(line, width)


def run_plain(board: LiveBoard, stop: Event) -> None:
    """Show a run on standard error until it has ended or `stop` is set, and listen to keys.

    Parameters
    ----------
    board : LiveBoard
    stop : threading.Event
    """
    screen = Screen(sys.stderr)
    face = PlainFace(
        board,
        screen.write,
        rewrites=screen.rewrites,
        columns=screen.columns,
        takes=screen.takes,
    )
    with listening(sys.stdin, face.press) as listens:
        if listens:
            face.tell(KEYS)
        face.run(stop)
