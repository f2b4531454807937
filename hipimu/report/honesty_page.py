"""docs/statistics.md and its figures, from statistics.json alone: the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import jinja2
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from hipimu.report.numerals import degrees, number
from hipimu.report.style import MUTED, PACE_COLOUR, TEXT, WIDTH, Sheet, look

Document = Mapping[str, Any]

_PROMISED: Final = (0.93, 0.97)
_HEAD: Final = 44.0
_FOOT: Final = 44.0
_LEFT: Final = 64.0
_HEIGHT: Final = 230.0
_NAMES: Final = 130.0
_ROW: Final = 24.0
_MOST: Final = 1.0
_COVERAGE_HEAD: Final = (
    "sessions",
    "what happens in them",
    "n",
    "estimable",
    "RFI",
    "δ easy",
    "δ fast",
    "± (half width)",
    "bias",
)
_VERDICT_HEAD: Final = (
    "sessions",
    "supported",
    "reversed",
    "no evidence",
    "not estimable",
)
_VERDICTS: Final = ("supported", "reversed", "no_evidence", "not_estimable")


def study_page(document: Document) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    document : mapping
        As read from statistics.json.

    Returns
    -------
    str
    """
    strides = document["by_strides"]
    environment = jinja2.Environment(  # noqa: S701 (Markdown, made from our own numbers)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("hipimu.report").joinpath("templates", "statistics.md.j2")
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        hipimu=document["hipimu"],
        sessions=strides[0]["sessions"],
        coverage=_coverage(strides),
        outside=_outside(strides),
        verdicts_changed=_verdicts(strides, "verdicts_where_changed"),
        verdicts_unchanged=_verdicts(strides, "verdicts_where_unchanged"),
        power=_power(document),
        alarms=_alarms(strides),
        signal=_coverage(_with_and_without(document)) if document["by_signal"] else "",
        signal_verdicts=_both_verdicts(document["by_signal"]),
        circular=_coverage(document["by_hip_range"]),
        circular_verdicts=_verdicts(document["by_hip_range"], "verdicts_where_unchanged"),
    )


def study_figures(document: Document) -> dict[str, str]:
    """Draw the power curve and the coverage of every kind of session: file name → SVG."""
    return {
        "statistics-power.svg": _power_figure(document),
        "statistics-coverage.svg": _coverage_figure(document),
    }


def study_lines(document: Document) -> list[str]:
    """Say for a terminal how often the intervals held the truth, one line a kind of session."""
    rows = [*document["by_strides"], *document["by_signal"], *document["by_hip_range"]]
    width = max(len(row["name"]) for row in rows)
    head = f"{'sessions':{width}}  {'RFI covered':>11}  {'±':>5}  supported, reversed"
    return [head, *(_line(row, width) for row in rows)]


