"""Sessions over weeks in words, as a coach would say them: what is not comparable comes first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from hipimu.data import (
    Difference,
    Incomparable,
    Judgement,
    Outcome,
    Pace,
    SessionSummary,
    Side,
    Squad,
    Trend,
)
from hipimu.report.catalogue import entry_of
from hipimu.report.numerals import MINUS, counted, number, spread_decimals
from hipimu.report.quantity import Display, display_of

MOST_LINES: Final = 20
_WIDTH: Final = 98
_JUDGEMENTS: Final[dict[Judgement, str]] = {
    "real": "real change",
    "noise": "within your noise",
    "cannot_tell": "cannot tell",
}
_NAMES: Final[dict[str, str]] = {
    "rfi": "extra loss at fast pace (RFI)",
    "delta_easy": "change at easy pace (δ easy)",
    "delta_fast": "change at fast pace (δ fast)",
    "level_easy": "level at easy pace, fresh",
    "level_fast": "level at fast pace, fresh",
    "reserve": "reserve",
}
_CHANGE: Final = "/change"
MAIN: Final = ("rfi", "delta_fast")


def judgement_words(judgement: Judgement) -> str:
    """Name a judgement in a few words."""
    return _JUDGEMENTS[judgement]


def quantity_words(quantity: str) -> str:
    """Name a quantity as a person would."""
    if "/" not in quantity:
        return _NAMES.get(quantity, quantity.replace("_", " "))
    measure = quantity.removesuffix(_CHANGE).partition("/")[2]
    title = entry_of(measure).title
    return f"{title}, change over the run" if quantity.endswith(_CHANGE) else title


def peak_words(
    side: Side | None, outcome: Outcome | None, pace: Pace | None = None, *, of_sides: bool = True
) -> str:
    """Name side, peak and pace, as far as there are any: ``left flexion``."""
    whose = side or ("both sides" if of_sides else "")
    peak = "" if outcome is None else outcome.removeprefix("peak_")
    return " ".join(word for word in (whose, peak, pace or "") if word)


def comparison(
    first: SessionSummary,
    second: SessionSummary,
    between: Iterable[Incomparable],
    found: Sequence[Difference],
) -> list[str]:
    """Say what two sessions show: what stands between them, then what changed.

    Parameters
    ----------
    first, second : SessionSummary
    between : iterable of Incomparable
        What `hipimu.compare.comparable` says of them.
    found : sequence of Difference

    Returns
    -------
    list of str
        Sentences.
    """
    told = [item.said for item in between]
    if not found:
        why = "" if told else " Neither of them could estimate what the other could."
        return [*told, f"{first.session} and {second.session} cannot be compared.{why}"]
    real = [one for one in found if one.judgement == "real"]
    if real:
        return [*told, *(_changed(one) for one in real)]
    return [*told, _nothing_real([one for one in found if one.quantity in MAIN] or list(found))]


def _changed(one: Difference) -> str:
    where = peak_words(one.side, one.outcome, one.pace if "/" in one.quantity else None,
                       of_sides=False)  # fmt: skip
    name = f"{quantity_words(one.quantity)}{f', {where}' if where else ''}"
    text = f"Real change: {name}, from {_told(one.first, one)} to {_told(one.second, one)}"
    ends = "" if one.change_ci95 is None else f", {_between(one.change_ci95, one.unit)}"
    own = "" if one.detectable is None else f"; less than {_size(one.detectable, one)} is scatter"
    return f"{text} ({_signed(one.change, one)}{ends}{own})."


def _nothing_real(found: Sequence[Difference]) -> str:
    if all(one.judgement == "noise" for one in found):
        most = max(one.detectable or 0.0 for one in found)
        return f"No real change: all of it lies within your own scatter (±{_size(most, found[0])})."
    reasons = dict.fromkeys(r for one in found if one.judgement != "noise" for r in one.reasons)
    why = f" {_capital('; '.join(list(reasons)[:2]))}." if reasons else ""
    return f"Cannot tell whether anything changed.{why}"


def trend_sentence(found: Trend) -> str:
    """Say what a trend shows, with its doubt and the athlete's own scatter.

    Parameters
    ----------
    found : Trend

    Returns
    -------
    str
        ``Real change: over 8 weeks you keep 3.1° more flexion at fast pace (1.2 to 5.0); your own
        scatter is ±2.0°.``
    """
    if found.change is None or found.change_ci95 is None:
        return f"Cannot tell yet: {'; '.join(found.reasons) or 'nothing to follow'}."
    reasons = f" {_capital('; '.join(found.reasons))}." if found.reasons else ""
    own = "" if found.repeatability_sd is None else (
        f"; your own scatter is ±{_size(found.repeatability_sd, found)}"
    )  # fmt: skip
    over = counted(round(_weeks(found)), "week")
    if found.judgement == "real":
        return f"Real change: over {over} {_moved(found)}{own}.{reasons}"
    ends = _between(found.change_ci95, found.unit)
    line = f"over {over} the line moved {_signed(found.change, found)} ({ends})"
    if found.judgement == "noise":
        return f"No real change: {line}, within your noise{own}.{reasons}"
    return f"Cannot tell: {line}{own}.{reasons}"


def _moved(found: Trend) -> str:
    """A change in the direction in which a coach thinks of it: more or less range kept."""
    value, ends = found.change or 0.0, found.change_ci95 or (0.0, 0.0)
    better = -1.0 if found.quantity == "rfi" else 1.0
    gained = value * better > 0
    if found.quantity in ("delta_fast", "rfi", "delta_easy"):
        pace = "easy" if found.quantity == "delta_easy" else "fast"
        beside = ", against easy pace" if found.quantity == "rfi" else ""
        low, high = sorted((abs(ends[0]), abs(ends[1])))
        span = _between((low, high), found.unit)
        peak = peak_words(found.side, found.outcome, of_sides=False)
        more = f"{'more' if gained else 'less'} {peak}".strip()
        return f"you keep {_size(value, found)} {more} at {pace} pace{beside} ({span})"
    name = quantity_words(found.quantity)
    return f"{name} moved {_signed(value, found)} ({_between(ends, found.unit)})"


def _weeks(found: Trend) -> float:
    days = [point.started_at for point in found.points if not point.left_out]
    return (max(days) - min(days)).total_seconds() / (7 * 86400) if days else 0.0


def left_out(found: Trend) -> list[str]:
    """Say which sessions are not in a trend, and why; those of one reason in a sentence."""
    why: dict[str, list[str]] = {}
    for point in found.points:
        if point.left_out:
            why.setdefault(_reason(point.left_out), []).append(point.session)
    return [
        f"Left out: {counted(len(names), 'session')} ({_few(names)}): {reason}."
        for reason, names in why.items()
    ]


def _reason(text: str) -> str:
    """One reason for many sessions: without their names, and without what to do."""
    return text.partition(": ")[0].rstrip(".").lower() if ": " in text else text.rstrip(".")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def squad_sentence(found: Squad) -> str:
    """Say who changed, and how the squad was drawn together."""
    real = [row for row in found.rows if row.trend.judgement == "real"]
    names = ", ".join(row.athlete for row in real)
    who = f"Really changed: {names}." if real else "Nobody really changed."
    return f"{who} {found.said}"


def difference_rows(found: Sequence[Difference]) -> list[tuple[str, ...]]:
    """Cells of a table: quantity, first, second, change with its interval, detectable, words."""
    return [
        (
            quantity_words(one.quantity),
            peak_words(one.side, one.outcome, one.pace if "/" in one.quantity else None,
                       of_sides=False),
            _told(one.first, one),
            _told(one.second, one),
            _with_ends(one.change, one.change_ci95, one),
            "–" if one.detectable is None else f"±{_size(one.detectable, one)}",
            judgement_words(one.judgement),
        )
        for one in found
    ]  # fmt: skip


def trend_rows(found: Sequence[Trend]) -> list[tuple[str, ...]]:
    """Cells of a table: quantity, peak, sessions, change with interval, per week, words."""
    return [
        (
            quantity_words(one.quantity),
            peak_words(one.side, one.outcome),
            str(sum(not point.left_out for point in one.points)),
            "–" if one.change is None else _with_ends(one.change, one.change_ci95, one),
            "–" if one.per_week is None else _signed(one.per_week, one),
            "–" if one.repeatability_sd is None else f"±{_size(one.repeatability_sd, one)}",
            judgement_words(one.judgement),
        )
        for one in found
    ]


def comparison_lines(sentences: Sequence[str], found: Sequence[Difference]) -> list[str]:
    """Sentences first, then a table of at most twenty lines: the hip's peaks before all else."""
    head = ("", "", "first", "second", "change (95 %)", "detectable", "")
    shown = sorted(found, key=lambda one: (one.quantity not in MAIN, "/" in one.quantity))
    return [*_wrapped(sentences), *_table(head, difference_rows(shown))]


