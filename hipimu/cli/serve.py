"""`hipimu serve`: the coach's pages, on this computer or for a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hipimu.web.coach import CoachServer


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8018,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            help="SQLite file or postgresql:// address. Without it: HIPIMU_STORE, or the usual "
            "place.",
            show_default=False,
        ),
    ] = None,
    accounts: Annotated[
        bool,
        typer.Option(
            "--accounts",
            help="Ask for a login. Where there is no account, a link for the owner is shown.",
        ),
    ] = False,
    lan: Annotated[
        bool,
        typer.Option("--lan", help="For others in the network, who need accounts, and --https."),
    ] = False,
    https: Annotated[
        bool, typer.Option("--https", help="Serve with a certificate made here.")
    ] = False,
    behind_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Others come through a proxy in which https ends, and call it by this name.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show athletes and their sessions over weeks in the browser, on this computer or to a team."""
    from hipimu.store import open_store
    from hipimu.web.coach import CoachServer

    with open_store(store) as opened:
        server = CoachServer(
            opened,
            port=port,
            author=_author(),
            lan=lan,
            https=https,
            proxy=behind_proxy,
            accounts=accounts,
        )
        server.start()
        try:
            typer.echo(f"Store: {opened.place}")
            owner_url = server.owner_url() if accounts else None
            _say_where(server, owner_url, logins=opened.accounts.in_use(), lan=lan)
            _wait()
        finally:
            server.stop()
    typer.echo("Ended.")


def _say_where(server: CoachServer, owner_url: str | None, *, logins: bool, lan: bool) -> None:
    if owner_url is None:
        typer.echo(f"Open {server.url}")
        who = "People log in" if logins else "Single user: no login on this computer"
        typer.echo(f"{who}. Ctrl-C ends.")
    else:
        typer.echo(f"Open {owner_url}")
        typer.echo(
            "Whoever opens this link becomes the owner: once, within a day. Until then nothing "
            "else is served. Ctrl-C ends."
        )
    if lan and len(server.urls) == 1 and "127.0.0.1" in server.url:
        typer.echo("Attention: this computer is in no network; nobody else can reach it.", err=True)
    if server.certificate is not None:
        typer.echo(
            "Browsers warn of the certificate, as it was made here. Its SHA-256 fingerprint: "
            f"{server.certificate.fingerprint}",
            err=True,
        )


def _wait() -> None:
    """Return when somebody wants it to end."""
    import signal
    from threading import Event

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    # With a limit, as on Windows a wait without one hears no Ctrl-C.
    while not ended.wait(0.5):
        pass


def _author() -> str:
    """Whoever uses this computer."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "coach"
