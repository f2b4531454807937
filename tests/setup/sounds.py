"""Make the spoken clips of hipimu/sound/clips anew: `make sounds`. Needs espeak-ng and sox.

The voice is the one of seventeen that a speech recogniser understood best in noise as loud as half
of it (6 dB); 22.05 kHz is what espeak-ng speaks at. All clips are equally loud.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CLIPS = Path(__file__).parents[2] / "hipimu" / "sound" / "clips"
WORDS = {
    "left-down": "left hip range down",
    "right-down": "right hip range down",
    "range-back": "range is back",
    "easy": "easy",
    "fast": "fast",
    "rest": "rest",
    "ready": "ready",
    "check-sensors": "check sensors",
}
VOICE = ("-v", "en-gb+belinda", "-s", "165")
RATE_HZ = 22050
LOUDNESS = 10 ** (-15 / 20)
"""Root mean square of the spoken part, of full scale: loud, and only the sharpest peaks are cut."""
LOUDEST = 10 ** (-1 / 20)
_QUIET = 0.02
_SILENT = 0.005
# A voice over wind and traffic: nothing below it, and its soft parts less soft.
_CLEAR = ("highpass", "150", "compand", "0.005,0.1", "6:-60,-50,-30,-20,-10,-10", "0", "-90")
_FADE_IN_S = 0.005
_FADE_OUT_S = 0.02


def main() -> int:
    """Write every clip; return the exit code."""
    missing = [name for name in ("espeak-ng", "sox") if shutil.which(name) is None]
    if missing:
        print(f"Install {' and '.join(missing)} to make the clips.", file=sys.stderr)
        return 1
    for name, words in WORDS.items():
        path = CLIPS / f"{name}.wav"
        path.write_bytes(wav_of(equally_loud(spoken(words))))
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    return 0


def spoken(words: str) -> NDArray[np.float64]:
    """Return the words as samples from −1 to 1, without the silence around them."""
    said = subprocess.run(
        ["espeak-ng", *VOICE, "--stdout", words], capture_output=True, check=True
    ).stdout
    raw = ("-t", "raw", "-r", str(RATE_HZ), "-e", "signed", "-b", "16", "-c", "1", "-")
    shaped = subprocess.run(
        ["sox", "-R", "-D", "-t", "wav", "-", *raw, "norm", "-3", *_CLEAR],
        input=said,
        capture_output=True,
        check=True,
    ).stdout
    return faded(trimmed(np.frombuffer(shaped, "<i2") / 32768))


def trimmed(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the silence before and after away."""
    (loud,) = np.nonzero(np.abs(samples) > _SILENT)
    return np.asarray(samples[loud[0] : loud[-1] + 1])


def faded(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Begin and end softly: a cut wave clicks."""
    at_s = np.arange(len(samples)) / RATE_HZ
    rise = np.clip(at_s / _FADE_IN_S, 0, 1)
    fall = np.clip((at_s[-1] - at_s) / _FADE_OUT_S, 0, 1)
    return np.asarray(samples * rise * fall)


def equally_loud(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring what is spoken to the one loudness; pauses do not count."""
    voiced = samples[np.abs(samples) > _QUIET]
    gain = LOUDNESS / np.sqrt(np.mean(voiced**2))
    return np.asarray(np.clip(gain * samples, -LOUDEST, LOUDEST))


def wav_of(samples: NDArray[np.float64]) -> bytes:
    """Return the samples as the bytes of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.rint(32767 * samples).astype("<i2").tobytes())
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
