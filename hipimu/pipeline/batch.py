"""A batch of recordings: what is asked of each, and what becomes of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from hipimu.data import Method, Verdict
from hipimu.errors import HipimuError
from hipimu.pipeline.workers import MOST_DEATHS
from hipimu.sources.durable import write_text

PROVENANCE: Final = "provenance.json"
"""Written last of all: a folder with it holds the whole result."""

UNFINISHED: Final = ".part"

State = Literal["analysed", "kept", "failed", "left"]
"""``kept``: was done before, from the same samples in the same way; ``left``: not begun or not
finished when the batch was interrupted."""


@dataclass(frozen=True, slots=True)
class Order:
    """One recording of a batch and what is asked for it."""

    name: str
    """Of its folder among the results; no two are alike."""
    recording: Path
    """Absolute: a worker may be elsewhere."""
    out: Path
    """Folder of its results, absolute."""
    hipimu_version: str
    """Of who asks; a worker with another one refuses."""
    method: Method = "refined"
    laps: Path | None = None
    again: bool = False
    """Whether to do again what is done."""
    begun_s: float = math.inf
    """When the batch began, since the Unix epoch; a result that is younger is of this batch: its
    worker was lost after finishing it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one recording: a line of the batch's table."""

    name: str
    recording: str
    state: State
    strides: int | None = None
    """Usable ones, of both sides."""
    verdict: Verdict | Literal["held_back"] | None = None
    """Of the clearest estimate."""
    usable_share: float | None = None
    """Of the strides, 0–1."""
    calibration_quality: float | None = None
    """0–1."""
    seconds: float | None = None
    """The analysis and its files took, on a clock."""
    error: str = ""
    remedy: str = ""


Work = Callable[[Order], Row]
"""Does what an order asks. Picklable by its name; what is wrong with a recording is in the row."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a result was made from and how; equal ones give equal results."""

    content_sha256: str
    """Of everything that was read: the `inputs_hash` of its `hipimu.sources.fingerprint`."""
    hipimu_version: str
    method: Method


def failed(order: Order, error: HipimuError) -> Row:
    """Return the row of a recording that could not be analysed."""
    return Row(order.name, str(order.recording), "failed", error=error.what, remedy=error.remedy)


def given_up(order: Order) -> Row:
    """Return the row of a recording whose worker died again and again."""
    what = f"{order.recording}: the process that analysed it died, {MOST_DEATHS} times."
    remedy = "It may need more memory than there is: fewer --jobs, or hipimu analyse alone."
    return failed(order, HipimuError(what, remedy))


def left(order: Order) -> Row:
    """Return the row of a recording whose turn did not come."""
    return Row(
        order.name,
        str(order.recording),
        "left",
        error="The batch was interrupted.",
        remedy="The same command goes on where it stopped.",
    )


def write_provenance(folder: Path, made: Provenance, row: Row) -> None:
    """Say in a result's folder what it was made from; what says so is whole."""
    document = {"schema": "hipimu-provenance/1", **asdict(made), "row": asdict(row)}
    # Only ASCII: a folder's name may be no text at all.
    write_text(folder / PROVENANCE, json.dumps(document, indent=2) + "\n")


def read_provenance(folder: Path) -> tuple[Provenance, Row] | None:
    """Return what a result was made from, and its row; None where there is no whole result."""
    try:
        document = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        row = Row(**document["row"])
        known = (document[key] for key in Provenance.__slots__)
        return Provenance(*known), row
    except (OSError, ValueError, TypeError, KeyError):
        return None


def kept(order: Order, row: Row) -> Row:
    """Return the row of a result that is there already."""
    made_s = (order.out / PROVENANCE).stat().st_mtime
    state: State = "analysed" if made_s >= order.begun_s else "kept"
    return replace(row, name=order.name, recording=str(order.recording), state=state)


def results_in(out: Path) -> Iterator[tuple[str, Row]]:
    """Whole results in a folder, by the names of their folders."""
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        found = read_provenance(folder)
        if found is not None and not folder.name.endswith(UNFINISHED):
            yield folder.name, found[1]


def unfinished(out: Path) -> Path:
    """Where the result of folder `out` is written first: beside its place, and hidden."""
    return out.with_name(f".{out.name}{UNFINISHED}")


def in_order(orders: Iterable[Order], rows: Iterable[Row]) -> list[Row]:
    """Return a row for every order, in their order; `left` for those without one."""
    by_name = {row.name: row for row in rows}
    return [by_name.get(order.name) or left(order) for order in orders]
