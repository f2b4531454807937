"""What every reader of sensor files hands on: pieces of one file, with a way back to the line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from hipimu.data import FloatArray, IntArray, Segment

Channels = tuple[str, str, str, str, str, str]
_Array = TypeVar("_Array", FloatArray, IntArray)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Consecutive rows of one sensor's file, in SI units, not yet checked."""

    first_row: int
    """Rows of data before this piece."""
    read: float
    """Share of the file read so far, 0–1."""
    t_s: FloatArray
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    mag_ut: FloatArray | None = None
    counter: IntArray | None = None

    def __len__(self) -> int:
        return len(self.t_s)

    def part(self, start: int, stop: int) -> Samples:
        """Return the rows from `start` up to, not including, `stop`."""
        return replace(
            self,
            first_row=self.first_row + start,
            t_s=self.t_s[start:stop],
            acc_m_s2=self.acc_m_s2[start:stop],
            gyr_rad_s=self.gyr_rad_s[start:stop],
            mag_ut=None if self.mag_ut is None else self.mag_ut[start:stop],
            counter=None if self.counter is None else self.counter[start:stop],
        )


def joined(pieces: Sequence[Samples]) -> Samples:
    """Return consecutive pieces of one file as one."""
    if len(pieces) == 1:
        return pieces[0]
    return Samples(
        first_row=pieces[0].first_row,
        read=pieces[-1].read,
        t_s=np.concatenate([piece.t_s for piece in pieces]),
        acc_m_s2=np.concatenate([piece.acc_m_s2 for piece in pieces]),
        gyr_rad_s=np.concatenate([piece.gyr_rad_s for piece in pieces]),
        mag_ut=_joined_where_present([piece.mag_ut for piece in pieces]),
        counter=_joined_where_present([piece.counter for piece in pieces]),
    )


def _joined_where_present(arrays: Sequence[_Array | None]) -> _Array | None:
    present = [array for array in arrays if array is not None]
    return np.concatenate(present) if present else None


@dataclass(frozen=True, slots=True, eq=False)
class SampleFile(ABC):
    """One sensor's file."""

    segment: Segment
    path: Path
    rate_hz: float
    """Declared."""

    @property
    @abstractmethod
    def channels(self) -> Channels:
        """The file's own names of acc x, y, z and gyr x, y, z."""

    @property
    @abstractmethod
    def time_channel(self) -> str:
        """The file's own name of the time."""

    @abstractmethod
    def pieces(self) -> Iterator[Samples]:
        """Read the file from its start, a piece at a time."""

    @abstractmethod
    def line_of(self, row: int) -> int | None:
        """Return the line, counted from 1, of a row counted from 0; None where there are none."""

    def place(self, row: int) -> str:
        """Return the file's name and where in it a row is, for people."""
        line = self.line_of(row)
        return f"{self.path.name}, " + (f"row {row + 1}" if line is None else f"line {line}")
