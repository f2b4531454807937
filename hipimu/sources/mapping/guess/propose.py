"""Propose a mapping for files that no reader knows, and explain each choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.sources.foreign.mapping import SUFFIXES
from hipimu.sources.foreign.registry import reader_of
from hipimu.sources.mapping.guess import magnitudes
from hipimu.sources.mapping.guess.choice import Choice, likely, sure, unknown
from hipimu.sources.mapping.guess.clock import Clock, clock_of
from hipimu.sources.mapping.guess.layout import Layout, exchanged, layout_of
from hipimu.sources.mapping.guess.places import Place, Places, places_of
from hipimu.sources.mapping.guess.sniff import Sniffed, sniff
from hipimu.sources.mapping.guess.words import Kind
from hipimu.sources.mapping.read import READER_ID
from hipimu.sources.mapping.text import Cut, cut, floats

_BESIDE: Final = ("laps.csv", "speed.csv", "heart_rate.csv")
_MOST_FILES: Final = 50
_MOST_SENSORS: Final = 20
_TOGETHER_S: Final = 2.0
_LARGEST: Final = 1e12
"""Larger numbers, and those that are none, are left aside: reading will name their line."""
_PER_S: Final = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as far as files say it, and why."""

    folder: Path
    choices: tuple[Choice, ...]
    places: tuple[Place, ...]
    columns: Mapping[Kind, tuple[str, str, str]]
    file: str | None
    """The one file of all sensors; None where each has its own."""
    who: str | None
    """Column that says of which sensor a row is."""

    def value(self, key: str) -> str:
        """Return what is proposed for a key; empty where nothing is."""
        return next((choice.value for choice in self.choices if choice.key == key), "")


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """One sensor's numbers, as the file says them."""

    vectors: Mapping[Kind, FloatArray]
    numbers: Mapping[str, FloatArray]
    texts: Mapping[str, Sequence[str]]


def propose(path: Path) -> Proposal:
    """Look at a file or folder and propose a mapping.

    Raises
    ------
    RecordingError
        When hipimu knows these files already, or sees no table of numbers in them.
    """
    folder = path if path.is_dir() else path.parent
    files = _files(path)
    sniffs, left_alone = _sniffed(path, files)
    layout = layout_of(sniffs)
    tables = {one.path: cut(one.path, one.table) for one in sniffs}
    who, values = _who(layout, tables)
    places = places_of(layout.sensors, who, values) if layout.sensors else None
    if places is None:
        because = "The sensors' columns have no names in common: write the mapping by hand."
        choices = (*sniffs[0].choices, *layout.choices, unknown("sensors", because))
        return Proposal(folder, (*choices, *left_alone), (), {}, None, None)
    data = [_data(place, layout, tables, who) for place in places.places]
    clock = clock_of(layout.times, data[0].numbers, data[0].texts)
    if not layout.named and _other_way_round(data, clock):
        swapped = tuple(map(exchanged, layout.sensors))
        places = places_of(swapped, who, values) or places
        data = [_data(place, layout, tables, who) for place in places.places]
    one_file = len({place.file for place in places.places}) == 1
    choices = (
        *sniffs[0].choices,
        *clock.choices,
        *layout.choices,
        *_units(places, data, clock),
        *places.choices,
        _synchronised(data, clock, one_file=one_file),
        *left_alone,
    )
    file = places.places[0].file if one_file and len(places.places) > 1 else None
    return Proposal(folder, choices, places.places, places.columns, file, who)


