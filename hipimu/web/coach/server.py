"""The server of the coach's pages: in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import socket
from threading import Event, Thread
from typing import Final

import uvicorn

from hipimu.store import Store
from hipimu.web.coach.app import create_app
from hipimu.web.connections import RequestConnection
from hipimu.web.listening import listen
from hipimu.web.security import Access

PORT: Final = 8018
_PAGE: Final = "The coach's page"
_LOCAL: Final = "127.0.0.1"
_PATIENCE_S: Final = 5.0


class CoachServer:
    """Serves a store's pages to this computer alone.

    Parameters
    ----------
    store : Store
        Stays open while the server runs; who opened it closes it.
    port : int
        0: any that is free.
    author : str
        Who writes the notes.
    """

    def __init__(self, store: Store, *, port: int = PORT, author: str = "coach") -> None:
        self._store = store
        self._port = port
        self._author = author
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self._ready = Event()
        self._problem: BaseException | None = None

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{_LOCAL}:{self._port}/"

    def start(self) -> None:
        """Begin to serve; return when pages can be opened.

        Raises
        ------
        OutputError
            When the port is taken or not allowed.
        """
        listening = listen(_LOCAL, self._port, _PAGE)
        self._port = listening.getsockname()[1]
        self._server = uvicorn.Server(self._config())
        self._thread = Thread(
            target=self._run, args=(self._server, listening), name="hipimu serve", daemon=True
        )
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Answer what was asked, and end."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)
        self._thread = None

    def _run(self, server: uvicorn.Server, listening: socket.socket) -> None:
        try:
            asyncio.run(self._serve(server, listening))
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits in `start`
            self._problem = error
        finally:
            listening.close()
            self._ready.set()

    async def _serve(self, server: uvicorn.Server, listening: socket.socket) -> None:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not (server.started or serving.done()):
            await asyncio.sleep(0.005)
        self._ready.set()
        await serving

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            create_app(self._store, Access(port=self._port), author=self._author),
            http=RequestConnection,
            ws="none",
            lifespan="off",
            # Addresses hold people's names.
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
