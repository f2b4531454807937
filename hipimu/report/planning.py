"""A planned session in words, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from hipimu.report.numerals import clock, counted, number

Document = Mapping[str, Any]

_WIDTH: Final = 98


def plan_lines(document: Document) -> list[str]:
    """Say what the session can show, what it would take, and what more bouts would change.

    Parameters
    ----------
    document : mapping
        What `hipimu.export.planning.planned` returns.

    Returns
    -------
    list of str
    """
    return [
        *_wrapped(_session(document)),
        *_wrapped(_needed(document)),
        "",
        "  bouts of each pace   smallest extra loss   interval",
        *(_rung(row) for row in document["ladder"]),
        "",
        *_wrapped(_rests_on(document)),
    ]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _session(document: Document) -> str:
    told = document["session"]
    times = f"{counted(told['easy_bouts'], 'easy bout')} of {clock(told['easy_s'])} and "
    times += f"{told['fast_bouts']} fast of {clock(told['fast_s'])}"
    return (
        f"{times} show an extra loss at fast pace of {number(told['smallest_deg'])}° or more, "
        f"{_times_in_ten(document['power'])} (interval ±{number(told['half_width_deg'])}°)."
    )


def _times_in_ten(power: float) -> str:
    return f"{number(100 * power, 0)} times in 100"


def _needed(document: Document) -> str:
    see, needed = number(document["see_deg"]), document["needed"]
    if needed is None:
        return (
            f"To see {see}° not even {document['most_bouts']} bouts of each pace would do: less "
            f"than {number(document['session']['detectable_deg'])}° does not stand out from this "
            "runner's own variation. Longer bouts help if strides vary, steadier conditions if "
            "bouts do."
        )
    return f"To see {see}° it takes {needed['fast_bouts']} bouts of each pace."


def _rung(row: Document) -> str:
    interval = f"±{number(row['half_width_deg'])}°"
    return f"  {row['fast_bouts']:>18}   {number(row['smallest_deg']) + '°':>19}   {interval:>8}"


def _rests_on(document: Document) -> str:
    own = document["variability"]
    bout = f"whole bouts by {number(own['bout_sd_deg'])}°"
    easy, fast = (number(own["stride_sd_deg"][pace]) for pace in ("easy", "fast"))
    source = own["source"]
    text = f"Peaks are taken to vary: {bout}, strides by {easy}° (easy) and {fast}° (fast), as in "
    if source == "usual figures":
        return (
            f"{text}simulated runners. Better is --like RESULTS, with the results of this runner's "
            "last session."
        )
    return f"{text}{source}."
