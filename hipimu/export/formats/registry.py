"""The writers of other programs' files."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hipimu.errors import OutputError, UnknownNameError
from hipimu.export.formats import (
    angles_table,
    fit,
    mcap,
    motion_bids,
    opensim,
    recording_folder,
)
from hipimu.export.formats.noun import Conversion, Writer

WRITERS: Final[tuple[Writer, ...]] = (
    *recording_folder.WRITERS,
    *angles_table.WRITERS,
    motion_bids.WRITER,
    *opensim.WRITERS,
    fit.WRITER,
    mcap.WRITER,
)
_USUAL: Final = "hipimu-csv"


def writer_for(out: Path, name: str | None = None) -> Writer:
    """Return the writer of this name; without one, that which a target's suffix means.

    Raises
    ------
    UnknownNameError
        When no writer has this name.
    OutputError
        When no writer makes files of this suffix.
    """
    by_name = {writer.id: writer for writer in WRITERS}
    if name is not None:
        if name not in by_name:
            raise UnknownNameError("format", name, tuple(by_name))
        return by_name[name]
    suffix = out.suffix.lower()
    if not suffix:
        return by_name[_USUAL]
    found = [writer for writer in WRITERS if suffix in writer.suffixes]
    if not found:
        known = sorted({suffix for writer in WRITERS for suffix in writer.suffixes})
        raise OutputError(
            f"hipimu writes no files that end in {suffix}.",
            f"Known: {', '.join(known)}; a name without an ending becomes a recording folder.",
        )
    return found[0]


def convert(conversion: Conversion, out: Path, writer: Writer) -> tuple[Path, ...]:
    """Write a recording by a writer: all of it, or nothing.

    Files are written aside and moved to their place when they are whole, so that whatever fails
    leaves nothing behind. Nothing that is there is written over.

    Returns
    -------
    tuple of Path
        What was written, the main file or folder first.

    Raises
    ------
    HipimuError
        When it cannot be read, analysed or written, or what the writer needs is not installed.
    """
    _refuse_to_replace(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target: only within one file system can files be moved at one stroke.
        with TemporaryDirectory(prefix=".hipimu-", dir=out.parent) as aside:
            made = writer.write(conversion, Path(aside) / out.name)
            _move(Path(aside), out.parent)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be written: {error.strerror or error}.",
            "Free space or choose another place.",
        ) from error
    except ImportError as error:
        if writer.extra is None:
            raise
        raise OutputError(
            f"What writes {writer.title} is not installed.",
            f"Install it by: pip install 'hipimu[{writer.extra}]'.",
        ) from error
    return tuple(out.parent / path.relative_to(aside) for path in made)


def _move(aside: Path, place: Path) -> None:
    written = sorted(aside.iterdir())
    for path in written:
        _refuse_to_replace(place / path.name)
    moved: list[Path] = []
    try:
        for path in written:
            moved.append(path.rename(place / path.name))
    except OSError:
        for path in moved:
            path.rename(aside / path.name)
        raise


def _refuse_to_replace(path: Path) -> None:
    if os.path.lexists(path):
        raise OutputError(f"{path} is there already.", "Choose another name.")
