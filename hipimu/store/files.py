"""Strides beside the database: one Parquet file an analysis, named by what is in it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

import pandas as pd

from hipimu.data import Stride
from hipimu.errors import StoreError

NAME: Final = re.compile(r"[0-9a-f]{32}/[0-9a-f]{64}\.parquet")
"""Athlete's folder / SHA-256 of the contents."""
_TRIES: Final = 5
_TYPES: Final = {
    "side": "str",
    "stride": "int64",
    "gait": "str",
    "pace": "str",
    "bout": "Int64",
    "reasons": "str",
}


def strides_frame(strides: Iterable[Stride]) -> pd.DataFrame:
    """Return strides as a table.

    Parameters
    ----------
    strides : iterable of Stride

    Returns
    -------
    pandas.DataFrame
        The fields of `Stride` as columns, in SI units and radians; `reasons` joined by semicolons,
        missing where unknown.
    """
    frame = pd.DataFrame(list(strides), columns=list(Stride._fields))
    frame["reasons"] = [";".join(reasons) for reasons in frame["reasons"]]
    return frame.astype({name: _TYPES.get(name, "float64") for name in Stride._fields})


def parquet_of(strides: Iterable[Stride]) -> bytes:
    """Return strides as a Parquet file; the same strides give the same bytes."""
    buffer = io.BytesIO()
    strides_frame(strides).to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def name_of(athlete_uid: str, content: bytes) -> str:
    """Return the name of a file within the folder of strides."""
    return f"{athlete_uid}/{sha256(content).hexdigest()}.parquet"


def keep(folder: Path, name: str, content: bytes) -> None:
    """Write a file, whole and on the disk, unless it is there.

    Raises
    ------
    StoreError
        When the system refuses.
    """
    path = folder / name
    if path.exists():
        return
    try:
        try:
            _write(path, content)
        except FileNotFoundError:
            # A deletion took the empty folder away in between.
            _write(path, content)
    except OSError as error:
        raise StoreError(
            f"Strides cannot be kept in {folder}: {error.strerror or error}.",
            "Free space, or make the folder writable; nothing was imported.",
            reason="unreachable",
        ) from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _sync(file.fileno())
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # macOS, fsync(2): without this the data may still be in the drive's cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        return
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def content_of(folder: Path, name: str) -> bytes:
    """Return a file's bytes, and be sure they are those that were written.

    Raises
    ------
    StoreError
        When it is missing or damaged.
    """
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise StoreError(
            f"The strides of this session are not in {folder}.",
            "Import its recording again, or restore a backup; for a store in PostgreSQL, "
            "HIPIMU_STORE_FILES names the folder.",
            reason="missing_files",
        ) from error
    if sha256(content).hexdigest() != Path(name).stem:
        raise StoreError(
            f"The strides in {folder / name} are damaged.",
            "Restore a backup, or delete that file and import the recording again.",
            reason="damaged",
        )
    return content


def frame_of(content: bytes) -> pd.DataFrame:
    """Return the table in a Parquet file that `parquet_of` made."""
    return pd.read_parquet(io.BytesIO(content)).astype(
        {name: _TYPES.get(name, "float64") for name in Stride._fields}
    )


def remove(folder: Path, name: str) -> None:
    """Take away a file, or the folder of an athlete with all that is in it."""
    path = folder / name
    if not path.is_dir():
        path.unlink(missing_ok=True)
        # Others are in it, or it was never there.
        with contextlib.suppress(OSError):
            path.parent.rmdir()
        return
    for _ in range(_TRIES):
        # Imports that are refused take their own files away meanwhile.
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
    shutil.rmtree(path)
