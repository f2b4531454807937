"""The uploads of a server: received, in a row, read one after the other, and told about."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final

from hipimu.data import Segment, TrainingContext
from hipimu.errors import StoreError, UploadError
from hipimu.pipeline.intake.arrange import PARTS
from hipimu.pipeline.intake.limits import MB, UploadLimits
from hipimu.pipeline.intake.order import Kept, News, Order, Problem, Sent
from hipimu.pipeline.intake.place import Place, interrupted, new_id, uploads_folder
from hipimu.pipeline.intake.process import CancelledError, carry_out_apart
from hipimu.pipeline.intake.unpack import no_room
from hipimu.pipeline.intake.upload import State, Upload
from hipimu.store import Store, Viewer

_log = logging.getLogger(__name__)
_REMEMBERED: Final = 200
_PATIENCE_S: Final = 5.0
_ACTIONS: Final[Mapping[State, str]] = {"kept": "uploaded", "refused": "upload_refused"}
"""As the audit trail calls them."""

Work = Callable[[Order, Callable[[News], None], Event], Kept | Problem]


@dataclass(slots=True, eq=False)
class _Held:
    """An upload, and what belongs to it while it is under way."""

    upload: Upload
    expected: int
    """Bytes that are still to be kept free for it."""
    order: Order | None = None
    cancelled: Event = field(default_factory=Event)


class Intake:
    """Takes uploads in, and has them read in the order in which they came.

    Threads may share it. Everything it knows is of this server's life; uploads that died with an
    earlier one are told as interrupted.

    Parameters
    ----------
    store : Store
        Stays open as long as this.
    limits : UploadLimits or None
        None: what the environment says.
    work : callable
        Carries an order out.
    """

    def __init__(
        self, store: Store, limits: UploadLimits | None = None, work: Work = carry_out_apart
    ) -> None:
        self.limits = limits or UploadLimits.from_environment()
        self._store = store
        self._folder = uploads_folder(store.strides_folder)
        self._work = work
        self._lock = Lock()
        self._something = Event()
        self._ended = False
        self._place: Place | None = None
        self._workers: list[Thread] = []
        self._held: dict[str, _Held] = {}
        for upload in interrupted(self._folder)[-_REMEMBERED:]:
            self._held[upload.id] = _Held(upload, 0)

    # -- receiving

    def begin(self, viewer: Viewer, athlete: str, expected: int | None) -> Upload:
        """Make a place for an upload, whose files are then written into its `parts`.

        Parameters
        ----------
        viewer : Viewer
            Who sends it, and may.
        athlete : str
            Who is in the store.
        expected : int or None
            Bytes, as far as they are told.

        Raises
        ------
        UploadError
            When too many wait already, or there is no room.
        """
        most = self.limits.total_mb * MB
        bytes_ = most if expected is None else min(expected, most)
        upload = Upload(new_id(), athlete, viewer.name, viewer.user_id, datetime.now(UTC))
        with self._lock:
            self._refuse_too_many(viewer)
            self._make_place(upload, bytes_)
            self._held[upload.id] = _Held(upload, bytes_)
        return upload

    def _refuse_too_many(self, viewer: Viewer) -> None:
        if self._ended:
            raise UploadError("This server is about to end.", "Send it later.", reason="too_many")
        under_way = [own.upload for own in self._held.values() if not own.upload.ended]
        own = sum(upload.user_id == viewer.user_id for upload in under_way)
        if own >= self.limits.waiting_each or len(under_way) >= self.limits.waiting_all:
            whose = "of yours " if own >= self.limits.waiting_each else ""
            raise UploadError(
                f"Too many uploads {whose}are waiting already.",
                "Send this one when the others are done.",
                reason="too_many",
            )

    def _make_place(self, upload: Upload, size: int) -> None:
        try:
            self._refuse_without_room(size)
            if self._place is None or not self._place.folder.exists():
                self._place = Place(self._folder)
            (self._place.make(upload) / PARTS).mkdir(mode=0o700)
        except OSError as error:
            _log.warning("There is no place for an upload: %s", error)
            if self._place is not None:
                self._place.remove(upload.id)
            raise no_room() from error

    def _refuse_without_room(self, size: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        promised = sum(own.expected for own in self._held.values())
        if shutil.disk_usage(self._folder).free < promised + size + self.limits.free_mb * MB:
            raise no_room()

    def part(self, upload: Upload, part: str) -> Path:
        """Return where a file of an upload that is received is to be written."""
        if self._place is None:
            raise AssertionError("it was begun")
        return self._place.folder / upload.id / PARTS / part

    def received(self, upload_id: str, size: int) -> bool:
        """Note how many bytes have come; False: they are not wanted any more."""
        with self._lock:
            held = self._held[upload_id]
            whole = held.expected
            done = min(size / whole, 1.0) if whole else None
            held.upload = replace(held.upload, received=size, done=done)
            return not (held.cancelled.is_set() or self._ended)

    def give_up(self, upload_id: str) -> None:
        """Take away what has come of an upload that will not be whole."""
        if self._place is not None:
            self._place.remove(upload_id)
        with self._lock:
            held = self._held[upload_id]
            if held.cancelled.is_set():
                self._end(held, state="cancelled")
            else:
                del self._held[upload_id]

    def queue(
        self,
        upload_id: str,
        files: Sequence[Sent],
        *,
        name: str = "",
        context: TrainingContext | None = None,
        roles: Mapping[Segment, str] | None = None,
    ) -> Upload:
        """Put an upload that is whole into the row.

        Parameters
        ----------
        upload_id : str
        files : sequence of Sent
        name : str
            What the recording is to be called; empty: as its files say.
        context : TrainingContext or None
            What a person says of it.
        roles : mapping of segment to label, or None
            Which sensor was worn where; None: as its files say.
        """
        with self._lock:
            held = self._held[upload_id]
            upload = held.upload
            if self._place is None:
                raise AssertionError("it was begun")
            held.order = Order(
                store=self._store.engine.url.render_as_string(hide_password=False),
                strides=self._store.strides_folder,
                folder=self._place.folder / upload_id,
                athlete=upload.athlete,
                files=tuple(files),
                names=(name, f"run-{upload.sent_at:%Y-%m-%d}"),
                context=context,
                roles=roles,
                limits=self.limits,
            )
            held.expected = 0
            names = tuple(sent.name for sent in files)
            held.upload = replace(upload, names=names, state="waiting", done=None)
            # Those that came first are read first, however long the others took to arrive.
            self._held[upload_id] = self._held.pop(upload_id)
            self._hire()
            self._something.set()
            return self._shown(held)

    def _hire(self) -> None:
        if self._ended or len(self._workers) >= self.limits.at_once:
            return
        thread = Thread(target=self._read_all, name="hipimu uploads", daemon=True)
        self._workers.append(thread)
        thread.start()

    # -- telling

    def uploads(self) -> tuple[Upload, ...]:
        """Return all uploads that are remembered, newest first."""
        with self._lock:
            shown = [self._shown(held) for held in self._held.values()]
        return tuple(sorted(shown, key=lambda upload: upload.sent_at, reverse=True))

    def upload(self, upload_id: str) -> Upload | None:
        """Return one upload; None: there is none of this name."""
        with self._lock:
            held = self._held.get(upload_id)
            return None if held is None else self._shown(held)

    def _shown(self, held: _Held) -> Upload:
        if held.upload.state != "waiting":
            return held.upload
        return replace(held.upload, ahead=self._row().index(held) + self._busy())

    def _row(self) -> list[_Held]:
        return [own for own in self._held.values() if own.upload.state == "waiting"]

    def _busy(self) -> int:
        idle = ("receiving", "waiting")
        return sum(not (o.upload.ended or o.upload.state in idle) for o in self._held.values())

    def cancel(self, upload_id: str) -> None:
        """Let nothing more become of an upload; what is kept already stays kept."""
        with self._lock:
            held = self._held.get(upload_id)
            if held is None or held.upload.ended:
                return
            held.cancelled.set()
            if held.upload.state == "waiting":
                self._end(held, state="cancelled")
            else:
                return
        if self._place is not None:
            self._place.remove(upload_id)

    # -- reading

    def _read_all(self) -> None:
        while True:
            held = self._next()
            if held is not None:
                self._read(held)
            elif self._ended:
                return
            else:
                self._something.wait()

    def _next(self) -> _Held | None:
        with self._lock:
            row = [] if self._ended else self._row()
            if not row:
                if not self._ended:
                    self._something.clear()
                return None
            row[0].upload = replace(row[0].upload, state="unpacking")
            return row[0]

    def _read(self, held: _Held) -> None:
        ending: dict[str, Any]
        try:
            ending = self._carried_out(held)
        except CancelledError:
            ending = {"state": "interrupted" if self._ended else "cancelled"}
        except Exception:  # noqa: BLE001 - the row has to go on, whatever it is
            _log.exception("An upload could not be read.")
            problem = Problem("Something went wrong on this side.", "Send it again.")
            ending = {"state": "refused", "problem": problem}
        # What is left of one that was interrupted lets the next server tell of it.
        if self._place is not None and ending["state"] != "interrupted":
            self._place.remove(held.upload.id)
        with self._lock:
            self._end(held, **ending)
        self._write_down(held.upload)

    def _write_down(self, upload: Upload) -> None:
        action = _ACTIONS.get(upload.state)
        if action is None:
            return
        try:
            self._store.accounts.write_down(
                action, datetime.now(UTC), user_id=upload.user_id, athlete=upload.athlete
            )
        except StoreError as error:  # the athlete is gone, or the store busy
            _log.warning("An upload is not in the audit trail: %s", error)

    def _carried_out(self, held: _Held) -> dict[str, Any]:
        def tell(news: News) -> None:
            with self._lock:
                held.upload = replace(held.upload, state=news.step, done=news.done)

        if held.order is None:
            raise AssertionError("only what is whole gets into the row")
        said = self._work(held.order, tell, held.cancelled)
        if isinstance(said, Problem):
            return {"state": "refused", "problem": said}
        return {
            "state": "kept",
            "session": said.session,
            "outcome": said.outcome,
            "left_out": said.left_out,
        }

    def _end(self, held: _Held, **ending: Any) -> None:
        held.upload = replace(held.upload, **ending, done=None)
        held.order, held.expected = None, 0
        ended = [name for name, own in self._held.items() if own.upload.ended]
        for name in ended[:-_REMEMBERED]:
            del self._held[name]

    def stop(self) -> None:
        """End what is under way, and wait for that; the next server tells of it."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            for held in self._held.values():
                held.cancelled.set()
            self._something.set()
        for thread in self._workers:
            thread.join(_PATIENCE_S)
        if self._place is not None:
            self._place.leave()
