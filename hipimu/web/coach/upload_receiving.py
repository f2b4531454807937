"""An upload on its way to the disk: written under our own names, counted, and given up cleanly."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final, Self

from fastapi.concurrency import run_in_threadpool

from hipimu.data import Segment, TrainingContext
from hipimu.errors import UploadError
from hipimu.pipeline.intake import MB, IntakeView, Sent, Upload, UploadLimits
from hipimu.pipeline.intake.names import checked_name, last_part
from hipimu.pipeline.intake.unpack import no_room

_log = logging.getLogger(__name__)
_WRITTEN_AT_ONCE: Final = MB


def refuse_too_large(limits: UploadLimits) -> UploadError:
    """Return what to say of more than is taken."""
    return UploadError(
        f"That is more than the {limits.total_mb} MB that are taken at once.",
        "Pack the recording as a zip, or send a shorter one.",
        reason="too_large",
    )


class Receiving:
    """An upload that is being received; leaving the block without `queue` gives it up.

    Parameters
    ----------
    view : IntakeView
    expected : int or None
        Bytes that were announced.

    Raises
    ------
    UploadError
        When too many are announced.
    """

    def __init__(self, view: IntakeView, expected: int | None) -> None:
        self._view = view
        self._limits = view.intake.limits
        if expected is not None and expected > self._limits.total_mb * MB:
            raise refuse_too_large(self._limits)
        self._expected = expected
        self._upload: Upload | None = None
        self._queued = False
        self._files: list[Sent] = []
        self._file: IO[bytes] | None = None
        self._unwritten = bytearray()
        self._received = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._upload is not None and not self._queued:
            self._view.intake.give_up(self._upload.id)

    @property
    def begun(self) -> bool:
        """Whether there is a place for it."""
        return self._upload is not None

    async def begin(self, athlete: str) -> None:
        """Make a place for it.

        Raises
        ------
        StoreError, UploadError
            When who sends it may not, or there is no room.
        """
        self._upload = await run_in_threadpool(self._view.begin, athlete, self._expected)

    async def open(self, name: str, *, beside: bool) -> None:
        """Begin the next file.

        Raises
        ------
        UploadError
            When its name cannot be one, or there are too many.
        """
        if len(self._files) >= self._limits.files:
            raise UploadError(
                f"At most {self._limits.files} files are taken at once.",
                "Pack the recording's folder as a zip.",
                reason="too_many",
            )
        checked = checked_name(last_part(name), self._limits.name_characters)
        sent = Sent(str(len(self._files)), checked, beside)
        self._files.append(sent)
        with _room():
            self._file = await run_in_threadpool(_new_file, self._path(sent))

    async def write(self, piece: bytes) -> None:
        """Add bytes to the file."""
        self._unwritten += piece
        if len(self._unwritten) >= _WRITTEN_AT_ONCE:
            await self._flush()

    async def close(self) -> None:
        """End the file."""
        await self._flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _flush(self) -> None:
        if self._file is None or self._upload is None:
            raise AssertionError("a file is open")
        with _room():
            await run_in_threadpool(_write, self._file, bytes(self._unwritten))
        self._unwritten.clear()
        if not self._view.intake.received(self._upload.id, self._received):
            raise UploadError("It was cancelled.", "Nothing was kept.", reason="unclear")

    def count(self, size: int) -> None:
        """Count bytes that have come, whatever they are.

        Raises
        ------
        UploadError
            When they are too many.
        """
        self._received += size
        if self._received > self._limits.total_mb * MB:
            raise refuse_too_large(self._limits)

    async def queue(
        self,
        name: str,
        context: TrainingContext | None = None,
        roles: Mapping[Segment, str] | None = None,
    ) -> Upload:
        """Hand it over.

        Raises
        ------
        UploadError
            When there is no file.
        """
        if self._upload is None or not self._files:
            raise UploadError(
                "No file was chosen.", "Choose a zip, or a recording's files.", reason="unclear"
            )
        upload = await run_in_threadpool(
            self._view.intake.queue,
            self._upload.id,
            self._files,
            name=name,
            context=context,
            roles=roles,
        )
        self._queued = True
        return upload

    def _path(self, sent: Sent) -> Path:
        if self._upload is None:
            raise AssertionError("it was begun")
        return self._view.intake.part(self._upload, sent.part)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _log.warning("An upload cannot be written: %s", error)
        raise no_room() from error


def _new_file(path: Path) -> IO[bytes]:
    return path.open("xb", buffering=0)


def _write(file: IO[bytes], piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
