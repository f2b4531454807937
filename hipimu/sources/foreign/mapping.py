"""Any table of samples beside a ``mapping.toml`` that says what is where.

For what no other reader knows. The mapping is asked first: whoever wrote one beside the files means
it. Its traps are those of all tables and are keys of it: the unit of time, of acceleration (g or
m/s²) and of angular velocity (deg/s or rad/s), the sign of gravity (a few systems give −1 g on the
axis that points up), left-handed axes (refused: angular velocity would turn the wrong way),
counters that wrap, decimal commas, dates without a time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from hipimu.errors import RecordingError
from hipimu.sources.foreign.noun import Foreign, Reader
from hipimu.sources.mapping.model import FILE_NAME, read_mapping
from hipimu.sources.mapping.read import READER_ID, read_mapped

SUFFIXES = (".csv", ".txt", ".tsv", ".dat", ".log", ".asc")
"""Of tables; what stands in a mapping may have any."""


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Say whether a file is a mapping, or one that the mapping beside it names."""
    if path.name == FILE_NAME:
        return True
    beside = path.parent / FILE_NAME
    try:
        if not beside.is_file():
            return False
        mapping = read_mapping(beside)
    except (OSError, RecordingError):
        return False
    names = {mapping.file_of(segment) for segment in mapping.sensors.by_segment()}
    return any(fnmatchcase(path.name, name) for name in names)


def read(paths: Sequence[Path]) -> Foreign:
    """Read the files beside a mapping as it says.

    Raises
    ------
    RecordingError
        When the mapping or a file cannot be used.
    """
    folder = paths[0].parent
    return read_mapped(read_mapping(folder / FILE_NAME), folder)


READER = Reader(
    id=READER_ID,
    title="any table with a mapping.toml beside it",
    suffixes=(".toml", *SUFFIXES),
    recognises=recognises,
    read=read,
)
