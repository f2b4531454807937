"""`hipimu athlete`: who is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipimu.cli.output import print_json
from hipimu.cli.store_lines import (
    AthleteName,
    JsonOption,
    YesOption,
    ask_once,
    counted,
    local,
    opened_store,
    plain,
    print_rows,
)

athlete = typer.Typer(
    help="Athletes of the store: whose sessions are kept over weeks.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@athlete.command()
def add(
    name: AthleteName,
    team: Annotated[str | None, typer.Option(help="Team the athlete is in.")] = None,
) -> None:
    """Add an athlete."""
    with opened_store() as store:
        added = store.add_athlete(name)
        if team is not None:
            store.set_team(added.name, team)
    typer.echo(f"{added.name} is in the store. Next: hipimu session add RECORDING --athlete NAME")


@athlete.command("list")
def list_athletes(json: JsonOption = False) -> None:
    """List all athletes."""
    with opened_store() as store:
        athletes = store.athletes()
    if json:
        print_json(plain(athletes))
    elif not athletes:
        typer.echo("Nobody is in the store yet. Begin by: hipimu athlete add NAME")
    else:
        print_rows(
            [
                (
                    each.name,
                    counted(each.sessions, "session"),
                    f"last {local(each.last_session_at)}" if each.last_session_at else "",
                    each.team or "",
                )
                for each in athletes
            ]
        )


@athlete.command()
def show(name: AthleteName, json: JsonOption = False) -> None:
    """Show an athlete: sessions and notes."""
    from hipimu.cli.session import session_rows

    with opened_store() as store:
        known, sessions = store.athlete(name), store.listed(name)
        notes = [note for note in store.notes(athlete=name) if note.session is None]
    if json:
        print_json(plain(known) | {"listed": [s.name for s in sessions], "notes": plain(notes)})
        return
    typer.echo(f"{known.name}, in the store since {local(known.created_at)}")
    if known.team:
        typer.echo(f"team: {known.team}")
    if sessions:
        print_rows(session_rows(sessions))
    for note in notes:
        typer.echo(f"{local(note.created_at)} {note.author}: {note.text}")


@athlete.command()
def rename(
    name: AthleteName, new: Annotated[str, typer.Argument(metavar="NEW", help="The new name.")]
) -> None:
    """Give an athlete another name; everything else stays."""
    with opened_store() as store:
        renamed = store.rename_athlete(name, new)
    typer.echo(f"{name} is called {renamed.name} now.")


@athlete.command()
def delete(name: AthleteName, yes: YesOption = False) -> None:
    """Delete an athlete and everything about them, for good."""
    with opened_store() as store:
        known = store.athlete(name)
        ask_once(
            f"Delete {known.name}, {counted(known.sessions, 'session')} and all notes, for good?",
            yes=yes,
        )
        store.delete_athlete(name)
    typer.echo(f"{known.name} is deleted. Backups that were made before still have everything.")


@athlete.command()
def export(
    name: AthleteName,
    out: Annotated[
        Path | None, typer.Option(help="Folder, not there yet. Without it: NAME-export, here.")
    ] = None,
) -> None:
    """Write everything that an athlete owns as JSON, CSV and Parquet."""
    with opened_store() as store:
        known = store.athlete(name)
        folder = store.export_person(name, out or Path(f"{known.name}-export"))
    typer.echo(f"Written to {folder}")
