"""The writers of other programs' files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hipimu.errors import OutputError, UnknownNameError
from hipimu.export.formats import motion_bids, recording_folder
from hipimu.export.formats.noun import Conversion, Writer

WRITERS: Final[tuple[Writer, ...]] = (*recording_folder.WRITERS, motion_bids.WRITER)
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
    """Write a recording by a writer.

    Returns
    -------
    tuple of Path
        What was written, the main file or folder first.

    Raises
    ------
    HipimuError
        When it cannot be read, analysed or written, or what the writer needs is not installed.
    """
    if out.exists():
        raise OutputError(f"{out} is there already.", "Choose another name.")
    try:
        return writer.write(conversion, out)
    except ImportError as error:
        if writer.extra is None:
            raise
        raise OutputError(
            f"What writes {writer.title} is not installed.",
            f"Install it by: pip install 'hipimu[{writer.extra}]'.",
        ) from error
