"""Where uploads lie while they are under way, and what a server that died left there.

Each server has a folder of its own among the uploads, and holds a file in it locked as long as it
lives, however it ends. What lies in a folder that nobody holds is nobody's any more.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

from hipimu.pipeline.file_lock import lock
from hipimu.pipeline.intake.upload import Upload

_HELD: Final = "held"
_TOLD: Final = "upload.json"
_ID_BYTES: Final = 16
_TRIES: Final = 5


def uploads_folder(strides: Path) -> Path:
    """Return where the uploads of a store lie: beside its strides.

    Parameters
    ----------
    strides : Path
        Folder of the strides.
    """
    store = strides.name.removesuffix("strides").rstrip("-")
    return strides.with_name(f"{store}-uploads" if store else "uploads")


def new_id() -> str:
    """Return a name that nobody guesses, good in addresses and as that of a folder."""
    return secrets.token_hex(_ID_BYTES)


class Place:
    """A server's own folder among the uploads.

    Parameters
    ----------
    uploads : Path
        Folder of all uploads of the store; made where it is not there.

    Raises
    ------
    OSError
        When it cannot be made.
    """

    def __init__(self, uploads: Path) -> None:
        uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_TRIES):
            self.folder = uploads / new_id()
            self.folder.mkdir(mode=0o700)
            held = _hold(self.folder)
            # Another server may have come upon it before it was held, and taken it away.
            if held is not None:
                self._held = held
                return
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    def make(self, upload: Upload) -> Path:
        """Make the folder of an upload, with what there is to say of it after a crash.

        Raises
        ------
        OSError
            When it cannot be made.
        """
        folder = self.folder / upload.id
        folder.mkdir(mode=0o700)
        told = {
            "id": upload.id,
            "athlete": upload.athlete,
            "sender": upload.sender,
            "user_id": upload.user_id,
            "sent_at": upload.sent_at.isoformat(),
        }
        (folder / _TOLD).write_text(json.dumps(told), encoding="utf-8")
        return folder

    def remove(self, upload_id: str) -> None:
        """Take an upload's files away."""
        remove(self.folder / upload_id)

    def leave(self) -> None:
        """Take all away but what there is to say of uploads that did not come to their end."""
        for folder in _folders(self.folder):
            with contextlib.suppress(OSError):  # just given up by who received it
                for path in folder.iterdir():
                    if path.name != _TOLD:
                        remove(path)
        os.close(self._held)
        if not _folders(self.folder):
            remove(self.folder)


def interrupted(uploads: Path) -> tuple[Upload, ...]:
    """Return the uploads that died with their server, and take what is left of them away."""
    found: list[Upload] = []
    for place in _folders(uploads):
        held = _hold(place, new=False)
        if held is None:
            continue
        found += [told for own in _folders(place) if (told := _told(own)) is not None]
        os.close(held)
        remove(place)
    return tuple(sorted(found, key=lambda upload: upload.sent_at))


def _told(folder: Path) -> Upload | None:
    try:
        told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
        sent_at = datetime.fromisoformat(told.pop("sent_at"))
        if told["id"] != folder.name or sent_at.tzinfo is None:
            return None
        return Upload(**told, sent_at=sent_at, state="interrupted")
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def remove(path: Path) -> None:
    """Take a file or folder away, as far as the system lets."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def _hold(folder: Path, *, new: bool = True) -> int | None:
    """Lock a server's folder; None where somebody else holds it."""
    flags = os.O_RDWR | (os.O_CREAT if new else 0)
    try:
        descriptor = os.open(folder / _HELD, flags, 0o600)
    except OSError:
        if new:
            raise
        return None
    try:
        lock(descriptor)
        if os.path.samestat(os.fstat(descriptor), (folder / _HELD).stat()):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None
