"""The language of packet layouts: one line of text a field, such as ``"3 i16 acc"``.

``[COUNT] TYPE [NAME] [if [not] FIELD & MASK]``. COUNT is a number, or ``*`` for as many as there
are; a field without NAME is skipped. Numbers are little-endian unless TYPE ends in ``be``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

_SIZES = {
    "u8": 1,
    "i8": 1,
    "u16": 2,
    "i16": 2,
    "u24": 3,
    "i24": 3,
    "u32": 4,
    "i32": 4,
    "u64": 8,
    "i64": 8,
    "f32": 4,
    "f64": 8,
}
TYPES = tuple(_SIZES)
_MOST = 1024
_GRAMMAR = re.compile(
    r"(?:(?P<count>\d{1,4}|\*) +)?"
    r"(?P<kind>[uif]\d{1,2})(?P<order>be|le)?"
    r"(?: +(?P<name>[a-z][a-z0-9_]*))?"
    r"(?: +if(?P<negated> +not)? +(?P<flags>[a-z][a-z0-9_]*)"
    r" *& *(?P<mask>0x[0-9a-fA-F]{1,8}|\d{1,9}))?"
)
GRAMMAR = "[COUNT] TYPE [NAME] [if [not] FIELD & MASK], for example 3 i16 acc"


@dataclass(frozen=True, slots=True)
class Condition:
    """A field is there only where bits of another say so."""

    flags: str
    mask: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layout."""

    kind: str
    """One of `TYPES`."""
    big_endian: bool
    count: int | None
    """None: as many as there are."""
    name: str | None
    """None: skipped."""
    condition: Condition | None

    @property
    def item_size(self) -> int:
        """Bytes of one number."""
        return _SIZES[self.kind]

    @property
    def size(self) -> int:
        """Bytes, counting a field of unknown length as none."""
        return self.item_size * (self.count or 0)

    def dtype(self) -> np.dtype[np.generic]:
        """Type of one number; of three bytes for 24-bit integers, see `widened`."""
        if self.item_size == 3:
            return np.dtype(("u1", (3,)))
        order = ">" if self.big_endian else "<"
        return np.dtype(f"{order}{self.kind[0]}{self.item_size}")

    def __str__(self) -> str:
        """Return the field as it is written."""
        many = "* " if self.count is None else "" if self.count == 1 else f"{self.count} "
        order = "be" if self.big_endian else ""
        named = "" if self.name is None else f" {self.name}"
        return f"{many}{self.kind}{order}{named}"


def parse_field(text: str) -> Field:
    """Return the field that a line of a layout describes.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        When it is none, with a sentence that says why.
    """
    found = _GRAMMAR.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r:.60} is no field: write {GRAMMAR}")
    if found["kind"] not in _SIZES:
        raise ValueError(f"{found['kind']!r} is no type: known are {', '.join(TYPES)}")
    count = None if found["count"] == "*" else int(found["count"] or 1)
    if count is not None and not 1 <= count <= _MOST:
        raise ValueError(f"{count} numbers in a field: from 1 to {_MOST} are possible")
    condition = None
    if found["flags"] is not None:
        mask = int(found["mask"], 0)
        condition = Condition(found["flags"], mask, wanted=found["negated"] is None)
    return Field(found["kind"], found["order"] == "be", count, found["name"], condition)


def widened(field: Field, values: np.ndarray) -> np.ndarray:
    """Return 24-bit integers (…, 3) of bytes as int32 (…,); anything else as it is.

    Parameters
    ----------
    field : Field
    values : ndarray
        As read with `Field.dtype`.
    """
    if field.item_size != 3:
        return values
    low, mid, high = (values[..., i].astype(np.int32) for i in (0, 1, 2))
    if field.big_endian:
        low, high = high, low
    wide = low | (mid << 8) | (high << 16)
    return wide - ((wide & 0x800000) << 1) if field.kind == "i24" else wide


def narrowed(field: Field, values: np.ndarray) -> np.ndarray:
    """Return numbers as `Field.dtype` stores them, the inverse of `widened`; out of range wraps.

    Parameters
    ----------
    field : Field
    values : ndarray
    """
    if field.item_size != 3:
        return values.astype(field.dtype())
    wide = values.astype(np.int64)
    parts = [wide & 0xFF, (wide >> 8) & 0xFF, (wide >> 16) & 0xFF]
    if field.big_endian:
        parts.reverse()
    return np.stack(parts, axis=-1).astype(np.uint8)
