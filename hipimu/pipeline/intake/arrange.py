"""From files as they were received to a recording's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from hipimu.errors import UploadError
from hipimu.pipeline.intake.limits import UploadLimits
from hipimu.pipeline.intake.names import kind_of, recording_name, refuse_alike
from hipimu.pipeline.intake.order import Sent
from hipimu.pipeline.intake.unpack import unpack

PARTS: Final = "parts"
_WORK: Final = "work"
_BESIDE: Final = "beside"


@dataclass(frozen=True, slots=True)
class Arranged:
    """A recording as it can be opened."""

    recording: Path
    laps: Path | None
    activity: Path | None
    left_out: tuple[str, ...]
    """Files that are not used."""


def arrange(
    folder: Path, files: Sequence[Sent], names: tuple[str, str], limits: UploadLimits
) -> Arranged:
    """Lay out an upload's files as a recording.

    Parameters
    ----------
    folder : Path
        Of the upload; the files are in its folder ``parts``.
    files : sequence of Sent
        One zip, or a recording's own files; laps and a watch's file may be among them or beside.
    names : (str, str)
        What the recording is to be called, or empty; and what where the files do not say it either.
    limits : UploadLimits

    Returns
    -------
    Arranged

    Raises
    ------
    UploadError
        When it is not clear what is what, or a file must not be taken.
    """
    own = [sent for sent in files if not sent.beside]
    for sent in files:
        if kind_of(sent.name) == "packed" or (sent.beside and kind_of(sent.name) == "zip"):
            raise UploadError(
                f"{sent.name} is packed in a way that is not taken here.",
                "Unpack it first, or pack the recording's folder as a zip.",
                reason="bad_archive",
            )
    archives = [sent for sent in own if kind_of(sent.name) == "zip"]
    if archives:
        arranged = _from_zip(folder, archives, own, names[0], limits)
    else:
        arranged = _from_files(folder, own, names)
    return _with_beside(folder, arranged, [sent for sent in files if sent not in own])


def _from_zip(
    folder: Path, archives: Sequence[Sent], own: Sequence[Sent], name: str, limits: UploadLimits
) -> tuple[Path, tuple[str, ...], list[Sent]]:
    first = archives[0]
    loose = [sent for sent in own if sent not in archives]
    if len(archives) > 1 or any(kind_of(sent.name) != "watch" for sent in loose):
        raise UploadError(
            f"There are other files with {first.name}.",
            "Send one zip, or the files of one recording; laps go into their own field.",
            reason="unclear",
        )
    aside = folder / "unpacked"
    aside.mkdir(mode=0o700)
    unpacked = unpack(folder / PARTS / first.part, aside, limits)
    recording = _home(folder, name or unpacked.name or PurePosixPath(first.name).stem)
    aside.rename(recording)
    return recording, unpacked.left_out, loose


def _from_files(
    folder: Path, own: Sequence[Sent], names: tuple[str, str]
) -> tuple[Path, tuple[str, ...], list[Sent]]:
    refuse_alike(PurePosixPath(sent.name) for sent in own)
    used = [sent for sent in own if kind_of(sent.name) in ("samples", "settings")]
    if not used:
        raise UploadError(
            "There is no recording among these files.",
            "Choose recording.toml with its tables, a zip of the folder, or files of a known "
            "system.",
            reason="unclear",
        )
    tables = [sent for sent in used if kind_of(sent.name) == "samples"]
    alone = PurePosixPath(tables[0].name).stem if len(used) == len(tables) == 1 else ""
    recording = _home(folder, names[0] or alone or names[1])
    recording.mkdir(mode=0o700)
    for sent in used:
        (folder / PARTS / sent.part).rename(recording / sent.name)
    others = tuple(sent.name for sent in own if kind_of(sent.name) == "other")
    return recording, others, [sent for sent in own if kind_of(sent.name) == "watch"]


def _home(folder: Path, name: str) -> Path:
    """Make a folder above the recording's, whose name may be anything."""
    work = folder / _WORK
    work.mkdir(mode=0o700)
    return work / recording_name(name)


def _with_beside(
    folder: Path,
    arranged: tuple[Path, tuple[str, ...], list[Sent]],
    beside: Sequence[Sent],
) -> Arranged:
    recording, left_out, watches = arranged
    watches = [*watches, *(sent for sent in beside if kind_of(sent.name) == "watch")]
    tables = [sent for sent in beside if sent.name.lower().endswith(".csv")]
    unknown = [sent for sent in beside if sent not in watches and sent not in tables]
    if unknown or len(tables) > 1:
        raise UploadError(
            f"{(unknown or tables)[0].name} cannot stand beside a recording like this.",
            "Beside a recording go one laps.csv and one FIT, TCX or GPX file of a watch.",
            reason="unclear",
        )
    inside = [path for path in sorted(recording.iterdir()) if kind_of(path.name) == "watch"]
    if len(watches) + (0 if watches else len(inside)) > 1:
        raise UploadError(
            "There is more than one file of a watch.",
            "Send the one that is of this run.",
            reason="unclear",
        )
    return Arranged(
        recording=recording,
        laps=_beside(folder, tables),
        activity=_beside(folder, watches) or next(iter(inside), None),
        left_out=left_out,
    )


def _beside(folder: Path, found: Sequence[Sent]) -> Path | None:
    """Give a file its own name: the report and errors call it by that."""
    if not found:
        return None
    place = folder / _BESIDE
    place.mkdir(mode=0o700, exist_ok=True)
    (folder / PARTS / found[0].part).rename(place / found[0].name)
    return place / found[0].name
