"""Connections whose other end may stand still, leave, or never say anything."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LAST_WORDS_S = 1.0


class PageConnection(WebSocketsSansIOProtocol):
    """A WebSocket that is gone soon after its end, whether or not the page reads what is left."""

    async def run_asgi(self) -> None:
        """Serve until the end; then wait for nobody."""
        await super().run_asgi()
        # Closing alone waits for what is buffered to be read, and a stalled page reads nothing.
        self.loop.call_later(_LAST_WORDS_S, self.transport.abort)
