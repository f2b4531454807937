"""The server of the coach's pages: in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final

import uvicorn

from hipimu.errors import OutputError
from hipimu.pipeline.intake import Intake, UploadLimits
from hipimu.store import Store
from hipimu.web.addresses import host_names, lan_addresses
from hipimu.web.certificate import Certificate, local_certificate
from hipimu.web.coach.app import create_app
from hipimu.web.coach.doorman import Entrance
from hipimu.web.coach.limits import Limits
from hipimu.web.coach.links import join_url
from hipimu.web.connections import RequestConnection
from hipimu.web.listening import listen
from hipimu.web.security import Access

PORT: Final = 8018
_PAGE: Final = "The coach's page"
_LOCAL: Final = "127.0.0.1"
_PATIENCE_S: Final = 5.0
_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class CoachServer:
    """Serves a store's pages: to this computer, its network, or through a proxy.

    Who comes from elsewhere needs an account; and so does everybody, as soon as there is one.

    Parameters
    ----------
    store : Store
        Stays open while the server runs; who opened it closes it.
    port : int
        0: any that is free.
    author : str
        Who writes the notes, while there are no accounts.
    lan : bool
        Whether others in the network may open the pages.
    https : bool
        With a certificate made here, of which browsers warn.
    proxy : str or None
        Name of the host by which others open the pages through a proxy in which https ends.
    accounts : bool
        Whether a link for the first owner is made where there is none, and nothing else is served
        until it is used.
    limits : Limits or None
    uploads : UploadLimits or None
        None: what the environment says.
    """

    def __init__(
        self,
        store: Store,
        *,
        port: int = PORT,
        author: str = "coach",
        lan: bool = False,
        https: bool = False,
        proxy: str | None = None,
        accounts: bool = False,
        limits: Limits | None = None,
        uploads: UploadLimits | None = None,
    ) -> None:
        self._store = store
        self._port = port
        self._author = author
        self._lan = lan
        self._https = https
        self._proxy = None if proxy is None else proxy.strip().lower()
        self._accounts = accounts
        self._limits = limits
        self._uploads = uploads
        self._intake: Intake | None = None
        self._addresses = lan_addresses() if lan and proxy is None else ()
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self._ready = Event()
        self._problem: BaseException | None = None
        self.certificate: Certificate | None = None
        """What browsers are shown under https, once started."""

    @property
    def url(self) -> str:
        """The address to open."""
        return self.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses, the most likely one first."""
        if self._proxy is not None:
            return (f"https://{self._proxy}/",)
        scheme = "https" if self._https else "http"
        return tuple(f"{scheme}://{host}:{self._port}/" for host in (*self._addresses, _LOCAL))

    def owner_url(self) -> str | None:
        """Make the link for the first owner, which works once; None: there is an owner."""
        token = self._store.accounts.owner_link(datetime.now(UTC))
        return None if token is None else join_url(self.url.rstrip("/"), token)

    def start(self) -> None:
        """Begin to serve; return when pages can be opened.

        Raises
        ------
        OutputError
            When others could come in without an account, or read passwords on their way; when the
            port is taken or not allowed, or the certificate cannot be kept.
        UploadError
            When the environment sets a limit of uploads that is none.
        """
        self._check_way()
        self._check_owner()
        if self._https:
            names = {"localhost", *(host_names() if self._lan else ())}
            self.certificate = local_certificate((*self._addresses, _LOCAL), names)
        listening = listen("0.0.0.0" if self._lan else _LOCAL, self._port, _PAGE)  # noqa: S104 - as asked
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
        if self._intake is not None:
            self._intake.stop()

    def _check_way(self) -> None:
        if self._https and self._proxy is not None:
            raise OutputError(
                "https can end here or in a proxy, not in both.",
                "Leave --https out: the proxy has the certificate.",
            )
        if self._proxy is not None and _NAME.fullmatch(self._proxy) is None:
            raise OutputError(
                f"{self._proxy[:100]!r} is no host name.",
                "Name the host as browsers call it, without https:// and port: team.example.org.",
            )
        if self._lan and not self._https and self._proxy is None:
            raise OutputError(
                "Without https everybody in the network could read passwords on their way.",
                "Add --https, or --behind-proxy NAME where a proxy has a certificate.",
            )

    def _check_owner(self) -> None:
        open_to_others = self._lan or self._proxy is not None
        if open_to_others and not self._accounts and not self._store.accounts.in_use():
            raise OutputError(
                "This store has no accounts, and without them whoever is in the network could read "
                "and change everything.",
                "Run hipimu serve --accounts first: it shows a link for the owner.",
            )

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

    def _access(self) -> Access:
        if self._proxy is not None:
            return Access(names=frozenset({self._proxy}), https=True, port=self._port)
        names = frozenset({"localhost", *(host_names() if self._lan else ())})
        return Access(names=names, other_addresses=self._lan, https=self._https, port=self._port)

    def _entrance(self) -> Entrance:
        open_to_others = self._lan or self._proxy is not None
        base = self.url.rstrip("/") if open_to_others else ""
        accounts = self._accounts or open_to_others
        return Entrance(accounts=accounts, proxy=self._proxy is not None, base=base)

    def _config(self) -> uvicorn.Config:
        self._intake = Intake(self._store, self._uploads)
        app = create_app(
            self._store,
            self._access(),
            author=self._author,
            entrance=self._entrance(),
            limits=self._limits,
            intake=self._intake,
        )
        return uvicorn.Config(
            app,
            http=RequestConnection,
            ws="none",
            lifespan="off",
            # Addresses hold people's names, and links of invitations their tokens.
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=None if self.certificate is None else self.certificate.path,
        )
