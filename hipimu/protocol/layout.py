"""What a packet holds: fields → a NumPy structured dtype → arrays, and back.

Packets of one length and with the same flags share a *shape*: where every field begins, and how
many samples there are. A shape is worked out once; then a batch is one ``np.frombuffer``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hipimu.protocol.fields import Field, narrowed, parse_field, widened

_SAMPLES = "samples"
_MOST_SHAPES = 256


@dataclass(frozen=True, slots=True)
class Shape:
    """Where everything is in packets of one length and one set of flags."""

    dtype: np.dtype[np.void]
    samples: int
    """In one packet; 1 where the layout repeats nothing."""
    head: tuple[Field, ...]
    sample: tuple[Field, ...]


class WrongShapeError(ValueError):
    """A packet's length does not fit the layout; the text says why."""


class Layout:
    """Compiled form of one ``[layouts.NAME]``.

    Parameters
    ----------
    begins : bytes
        What every such packet begins with; the fields come after it.
    head, samples : sequence of str
        Fields that are there once, and those that repeat until the end.
    planar : bool
        Whether all samples' first field come before all samples' second.
    count : int or None
        Samples in a packet, where that is fixed.
    padded : bool
        Whether bytes may follow that mean nothing.
    """

    def __init__(
        self,
        begins: bytes,
        head: Sequence[str],
        samples: Sequence[str] = (),
        *,
        planar: bool = False,
        count: int | None = None,
        padded: bool = False,
    ) -> None:
        self.begins = begins
        self.head = tuple(parse_field(text) for text in head)
        self.sample = tuple(parse_field(text) for text in samples)
        self._planar, self._count, self._padded = planar, count, padded
        self._flags = self._flag_places()
        self._shapes: dict[tuple[int, ...], Shape] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all fields."""
        return tuple(f.name for f in (*self.head, *self.sample) if f.name is not None)

    @property
    def conditional(self) -> bool:
        """Whether packets of one length may differ in shape."""
        return bool(self._flags)

    def shape(self, packet: bytes) -> Shape:
        """Return the shape of one packet.

        Raises
        ------
        WrongShapeError
            When its length does not fit.
        """
        key = (len(packet), *(self._flag(packet, *place) for place in self._flags))
        found = self._shapes.get(key)
        if found is None:
            found = self._made(len(packet), dict(zip(self._flags, key[1:], strict=True)))
            # Lengths come from outside: what is remembered must not grow without end.
            if len(self._shapes) < _MOST_SHAPES:
                self._shapes[key] = found
        return found

    def unpack(self, shape: Shape, packets: Sequence[bytes]) -> dict[str, np.ndarray]:
        """Return every named field of packets of one shape.

        Parameters
        ----------
        shape : Shape
        packets : sequence of bytes
            m packets of the length that the shape was made for.

        Returns
        -------
        dict
            Head fields (m,) or (m, k), sample fields (m, samples) or (m, samples, k).
        """
        rows = np.frombuffer(b"".join(packets), shape.dtype)
        fields = {f.name: widened(f, rows[f.name]) for f in shape.head if f.name is not None}
        for f in shape.sample:
            if f.name is None:
                continue
            # Planar blocks are fields of their own, interleaved samples one array of records.
            values = rows[f.name] if self._planar else rows[_SAMPLES][f.name]
            fields[f.name] = widened(f, values)
        return fields

    def pack(self, values: Mapping[str, Any], samples: int = 1) -> bytes:
        """Return one packet.

        Parameters
        ----------
        values : mapping
            Field → number or array; samples fields (samples,) or (samples, k). Missing ones are 0.
        samples : int
            How many samples it holds.
        """
        flags = {
            place: int(np.asarray(values.get(place[0], 0))) & place[1] for place in self._flags
        }
        head = self._present(self.head, flags)
        rest = next((f for f in head if f.count is None), None)
        extra = 0 if rest is None else np.size(values.get(rest.name or "", ()))
        size = len(self.begins) + sum(f.size for f in head)
        size += extra * (rest.item_size if rest else 0)
        size += samples * sum(f.size for f in self.sample) if self.sample else 0
        shape = self._made(size, flags)
        row = np.zeros(1, shape.dtype)
        for f in (*shape.head, *shape.sample):
            if f.name is None or f.name not in values:
                continue
            inside = f in shape.sample and not self._planar
            place = row[_SAMPLES][f.name] if inside else row[f.name]
            stored = narrowed(f, np.asarray(values[f.name]))
            place[0] = stored.reshape(place[0].shape)
        return self.begins + row.tobytes()[len(self.begins) :]

    def _flag_places(self) -> tuple[tuple[str, int], ...]:
        """(field, mask) of all conditions, in order."""
        places = [
            (f.condition.flags, f.condition.mask)
            for f in (*self.head, *self.sample)
            if f.condition is not None
        ]
        for name, _ in places:
            self._offset(name)
        if any(f.condition for f in self.sample):
            raise ValueError("a field that repeats cannot have a condition: put it in head")
        if any(f.count is None for f in self.sample):
            raise ValueError("a field that repeats needs a fixed count: * is for head")
        if sum(f.count is None for f in self.head) > 1:
            raise ValueError("only one field can have as many numbers as there are (*)")
        if self.sample and any(f.count is None for f in self.head):
            raise ValueError("either samples repeat until the end or one field of head, not both")
        return tuple(dict.fromkeys(places))

    def _offset(self, name: str) -> tuple[int, Field]:
        at = len(self.begins)
        for f in self.head:
            if f.name == name:
                if f.kind[0] == "f" or f.count != 1:
                    raise ValueError(f"the condition's field {name} must be one whole number")
                return at, f
            if f.condition is not None or f.count is None:
                break
            at += f.size
        raise ValueError(f"the condition's field {name} must come before all conditions, in head")

    def _flag(self, packet: bytes, name: str, mask: int) -> int:
        at, f = self._offset(name)
        raw = packet[at : at + f.item_size]
        return int.from_bytes(raw, "big" if f.big_endian else "little") & mask

    def _present(
        self, fields: Sequence[Field], flags: Mapping[tuple[str, int], int]
    ) -> tuple[Field, ...]:
        return tuple(
            f
            for f in fields
            if f.condition is None
            or bool(flags[f.condition.flags, f.condition.mask]) == f.condition.wanted
        )

    def _made(self, length: int, flags: Mapping[tuple[str, int], int]) -> Shape:
        head = self._present(self.head, flags)
        left = length - len(self.begins) - sum(f.size for f in head)
        if left < 0:
            raise WrongShapeError(f"{length} bytes are {-left} too few")
        samples, many = 1, 0
        rest = next((f for f in head if f.count is None), None)
        if rest is not None:
            many, left = divmod(left, rest.item_size)
        elif self.sample:
            samples, left = self._samples_in(left, length)
        if left and not self._padded:
            raise WrongShapeError(f"{length} bytes are {left} too many, or cut off")
        parts = self._parts(head, samples, many)
        return Shape(np.dtype([*parts, ("_rest", f"V{left}")]), samples, head, self.sample)

    def _samples_in(self, left: int, length: int) -> tuple[int, int]:
        size = sum(f.size for f in self.sample)
        samples, over = divmod(left, size)
        if self._count is not None and samples > self._count and self._padded:
            samples, over = self._count, left - self._count * size
        if samples == 0 or (self._count is not None and samples != self._count):
            wanted = "at least one" if self._count is None else f"{self._count}"
            raise WrongShapeError(f"{length} bytes hold {samples} samples, not {wanted}")
        return samples, over

    def _parts(self, head: Sequence[Field], samples: int, many: int) -> list[Any]:
        parts: list[Any] = [("_begins", f"V{len(self.begins)}")]
        parts += [_part(f, i, f.count if f.count is not None else many) for i, f in enumerate(head)]
        if self.sample and self._planar:
            parts += [
                _part(f, i, f.count or 1, (samples,)) for i, f in enumerate(self.sample, len(head))
            ]
        elif self.sample:
            record = np.dtype([_part(f, i, f.count or 1) for i, f in enumerate(self.sample)])
            parts.append((_SAMPLES, record, (samples,)))
        return parts


def _part(f: Field, number: int, count: int, before: tuple[int, ...] = ()) -> tuple[Any, ...]:
    """Entry of a structured dtype: a single number stays a number."""
    name = f.name if f.name is not None else f"_{number}"
    inner = () if count == 1 and f.count == 1 else (count,)
    shape = (*before, *inner)
    return (name, f.dtype(), shape) if shape else (name, f.dtype())
