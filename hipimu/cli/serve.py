"""`hipimu serve`: the coach's pages on this computer."""

from __future__ import annotations

from typing import Annotated

import typer


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
    lan: Annotated[
        bool, typer.Option("--lan", help="For others in the network; refused as yet.")
    ] = False,
) -> None:
    """Show athletes and their sessions over weeks in the browser, on this computer alone."""
    from hipimu.errors import OutputError

    if lan:
        raise OutputError(
            "hipimu serve has no accounts yet, and without them whoever is in the network could "
            "read and change everything.",
            "Leave --lan out: then only this computer can open the pages.",
        )
    from hipimu.store import open_store
    from hipimu.web.coach import CoachServer

    with open_store(store) as opened:
        server = CoachServer(opened, port=port, author=_author())
        server.start()
        typer.echo(f"Store: {opened.place}")
        typer.echo(f"Open {server.url}")
        typer.echo("Single user: no login on this computer. Ctrl-C ends.")
        try:
            _wait()
        finally:
            server.stop()
    typer.echo("Ended.")


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
