"""Writes the command reference from the commands themselves, while the site is built.

`reference/cli.md` holds the marker; what replaces it comes from the same definitions that parse
the command line, so the two cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

MARKER = "<!-- commands -->"


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fill the marker; called by mkdocs for every page."""
    return fill(markdown) if MARKER in markdown else markdown


def fill(markdown: str) -> str:
    """Put the description of every command in place of the marker."""
    from hipimu.cli import app

    return markdown.replace(MARKER, "\n".join(describe(app)))


def describe(app: Any) -> Iterator[str]:
    """Yield the Markdown lines of a typer application and all its commands."""
    from typer.main import get_command

    group: Any = get_command(app)
    if group.params:
        yield from describe_command("hipimu", group)
    for name, command in sorted(group.commands.items()):
        yield from describe_command(f"hipimu {name}", command)
        for part, inner in getattr(command, "commands", {}).items():
            yield from describe_command(f"hipimu {name} {part}", inner)


def describe_command(name: str, command: Any) -> Iterator[str]:
    """Yield the Markdown lines of one command."""
    import typer

    context = typer.Context(command, info_name=name)
    usage = command.get_usage(context).removeprefix("Usage:").strip()
    yield from (f"## {name}", "", "```text", usage, "```", "", command.help or "", "")
    rows = [describe_parameter(parameter, context) for parameter in command.params]
    if rows:
        yield from ("| argument or option | meaning |", "|---|---|", *rows, "")


def describe_parameter(parameter: Any, context: Any) -> str:
    """Return one row of the table of arguments and options."""
    record = parameter.get_help_record(context)
    spelling, meaning = record or (", ".join(parameter.opts), parameter.help or "")
    return f"| <code>{code(spelling)}</code> | {plain(cell(meaning))} |"


def cell(text: str) -> str:
    """Keep a text inside its table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return a text as it stands between HTML's ``code``; its bars are no borders of cells."""
    return escape(" ".join(text.split()), quote=False).replace("|", "&#124;")


def plain(text: str) -> str:
    """Keep a text that is no Markdown from being read as such: ``HOST[:PORT]`` is no link."""
    return re.sub(r"([\[\]*])", r"\\\1", text).replace("<", "&lt;")
