"""What commands of the store share: opening it, times of this place, tables, asking once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hipimu.store import Store

JsonOption = Annotated[bool, typer.Option("--json", help="As one JSON document.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
AthleteName = Annotated[str, typer.Argument(metavar="ATHLETE", help="Name of the athlete.")]
SessionName = Annotated[
    str, typer.Argument(metavar="SESSION", help="Name of the session, as session list says it.")
]


@contextmanager
def opened_store(url: str | None = None) -> Iterator[Store]:
    """Open a store; without its address the one that HIPIMU_STORE names, or the user's own."""
    from hipimu.store import open_store

    with open_store(url) as store:
        yield store


def local(moment: datetime | None) -> str:
    """Write a moment in this computer's time; sorting and reading it are one."""
    return "unknown time" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def read_day(text: str | None) -> datetime | None:
    """Read a day, or a day and time, of this place.

    Raises
    ------
    typer.BadParameter
        When it is none.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text[:40]!r} is not YYYY-MM-DD") from None


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; the last one may be as long as it likes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        typer.echo(line.rstrip())


def ask_once(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; anything but yes ends the command."""
    if not yes:
        typer.confirm(question, abort=True)


def plain(noun: Any) -> Any:
    """Return a noun of the store as plain JSON values."""
    from hipimu.store.documents import encode

    return encode(noun)


def counted(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
