"""Tones as the bytes of a WAV file, and sounds one after the other."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from hipimu.data import FloatArray

RATE_HZ: Final = 22050
_LOUD: Final = 0.5
_EDGE_S: Final = 0.01
_HIGH_HZ: Final = 988.0
_LOW_HZ: Final = 659.0
"""A fifth apart (B5, E5), where ears and small loudspeakers are at their best."""
_NOTE_S: Final = 0.14


def tone(frequencies_hz: Sequence[float], note_s: float = _NOTE_S) -> bytes:
    """Play notes one after the other.

    Parameters
    ----------
    frequencies_hz : sequence of float
        0 is a rest.
    note_s : float
        Length of each.

    Returns
    -------
    bytes
        A WAV file: 22.05 kHz, one channel, 16 bit.
    """
    return _wav(np.concatenate([_note(hertz, note_s) for hertz in frequencies_hz]))


@cache
def falling() -> bytes:
    """Two notes down: range is lost."""
    return tone((_HIGH_HZ, _LOW_HZ))


@cache
def rising() -> bytes:
    """Two notes up: range is back."""
    return tone((_LOW_HZ, _HIGH_HZ))


@cache
def blip() -> bytes:
    """One note: sound is on, or something is taken back."""
    return tone((_HIGH_HZ,))


def joined(sounds: Sequence[bytes], pause_s: float = 0.08) -> bytes:
    """Put sounds one after the other.

    Parameters
    ----------
    sounds : sequence of bytes
        WAV files as those of `tone`.
    pause_s : float
        Between two of them.

    Returns
    -------
    bytes
        A WAV file.
    """
    pause = np.zeros(round(pause_s * RATE_HZ))
    parts = [part for sound in sounds for part in (_samples(sound), pause)]
    return _wav(np.concatenate(parts[:-1]))


def _note(hertz: float, note_s: float) -> FloatArray:
    at_s = np.arange(round(note_s * RATE_HZ)) / RATE_HZ
    # With an overtone it carries further; with soft edges it does not click.
    wave_form = np.sin(2 * np.pi * hertz * at_s) + 0.3 * np.sin(4 * np.pi * hertz * at_s)
    edge = np.clip(np.minimum(at_s, at_s[-1] - at_s) / _EDGE_S, 0, 1)
    return np.asarray(_LOUD * wave_form * edge)


def _wav(samples: FloatArray) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.rint(32767 * samples).astype("<i2").tobytes())
    return buffer.getvalue()


def _samples(sound: bytes) -> FloatArray:
    with wave.open(io.BytesIO(sound), "rb") as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2") / 32767
