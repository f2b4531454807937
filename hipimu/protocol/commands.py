"""Templates of the bytes that are written to a device.

``01 02 "text" {rate_hz:u16}``: hex bytes, text in quotes, and settings by name with the type they
are written as (u8, u16, u32, little-endian unless ending in ``be``, or ``ascii``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SIZES = {"u8": 1, "u16": 2, "u32": 4}
_PART = re.compile(
    r'(?P<hex>[0-9A-Fa-f]{2})|"(?P<text>[\x20-\x21\x23-\x7e]*)"|'
    r"\{(?P<setting>[a-z][a-z0-9_]*):(?P<type>u8|u16|u32|ascii)(?P<order>be)?\}|(?P<space>\s+)"
)


@dataclass(frozen=True, slots=True)
class _Hole:
    setting: str
    type: str
    big_endian: bool

    def filled(self, value: float) -> bytes:
        if self.type == "ascii":
            return f"{value:.10g}".encode("ascii")
        order = "big" if self.big_endian else "little"
        if value != int(value):
            raise ValueError(f"{self.setting} = {value:g} is no whole number: give it a code")
        try:
            return int(value).to_bytes(_SIZES[self.type], order)  # type: ignore[arg-type]
        except OverflowError:
            raise ValueError(f"{self.setting} = {value:g} does not fit into {self.type}") from None


class Template:
    """A command with holes for settings.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        When it is no template, with the place.
    """

    def __init__(self, text: str) -> None:
        self._parts: list[bytes | _Hole] = []
        at = 0
        while at < len(text):
            found = _PART.match(text, at)
            if found is None:
                raise ValueError(
                    f"{text[at : at + 20]!r} is not understood: write hex bytes, "
                    '"text" or {setting:u16}'
                )
            at = found.end()
            self._add(found)

    def _add(self, found: re.Match[str]) -> None:
        if found["hex"] is not None:
            self._parts.append(bytes.fromhex(found["hex"]))
        elif found["text"] is not None:
            self._parts.append(found["text"].encode("ascii"))
        elif found["setting"] is not None:
            self._parts.append(_Hole(found["setting"], found["type"], found["order"] is not None))

    @property
    def settings(self) -> tuple[str, ...]:
        """Names of the settings that it needs."""
        return tuple(part.setting for part in self._parts if isinstance(part, _Hole))

    def filled(self, values: Mapping[str, float]) -> bytes:
        """Return the bytes to write.

        Parameters
        ----------
        values : mapping
            Setting → its code.

        Raises
        ------
        ValueError
            When a value does not fit its type.
        """
        return b"".join(
            part if isinstance(part, bytes) else part.filled(values[part.setting])
            for part in self._parts
        )

    def read(self, payload: bytes) -> dict[str, float] | None:
        """Return what a written command set, or None where it is another command.

        Parameters
        ----------
        payload : bytes
        """
        pattern = b"".join(
            re.escape(part) if isinstance(part, bytes) else _pattern(part) for part in self._parts
        )
        found = re.fullmatch(pattern, payload, re.DOTALL)
        if found is None:
            return None
        holes = [part for part in self._parts if isinstance(part, _Hole)]
        return {
            hole.setting: _value(hole, raw) for hole, raw in zip(holes, found.groups(), strict=True)
        }


def _pattern(hole: _Hole) -> bytes:
    if hole.type == "ascii":
        return rb"([0-9.]{1,12})"
    return b"(.{%d})" % _SIZES[hole.type]


def _value(hole: _Hole, raw: bytes) -> float:
    if hole.type == "ascii":
        try:
            return float(raw)
        except ValueError:
            return float("nan")
    return float(int.from_bytes(raw, "big" if hole.big_endian else "little"))
