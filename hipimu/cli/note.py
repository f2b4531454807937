"""`hipimu note`: what people write about sessions and athletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hipimu.cli.output import print_json
from hipimu.cli.store_lines import JsonOption, local, opened_store, plain, print_rows

if TYPE_CHECKING:
    from hipimu.store import Note

note = typer.Typer(
    help="Notes on athletes, sessions and moments.", no_args_is_help=True, rich_markup_mode=None
)

_Session = Annotated[str | None, typer.Option(help="Session it is about.")]
_Athlete = Annotated[str | None, typer.Option(help="Athlete it is about.")]
_Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the note, as list says it.")]


@note.command()
def add(
    text: Annotated[str, typer.Argument(help="What to write, in quotes.")],
    session: _Session = None,
    athlete: _Athlete = None,
    at_s: Annotated[
        float | None,
        typer.Option("--at", metavar="SECONDS", help="Moment of the session it is about."),
    ] = None,
    author: Annotated[
        str | None, typer.Option(help="Who writes. Without it: the name of this user.")
    ] = None,
) -> None:
    """Write a note on an athlete, on a session, or on a moment of it."""
    from getpass import getuser

    if (session is None) == (athlete is None):
        raise typer.BadParameter("give either --session or --athlete")
    if athlete is not None and at_s is not None:
        raise typer.BadParameter("a moment is one of a session", param_hint="--at")
    with opened_store() as store:
        written = store.add_note(
            text, author or getuser(), session=session, athlete=athlete, t_s=at_s
        )
    typer.echo(f"note {written.id} on {written.session or written.athlete}")


@note.command("list")
def list_notes(
    session: _Session = None,
    athlete: _Athlete = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that were deleted.")] = False,
    json: JsonOption = False,
) -> None:
    """List notes, oldest first."""
    with opened_store() as store:
        found = store.notes(session=session, athlete=athlete, deleted=deleted)
    if json:
        print_json(plain(found))
    elif not found:
        typer.echo("No notes.")
    else:
        print_rows([_row(each) for each in found])


def _row(each: Note) -> tuple[str, ...]:
    moment = "" if each.t_s is None else f" at {each.t_s:.0f} s"
    place = f"{each.session or each.athlete}{moment}"
    text = each.text.replace("\n", " ")
    return str(each.id), local(each.created_at), place, f"{each.author}: {text}"


@note.command()
def delete(number: _Number) -> None:
    """Delete a note; it can be brought back."""
    with opened_store() as store:
        store.delete_note(number)
    typer.echo(f"Note {number} is deleted. Bring it back by: hipimu note restore {number}")


@note.command()
def restore(number: _Number) -> None:
    """Bring a deleted note back."""
    with opened_store() as store:
        store.restore_note(number)
    typer.echo(f"Note {number} is back.")
