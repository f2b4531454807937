"""The live page's server: in a thread and an event loop of its own, beside the run."""

from __future__ import annotations

import asyncio
import socket
from threading import Event, Thread
from typing import Final

import uvicorn

from hipimu.pipeline.board import LiveBoard
from hipimu.web.addresses import host_names, lan_addresses
from hipimu.web.app import create_app
from hipimu.web.certificate import Certificate, local_certificate
from hipimu.web.connections import PageConnection, RequestConnection
from hipimu.web.listening import listen
from hipimu.web.security import Access, new_token
from hipimu.web.viewers import Farewell, Limits, Viewers

PORT: Final = 8017
_PAGE: Final = "The live page"
_LOCAL: Final = "127.0.0.1"
_PATIENCE_S: Final = 10.0
_MOST_BYTES: Final = 4096
_OVER: Final = Farewell(1001, "hipimu live has ended.")


class LiveServer:
    """Serves the page of one run.

    Parameters
    ----------
    board : LiveBoard
    port : int
        0: any that is free.
    lan : bool
        Whether others in the network may see it: then a token is needed, which `url` holds.
    https : bool
        With a certificate made here, of which browsers warn.
    simulated : bool
        Whether no runner is behind the numbers.
    limits : Limits or None
    """

    def __init__(
        self,
        board: LiveBoard,
        *,
        port: int = PORT,
        lan: bool = False,
        https: bool = False,
        simulated: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._board = board
        self._port = port
        self._lan = lan
        self._https = https
        self._token = new_token() if lan else None
        self._addresses = lan_addresses() if lan else ()
        self._viewers = Viewers(board, simulated=simulated, limits=limits)
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._ready = Event()
        self._problem: BaseException | None = None
        self.certificate: Certificate | None = None
        """What browsers are shown under https, once started."""

    @property
    def viewers(self) -> int:
        """How many pages are open."""
        return self._viewers.count

    @property
    def url(self) -> str:
        """The address to open, with its token; a secret where there is one."""
        return self.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses, the most likely one first."""
        scheme = "https" if self._https else "http"
        query = f"?t={self._token}" if self._token else ""
        hosts = (*self._addresses, _LOCAL)
        return tuple(f"{scheme}://{host}:{self._port}/{query}" for host in hosts)

    def start(self) -> None:
        """Begin to serve; return when pages can be opened.

        Raises
        ------
        OutputError
            When the port is taken or not allowed, or the certificate cannot be kept.
        """
        if self._https:
            self.certificate = local_certificate((*self._addresses, _LOCAL), _names(self._lan))
        listening = listen("0.0.0.0" if self._lan else _LOCAL, self._port, _PAGE)  # noqa: S104 - as asked
        self._port = listening.getsockname()[1]
        self._thread = Thread(
            target=self._run, args=(listening,), name="hipimu live page", daemon=True
        )
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Take leave of all pages and end."""
        if self._thread is None or self._loop is None or self._ended is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(_PATIENCE_S)
        self._thread = None

    def _run(self, listening: socket.socket) -> None:
        try:
            asyncio.run(self._serve(listening))
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits in `start`
            self._problem = error
        finally:
            listening.close()
            self._ready.set()

    async def _serve(self, listening: socket.socket) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = uvicorn.Server(self._config())
        publishing = asyncio.create_task(self._viewers.publish())
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not (server.started or serving.done()):
            await asyncio.sleep(0.005)
        if serving.done():
            await serving
        self._ready.set()
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait([ended, serving, publishing], return_when=asyncio.FIRST_COMPLETED)
        await self._viewers.dismiss(_OVER)
        server.should_exit = True
        for task in (publishing, ended):
            task.cancel()
        await asyncio.gather(serving, publishing, ended, return_exceptions=True)
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def _config(self) -> uvicorn.Config:
        access = Access(
            names=_names(self._lan),
            other_addresses=self._lan,
            token=self._token,
            https=self._https,
            port=self._port,
        )
        return uvicorn.Config(
            create_app(self._board, self._viewers, access),
            http=RequestConnection,
            ws=PageConnection,
            ws_max_size=_MOST_BYTES,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            ws_per_message_deflate=False,
            lifespan="off",
            # Requests hold the token; and what goes to the terminal belongs to its face.
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=None if self.certificate is None else self.certificate.path,
        )


def _names(lan: bool) -> frozenset[str]:
    return frozenset({"localhost", *(host_names() if lan else ())})