def _files(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise RecordingError(f"There is no {path}.", "Name a file or folder.", path=path)
    if (path / "recording.toml").exists():
        raise RecordingError(
            f"{path.name} is a recording folder already.",
            f"Analyse it by: hipimu analyse {path}.",
            path=path,
        )
    inside = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [own for own in inside if own.suffix.lower() in SUFFIXES and own.is_file()]
    files = [own for own in files if own.name.lower() not in _BESIDE] if path.is_dir() else inside
    if not files:
        raise RecordingError(
            f"{path.name} holds no tables: no files ending in {', '.join(SUFFIXES)}.",
            "Export the samples as text, one row a sample.",
            path=path,
        )
    known = ((own, reader_of(own)) for own in files)
    for own, reader in known:
        if reader is not None and reader.id != READER_ID:
            raise RecordingError(
                f"{own.name} is {reader.title}: hipimu reads it without a mapping.",
                f"Convert it by: hipimu convert {path} OUT.",
                path=own,
            )
    return tuple(files[:_MOST_FILES])


def _sniffed(path: Path, files: Sequence[Path]) -> tuple[list[Sniffed], list[Choice]]:
    """Return how files are cut: those that are cut like the most of them."""
    found: list[Sniffed] = []
    left_alone: list[Choice] = []
    for own in files:
        try:
            found.append(sniff(own))
        except RecordingError as error:
            if path.is_file() or len(files) == 1:
                raise
            left_alone.append(sure("left alone", "", error.what))
    if not found:
        raise RecordingError(
            f"{path.name}: no table of numbers can be seen in any of its files.",
            "Export the samples as text with one row a sample.",
            path=path,
        )
    kinds = [(one.table, len(one.names)) for one in found]
    usual = max(kinds, key=kinds.count)
    for one, kind in zip(found, kinds, strict=True):
        if kind != usual:
            because = f"{one.path.name} is another kind of table than {found[0].path.name}."
            left_alone.append(sure("left alone", "", because))
    return [one for one, kind in zip(found, kinds, strict=True) if kind == usual], left_alone


def _who(layout: Layout, tables: Mapping[Path, Cut]) -> tuple[str | None, tuple[str, ...]]:
    """Return the column that says of which sensor a row is, and what it says."""
    if len(layout.sensors) != 1:
        return None, ()
    table = tables[layout.sensors[0].sniffed.path]
    for name in layout.who:
        if table.names.count(name) == 1:
            cells = table.columns([], [name])[name].to_pylist()
            values = sorted({cell.strip() for cell in cells})
            if 1 < len(values) <= _MOST_SENSORS:
                return name, tuple(values)
    return None, ()


def _data(place: Place, layout: Layout, tables: Mapping[Path, Cut], who: str | None) -> _Data:
    """Read one sensor's columns."""
    sniffed = place.candidate.sniffed
    table = tables[sniffed.path]
    vectors = place.candidate.columns
    used = {name for columns in vectors.values() for name in columns}
    named = [name for name, _ in layout.times]
    numeric = dict(zip(sniffed.names, sniffed.numeric, strict=True))
    single = [name for name in sniffed.names if sniffed.names.count(name) == 1]
    others = [name for name in single if name not in used and numeric[name]]
    texts = [name for name in named if name in single and not numeric[name]]
    asked = [*used, *others]
    columns = table.columns(asked, [*texts, *([who] if who else [])])
    arrays = {name: floats(columns[name]) for name in asked}
    needed = [name for kind, names in vectors.items() if kind != "mag" for name in names]
    sizes = np.abs(np.column_stack([arrays[name] for name in needed]))
    rows = (sizes < _LARGEST).all(axis=1)
    if who is not None:
        rows &= np.array([cell.strip() == place.value for cell in columns[who].to_pylist()])
    kept = np.flatnonzero(rows)
    return _Data(
        {
            kind: np.column_stack([arrays[name][kept] for name in names])
            for kind, names in vectors.items()
        },
        {name: arrays[name][kept] for name in others},
        {name: [columns[name][int(i)].as_py().strip() for i in kept[:50]] for name in texts},
    )


def _other_way_round(data: Sequence[_Data], clock: Clock) -> bool:
    """Say whether what was taken for angular velocity is as long at rest as acceleration."""
    rate_hz = clock.rate_hz or 100.0
    kinds: tuple[Kind, ...] = ("acc", "gyr")
    told = {
        kind: magnitudes.rest_of([own.vectors[kind] for own in data], rate_hz) for kind in kinds
    }
    fits = {
        kind: magnitudes.unit_of_acc(rest, whole=_whole([own.vectors[kind] for own in data]))
        for kind, rest in told.items()
    }
    return fits["acc"].unit is None and fits["gyr"].unit is not None and told["gyr"].quiet


def _units(places: Places, data: Sequence[_Data], clock: Clock) -> tuple[Choice, ...]:
    units = places.places[0].candidate.units
    kind: Kind = "free" if "free" in units else "acc"
    accs = [own.vectors[kind] for own in data if len(own.vectors[kind])]
    gyrs = [own.vectors["gyr"] for own in data if len(own.vectors["gyr"])]
    if not accs or not gyrs:
        return (unknown("acc.unit", "There are no samples."),)
    rest = magnitudes.rest_of(accs, clock.rate_hz or 100.0)
    choices = [*_unit("acc", units[kind], magnitudes.unit_of_acc(rest, whole=_whole(accs)))]
    choices.append(_gravity(kind, rest))
    moving = magnitudes.moves(accs)
    told = magnitudes.unit_of_gyr(gyrs, whole=_whole(gyrs), moving=moving)
    choices += _unit("gyr", units["gyr"], told)
    mags = [own.vectors["mag"] for own in data if "mag" in own.vectors and "mag" in places.columns]
    if mags:
        choices += _unit("mag", units["mag"], magnitudes.unit_of_mag(mags))
    because = (
        "Numbers cannot tell axes. Each sensor is calibrated anyway; only left-handed axes "
        "would be wrong, and the data sheet has a drawing of them."
    )
    choices.append(unknown("axes", because, '["x", "y", "z"]'))
    return tuple(choices)


def _whole(vectors: Sequence[FloatArray]) -> bool:
    return all(bool(np.all(own[np.isfinite(own)] % 1.0 == 0.0)) for own in vectors)


def _unit(key: str, named: str | None, told: magnitudes.Told) -> list[Choice]:
    if named is not None and told.unit not in (None, named):
        because = f"The name says {named}, but {told.because[:1].lower()}{told.because[1:]}"
        return [unknown(f"{key}.unit", because, f'"{named}"')]
    if named is not None:
        return [sure(f"{key}.unit", f'"{named}"', "Its name or the line below it says so.")]
    if told.unit is None:
        return [unknown(f"{key}.unit", told.because)]
    say = sure if told.certain else likely
    choices = [say(f"{key}.unit", f'"{told.unit}"', told.because)]
    if told.scale != 1.0:
        choices.append(likely(f"{key}.scale", repr(told.scale), "What one count is then."))
    return choices


def _gravity(kind: Kind, rest: magnitudes.Rest) -> Choice:
    if kind == "free" or magnitudes.lacks_gravity(rest):
        because = f"At rest acceleration is {rest.length:.3g} long: gravity has been taken out."
        return sure("acc.rest", '"removed"', because)
    because = (
        "Numbers cannot tell the sign of gravity. Nearly all systems show +1 g on the axis that "
        "points up at rest; lay a sensor on a table to see it."
    )
    return unknown("acc.rest", because, '"+g"')


def _synchronised(data: Sequence[_Data], clock: Clock, *, one_file: bool) -> Choice:
    key = "synchronised"
    if one_file:
        return sure(key, "true", "All sensors are in one table.")
    because = "Nothing says that the clocks of the files are one clock."
    if clock.column is None or clock.unit not in _PER_S:
        return unknown(key, because, "false")
    times = [own.numbers.get(clock.column) for own in data]
    present = [t for t in times if t is not None and len(t)]
    if len(present) < len(data):
        return unknown(key, because, "false")
    starts = [float(t[0]) / _PER_S[clock.unit] for t in present]
    apart = max(starts) - min(starts)
    if all(len(t) == len(present[0]) and np.array_equal(t, present[0]) for t in present):
        return likely(key, "true", "All files have the very same times.")
    if min(starts) > 60.0 and apart <= _TOGETHER_S:
        because = f"The files start within {apart:.3f} s on clocks that do not start at 0."
        return likely(key, "true", because)
    return unknown(key, because, "false")
