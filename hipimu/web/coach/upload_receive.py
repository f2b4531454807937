"""Receiving an upload, counted as it comes.

Nothing is written before it is known who sends it and whose run it is, and nothing under a name
that was sent. Whatever ends it early – a limit, a lost connection, the server's end – takes away
what had come.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from hipimu.data import Segment, TrainingContext
from hipimu.errors import UploadError
from hipimu.pipeline.intake import MB, IntakeView, Upload, UploadLimits
from hipimu.web.coach.upload_parts import PartBegins, PartEnds, PartGoesOn, Parts
from hipimu.web.coach.upload_receiving import Receiving

MOST_FIELDS: Final = 20
MOST_IN_A_FIELD: Final = 4000
"""Bytes."""
BESIDE: Final = "beside"
"""Name of the form's field for laps and a watch's file."""
_LAST_WORDS_S: Final = 5.0
_LAST_WORDS_BYTES: Final = 32 * MB


@dataclass(frozen=True, slots=True)
class Told:
    """What the fields of a form say."""

    athlete: str
    name: str
    """What the recording is to be called; empty: as its files say."""
    context: TrainingContext | None = None
    roles: Mapping[Segment, str] | None = None
    """Which sensor was worn where; None: as the files say."""


Read = Callable[[Mapping[str, str]], Told]
"""Asked with the fields that came before the first file, and with all; raises for who may not."""


async def receive_form(request: Request, view: IntakeView, read: Read) -> Upload:
    """Receive a form with files.

    Parameters
    ----------
    request : Request
    view : IntakeView
    read : callable
        See `Read`.

    Returns
    -------
    Upload
        In the row.

    Raises
    ------
    StoreError, UploadError
        When it is not taken.
    ClientDisconnect
        When its end never came.
    """
    parts = Parts(request.headers.get("content-type", ""))
    fields: dict[str, str] = {}
    async with Receiving(view, announced(request)) as receiving:
        form = _Form(receiving, fields, read)
        async for piece in pieces(request, view.intake.limits):
            receiving.count(len(piece))
            for event in parts.push(piece):
                await form.take(event)
        parts.finish()
        told = await run_in_threadpool(read, fields)
        return await receiving.queue(told.name, told.context, told.roles)


class _Form:
    """Takes the events of a form: fields first, then files."""

    def __init__(self, receiving: Receiving, fields: dict[str, str], read: Read) -> None:
        self._receiving = receiving
        self._fields = fields
        self._read = read
        self._field = ""
        self._value = bytearray()
        self._in_file = False
        self._unused = False

    async def take(self, event: PartBegins | PartGoesOn | PartEnds) -> None:
        if isinstance(event, PartBegins):
            await self._begin(event)
        elif isinstance(event, PartGoesOn):
            await self._go_on(event.piece)
        else:
            await self._end()

    async def _begin(self, part: PartBegins) -> None:
        self._in_file = bool(part.file)
        # A field for files in which nothing was chosen.
        self._unused = part.file == ""
        if part.file:
            if not self._receiving.begun:
                told = await run_in_threadpool(self._read, self._fields)
                await self._receiving.begin(told.athlete)
            await self._receiving.open(part.file, beside=part.name == BESIDE)
            return
        self._field = part.name
        self._value.clear()

    async def _go_on(self, piece: bytes) -> None:
        if self._in_file:
            await self._receiving.write(piece)
            return
        self._value += piece
        if len(self._value) > MOST_IN_A_FIELD:
            raise UploadError(
                f"The field {self._field!r} is too long.",
                f"Write at most {MOST_IN_A_FIELD // 4} characters.",
                reason="bad_form",
            )

    async def _end(self) -> None:
        if self._in_file:
            await self._receiving.close()
        elif not self._unused:
            self._fields.setdefault(self._field, self._value.decode("utf-8", "replace"))
            if len(self._fields) > MOST_FIELDS:
                raise UploadError(
                    "That form has too many fields.", "Use hipimu's own page.", reason="bad_form"
                )


async def receive_body(
    request: Request, view: IntakeView, athlete: str, *, name: str, file: str
) -> Upload:
    """Receive one file that is the whole body of a request.

    Parameters
    ----------
    request : Request
    view : IntakeView
    athlete : str
        Whose run it is.
    name : str
        What the recording is to be called; empty: as the file.
    file : str
        The file's name.

    Returns
    -------
    Upload
        In the row.

    Raises
    ------
    StoreError, UploadError, ClientDisconnect
        As `receive_form`.
    """
    async with Receiving(view, announced(request)) as receiving:
        await receiving.begin(athlete)
        await receiving.open(file, beside=False)
        async for piece in pieces(request, view.intake.limits):
            receiving.count(len(piece))
            await receiving.write(piece)
        await receiving.close()
        return await receiving.queue(name)


def announced(request: Request) -> int | None:
    """Return how many bytes a request says that it has."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None


async def pieces(request: Request, limits: UploadLimits) -> AsyncIterator[bytes]:
    """Give the bytes of a request as they come, from who goes on sending.

    Raises
    ------
    UploadError
        When nothing comes for too long, or the whole takes too long.
    """
    loop = asyncio.get_running_loop()
    over_s = loop.time() + limits.receiving_s
    stream = request.stream()
    try:
        while True:
            patience_s = min(limits.silence_s, over_s - loop.time())
            async with asyncio.timeout(patience_s):
                piece = await anext(stream, None)
            if piece is None:
                return
            yield piece
    except TimeoutError as error:
        raise UploadError(
            "The upload came too slowly, or stood still.",
            "Send it again by a better connection.",
            reason="too_slow",
        ) from error


async def hear_out(request: Request) -> None:
    """Read on for a little, so that who still sends gets to hear the answer."""
    heard = 0
    with contextlib.suppress(ClientDisconnect, TimeoutError, RuntimeError):
        async with asyncio.timeout(_LAST_WORDS_S):
            async for piece in request.stream():
                heard += len(piece)
                if heard > _LAST_WORDS_BYTES:
                    return
