"""Clips and tones are sounds that every program plays, short and equally loud."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from hipimu.sound import CLIPS, ClipName, clip
from hipimu.sound.tones import RATE_HZ, blip, falling, joined, rising
from tests.setup import sounds

LOUDNESS_DB = -15.0
MOST_BYTES = 60_000
SOUNDS: dict[str, bytes] = {
    **{str(name): clip(name) for name in CLIPS},
    "falling": falling(),
    "rising": rising(),
}


def samples(sound: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getparams()[:3] == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_and_heard(name: str) -> None:
    heard = samples(SOUNDS[name])
    assert 0.2 < len(heard) / RATE_HZ < 1.5
    assert len(SOUNDS[name]) <= MOST_BYTES
    assert np.sqrt(np.mean(heard**2)) > 0.05
    assert np.abs(heard).max() < 0.95


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_begins_at_once_and_does_not_click(name: str) -> None:
    heard = samples(SOUNDS[name])
    assert np.argmax(np.abs(heard) > 0.02) < 0.02 * RATE_HZ
    assert np.abs(heard[[0, -1]]).max() < 0.01


@pytest.mark.parametrize("name", CLIPS)
def test_clips_are_equally_loud(name: ClipName) -> None:
    heard = samples(clip(name))
    spoken = heard[np.abs(heard) > 0.02]
    assert 20 * np.log10(np.sqrt(np.mean(spoken**2))) == pytest.approx(LOUDNESS_DB, abs=0.5)


def test_every_clip_is_made_by_the_script_and_no_other() -> None:
    assert set(sounds.WORDS) == set(CLIPS)
    assert {path.stem for path in sounds.CLIPS.glob("*.wav")} == set(CLIPS)


def pitch_hz(part: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(part))) * RATE_HZ / len(part))


def test_falling_falls_and_rising_rises() -> None:
    for sound, sign in ((falling(), -1), (rising(), 1)):
        first, second = np.array_split(samples(sound), 2)
        assert sign * (pitch_hz(second) - pitch_hz(first)) > 200


def test_sounds_one_after_the_other() -> None:
    both = samples(joined([blip(), clip("easy")], pause_s=0.1))
    alone = samples(clip("easy"))
    assert len(both) == len(samples(blip())) + round(0.1 * RATE_HZ) + len(alone)
    assert np.abs(both[-len(alone) :] - alone).max() < 1e-4
