"""A proposal as the text of a ``mapping.toml``, each choice with its reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from hipimu.data import SEGMENTS
from hipimu.sources.mapping.guess.choice import Choice
from hipimu.sources.mapping.guess.places import Place
from hipimu.sources.mapping.guess.propose import Proposal

_WIDTH: Final = 96
_EXAMPLES: Final = {
    "time.unit": '"ms"',
    "time.rate_hz": "100.0",
    "time.zone": '"+02:00"',
    "acc.unit": '"g"',
    "gyr.unit": '"deg/s"',
    "mag.unit": '"uT"',
}


def mapping_text(proposal: Proposal) -> str:
    """Return what to write into a ``mapping.toml``."""
    lines = ['format = "hipimu-mapping/1"', *_lines(proposal, "synchronised")]
    if proposal.file is not None:
        lines.append(f"file = {quoted(proposal.file)}")
    if proposal.who is not None:
        lines.append(f"sensor_column = {quoted(proposal.who)}")
    for table in ("table", "time", "acc", "gyr", "mag"):
        lines += _table(proposal, table)
    for place in proposal.places:
        lines += _sensor(proposal, place)
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Write a text as TOML does."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _table(proposal: Proposal, table: str) -> Iterator[str]:
    keys = [choice.key for choice in proposal.choices if choice.key.startswith(f"{table}.")]
    kind = "free" if table == "acc" and "free" in proposal.columns else table
    columns = proposal.columns.get(kind)  # type: ignore[call-overload]
    if not keys and columns is None:
        return
    if table == "mag" and columns is None:
        return
    yield from ("", f"[{table}]")
    if columns is not None:
        yield from _commented(proposal, f"{table}.columns")
        yield f"columns = [{', '.join(map(quoted, columns))}]"
    for key in keys:
        if key != f"{table}.columns":
            yield from _lines(proposal, key)


def _lines(proposal: Proposal, key: str) -> Iterator[str]:
    yield from _commented(proposal, key)
    value, name = proposal.value(key), key.rpartition(".")[2]
    yield f"{name} = {value}" if value else f"# {name} = {_EXAMPLES.get(key, '?')}"


def _commented(proposal: Proposal, key: str) -> Iterator[str]:
    choice = next((own for own in proposal.choices if own.key == key), None)
    if choice is None or key.startswith("table."):
        return
    yield from textwrap.wrap(
        f"{_how_sure(choice)}{choice.because}", _WIDTH, initial_indent="# ", subsequent_indent="# "
    )


def _how_sure(choice: Choice) -> str:
    return {"sure": "", "likely": "Likely: ", "open": "OPEN: "}[choice.certainty]


def _sensor(proposal: Proposal, place: Place) -> Iterator[str]:
    worn = place.segment
    lines = []
    if proposal.file is None:
        lines.append(f"file = {quoted(place.file)}")
    if place.name:
        lines.append(f"name = {quoted(place.name)}")
    if place.value is not None:
        lines.append(f"value = {quoted(place.value)}")
    if worn is not None:
        yield from ("", f"[sensors.{worn}]", *lines)
        return
    taken = {own.segment for own in proposal.places}
    left = ", ".join(segment for segment in SEGMENTS if segment not in taken)
    if left:
        yield from ("", f"# OPEN: [sensors.X], X one of {left}", *(f"# {line}" for line in lines))
