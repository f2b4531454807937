"""What the recording machine says when, and how often."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

import pytest

from hipimu.data import Cue, Lap, LiveState, Side, StartState
from hipimu.pipeline.board import LiveBoard
from hipimu.sound import SpeakCues, clip
from hipimu.sound.cues import Speaker
from hipimu.sound.tones import blip, falling, joined, rising
from tests.live_states import running_state, sensor, start_state

SILENT = (sensor("pelvis", age_s=9.0),)


class Listener:
    """Hears what a speaker plays, at a time that the test sets."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.now_s = 100.0
        self.speaker = Speaker(self.heard.append, lambda: self.now_s)

    def tell(self, *states: LiveState) -> list[bytes]:
        self.heard.clear()
        for state in states:
            self.speaker.tell(state)
        return list(self.heard)


def cue(number: int, side: Side = "left", kind: str = "range_down") -> Cue:
    kinds: dict[str, Literal["range_down", "range_back"]] = {
        "range_down": "range_down",
        "range_back": "range_back",
    }
    return Cue(number, side, "peak_flexion", kinds[kind], 754.0, -0.04)


def on(**changes: object) -> LiveState:
    return running_state(sound=True, **changes)


@pytest.mark.parametrize(
    ("due", "tone", "words"),
    [
        (cue(1), falling(), clip("left-down")),
        (cue(1, "right"), falling(), clip("right-down")),
        (cue(1, "right", "range_back"), rising(), clip("range-back")),
    ],
)
def test_a_cue_is_a_tone_and_words(due: Cue, tone: bytes, words: bytes) -> None:
    heard = Listener().tell(on(), on(cue=due))
    assert heard == [joined([joined([tone, words])])]


def test_each_cue_once_by_its_number() -> None:
    listener = Listener()
    assert len(listener.tell(on(), on(cue=cue(1)), on(cue=cue(1)))) == 1
    assert len(listener.tell(on(cue=cue(1)), on(cue=cue(3)), on(cue=cue(3)))) == 1


def test_nothing_while_sound_is_off() -> None:
    assert Listener().tell(running_state(), running_state(cue=cue(1))) == []


def test_cues_of_before_are_not_made_up_for() -> None:
    listener = Listener()
    assert listener.tell(on(cue=cue(4))) == []
    off = running_state(cue=cue(5))
    assert listener.tell(off, on(cue=cue(5))) == [joined([blip()])]


@pytest.mark.parametrize("label", ["easy", "fast", "rest"])
def test_a_lap_is_named_when_pressed(label: Literal["easy", "fast", "rest"]) -> None:
    listener = Listener()
    begun = on(laps=(Lap(700.0, 754.0, label),))
    grown = on(laps=(Lap(700.0, 790.0, label),))
    assert listener.tell(on(), begun, grown) == [joined([clip(label)])]


def test_undo_names_the_lap_that_it_is_again() -> None:
    first, second = Lap(600.0, 700.0, "easy"), Lap(700.0, 754.0, "fast")
    listener = Listener()
    listener.tell(on(laps=(first, second)))
    assert listener.tell(on(laps=(first,))) == [joined([clip("easy")])]
    assert listener.tell(on(laps=())) == [joined([blip()])]


def test_ready() -> None:
    standing = start_state(sound=True)
    ready = replace(standing, start=StartState("ready"))
    assert Listener().tell(standing, ready, ready) == [joined([clip("ready")])]


def test_a_sensor_in_trouble_is_told_after_five_seconds_and_once_a_minute() -> None:
    listener = Listener()
    told: list[float] = []
    for second in range(150):
        listener.now_s = 100.0 + second
        if listener.tell(on(sensors=SILENT)):
            told.append(second)
    assert told == [6, 66, 126]


def test_trouble_that_passes_is_not_told() -> None:
    listener = Listener()
    for second in range(60):
        listener.now_s += 1.0
        well = second % 5 == 4
        assert listener.tell(on() if well else on(sensors=SILENT)) == []


def test_no_trouble_before_the_run() -> None:
    listener = Listener()
    for _ in range(20):
        listener.now_s += 1.0
        assert listener.tell(start_state(sound=True, sensors=SILENT)) == []


class Heard:
    """A player that takes its time."""

    def __init__(self) -> None:
        self.sounds: list[bytes] = []

    def play(self, sound: bytes) -> None:
        time.sleep(0.2)
        self.sounds.append(sound)


def test_a_board_is_watched_and_never_held_up() -> None:
    board, player = LiveBoard(on()), Heard()
    speaks = SpeakCues(board, player)
    time.sleep(0.1)
    begun_s = time.monotonic()
    for number in range(1, 200):
        board.put(on(cue=cue(number)))
    assert time.monotonic() - begun_s < 0.15
    end_s = time.monotonic() + 3.0
    while not player.sounds:
        assert time.monotonic() < end_s
        time.sleep(0.01)
    time.sleep(0.5)
    speaks.close()
    heard = len(player.sounds)
    assert 1 <= heard <= 3
    board.put(on(cue=cue(500)))
    time.sleep(0.3)
    assert len(player.sounds) == heard
