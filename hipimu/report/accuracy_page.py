"""docs/accuracy.md and its figures, from accuracy.json alone: the two cannot drift apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import jinja2

from hipimu.data import OUTCOMES
from hipimu.report.accuracy_figures import bland_altman, by_fault, by_filter, by_speed
from hipimu.report.numerals import degrees, number, percent

Document = Mapping[str, Any]

_PEAK_HEAD: Final = ("peak", "RMSE", "offset removed", "bias", "95 % limits", "timing")
_NAMES: Final = {"peak_flexion": "flexion", "peak_extension": "extension"}


def accuracy_figures(document: Document) -> dict[str, str]:
    """Draw every figure that the document has numbers for.

    Parameters
    ----------
    document : mapping
        What `hipimu.export.accuracy.accuracy_document` returns.

    Returns
    -------
    dict
        File name → SVG.
    """
    drawn = {
        "accuracy-speed.svg": by_speed(document),
        "accuracy-filter.svg": by_filter(document),
        "accuracy-fault.svg": by_fault(document),
    }
    for plot in document["bland_altman"]:
        drawn[f"accuracy-bland-altman-{plot['name']}.svg"] = bland_altman(plot)
    return {name: svg for name, svg in drawn.items() if svg is not None}


def accuracy_page(document: Document) -> str:
    """Write the accuracy page as Markdown.

    Parameters
    ----------
    document : mapping
        As read from accuracy.json.

    Returns
    -------
    str
    """
    rows = {
        table: [row for row in document["simulated"] if row["table"] == table]
        for table in ("speed", "clocks", "filter", "fault")
    }
    environment = jinja2.Environment(  # noqa: S701 (Markdown, made from our own numbers)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("hipimu.report").joinpath("templates", "accuracy.md.j2")
    text = environment.from_string(template.read_text(encoding="utf-8")).render(
        hipimu=document["hipimu"],
        quick=document["quick"],
        seeds=document["seeds"],
        suites=document["suites"],
        missing="; ".join(f"{m['name']} ({m['why']})" for m in document["missing"]),
        references=[_reference(r, document) for r in document["references"]],
        by_speed=_cases(rows["speed"], "suite"),
        clocks=_cases(rows["clocks"], "suite") if rows["clocks"] else "",
        by_filter=_cases(rows["filter"], "filter"),
        by_fault=_cases(rows["fault"], "fault"),
        strides=_strides(document["simulated"]),
        refused=_refused(document["simulated"]),
        orientations=_orientations(document["orientations"]),
        figures=accuracy_figures(document),
    )
    return text.rstrip("\n") + "\n"


def part_files(reference: Mapping[str, Any]) -> dict[str, str]:
    """Name the figure file of each part of a recording, label → file name."""
    labels = dict.fromkeys(part["label"] for part in reference["parts"])
    name = reference["name"]
    return {label: f"{name}-{re.sub(r'[^a-z0-9]+', '-', label.lower())}.svg" for label in labels}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cases(rows: Sequence[Mapping[str, Any]], key: str) -> str:
    """One line a peak and speed."""
    head = (key, "m/s", *_PEAK_HEAD, "found", "true", "kept", "method")
    return _table(head, (cells for row in rows for cells in _case(row, key)))


def _case(row: Mapping[str, Any], key: str) -> Iterator[Sequence[str]]:
    strides = row["strides"]
    shares = [percent(strides[name]) for name in ("recall", "precision", "kept")]
    name = f"`{row[key]}`" if key == "filter" else row[key] or "none"
    for outcome in OUTCOMES:
        cells = [name, f"{row['speed_m_s']:g}", *_peak(outcome, row[outcome])]
        yield [*cells, *shares, row["method"] or "–"]


def _peak(outcome: str, errors: Mapping[str, Any] | None) -> list[str]:
    if errors is None:
        return [_NAMES[outcome], *["–"] * (len(_PEAK_HEAD) - 1)]
    names = ("rmse_deg", "rmse_offset_removed_deg", "bias_deg")
    limits = " to ".join(_fine(limit) for limit in errors["limits_deg"])
    timing = f"{number(errors['timing_rmse_ms'])} ms"
    return [_NAMES[outcome], *(_fine(errors[name]) for name in names), limits, timing]


def _fine(angle_deg: float) -> str:
    """Two decimals below one degree, where simulated errors live, else one."""
    return f"{number(angle_deg, 2)}°" if abs(angle_deg) < 1 else degrees(angle_deg)


def _strides(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ("suite", "m/s", "true strides", "found", "invented", "F1", "set aside", "why")
    own = [row for row in rows if row["table"] == "speed"]
    return _table(head, (_stride_cells(row) for row in own)) if own else ""


def _stride_cells(row: Mapping[str, Any]) -> Sequence[str]:
    strides = row["strides"]
    why = ", ".join(f"`{name}` {percent(share)}" for name, share in strides["why"].items())
    counts = [str(strides[name]) for name in ("true", "found", "invented")]
    shares = [f"{strides['f1']:.3f}", percent(strides["set_aside"]), why or "–"]
    return [row["suite"], f"{row['speed_m_s']:g}", *counts, *shares]


def _refused(rows: Sequence[Mapping[str, Any]]) -> str:
    said = [
        f"{row['suite']}{' with ' + row['fault'] if row['fault'] else ''} at "
        f"{row['speed_m_s']:g} m/s ({row['filter']}): {' '.join(row['refused']).rstrip('.')}"
        for row in rows
        if row["refused"]
    ]
    return "; ".join(said)


def _reference(reference: Mapping[str, Any], document: Document) -> dict[str, Any]:
    return {
        **{name: reference[name] for name in ("name", "kind", "source", "method", "filter")},
        "table": _curves(reference["parts"]),
        "peaks": _part_peaks(reference["parts"]),
        "figures": list(_reference_figures(reference, document)),
    }


def _curves(parts: Sequence[Mapping[str, Any]]) -> str:
    head = ("part", "side", "r", "RMSE", "offset removed", "bias")
    names = ("rmse_deg", "rmse_offset_removed_deg", "bias_deg")
    return _table(
        head,
        (
            [
                f"{part['label']}, {part['start_s']:g}–{part['end_s']:g} s",
                part["side"],
                f"{part['r']:.3f}",
                *(degrees(part[name]) for name in names),
            ]
            for part in parts
        ),
    )


def _part_peaks(parts: Sequence[Mapping[str, Any]]) -> str:
    head = ("part", "side", "strides", "peak", "median", "reference's", *_PEAK_HEAD[1:])
    met = [(part, outcome) for part in parts for outcome in OUTCOMES if part[outcome]]
    return _table(head, (_part_peak(*each) for each in met)) if met else ""


def _part_peak(part: Mapping[str, Any], outcome: str) -> Sequence[str]:
    peak = part[outcome]
    name, *errors = _peak(outcome, peak)
    medians = [degrees(peak[median]) for median in ("median_deg", "reference_median_deg")]
    return [part["label"], part["side"], str(part["strides"]), name, *medians, *errors]


def _reference_figures(
    reference: Mapping[str, Any], document: Document
) -> Iterator[Mapping[str, str]]:
    kind, name = reference["kind"], reference["name"]
    for label, file in part_files(reference).items():
        yield {"file": file, "label": f"Hip flexion, {label}: hipimu and reference, {kind}"}
    for plot in document["bland_altman"]:
        if plot["name"] == name and all(plot[outcome] for outcome in OUTCOMES):
            label = f"Difference from the reference's peak against the mean of both, {kind}"
            yield {"file": f"accuracy-bland-altman-{name}.svg", "label": label}


def _orientations(results: Sequence[Mapping[str, Any]]) -> str:
    head = ("trial", "filter", "inclination", "heading", "total")
    names = ("inclination_deg", "heading_deg", "total_deg")
    rows = (
        [result["trial"], f"`{result['filter']}`", *(_fine(result[name]) for name in names)]
        for result in results
    )
    return _table(head, rows) if results else ""
