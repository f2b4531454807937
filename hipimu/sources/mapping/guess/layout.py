"""Which columns and files are which sensor's, told by names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from hipimu.data import Segment
from hipimu.sources.mapping.guess.choice import Choice, likely, sure, unknown
from hipimu.sources.mapping.guess.sniff import Sniffed
from hipimu.sources.mapping.guess.words import Kind, Meaning, meaning_of
from hipimu.sources.segment_names import segment_named

VECTORS: Final[tuple[Kind, ...]] = ("acc", "gyr", "mag")
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be one sensor of a file."""

    sniffed: Sniffed
    stem: tuple[str, ...]
    columns: Mapping[Kind, Triple]
    """Names of x, y and z, by kind."""
    units: Mapping[Kind, str | None]
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where sensors, their channels and times are."""

    sensors: tuple[Candidate, ...]
    named: bool
    """Whether names say which column is which; else only their order."""
    times: tuple[tuple[str, Meaning], ...]
    """Columns that may be times, in the order of the file."""
    who: tuple[str, ...]
    """Columns that may say of which sensor a row is."""
    choices: tuple[Choice, ...] = field(default=())


def layout_of(sniffs: Sequence[Sniffed]) -> Layout:
    """Return where sensors and channels are, as far as names say it."""
    first = sniffs[0]
    meanings = _meanings(first)
    found = [candidate for one in sniffs for candidate in _candidates(one)]
    times = tuple((name, m) for name, m in meanings if m.kind in ("time", "count"))
    who = tuple(name for name, m in meanings if m.kind == "who")
    if found:
        return Layout(tuple(found), True, times, who, _by_names(found[0], meanings))
    ordered = [candidate for one in sniffs if (candidate := _by_order(one)) is not None]
    return Layout(tuple(ordered), False, times, who, _by_numbers(ordered))


def _meanings(sniffed: Sniffed) -> list[tuple[str, Meaning]]:
    pairs = zip(sniffed.names, sniffed.units, strict=True)
    return [(name, meaning_of(name, unit)) for name, unit in pairs]


def _candidates(sniffed: Sniffed) -> list[Candidate]:
    """Return the sensors of one file: sets of columns that have the same other words in common."""
    groups: dict[tuple[Kind, tuple[str, ...]], dict[str, tuple[str, str | None]]] = {}
    for name, meaning in _meanings(sniffed):
        if meaning.kind in (*VECTORS, "free"):
            own = groups.setdefault((meaning.kind, meaning.stem), {})
            own.setdefault(meaning.axis, (name, meaning.unit))
    whole = {key: axes for key, axes in groups.items() if len(axes) == 3}
    accs = [stem for kind, stem in whole if kind == "acc"] or [
        stem for kind, stem in whole if kind == "free"
    ]
    kind: Kind = "acc" if any(own == "acc" for own, _ in whole) else "free"
    gyrs = [stem for own, stem in whole if own == "gyr"]
    pairs = [(stem, stem) for stem in accs if stem in gyrs]
    if not pairs and accs and gyrs and len(gyrs) == 1:
        pairs = [(accs[0], gyrs[0])]
    return [_candidate(sniffed, whole, kind, acc, gyr) for acc, gyr in pairs]


def _candidate(
    sniffed: Sniffed,
    groups: Mapping[tuple[Kind, tuple[str, ...]], Mapping[str, tuple[str, str | None]]],
    kind: Kind,
    acc: tuple[str, ...],
    gyr: tuple[str, ...],
) -> Candidate:
    parts: dict[Kind, Mapping[str, tuple[str, str | None]]] = {
        kind: groups[kind, acc],
        "gyr": groups["gyr", gyr],
    }
    mags = [stem for own, stem in groups if own == "mag" and stem in (acc, gyr)]
    mags = mags or [stem for own, stem in groups if own == "mag"]
    if mags and (mags[0] in (acc, gyr) or len(mags) == 1):
        parts["mag"] = groups["mag", mags[0]]
    columns = {own: _in_order(axes) for own, axes in parts.items()}
    units = {own: next(iter(axes.values()))[1] for own, axes in parts.items()}
    stem = " ".join(acc) if acc == gyr else ""
    segment = segment_named(stem) or segment_named(sniffed.path.stem)
    return Candidate(sniffed, acc if acc == gyr else (), columns, units, segment)


def _in_order(axes: Mapping[str, tuple[str, str | None]]) -> Triple:
    x, y, z = (axes[axis][0] for axis in sorted(axes))
    return x, y, z


def _by_order(sniffed: Sniffed) -> Candidate | None:
    """Take nameless columns of numbers as they usually follow each other: acc, gyr, mag."""
    numbers = [name for name, own in zip(sniffed.names, sniffed.numeric, strict=True) if own]
    extra = len(numbers) % 3
    vectors = numbers[extra:]
    if len(vectors) not in (6, 9) or extra > 1:
        return None
    triples = [(vectors[i], vectors[i + 1], vectors[i + 2]) for i in range(0, len(vectors), 3)]
    columns: dict[Kind, Triple] = dict(zip(VECTORS, triples, strict=False))
    segment = segment_named(sniffed.path.stem)
    return Candidate(sniffed, (), columns, dict.fromkeys(columns), segment)


def exchanged(candidate: Candidate) -> Candidate:
    """Return a candidate whose angular velocity was taken for acceleration, and the other way."""
    columns = dict(candidate.columns)
    columns["acc"], columns["gyr"] = columns["gyr"], columns["acc"]
    return replace(candidate, columns=columns)


def _by_names(candidate: Candidate, meanings: Sequence[tuple[str, Meaning]]) -> tuple[Choice, ...]:
    used = {name for columns in candidate.columns.values() for name in columns}
    free = [name for name, meaning in meanings if meaning.kind == "free" and name not in used]
    choices = []
    for kind, key in (("acc", "acc"), ("free", "acc"), ("gyr", "gyr"), ("mag", "mag")):
        columns = candidate.columns.get(kind)  # type: ignore[call-overload]
        if columns is not None:
            because = f"Their names say it: {', '.join(columns)}."
            if free and kind == "acc":
                because += f" {free[0]} and the like are without gravity and left alone."
            choices.append(sure(f"{key}.columns", "", because))
    return tuple(choices)


def _by_numbers(ordered: Sequence[Candidate]) -> tuple[Choice, ...]:
    if not ordered:
        return (
            unknown("acc.columns", "No name says which columns are acceleration."),
            unknown("gyr.columns", "No name says which columns are angular velocity."),
        )
    columns = ordered[0].columns
    because = "No name says it: by their order, x, y, z, and what is as long as gravity."
    return tuple(likely(f"{kind}.columns", "", because) for kind in columns)


def template_of(
    names: Sequence[str], *, whole_words: bool = True
) -> tuple[str, tuple[str, ...]] | None:
    """Return what several columns' names have in common, with ``{}``, and what stands there.

    Parameters
    ----------
    names : sequence of str
        Of the same channel of several sensors.
    whole_words : bool
        Whether what stands there may not begin or end within a word.

    Examples
    --------
    >>> template_of(["acc_pelvis_x", "acc_left_x"])
    ('acc_{}_x', ('pelvis', 'left'))
    """
    shortest = min(len(name) for name in names)
    before = next((i for i in range(shortest) if len({n[i] for n in names}) > 1), shortest)
    rest = shortest - before
    behind = next((i for i in range(rest) if len({n[-1 - i] for n in names}) > 1), rest)
    while whole_words and before and any(_cut_word(name, before) for name in names):
        before -= 1
    while whole_words and behind and any(_cut_word(n, len(n) - behind) for n in names):
        behind -= 1
    middles = tuple(name[before : len(name) - behind] for name in names)
    if len(set(middles)) < len(names) or not all(middles):
        return None
    return names[0][:before] + "{}" + names[0][len(names[0]) - behind :], middles


def _cut_word(name: str, at: int) -> bool:
    """Say whether a word would be cut in two there."""
    if not 0 < at < len(name):
        return False
    left, right = name[at - 1], name[at]
    return left.isalnum() and right.isalnum() and not (left.islower() and right.isupper())
