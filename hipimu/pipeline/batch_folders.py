"""Which recordings a batch takes, and how their results' folders are called."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import Final

from hipimu.errors import HipimuError, RecordingError
from hipimu.pipeline.batch import Row, read_provenance, results_in
from hipimu.sources import fingerprint, open_recording
from hipimu.sources.movella_dot import looks_like_dot

_WILD: Final = frozenset("*?[")
_DEEPEST: Final = 4
"""Folders above a recording that may lend it their names."""


def find_recordings(patterns: Sequence[str], out: Path) -> list[Path]:
    """Return the recordings that are meant, each once, sorted.

    Parameters
    ----------
    patterns : sequence of str
        Folders, taken as they are, and patterns such as ``season/**``, which find only folders
        that hold a recording.
    out : Path
        Where results go: nothing in it is a recording.

    Returns
    -------
    list of Path
        Absolute.

    Raises
    ------
    RecordingError
        When nothing is found for one of them.
    """
    found = {path.resolve() for pattern in patterns for path in _matches(pattern)}
    results = out.resolve()
    return sorted(path for path in found if results not in (path, *path.parents))


def _matches(pattern: str) -> list[Path]:
    literal = Path(pattern)
    if literal.name == "recording.toml":
        return [literal.parent]
    if literal.exists() or not _WILD & set(pattern):
        return [literal]
    # Path.glob would not take an absolute pattern.
    matches = glob(pattern, recursive=True)  # noqa: PTH207
    found = [path for path in map(Path, matches) if _is_recording(path)]
    if not found:
        raise RecordingError(
            f"No recording matches {pattern!r}.",
            "A recording is a folder with recording.toml, or of Movella DOT exports; ** stands for "
            "any folders between.",
            path=literal,
        )
    return found


def _is_recording(path: Path) -> bool:
    if not path.is_dir():
        return False
    own = any((path / name).is_file() for name in ("recording.toml", "journal.bin"))
    return own or any(map(looks_like_dot, path.glob("*.csv")))


def name_folders(recordings: Sequence[Path], out: Path) -> dict[Path, str]:
    """Return a name for the result of each recording; no two are alike.

    It is that of the recording, where two share it with those of the folders above. What has a
    result in `out` keeps its name, and the result of another recording is never taken.

    Parameters
    ----------
    recordings : sequence of Path
        Absolute, each once.
    out : Path
        Folder of the results, of earlier batches too.
    """
    there = dict(results_in(out))
    own = {row.recording: name for name, row in there.items()}
    names = {path: own[str(path)] for path in recordings if str(path) in own}
    wished = {path: _candidates(path) for path in recordings}
    # Those of all, so that an interruption changes no name.
    wishes = Counter(name.casefold() for each in wished.values() for name in each)
    taken = {name.casefold() for name in names.values()}
    for path in [path for path in recordings if path not in names]:
        names[path] = next(
            name
            for name in wished[path]
            if wishes[name.casefold()] == 1
            and name.casefold() not in taken
            and _free(name, path, out, there)
        )
    return names


def _candidates(path: Path) -> list[str]:
    """From the shortest to one that only this path has."""
    parts = [part for part in path.parts if part != path.anchor][-_DEEPEST:]
    joined = ["-".join(parts[start:]) for start in reversed(range(len(parts)))]
    mark = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return [*joined, f"{path.name}-{mark}"]


def _free(name: str, path: Path, out: Path, there: dict[str, Row]) -> bool:
    """Whether no other recording has its result there; one that was moved is no other."""
    if name not in there:
        return True
    if Path(there[name].recording).exists():
        return False
    found = read_provenance(out / name)
    try:
        same = fingerprint(open_recording(path)).inputs_hash
    except (HipimuError, OSError):
        return False
    return found is not None and found[0].content_sha256 == same
