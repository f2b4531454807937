"""Which file, columns or rows are which segment's sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hipimu.data import SEGMENTS, Segment
from hipimu.sources.mapping.guess.choice import Choice, sure, unknown
from hipimu.sources.mapping.guess.layout import Candidate, template_of
from hipimu.sources.mapping.guess.words import Kind
from hipimu.sources.segment_names import segment_named

_LONGEST_LIST: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where one sensor's samples are, as a mapping says it."""

    candidate: Candidate
    file: str
    name: str = ""
    value: str | None = None
    segment: Segment | None = None

    @property
    def label(self) -> str:
        """How to call it, where no segment is known."""
        return self.value or self.name or self.file


@dataclass(frozen=True, slots=True)
class Places:
    """All sensors, and the names of columns that all have."""

    places: tuple[Place, ...]
    columns: Mapping[Kind, tuple[str, str, str]]
    choices: tuple[Choice, ...]


def places_of(
    candidates: Sequence[Candidate], who: str | None, values: Sequence[str]
) -> Places | None:
    """Return where each sensor is; None where its columns' names have nothing in common.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one.
    who : str or None
        Column that says of which sensor a row is.
    values : sequence of str
        What it says.
    """
    first = candidates[0]
    if who is not None:
        columns = first.columns
        places = [
            Place(first, first.sniffed.path.name, "", value, segment_named(value))
            for value in values
        ]
    else:
        named = _templates(candidates)
        if named is None:
            return None
        columns, names = named
        places = [
            Place(own, own.sniffed.path.name, name, None, own.segment)
            for own, name in zip(candidates, names, strict=True)
        ]
    return Places(_worn(places), columns, _explained(places, who))


def _worn(places: Sequence[Place]) -> tuple[Place, ...]:
    """Let no segment stand at two sensors."""
    segments = [place.segment for place in places]
    return tuple(
        place
        if segments.count(place.segment) == 1
        else Place(place.candidate, place.file, place.name, place.value)
        for place in places
    )


def _templates(
    candidates: Sequence[Candidate],
) -> tuple[dict[Kind, tuple[str, str, str]], tuple[str, ...]] | None:
    """Return names of columns that all sensors have, and what stands for ``{}`` in them."""
    kinds = [kind for kind in candidates[0].columns if all(kind in c.columns for c in candidates)]
    if all(c.columns[kind] == candidates[0].columns[kind] for c in candidates for kind in kinds):
        return {kind: candidates[0].columns[kind] for kind in kinds}, ("",) * len(candidates)
    for whole_words in (True, False):
        found: dict[Kind, list[str]] = {}
        stands: set[tuple[str, ...]] = set()
        for kind in kinds:
            for axis in range(3):
                names = [candidate.columns[kind][axis] for candidate in candidates]
                template = template_of(names, whole_words=whole_words)
                if template is not None:
                    found.setdefault(kind, []).append(template[0])
                    stands.add(template[1])
        if len(stands) == 1 and all(len(found.get(kind, ())) == 3 for kind in kinds):
            columns = {kind: (own[0], own[1], own[2]) for kind, own in found.items()}
            return columns, stands.pop()
    return None


def _explained(places: Sequence[Place], who: str | None) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    worn = _worn(places)
    for segment in SEGMENTS:
        place = next((own for own in worn if own.segment == segment), None)
        if place is not None:
            because = f"{place.label!r} names it."
            choices.append(sure(f"sensors.{segment}", "", because))
    nameless = [place.label for place in worn if place.segment is None]
    if nameless and len(choices) < len(SEGMENTS):
        listed = ", ".join(map(repr, nameless[:_LONGEST_LIST]))
        because = f"No name says where these are worn: {listed}."
        choices.append(unknown("sensors", because))
    if who is not None:
        listed = ", ".join(repr(place.value) for place in places[:_LONGEST_LIST])
        choices.insert(
            0, sure("sensor_column", "", f"{who} says of which sensor a row is: {listed}.")
        )
    return tuple(choices)
