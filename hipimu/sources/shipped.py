"""The small recordings that hipimu brings along."""

from __future__ import annotations

from pathlib import Path

from hipimu.errors import UnknownNameError


def shipped_recording(name: str) -> Path:
    """Return a recording that comes with hipimu: in the package, or in a checkout beside it.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "recordings"
    folder = inside if inside.is_dir() else package.parent / "recordings"
    names = sorted(path.parent.name for path in folder.glob("*/recording.toml"))
    if name not in names:
        raise UnknownNameError("recording", name, tuple(names))
    return folder / name
