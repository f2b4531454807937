"""Files as a recording, told by a mapping that stands anywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from hipimu.sources.foreign.open import opened_foreign
from hipimu.sources.mapping.model import TableMapping, read_mapping
from hipimu.sources.mapping.read import read_mapped
from hipimu.sources.recording import Recording


def open_mapped(path: Path, mapping: Path) -> Recording:
    """Open files as a mapping says.

    Parameters
    ----------
    path : Path
        Their folder, or one of them.
    mapping : Path
        The mapping, wherever it stands.

    Raises
    ------
    RecordingError
        When the mapping or a file cannot be used.
    """
    return _recording(path, read_mapping(mapping))


def tried(path: Path, text: str) -> Recording | None:
    """Open files as the text of a mapping says; None where it says too little yet.

    Raises
    ------
    RecordingError
        When a file cannot be used so.
    """
    try:
        mapping = TableMapping.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError):
        return None
    worn = mapping.sensors.by_segment()
    if "pelvis" not in worn or len(worn) < 2 or mapping.acc.rest == "removed":
        return None
    return _recording(path, mapping)


def _recording(path: Path, mapping: TableMapping) -> Recording:
    folder = path if path.is_dir() else path.parent
    opened = opened_foreign(path, read_mapped(mapping, folder), None)
    return Recording(
        name=folder.resolve().name,
        path=folder,
        metadata=opened.metadata,
        files=opened.files,
        laps=opened.laps,
        remarks=opened.remarks,
    )
