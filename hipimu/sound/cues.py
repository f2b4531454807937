"""What the recording machine says when: cues, laps, and that a sensor is in trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from time import monotonic
from typing import Final, Protocol

from hipimu.data import Cue, LiveState, Side
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.sensor_dot import dot
from hipimu.sound.clips import ClipName, clip
from hipimu.sound.tones import blip, falling, joined, rising

_LAPS: Final[Mapping[str, ClipName]] = {"easy": "easy", "fast": "fast", "rest": "rest"}
_DOWN: Final[Mapping[Side, ClipName]] = {"left": "left-down", "right": "right-down"}
_BAD_S = 5.0
_AGAIN_S = 60.0
_LOOK_S = 1.0


class Plays(Protocol):
    """What `Speaker` needs of a player."""

    def play(self, sound: bytes) -> None:
        """Play soon, and return at once."""


class Speaker:
    """Tells what is due in a state, each thing once. No sound where sound is off.

    Parameters
    ----------
    play : callable
        Given the bytes of a WAV file.
    clock : callable
        Seconds that go on evenly, whatever the recording's time does in a replay.
    """

    def __init__(
        self, play: Callable[[bytes], None], clock: Callable[[], float] = monotonic
    ) -> None:
        self._play, self._clock = play, clock
        self._before: LiveState | None = None
        self._bad_since_s: float | None = None
        self._warned_s = -_AGAIN_S

    def tell(self, state: LiveState) -> None:
        """Play what is new in a state since the one before."""
        before, self._before = self._before, state
        sounds = [] if before is None else list(_news(before, state))
        if self._in_trouble(state) and state.sound:
            self._warned_s = self._clock()
            sounds.append(clip("check-sensors"))
        if state.sound and sounds:
            self._play(joined(sounds))

    def _in_trouble(self, state: LiveState) -> bool:
        """Whether sensors have been bad for long, and that was not said a short while ago."""
        now_s = self._clock()
        if state.phase != "running" or dot(state.sensors)[0] != "bad":
            self._bad_since_s = None
            return False
        if self._bad_since_s is None:
            self._bad_since_s = now_s
        return now_s - self._bad_since_s > _BAD_S and now_s - self._warned_s >= _AGAIN_S


def _news(before: LiveState, state: LiveState) -> Iterator[bytes]:
    if state.sound and not before.sound:
        yield blip()
    if state.start.step == "ready" and before.start.step != "ready":
        yield clip("ready")
    if _marks(state) != _marks(before):
        yield from _lap(state)
    if state.cue is not None and state.cue.number > (before.cue.number if before.cue else 0):
        yield _cue(state.cue)


def _marks(state: LiveState) -> tuple[tuple[float, str], ...]:
    return tuple((lap.start_s, lap.label) for lap in state.laps)


def _lap(state: LiveState) -> Iterator[bytes]:
    """Say the lap that it is now; after an undo that may be one of before, or none."""
    name = _LAPS.get(state.laps[-1].label) if state.laps else None
    yield blip() if name is None else clip(name)


def _cue(cue: Cue) -> bytes:
    if cue.kind == "range_back":
        return joined([rising(), clip("range-back")])
    return joined([falling(), clip(_DOWN[cue.side])])


class SpeakCues:
    """Lets a player say what happens on a board, from a thread of its own.

    Parameters
    ----------
    board : LiveBoard
    player : Plays
    """

    def __init__(self, board: LiveBoard, player: Plays) -> None:
        self._board = board
        self._speaker = Speaker(player.play)
        self._woken, self._closed = Event(), False
        self._forget = board.watch(self._woken.set)
        self._thread = Thread(target=self._work, name="cues", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Say nothing more."""
        self._forget()
        self._closed = True
        self._woken.set()
        self._thread.join(timeout=_LOOK_S)

    def _work(self) -> None:
        while not self._closed:
            self._speaker.tell(self._board.state)
            # Trouble that lasts is said even if no state comes any more.
            self._woken.wait(_LOOK_S)
            self._woken.clear()
