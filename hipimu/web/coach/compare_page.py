"""Two to six sessions beside each other: what does not compare, what changed, the curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hipimu.compare import comparable, differences
from hipimu.compare.comparable import in_order
from hipimu.data import Difference, Incomparable, SessionSummary
from hipimu.report.catalogue import DIMENSIONS
from hipimu.report.over_weeks import MAIN, comparison, difference_rows
from hipimu.store import StoreView
from hipimu.web.coach.cycle_chart import Named, Panel, cycle_panels
from hipimu.web.coach.forms import FormError
from hipimu.web.coach.over_weeks import repeated

FEWEST: Final = 2
MOST: Final = 6
_HEAD: Final = ("Quantity", "Of", "First", "This one", "Change (95 %)", "Detectable", "In words")

Part = Literal["early", "late"]


@dataclass(frozen=True, slots=True)
class Group:
    """Differences of one kind."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One session against the first."""

    number: int
    summary: SessionSummary
    said: tuple[str, ...]
    main: Group
    others: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What the page shows."""

    summaries: tuple[SessionSummary, ...]
    """The oldest first."""
    between: tuple[Incomparable, ...]
    refused: bool
    """Whether something of them cannot be held against each other at all."""
    compared: tuple[Compared, ...]
    panels: tuple[Panel, ...]
    part: Part


def compare_page(store: StoreView, names: Sequence[str], part: Part) -> ComparePage:
    """Hold sessions against the oldest of them.

    Parameters
    ----------
    store : StoreView
    names : sequence of str
        Two to six.
    part : {"early", "late"}
        Third of the run whose cycles are drawn.

    Raises
    ------
    FormError
        When they are fewer or more.
    StoreError
        When there is none of a name.
    """
    wanted = tuple(dict.fromkeys(names))
    if not FEWEST <= len(wanted) <= MOST:
        raise FormError(
            400,
            f"Two to six sessions can be compared; {len(wanted) or 'none'} chosen.",
            "Go back to the athlete and choose them in the list of sessions.",
        )
    summaries = in_order(store.summary(name) for name in wanted)
    own = repeated(store, summaries)
    between = comparable(summaries)
    first, *others = summaries
    return ComparePage(
        summaries=summaries,
        between=between,
        compared=tuple(
            _compared(number, first, other, own) for number, other in enumerate(others, 2)
        ),
        refused=any(item.refuses for item in between),
        panels=cycle_panels(_curves(summaries, part)),
        part=part,
    )


def _compared(
    number: int,
    first: SessionSummary,
    other: SessionSummary,
    own: Sequence[SessionSummary],
) -> Compared:
    found = differences(first, other, own)
    peaks = [one for one in found if "/" not in one.quantity]
    main = [one for one in peaks if one.quantity in MAIN]
    others = [one for one in peaks if one.quantity not in MAIN]
    # The rest of what stands between them is said at the top of the page.
    refusing = () if found else tuple(i for i in comparable((first, other)) if i.refuses)
    return Compared(
        number=number,
        summary=other,
        said=tuple(comparison(first, other, refusing, found)),
        main=_group("Kept and lost at fast pace", main),
        others=tuple(_others(found, others)),
    )


def _others(found: Sequence[Difference], peaks: Sequence[Difference]) -> Iterator[Group]:
    """Everything else, by kind."""
    if peaks:
        yield _group("Other figures of the hip’s peaks", peaks)
    for name, words in DIMENSIONS.items():
        own = [one for one in found if one.quantity.startswith(f"{name}/")]
        if own:
            yield _group(words.title, own)


def _group(title: str, found: Sequence[Difference]) -> Group:
    return Group(title, _HEAD, tuple(difference_rows(found)))


def _curves(summaries: Sequence[SessionSummary], part: Part) -> list[Named]:
    """The latest session strongest."""
    newest = len(summaries)
    return [
        Named(f"{number}", newest - number, cycle)
        for number, summary in enumerate(summaries, 1)
        for cycle in summary.cycles
        if cycle.part == part
    ]
