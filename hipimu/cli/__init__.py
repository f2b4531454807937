"""The command line: one file a command, each importing what it needs only when it runs."""

from __future__ import annotations

import sys

import typer

from hipimu.cli.account import account
from hipimu.cli.analyse import analyse
from hipimu.cli.athlete import athlete
from hipimu.cli.batch import batch
from hipimu.cli.compare import compare
from hipimu.cli.convert import convert
from hipimu.cli.demo import demo
from hipimu.cli.doctor import doctor
from hipimu.cli.encoding import print_anywhere
from hipimu.cli.import_ import import_
from hipimu.cli.live import live
from hipimu.cli.note import note
from hipimu.cli.plan import plan
from hipimu.cli.protocols import protocols
from hipimu.cli.query import query
from hipimu.cli.record import record
from hipimu.cli.recover import recover
from hipimu.cli.sensors import sensors
from hipimu.cli.serve import serve
from hipimu.cli.session import session
from hipimu.cli.simulate import simulate
from hipimu.cli.store import store
from hipimu.cli.study import study
from hipimu.cli.trend import trend
from hipimu.cli.validate import validate
from hipimu.errors import HipimuError

__all__ = ["app", "main"]

app = typer.Typer(
    name="hipimu",
    help="Hip flexion and extension of a runner, stride by stride, from IMUs on pelvis and "
    "thighs – and whether the end of the range tires first at fast pace.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hipimu {version('hipimu')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """See the help of `app`; without this function Typer would drop the command names."""


app.add_typer(account, name="account")
app.command()(analyse)
app.add_typer(athlete, name="athlete")
app.command()(batch)
app.command()(compare)
app.command()(convert)
app.command()(demo)
app.command()(doctor)
app.command(name="import")(import_)
app.command()(live)
app.add_typer(note, name="note")
app.command()(plan)
app.add_typer(protocols, name="protocols")
app.command()(query)
app.command()(record)
app.command()(recover)
app.command()(sensors)
app.command()(serve)
app.add_typer(session, name="session")
app.command()(simulate)
app.add_typer(store, name="store")
app.command()(study)
app.command()(trend)
app.command()(validate)


def main() -> None:
    """Run the command line; a deliberate error is one sentence on stderr and exit code 1."""
    print_anywhere()
    try:
        app()
    except HipimuError as error:
        typer.echo(f"Error: {error.what}\n{error.remedy}", err=True)
        sys.exit(1)
