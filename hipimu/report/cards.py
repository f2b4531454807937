"""The four dimensions: a card each, with one figure, and all their figures in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hipimu.data import Dimension, DimensionName, Durability, Measure, Pace, Session, Side
from hipimu.report.catalogue import DIMENSIONS, display_for, entry_of
from hipimu.report.contrast import hip
from hipimu.report.missing import sentence_of
from hipimu.report.numerals import clock, degrees, number
from hipimu.report.quantity import Display, ShownChange, decimals_of, shown_change, told_change
from hipimu.report.table import Table
from hipimu.units import deg_from_rad

_ORDER: Final[tuple[Pace | None, ...]] = ("easy", "fast", "other", None)
_FELL: Final = ("▼", "fell over the run")
_ROSE: Final = ("▲", "rose over the run")
_UNCLEAR: Final = ("○", "no clear change")


@dataclass(frozen=True, slots=True)
class Card:
    """One dimension as it is shown."""

    name: DimensionName
    title: str
    question: str
    figure: str
    """The headline's change with its interval, or its value; empty where there is none."""
    of: str
    """What the figure is of."""
    mark: str
    trend: str
    what: str
    may: str
    may_not: str
    why_not: tuple[str, ...]
    caveats: tuple[str, ...]
    table: Table | None


def cards(session: Session) -> tuple[Card, ...]:
    """Return a card for each dimension; empty where they were not computed.

    Parameters
    ----------
    session : Session

    Returns
    -------
    tuple of Card
    """
    if session.strength is None:
        return ()
    return tuple(_card(dimension) for dimension in session.strength.dimensions())


def _card(dimension: Dimension) -> Card:
    words, first = DIMENSIONS[dimension.name], dimension.headline
    entry = entry_of(first.name)
    change = _change(first)
    mark, trend = _trend(change) if change else ("", "")
    known = first.fresh is not None or change is not None
    return Card(
        name=dimension.name,
        title=words.title,
        question=words.question,
        figure=_figure(first, change),
        of=_of(first, change, dimension.measures) if known else entry.title,
        mark=mark,
        trend=trend,
        what=entry.what,
        may=entry.may,
        may_not=entry.may_not,
        why_not=() if known else _why_not(dimension),
        caveats=tuple(map(sentence_of, first.caveats)) if known else (),
        table=measure_table(dimension),
    )


def _change(measure: Measure) -> ShownChange | None:
    return shown_change(measure.delta, measure.delta_ci95, display_for(measure))


def _trend(change: ShownChange) -> tuple[str, str]:
    return _FELL if change.lost() else _ROSE if change.gained() else _UNCLEAR


def _figure(measure: Measure, change: ShownChange | None) -> str:
    if change is not None:
        return told_change(change, display_for(measure))
    return "" if measure.fresh is None else _fresh(measure, None)


def _fresh(measure: Measure, change: ShownChange | None) -> str:
    display = display_for(measure)
    if measure.fresh is None:
        return "–"
    value = measure.fresh * display.factor
    return f"{number(value, decimals_of(change, display))}{display.symbol}"


def _of(measure: Measure, change: ShownChange | None, others: tuple[Measure, ...]) -> str:
    sided = any(other.name == measure.name and other.side for other in others)
    where = [f"{measure.side} side"] if measure.side else ["both sides together"] if sided else []
    where += [f"{measure.pace} pace"] if measure.pace else []
    fresh = (
        f"; {_fresh(measure, change)} when fresh" if change and measure.fresh is not None else ""
    )
    return f"{entry_of(measure.name).title}{''.join(f', {part}' for part in where)}{fresh}"


def _why_not(dimension: Dimension) -> tuple[str, ...]:
    reasons = dict.fromkeys((*dimension.reasons, *dimension.headline.reasons))
    return tuple(map(sentence_of, reasons)) or ("It was not measured.",)


def measure_table(dimension: Dimension) -> Table | None:
    """All figures of one dimension that are known; None where there is none."""
    return _all_figures(f"{DIMENSIONS[dimension.name].title}: all figures", dimension.measures)


