"""What makes two recordings the same, and two analyses of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from hipimu.errors import RecordingError
from hipimu.sources.recording import Recording


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a recording consists of; SHA-256, hexadecimal.

    Stores remember both: how they are made never changes.
    """

    samples_hash: str
    """Of the files that hold samples; not of their names: a copy is the same recording."""
    inputs_hash: str
    """Of everything that an analysis reads, and what it takes each file for: exchanged sensors are
    the same samples, and another analysis."""


def fingerprint(
    recording: Recording, *, laps: Path | None = None, activity: Path | None = None
) -> Fingerprint:
    """Return what a recording consists of, wherever it lies.

    Parameters
    ----------
    recording : Recording
    laps, activity : Path or None
        As `hipimu.sources.open_recording` was given them.

    Returns
    -------
    Fingerprint

    Raises
    ------
    RecordingError
        When a file cannot be read.
    """
    inputs = _inputs(recording, laps, activity)
    samples = {file.path for file in recording.files}
    hashes = {path: _hash(path) for path in samples.union(inputs.values())}
    return Fingerprint(
        samples_hash=_joined(sorted(hashes[path] for path in samples)),
        inputs_hash=_joined(f"{role}\0{hashes[path]}" for role, path in sorted(inputs.items())),
    )


def _inputs(recording: Recording, laps: Path | None, activity: Path | None) -> Mapping[str, Path]:
    named: dict[str, Path] = {
        "settings": recording.path / "recording.toml",
        "speed": recording.path / "speed.csv",
        "laps": laps or recording.path / "laps.csv",
        **{file.segment: file.path for file in recording.files},
    }
    if activity is not None:
        named["activity"] = activity
    return {role: path for role, path in named.items() if path.is_file()}


def _joined(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Check that it is there and that you may read it.",
            path=path,
        ) from error