def trend_lines(sentences: Sequence[str], found: Sequence[Trend]) -> list[str]:
    """Sentences first, then a table of at most twenty lines."""
    head = ("", "", "sessions", "change (95 %)", "a week", "scatter", "")
    return [*_wrapped(sentences), *_table(head, trend_rows(found))]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    kept = rows[: MOST_LINES - 2] if len(rows) > MOST_LINES - 1 else rows
    widths = [max(len(row[i]) for row in (head, *kept)) for i in range(len(head))]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if i < 2 or i == len(head) - 1 else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *kept)
    ]
    more = len(rows) - len(kept)
    return [*lines, f"and {more} more: --json has them all"] if more else lines


def _wrapped(texts: Sequence[str]) -> list[str]:
    wrap = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line for text in texts for line in wrap.wrap(text)]


Shown = Difference | Trend


def _display(one: Shown) -> Display:
    return display_of(one.unit)


def _decimals(one: Shown) -> int:
    display = _display(one)
    if display.symbol == "°" or one.change_ci95 is None:
        return display.decimals
    low, high = (end * display.factor for end in one.change_ci95)
    return spread_decimals((low, high), display.decimals)


def _told(value: float, one: Shown) -> str:
    display = _display(one)
    return f"{number(value * display.factor, _decimals(one))}{display.symbol}"


def _size(value: float, one: Shown) -> str:
    return _told(abs(value), one)


def _signed(value: float, one: Shown) -> str:
    told = _told(value, one)
    return told if told.startswith(MINUS) else f"+{told}"


def _with_ends(value: float, ends: tuple[float, float] | None, one: Shown) -> str:
    told = _signed(value, one)
    return told if ends is None else f"{told} ({_between(ends, one.unit)})"


def _between(ends: tuple[float, float], unit: str) -> str:
    display = display_of(unit)
    low, high = (end * display.factor for end in ends)
    decimals = 1 if display.symbol == "°" else spread_decimals((low, high), display.decimals)
    return f"{number(low, decimals)} to {number(high, decimals)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