def _line(row: Document, width: int) -> str:
    verdicts = row["verdicts_where_changed"] or row["verdicts_where_unchanged"]
    called = (_percent(verdicts.get(name, 0.0)) for name in ("supported", "reversed"))
    half = _degrees(row["half_width_deg"])
    return (
        f"{row['name']:{width}}  {_percent(row['coverage']['rfi']):>11}  {half:>5}  "
        f"{', '.join(called)}"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _coverage(rows: Sequence[Document]) -> str:
    return _table(_COVERAGE_HEAD, map(_covered, rows))


def _with_and_without(document: Document) -> list[Document]:
    """Sessions through the signal path, each beside what perfect sensors would have given."""
    pairs = zip(document["by_signal"], document["beside_signal"], strict=True)
    return [
        row
        for through, perfect in pairs
        for row in (
            through,
            {**perfect, "name": "", "what": "the same strides, perfectly measured"},
        )
    ]


def _covered(row: Document) -> Sequence[str]:
    covered = row["coverage"]
    return [
        row["name"],
        row["what"],
        str(row["estimates"]),
        _percent(row["estimable"], 0),
        *(_percent(covered[name]) for name in ("rfi", "easy", "fast")),
        _degrees(row["half_width_deg"]),
        _degrees(row["bias_deg"]),
    ]


def _outside(rows: Sequence[Document]) -> str:
    """Name the kinds of session whose coverage of RFI is not what is promised."""
    low, high = _PROMISED
    missed = [
        f"{row['name']} ({_percent(row['coverage']['rfi'])})"
        for row in rows
        if row["coverage"]["rfi"] is not None and not low <= row["coverage"]["rfi"] <= high
    ]
    return ", ".join(missed)


def _verdicts(rows: Sequence[Document], key: str) -> str:
    """Shares of the verdicts among estimates with a change, or without one."""
    told = [row for row in rows if row[key]]
    return _table(
        _VERDICT_HEAD,
        ([row["name"], *(_percent(row[key].get(name, 0.0)) for name in _VERDICTS)] for row in told),
    )


def _both_verdicts(rows: Sequence[Document]) -> str:
    """Shares of the verdicts, a line for what changed and one for what did not."""
    return _table(
        _VERDICT_HEAD,
        (
            [f"{row['name']}: {words}", *(_percent(shares.get(name, 0.0)) for name in _VERDICTS)]
            for row in rows
            for words, shares in (
                ("what changed", row["verdicts_where_changed"]),
                ("what did not", row["verdicts_where_unchanged"]),
            )
            if shares
        ),
    )


def _losses(document: Document) -> list[Document]:
    """Return the sessions with a loss at fast pace only, and those with none, by size."""
    return [
        row
        for row in document["by_strides"]
        if row["name"] == "null" or row["name"].startswith("fast ")
    ]


def _found(row: Document) -> float:
    verdicts = row["verdicts_where_changed"] or row["verdicts_where_unchanged"]
    return float(verdicts.get("supported", 0.0))


def _power(document: Document) -> str:
    return _table(
        ("extra loss at fast pace", "called a loss", "covered"),
        (
            [
                degrees(row["true_rfi_deg"] or 0.0),
                _percent(_found(row)),
                _percent(row["coverage"]["rfi_where_changed"] or row["coverage"]["rfi"]),
            ]
            for row in _losses(document)
        ),
    )


def _alarms(rows: Sequence[Document]) -> str:
    return _table(
        ("sessions", "something is called that is not there", "and still is, corrected (Holm)"),
        (
            [
                row["name"],
                _percent(row["false_alarm_per_session"]),
                _percent(row["false_alarm_per_session_holm"]),
            ]
            for row in rows
            if row["expected"] == "answer"
        ),
    )


def _percent(share: float | None, decimals: int = 1) -> str:
    return "–" if share is None else f"{number(100 * share, decimals)} %"


def _degrees(value: float | None) -> str:
    return "–" if value is None else degrees(value)


def _power_figure(document: Document) -> str:
    title = "How often an extra loss at fast pace is called one, 6 × (2 min easy, 1 min fast)"
    with look("wide"):
        sheet = Sheet("statistics-power", "wide", _HEAD + _HEIGHT + _FOOT)
        sheet.text(8, 20, title, weight="bold")
        axes = sheet.axes(_LEFT, _HEAD, WIDTH["wide"] - _LEFT - 150, _HEIGHT)
        rows = _losses(document)
        loss = [row["true_rfi_deg"] or 0.0 for row in rows]
        axes.plot(loss, list(map(_found, rows)), color=PACE_COLOUR["fast"], marker="o", lw=2.2)
        planned = document["planned_power"]
        axes.plot(
            [point["loss_deg"] for point in planned],
            [point["power"] for point in planned],
            color=MUTED,
            linestyle=(0, (4, 2)),
        )
        _label(axes, loss[-1], _found(rows[-1]), "simulated sessions")
        _label(axes, planned[3]["loss_deg"], planned[3]["power"] - 0.1, "what hipimu plan says")
        axes.set_ylim(0.0, 1.03)
        axes.set_xlim(-0.1, max(loss) + 0.1)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{number(100 * v, 0)} %"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{number(v, 0)}°"))
        return sheet.file(title)


def _label(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(
        text, (x, y), xytext=(8, 0), textcoords="offset points", va="center", annotation_clip=False
    )


def _coverage_figure(document: Document) -> str:
    rows = [row for row in document["by_strides"] if row["coverage"]["rfi"] is not None]
    rows = [row for row in rows if row["expected"] == "answer"]
    title = "How often the 95 % interval of RFI holds the truth"
    height = _ROW * len(rows)
    with look("wide"):
        sheet = Sheet("statistics-coverage", "wide", _HEAD + height + _FOOT)
        sheet.text(8, 20, title, weight="bold")
        axes = sheet.axes(_NAMES, _HEAD, WIDTH["wide"] - _NAMES - 24, height)
        axes.axvspan(*_PROMISED, facecolor=PACE_COLOUR["easy"], alpha=0.15, linewidth=0)
        axes.axvline(0.95, color=MUTED, linewidth=1.2)
        for place, row in enumerate(rows):
            share = row["coverage"]["rfi"]
            wide = 1.96 * (share * (1 - share) / max(row["estimates"], 1)) ** 0.5
            axes.plot((share - wide, min(share + wide, _MOST)), (place, place), color=TEXT)
            axes.plot(share, place, marker="o", markersize=7, color=TEXT)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
        axes.set_xlim(0.88, 1.002)
        axes.grid(visible=True, axis="x")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{number(100 * v, 0)} %"))
        sheet.text(8, sheet.height - 8, "band: 93 to 97 %, as promised", color=MUTED)
        return sheet.file(title)
