"""Connections whose other end may stand still, leave, or never say anything."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_MOST: Final = 128
"""Half of the files that macOS lets a program open, and six for each of twenty browsers: the run
has files of its own to open."""
_FIRST_REQUEST_S: Final = 10.0
_LAST_WORDS_S: Final = 1.0
_UNSENT_BYTES: Final = 16 * 1024
"""Half a dozen states. What waits here is old when it comes; what is not yet handed over is made
anew."""


class RequestConnection(H11Protocol):
    """A connection that has to ask for something soon, one of not too many."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > _MOST:
            transport.abort()
        self.loop.call_later(_FIRST_REQUEST_S, self._give_up)

    def _give_up(self) -> None:
        never_asked = self in self.connections and self.cycle is None
        if never_asked and not self.transport.is_closing():
            self.transport.close()


class PageConnection(WebSocketsSansIOProtocol):
    """A WebSocket that holds little back, and is gone soon after its end.

    Closing alone would wait until what is buffered has been read, and a stalled page reads nothing.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        cast(asyncio.Transport, transport).set_write_buffer_limits(high=_UNSENT_BYTES)

    async def run_asgi(self) -> None:
        """Serve until the end; then wait for nobody."""
        await super().run_asgi()
        self.loop.call_later(_LAST_WORDS_S if self.writable.is_set() else 0.0, self.transport.abort)
