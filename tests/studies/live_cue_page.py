"""The tables of docs/explanation/live-cues.md, from live-cues.json alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hipimu.report.numerals import degrees, number
from tests.studies.marked_page import between, marks

BEGIN, END = marks("study-cues", "live_cue_page")

Row = Mapping[str, Any]


def page(text: str, document: Row) -> str:
    """Put what was found between the two marks of a page.

    Parameters
    ----------
    text : str
        The page as it is.
    document : mapping
        As read from live-cues.json.

    Returns
    -------
    str
    """
    return between(text, BEGIN, END, tables(document))


def tables(document: Row) -> str:
    """Write all tables, each with its words."""
    return "\n\n".join(
        (
            _false_alarms(document),
            _losses(document),
            _others(document["other_losses"]),
            _hostile(document["hostile"]),
            _choices(document["choices"]),
            _signals(document),
        )
    )


def _false_alarms(document: Row) -> str:
    null = document["null"]
    return (
        "### Without a change\n\n"
        f"In {number(null['hours'], 0)} hours of running in which nothing changed, "
        f"{null['range_down'] + null['range_back']} cues were heard, each of them wrong: "
        f"**{_rate(null)} an hour** (95 % interval {_rate_between(null)}). "
        f"{null['range_down']} said that range was down, {null['range_back']} that it was back "
        "after such a one. Promised is at most one an hour."
    )


def _losses(document: Row) -> str:
    null, later = document["null"], document["null_second_half"]
    head = ("lost", "heard", "lost by then", "fast strides since it could be told")
    evenly = [_loss(row) for row in document["slopes"]]
    steps = [_loss(row) for row in document["steps"]]
    return (
        "### With a loss of flexion at fast pace\n\n"
        "A loss is *heard* if a cue says of that peak that it is down. "
        f"Chance alone does so in {_percent(null['hit'])} of the hours without a loss, in "
        f"{_percent(later['hit'])} in their second half. *Lost by then* and the strides are "
        "medians, in brackets from the first to the last tenth. A loss could be told once it was "
        "as large as the runner's own detectable change; cues that came before, by good luck, are "
        "not among the strides.\n\n"
        f"Evenly over the hour, {document['slopes'][0]['sessions']} sessions each:\n\n"
        f"{_table(head, evenly)}\n\n"
        "At once, in the middle of the hour; strides since then:\n\n"
        f"{_table((head[0], head[1], 'fast strides'), [(a, b, d) for a, b, _, d in steps])}"
    )


def _others(rows: Sequence[Row]) -> str:
    return (
        "### Other losses\n\n"
        "Of flexion at fast pace, evenly over the hour, where nothing else is said.\n\n"
        + _table(("lost", "heard", "lost by then"), [_loss(row)[:3] for row in rows])
    )


def _hostile(rows: Sequence[Row]) -> str:
    return "### Without a loss, with mischief\n\nEvery cue here is wrong.\n\n" + _table(
        ("hours in which", "cues an hour", "95 % interval"),
        [(row["what"], _rate(row), _rate_between(row)) for row in rows],
    )


def _choices(rows: Sequence[Row]) -> str:
    return (
        "### Other rules\n\n"
        "The same hours without a change, and those that lose 3° evenly, by other rules:\n\n"
        + _table(
            (
                "strides in a row",
                "bouts of a baseline",
                "losses of easy pace",
                "false cues an hour",
                "heard of 3°",
                "lost by then",
            ),
            [
                (
                    str(row["in_a_row"]),
                    str(row["fresh_bouts"]),
                    "do not count" if row["heed_easy"] else "count",
                    f"{_rate(row)} ({_rate_between(row)})",
                    _percent(row["hit"]),
                    _spread(row["loss_deg"]),
                )
                for row in rows
            ],
        )
    )


def _signals(document: Row) -> str:
    null, loss = document["signal"]
    strides, signals = document["noise"]["strides"], document["noise"]["signals"]
    names = {
        "stride_sd_deg": "a stride, about its fast bout",
        "few_sd_deg": "the median of five",
        "bout_sd_deg": "the median of a bout, from one to the next",
        "detectable_deg": "the detectable change",
    }
    rows = [[what, degrees(strides[key]), degrees(signals[key])] for key, what in names.items()]
    memory = (strides["memory"], signals["memory"])
    rows.append(["likeness of neighbours", *(number(value, 2) for value in memory)])
    false = null["range_down"] + null["range_back"]
    return (
        "### Through the whole signal path\n\n"
        f"{null['sessions']} hours without a loss and {loss['sessions']} that lose "
        f"{loss['what']} at fast pace, simulated as sensor signals with the faults of the suite "
        "`realistic`, though no creep, and taken through the causal pipeline: "
        f"{false} false cues in {number(null['hours'], 0)} hours, and the loss was heard in "
        f"{round(loss['hit'] * loss['sessions'])} of {loss['sessions']}. That is too few to tell a "
        "rate well; it is to tell whether the strides of the other tables vary as measured ones "
        "do. Of peak flexion at fast pace (standard deviations but for the last two):\n\n"
        + _table(("", "simulated strides", "through the signal path"), rows)
    )


def _loss(row: Row) -> tuple[str, str, str, str]:
    heard = f"{_percent(row['hit'])} ({' to '.join(_percent(end) for end in row['hit_ci95'])})"
    return row["what"], heard, _spread(row["loss_deg"]), _strides(row["delay_strides"])


def _spread(values: Sequence[float] | None) -> str:
    if values is None:
        return "–"
    middle, low, high = (degrees(value) for value in values)
    return f"{middle} ({low} to {high})"


def _strides(values: Sequence[float] | None) -> str:
    if values is None:
        return "–"
    middle, low, high = (number(value, 0) for value in values)
    return f"{middle} ({low} to {high})"


def _rate(row: Row) -> str:
    return number(row["cues_per_hour"], 2)


def _rate_between(row: Row) -> str:
    return " to ".join(number(end, 2) for end in row["cues_per_hour_ci95"])


def _percent(share: float) -> str:
    return f"{number(100 * share, 0)} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
