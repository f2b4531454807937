"""Numbers and states in the words of a terminal."""

from __future__ import annotations

import pytest

from hipimu.data import Cue, StartState
from hipimu.tui.words import (
    baseline_words,
    cue_words,
    cut,
    peak_words,
    printable,
    sensor_words,
    signed,
    standing_words,
    start_words,
)
from hipimu.units import rad_from_deg
from tests.live_states import peak, sensor


@pytest.mark.parametrize(
    ("value_deg", "baseline_deg", "words"),
    [
        (52.3, 53.5, "52.3° (−1.2)"),
        (53.6, 53.5, "53.6° (+0.1)"),
        (53.5, 53.5, "53.5° (0.0)"),
        (None, 53.5, "–"),
    ],
)
def test_a_peak_and_its_change(
    value_deg: float | None, baseline_deg: float | None, words: str
) -> None:
    assert peak_words(peak("left", value_deg, baseline_deg)) == words


def test_a_baseline_that_is_being_made() -> None:
    growing = peak("left", 52.3, strides=12)
    assert peak_words(growing) == "52.3° (12/30)"
    assert baseline_words(growing.baseline, "fast") == "fresh range: 12 of 30 strides"


def test_a_baseline_says_what_stands_out() -> None:
    made = peak("left", 52.3, 53.5).baseline
    assert baseline_words(made, "fast") == "fresh at fast 53.5° ± 1.0°"
    assert "press easy or fast" in baseline_words(None, None)
    assert "press" not in baseline_words(None, "other")


@pytest.mark.parametrize(
    ("value_deg", "words"),
    [(53.5, "as fresh"), (52.6, "as fresh"), (52.3, "less"), (54.7, "more"), (None, "")],
)
def test_how_a_peak_stands(value_deg: float | None, words: str) -> None:
    assert standing_words(peak("left", value_deg, 53.5)) == words


def test_no_peak() -> None:
    assert peak_words(None) == "–"
    assert standing_words(None) == ""


def test_a_rounded_zero_has_no_sign() -> None:
    assert signed(rad_from_deg(-0.04)) == "0.0"


def test_steps_of_the_start() -> None:
    start = StartState("stand", done_s=2.14, needed_s=5.0, going=True)
    assert start_words(start) == "step 3 of 5: stand still  2.1 of 5 s"
    waiting = StartState("walk", needed_s=20.0)
    assert start_words(waiting) == "step 4 of 5: walk  0.0 of 20 s (waiting)"
    assert start_words(StartState("put_on")) == "step 2 of 5: put on"


def test_cues() -> None:
    down = Cue(1, "left", "peak_flexion", "range_down", 754.0, rad_from_deg(-2.1))
    back = Cue(2, "right", "peak_extension", "range_back", 815.0, 0.0)
    assert cue_words(down) == "12:34 left hip: peak flexion −2.1° from your fresh range"
    assert cue_words(back) == "13:35 right hip: peak extension is back in your fresh range"


def test_a_sensor_as_a_row() -> None:
    row = sensor_words(sensor("thigh_left", drops=2, clipped=0.0012, battery=None, age_s=None))
    assert row[:2] == ("thigh left", "streaming")
    assert row[2:6] == ("100 Hz", "0.10 %", "–", "–")
    assert row[6] == "link lost 2 times, 0.12 % clipped"
    assert sensor_words(sensor(absent=True))[1] == "absent"
    assert sensor_words(sensor("foot_pod", rate_hz=0.0))[2] == "–"


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07\n") == "a [2Jb  "


@pytest.mark.parametrize(
    ("width", "words"), [(12, "so far: fine"), (8, "so far:…"), (1, "…"), (0, "")]
)
def test_cutting(width: int, words: str) -> None:
    assert cut("so far: fine", width) == words
