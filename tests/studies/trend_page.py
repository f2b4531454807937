"""The tables of docs/explanation/over-weeks.md, from over-weeks.json alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hipimu.report.numerals import number
from tests.studies.marked_page import between, marks

BEGIN, END = marks("study-trends", "trend_page")

Row = Mapping[str, Any]


def page(text: str, document: Row) -> str:
    """Put what was found between the two marks of a page.

    Parameters
    ----------
    text : str
        The page as it is.
    document : mapping
        As read from over-weeks.json.

    Returns
    -------
    str
    """
    return between(text, BEGIN, END, tables(document))


def tables(document: Row) -> str:
    """Write all tables, each with its words."""
    return "\n\n".join(
        (
            _null(document["null"]),
            _power(document["power_both"], document["power"]),
            _hostile(document["hostile"]),
            _four(document["four"]),
            _pairs(document["pairs"]),
            _squads(document["squads"]),
        )
    )


def _null(rows: Sequence[Row]) -> str:
    false = sum(row["real"] * row["n"] for row in rows) / sum(row["n"] for row in rows)
    return (
        "### Without a change\n\n"
        f"Of athletes in whom nothing changed, **{_percent(false)}** are told a real change. At "
        "most 5 % is promised. *Covered* says how often the interval of the change held the truth "
        "(that of the change per week is the same one, divided by the weeks).\n\n"
        + _table(
            ("sessions", "n", "“real change”", "95 % interval", "“within your noise”", "covered",
             "± (half width)"),
            (
                (str(r["sessions"]), str(r["n"]), _percent(r["real"]), _between(r["real_ci95"]),
                 _percent(r["noise"]), _percent(r["covered"]), f"{number(r['half_deg'])}°")
                for r in rows
            ),
        )
    )  # fmt: skip


def _power(both: Sequence[Row], one: Sequence[Row]) -> str:
    wrong = max(row["wrong_way"] for row in (*both, *one) if row["improvement_deg"] >= 3)
    return (
        "### With a change\n\n"
        "How often an improvement over eight weeks is told as real, by how often is trained with "
        "sensors and how much sessions scatter (of each side; half of it both share). A change of "
        f"3° or more is told the wrong way round in {_percent(wrong)} at most.\n\n"
        f"The mean of both sides:\n\n{_power_table(both)}\n\n"
        f"One side alone:\n\n{_power_table(one)}"
    )


def _power_table(rows: Sequence[Row]) -> str:
    sizes = sorted({row["improvement_deg"] for row in rows})
    kinds = list(dict.fromkeys((row["per_week"], row["scatter_deg"]) for row in rows))
    cells = {(r["per_week"], r["scatter_deg"], r["improvement_deg"]): r["real"] for r in rows}
    return _table(
        ("sessions a week", "scatter", *(f"{number(size, 0)}°" for size in sizes)),
        (
            (
                number(often, 0),
                f"{number(scatter)}°",
                *(_percent(cells[often, scatter, size], 0) for size in sizes),
            )
            for often, scatter in kinds
        ),
    )


def _hostile(rows: Sequence[Row]) -> str:
    return (
        "### When sessions are not as assumed\n\n"
        "Two sessions a week, scatter 2° unless it says otherwise. *3° told*: of an improvement of "
        "3° over the eight weeks.\n\n"
        + _table(
            ("season", "what happens in it", "false “real”", "95 % interval", "covered", "3° told"),
            (
                (r["null"]["name"], r["null"]["what"], _percent(r["null"]["real"]),
                 _between(r["null"]["real_ci95"]), _percent(r["null"]["covered"]),
                 _percent(r["three"]["real"], 0))
                for r in rows
            ),
        )
    )  # fmt: skip


def _four(rows: Sequence[Row]) -> str:
    return (
        "### Four at once\n\n"
        "`hipimu trend` looks at two sides and two peaks. Here one of the four changes, the others "
        "do not; “real” is corrected for all four (Holm 1979).\n\n"
        + _table(
            ("improvement of one", "n", "it is told", "another one is told falsely",
             "95 % interval"),
            (
                (f"{number(r['improvement_deg'], 0)}°", str(r["n"]),
                 _percent(r["told"]) if r["improvement_deg"] else "–", _percent(r["false_any"]),
                 _between(r["false_any_ci95"]))
                for r in rows
            ),
        )
    )  # fmt: skip


def _pairs(rows: Sequence[Row]) -> str:
    return (
        "### Two sessions\n\n"
        "`hipimu compare` of two sessions between which nothing changed, and between which 8° did; "
        "*own* counts the athlete's earlier sessions. With none, the default of 4° decides, and an "
        "athlete who scatters more than that is told a change too often.\n\n"
        + _table(
            ("scatter", "own", "false “real”", "95 % interval", "“noise”", "8° told",
             "detectable"),
            (
                (f"{number(r['scatter_deg'])}°", str(r["own"]), _percent(r["false"]),
                 _between(r["false_ci95"]), _percent(r["noise"]), _percent(r["told_8_deg"], 0),
                 f"{number(r['detectable_deg'])}°")
                for r in rows
            ),
        )
    )  # fmt: skip


def _squads(rows: Sequence[Row]) -> str:
    return (
        "### Squads\n\n"
        "Fourteen athletes who truly improve by 1° on average over eight weeks, and differ in that "
        "by so much. *Error* is the root of the mean square.\n\n"
        + _table(
            ("sessions each", "true spread", "own: covered", "error", "±",
             "drawn together: covered", "error", "±"),
            (
                (str(r["sessions"]), f"{number(r['spread_deg'])}°",
                 *(cell for of in (r["own"], r["shrunk"])
                   for cell in (_percent(of["covered"]), f"{number(of['rms_deg'])}°",
                                f"{number(of['half_deg'])}°")))
                for r in rows
            ),
        )
    )  # fmt: skip


def _percent(share: float, decimals: int = 1) -> str:
    return f"{number(100 * share, decimals)} %"


def _between(ends: Sequence[float]) -> str:
    return f"{number(100 * ends[0])}–{number(100 * ends[1])} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
