"""Writes what arrives, as it arrives; whoever hands it in never waits for the disk."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from hipimu.data import Entry, Packet
from hipimu.errors import JournalError
from hipimu.sources.journal.content import JournalMetadata
from hipimu.sources.journal.disk import (
    KEPT,
    FreeBytes,
    JournalFile,
    OpenFile,
    OwnFile,
    free_bytes,
)
from hipimu.sources.journal.encoder import JournalEncoder

MAX_BYTES = 4_000_000_000
"""Nearly three days of three sensors at 120 Hz, one sample a packet."""
MIN_FREE_BYTES = 100_000_000
MAX_BACKLOG = 1_000_000
"""About 200 MB of memory: three quarters of an hour of three sensors at 120 Hz."""
LONGEST_PACKET = 65_535
_WRITE_EVERY_S = 0.1
_CHUNK_BYTES = 1 << 18
_END_BYTES = 256
"""Kept for the end frame."""


class JournalWriter:
    """A journal being written.

    A thread of its own takes what was appended, writes it ten times a second and syncs it to the
    disk every `sync_interval_s`. The first metadata is on the disk when the constructor returns.

    Parameters
    ----------
    path : Path
        The file to create.
    metadata : JournalMetadata
        Who records with which sensors; `streams` and `hipimu` are filled in.
    max_bytes : int
        The file never grows larger.
    min_free_bytes : int
        Room that is left on the disk, so that the recording can be finished.
    max_backlog : int
        Entries that may wait for a slow disk.
    sync_interval_s : float
        About so much is lost when the computer loses its power.
    metadata_interval_s : float
        After so long the metadata is repeated.
    clock : callable
        Seconds that never run backwards.
    free_space, open_file : callable
        How to ask for the room on the disk, and how to create the file.

    Raises
    ------
    JournalError
        When the file exists already or cannot be created.
    ValueError
        When the metadata is too long.
    """

    def __init__(
        self,
        path: Path,
        metadata: JournalMetadata,
        *,
        max_bytes: int = MAX_BYTES,
        min_free_bytes: int = MIN_FREE_BYTES,
        max_backlog: int = MAX_BACKLOG,
        sync_interval_s: float = 1.0,
        metadata_interval_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        free_space: FreeBytes = free_bytes,
        open_file: OpenFile = OwnFile,
    ) -> None:
        self.path = path
        self._max_bytes, self._min_free_bytes = max_bytes, min_free_bytes
        self._max_backlog = max_backlog
        self._sync_interval_s, self._metadata_interval_s = sync_interval_s, metadata_interval_s
        self._clock, self._free_space = clock, free_space
        self._encoder = JournalEncoder(metadata)
        self._waiting: deque[Entry | JournalMetadata] = deque()
        self._lock = threading.Lock()
        self._appended = self._written = self._synced = 0
        self._in_doubt = False
        """A sync has failed: a later one would prove nothing about what was written before."""
        self._failure: JournalError | None = None
        self._closing = threading.Event()
        self._file = JournalFile(path, open_file)
        self._last_sync_s = self._last_metadata_s = clock()
        self._begin()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def appended(self) -> int:
        """Entries handed in."""
        return self._appended

    @property
    def synced(self) -> int:
        """Entries, counted from the first, that are known to be on the disk."""
        return self._synced

    @property
    def backlog(self) -> int:
        """Entries that wait in memory to be written."""
        return self._appended - self._written

    @property
    def size_bytes(self) -> int:
        """Size of the file."""
        return self._file.size

    @property
    def failure(self) -> JournalError | None:
        """Why nothing more is written; None while all is well."""
        return self._failure

    def append(self, entry: Entry) -> None:
        """Take one entry; returns at once.

        Raises
        ------
        JournalError
            When the journal is closed or has failed: this entry will not be kept.
        ValueError
            When the time is negative, or the payload longer than `LONGEST_PACKET`.
        """
        if not 0 <= entry.t_host_ns < 2**64:
            raise ValueError(f"host time {entry.t_host_ns} ns is not since the recording began")
        if isinstance(entry, Packet) and len(entry.payload) > LONGEST_PACKET:
            raise ValueError(f"a packet of {len(entry.payload)} bytes is longer than any")
        self._check()
        if self.backlog >= self._max_backlog:
            self._fail(self._too_slow())
            self._check()
        with self._lock:
            self._waiting.append(entry)
            self._appended += 1

    def describe(self, metadata: JournalMetadata) -> None:
        """Replace the metadata from here on, such as when a device has said its serial number.

        Raises
        ------
        JournalError
            When the journal is closed or has failed.
        """
        self._check()
        self._waiting.append(metadata)

    def close(self) -> None:
        """Write all that waits, end the journal and wait until it is on the disk.

        Raises
        ------
        JournalError
            When it had failed or fails now. The file is closed all the same.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        try:
            self._file.close()
        except JournalError as error:
            self._fail(error)
        self._raise_failure()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        with contextlib.suppress(JournalError):  # the error on its way out came first
            self.close()

    def _check(self) -> None:
        self._raise_failure()
        if self._closing.is_set():
            raise JournalError(
                f"{self.path} has been closed.", "Start a new recording.", path=self.path
            )

    def _raise_failure(self) -> None:
        if self._failure is not None:  # a new one, since each raise adds to its traceback
            failed = self._failure
            raise JournalError(failed.what, failed.remedy, path=self.path) from failed

    def _fail(self, error: JournalError) -> None:
        self._failure = self._failure or error

    def _too_slow(self) -> JournalError:
        return JournalError(
            f"{self.path} is not written fast enough: {self.backlog} packets are waiting.",
            f"Record to a faster disk. {KEPT}",
            path=self.path,
        )

    # What follows runs in the thread, but for `_begin`, which precedes it.

    def _begin(self) -> None:
        try:
            self._check_room()
            self._file.write(self._encoder.begin())
            self._file.sync()
            self._file.sync_name()
        except JournalError:
            with contextlib.suppress(JournalError):
                self._file.close()
            raise

    def _run(self) -> None:
        try:
            self._keep_writing()
            self._write_waiting()
            if self._failure is None:
                self._file.write(self._encoder.end())
        except JournalError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a thread must not die without a word
            self._fail(self._unexpected(error))
        try:
            if not self._in_doubt:
                self._sync()
        except JournalError as error:
            self._fail(error)

    def _keep_writing(self) -> None:
        while not self._closing.wait(_WRITE_EVERY_S):
            self._write_waiting()
            now_s = self._clock()
            if now_s - self._last_metadata_s >= self._metadata_interval_s:
                self._last_metadata_s = now_s
                frames = self._encoder.metadata()
                self._check_size(len(frames))
                self._file.write(frames)
            if now_s - self._last_sync_s >= self._sync_interval_s:
                self._last_sync_s = now_s
                self._sync()
                self._check_room()

    def _write_waiting(self) -> None:
        """Write what has been appended so far, a chunk at a time."""
        chunk, entries = bytearray(), 0
        for _ in range(len(self._waiting)):
            item = self._waiting.popleft()
            try:
                chunk += self._frames(item, len(chunk))
            except (JournalError, TypeError, ValueError):
                self._write(chunk, entries)
                raise
            entries += not isinstance(item, JournalMetadata)
            if len(chunk) >= _CHUNK_BYTES:
                self._write(chunk, entries)
                chunk, entries = bytearray(), 0
        self._write(chunk, entries)

    def _frames(self, item: Entry | JournalMetadata, before: int) -> bytes:
        """Return an item's frames, which `before` bytes precede that are not written yet."""
        if isinstance(item, JournalMetadata):
            frames = self._encoder.describe(item)
        else:
            frames = self._encoder.entry(item)
        self._check_size(before + len(frames))
        return frames

    def _write(self, chunk: bytearray, entries: int) -> None:
        self._file.write(chunk)
        self._written += entries

    def _check_size(self, more: int) -> None:
        if self._file.size + more > self._max_bytes - _END_BYTES:
            raise JournalError(
                f"{self.path} has reached its limit of {self._max_bytes} bytes.",
                f"Start a new recording. {KEPT}",
                path=self.path,
            )

    def _sync(self) -> None:
        written, self._in_doubt = self._written, True
        self._file.sync()
        self._synced, self._in_doubt = written, False

    def _check_room(self) -> None:
        try:
            free = self._free_space(self.path.parent)
        except OSError:
            return  # where the system cannot tell, writing will
        if free < self._min_free_bytes:
            raise JournalError(
                f"{self.path.parent} has only {free / 1e6:.0f} MB left on its disk, and "
                f"{self._min_free_bytes / 1e6:.0f} MB are kept free.",
                f"Free space and start a new recording. {KEPT}",
                path=self.path,
            )

    def _unexpected(self, error: Exception) -> JournalError:
        return JournalError(
            f"{self.path} cannot be written: {error}.",
            f"Please report it. {KEPT}",
            path=self.path,
        )
