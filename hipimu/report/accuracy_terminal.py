"""The accuracy tables in a terminal, at most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from hipimu.report.numerals import number, percent

WIDTH: Final = 100
_DASH: Final = "–"
_TITLES: Final = {
    "speed": "Simulated, by speed",
    "clocks": "Simulated, clocks apart",
    "filter": "Simulated, by filter (realistic)",
    "fault": "Simulated, one fault at a time",
}
_NAMED_BY: Final = {"speed": "suite", "clocks": "suite", "filter": "filter", "fault": "fault"}


def accuracy_tables(document: Mapping[str, Any]) -> Group:
    """Set all results in tables for rich.

    Parameters
    ----------
    document : mapping
        What `hipimu.export.accuracy.accuracy_document` returns.

    Returns
    -------
    rich.console.Group
    """
    shown = [*_simulated(document["simulated"]), *_references(document["references"])]
    if document["orientations"]:
        shown.append(_orientations(document["orientations"]))
    notes = [f"Not on hand: {m['name']}: {m['why']}" for m in document["missing"]]
    notes += [
        f"Not analysed: {row['suite']} {row['fault']} {row['speed_m_s']:g} m/s: {why}"
        for row in document["simulated"]
        for why in row["refused"]
    ]
    return Group(*shown, *(Text(note) for note in notes))


def _made(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _simulated(rows: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    for name, title in _TITLES.items():
        own = [row for row in rows if row["table"] == name]
        head = ("m/s", "flex°", "−offset", "bias", "ms", "ext°", "−offset", "bias", "ms")
        table = _made(title, (_NAMED_BY[name],), (*head, "found", "true", "kept"))
        for row in own:
            strides = row["strides"]
            shares = (percent(strides[share]) for share in ("recall", "precision", "kept"))
            peaks = (*_peak(row["peak_flexion"]), *_peak(row["peak_extension"]))
            label = row[_NAMED_BY[name]] or "none"
            table.add_row(label, f"{row['speed_m_s']:g}", *peaks, *shares)
        if own:
            yield table


def _peak(errors: Mapping[str, Any] | None) -> Sequence[str]:
    if errors is None:
        return (_DASH,) * 4
    names = ("rmse_deg", "rmse_offset_removed_deg", "bias_deg")
    return (*(number(errors[name], 2) for name in names), number(errors["timing_rmse_ms"]))


def _references(references: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    for reference in references:
        title = (
            f"{reference['kind'].capitalize()}: {reference['name']} against {reference['source']}"
        )
        head = ("r", "RMSE°", "−offset", "strides", "flex°", "theirs", "ext°", "theirs")
        table = _made(title, ("part", "side"), head)
        for part in reference["parts"]:
            errors = (number(part[name], 2) for name in ("rmse_deg", "rmse_offset_removed_deg"))
            medians = (*_medians(part["peak_flexion"]), *_medians(part["peak_extension"]))
            counted = (f"{part['r']:.3f}", *errors, str(part["strides"]))
            table.add_row(part["label"], part["side"], *counted, *medians)
        yield table


def _medians(peak: Mapping[str, Any] | None) -> Sequence[str]:
    if peak is None:
        return (_DASH,) * 2
    return tuple(number(peak[name]) for name in ("median_deg", "reference_median_deg"))


def _orientations(results: Sequence[Mapping[str, Any]]) -> Table:
    head = ("inclination°", "heading°", "total°")
    table = _made("Real: BROAD, orientation of one sensor", ("trial", "filter"), head)
    for result in results:
        names = ("inclination_deg", "heading_deg", "total_deg")
        table.add_row(result["trial"], result["filter"], *(number(result[n], 2) for n in names))
    return table
