"""The process in which an upload is unpacked, read and kept.

It gets one `Order` as a line on its standard input, which stays open: where it ends, whoever
ordered this is gone, and so is this process. What it says goes to the standard output as it was at
the beginning; what libraries print there comes out among the errors.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Final

from sqlalchemy import make_url

from hipimu.errors import HipimuError, RecordingError, StoreError
from hipimu.pipeline.intake.arrange import arrange
from hipimu.pipeline.intake.confine import confine
from hipimu.pipeline.intake.limits import MB
from hipimu.pipeline.intake.order import (
    Kept,
    News,
    Order,
    Outcome,
    Problem,
    Said,
    Step,
    said_line,
)
from hipimu.pipeline.intake.unpack import no_room
from hipimu.pipeline.keep import keep_recording
from hipimu.store import Imported, open_store

_LONGEST_ORDER: Final = 1 << 20
_GROWS_BY: Final = 1000 * MB
"""What one session may add to a database."""
_FULL: Final = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)
)

_OF_PEOPLE: Final = frozenset({"not_found", "other_athlete", "bad_value", "exists", "forbidden"})
"""Reasons of the store that are about what was sent; the others are about the server."""

Tell = Callable[[Said], None]


def carry_out(order: Order, tell: Tell) -> Kept | Problem:
    """Do what is ordered.

    Parameters
    ----------
    order : Order
    tell : callable
        Given `News` as it goes on.

    Returns
    -------
    Kept or Problem
        The last that there is to say.
    """
    try:
        return _kept(order, tell)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's file does, it is not shown
        return _told(order, error)


def _kept(order: Order, tell: Tell) -> Kept:
    tell(News("unpacking"))
    found = arrange(order.folder, order.files, order.names, order.limits)
    tell(News("reading"))
    with open_store(order.store, order.strides) as store:
        imported = keep_recording(
            store,
            found.recording,
            order.athlete,
            context=order.context,
            laps=found.laps,
            activity=found.activity,
            roles=order.roles,
            progress=_Progress(tell),
        )
    return Kept(
        imported.name, _outcome(imported, described=order.context is not None), found.left_out
    )


def _outcome(imported: Imported, *, described: bool) -> Outcome:
    if imported.new:
        return "new"
    if imported.reanalysed:
        return "reanalysed"
    return "described" if described else "same"


class _Progress:
    """Tells every hundredth."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told = -1

    def __call__(self, done: float) -> None:
        hundredth = int(100 * done)
        if hundredth > self._told:
            self._told = hundredth
            step: Step = "analysing" if done < 1.0 else "keeping"
            self._tell(News(step, done if step == "analysing" else None))


def _told(order: Order, error: Exception) -> Problem:
    """Return what to say of an error; a reader may have taken want of room for a damaged file."""
    beneath = list(_beneath(error))
    if any(isinstance(cause, MemoryError) for cause in beneath):
        return Problem(
            f"Reading this takes more memory than an upload may use ({order.limits.memory_mb} MB).",
            "Send a shorter recording, or keep it in the terminal by hipimu session add.",
        )
    if any(isinstance(cause, OSError) and cause.errno in _FULL for cause in beneath):
        error = no_room()
    if isinstance(error, StoreError) and error.reason not in _OF_PEOPLE:
        print(error, file=sys.stderr)  # noqa: T201 - for the server's log: it names places
        return Problem("The store could not be written just now.", "Send it again in a while.")
    if not isinstance(error, HipimuError):
        traceback.print_exception(error, limit=-12)
        return Problem(
            "The file could not be read: something in it is not as hipimu expects it.",
            "Export or copy it again. If hipimu analyse fails with it as well, please report that.",
        )
    remedy = error.remedy
    if isinstance(error, RecordingError) and error.labels:
        remedy = (
            "Send it again, and say under “Which sensor was where” which is which. They are "
            f"called: {', '.join(error.labels)}."
        )
    # Without the places of this computer.
    return Problem(_without_places(order, error.what), _without_places(order, remedy))


def _beneath(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _without_places(order: Order, text: str) -> str:
    work = order.folder / "work"
    for place in (work, work.resolve(), order.folder, order.folder.resolve()):
        text = text.replace(f"{place}{os.sep}", "").replace(str(place), "the upload")
    return text


def _confine(order: Order) -> None:
    limits = order.limits
    file = max(limits.unpacked_mb * MB, _database_bytes(order) + _GROWS_BY)
    confine(memory=limits.memory_mb * MB, processor_s=limits.processor_s, file=file)


def _database_bytes(order: Order) -> int:
    """How large the store's file is, which grows by what this process writes."""
    url = make_url(order.store) if "://" in order.store else None
    path = order.store if url is None else str(url.database)
    if url is not None and url.get_backend_name() != "sqlite":
        return 0
    with contextlib.suppress(OSError, ValueError):
        return os.stat(path).st_size  # noqa: PTH116 - a name of any kind
    return 0


def _read_order() -> Order:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1 << 16)
        if not piece or len(line) > _LONGEST_ORDER:
            os._exit(2)
        line += piece
    return Order.read(line)


def _end_with_whoever_ordered() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(3)


def _own_voice() -> Tell:
    """Keep the standard output for what this process says; prints of libraries go elsewhere."""
    voice = os.dup(1)
    os.dup2(2, 1)

    def tell(said: Said) -> None:
        os.write(voice, said_line(said))

    return tell


def main() -> None:
    """Do one order and end."""
    tell = _own_voice()
    order = _read_order()
    Thread(target=_end_with_whoever_ordered, daemon=True).start()
    _confine(order)
    tell(carry_out(order, tell))
    sys.stderr.flush()
    # A thread still reads, and an interpreter that takes itself apart would trip over it.
    os._exit(0)


if __name__ == "__main__":
    main()
