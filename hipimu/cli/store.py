"""`hipimu store`: the store as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipimu.cli.store_lines import opened_store

store = typer.Typer(
    help="The store as a whole: where it is, backups.", no_args_is_help=True, rich_markup_mode=None
)


@store.command()
def where() -> None:
    """Say where the store is."""
    with opened_store() as opened:
        typer.echo(f"database  {opened.place}\nstrides   {opened.strides_folder}")


@store.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zip to write, not there yet.")],
) -> None:
    """Write everything to one file, from which any store can be filled."""
    with opened_store() as opened:
        opened.backup(file)
    typer.echo(f"Written to {file}. It holds everything about everybody: keep it safe.")


@store.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zip that backup wrote.")],
) -> None:
    """Fill an empty store from a backup, of SQLite or PostgreSQL alike."""
    with opened_store() as opened:
        opened.restore(file)
        many = len(opened.athletes())
    typer.echo(f"Restored into {opened.place}; athletes: {many}")