def own_table(session: Session) -> Table | None:
    """Measures of one's own; None where none were asked for, or nothing of them is known."""
    return _all_figures("Measures of your own", session.measures)


def _all_figures(caption: str, measures: Sequence[Measure]) -> Table | None:
    known = [m for m in measures if m.fresh is not None or _change(m) is not None]
    if not known:
        return None
    paces = [pace for pace in _ORDER if any(measure.pace == pace for measure in known)]
    rows: dict[tuple[str, Side | None], dict[Pace | None, Measure]] = {}
    for measure in known:
        rows.setdefault((measure.name, measure.side), {})[measure.pace] = measure
    return Table(
        caption,
        ("Figure", *(head for pace in paces for head in _heads(pace))),
        tuple(_row(name, side, by_pace, paces) for (name, side), by_pace in rows.items()),
        _absent(measures),
    )


def _heads(pace: Pace | None) -> tuple[str, str]:
    if pace is None:
        return ("Fresh", "Change over the run")
    return (f"{pace.capitalize()}, fresh", f"{pace.capitalize()}, change")


def _row(
    name: str,
    side: Side | None,
    by_pace: dict[Pace | None, Measure],
    paces: list[Pace | None],
) -> tuple[str, ...]:
    cells = []
    for pace in paces:
        measure = by_pace.get(pace)
        change = None if measure is None else _change(measure)
        cells.append("–" if measure is None else _fresh(measure, change))
        cells.append(_told(change, None if measure is None else display_for(measure)))
    return (f"{entry_of(name).title}{f', {side}' if side else ''}", *cells)


def _told(change: ShownChange | None, display: Display | None) -> str:
    return "–" if change is None or display is None else told_change(change, display)


def _absent(measures: Sequence[Measure]) -> tuple[str, ...]:
    """What could not be measured, and what is to be read with care, each with its reason."""
    missing: dict[str, dict[str, None]] = {}
    careful: dict[str, dict[str, None]] = {}
    for measure in measures:
        title = entry_of(measure.name).title
        for why in measure.reasons if measure.fresh is None else ():
            missing.setdefault(sentence_of(why), {})[title] = None
        for why in measure.caveats:
            careful.setdefault(sentence_of(why), {})[title] = None
    return (
        *(f"Missing: {'; '.join(names)}. {why}" for why, names in missing.items()),
        *(f"With care: {_few(tuple(names))}. {why}" for why, names in careful.items()),
    )


def _few(names: tuple[str, ...]) -> str:
    return "; ".join(names) if len(names) <= 3 else f"{len(names)} of these figures"


def durability_table(session: Session) -> Table | None:
    """When each peak left its own baseline at easy pace; None where nothing is known."""
    if session.strength is None or not session.strength.durability:
        return None
    return Table(
        "Durability: how long each peak stayed near its own baseline at easy pace",
        ("Peak", "Baseline", "Away is", "Left it"),
        tuple(_durability(entry) for entry in session.strength.durability),
        ("Away means beyond the threshold for 100 strides on end.",),
    )


def _durability(entry: Durability) -> tuple[str, ...]:
    baseline, threshold = entry.baseline_rad, entry.threshold_rad
    return (
        hip(entry.side, entry.outcome).capitalize(),
        "–" if baseline is None else degrees(deg_from_rad(baseline)),
        "–" if threshold is None else f"± {degrees(deg_from_rad(threshold))}",
        _left_at(entry),
    )


def _left_at(entry: Durability) -> str:
    moving = "" if entry.moving_s is None else f"{clock(entry.moving_s)} of running"
    if entry.left_at_s is not None:
        return f"at {clock(entry.left_at_s)}{f', after {moving}' if moving else ''}"
    if entry.reasons or not moving:
        return f"cannot be told{': ' if entry.reasons else ''}{'; '.join(entry.reasons)}"
    return f"never, in {moving}"
