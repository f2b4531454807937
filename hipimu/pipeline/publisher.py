"""Who else is told what a run measures while it goes on: other programs, over a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from hipimu.data import HipAngleBlock, ImuBlock, LiveState, Segment, Stride


class Publisher(Protocol):
    """Passes on what it is given; never keeps the caller waiting, and never raises."""

    trouble: str
    """Why nothing is passed on just now, in a sentence; empty while all is well."""

    def begin(self, rates_hz: Mapping[Segment, float]) -> None:
        """Take which sensors there are, and their declared sampling rates; before all else."""

    def blocks(self, blocks: Sequence[ImuBlock]) -> None:
        """Take samples."""

    def angles(self, blocks: Sequence[HipAngleBlock]) -> None:
        """Take hip angles."""

    def strides(self, strides: Sequence[Stride]) -> None:
        """Take strides."""

    def state(self, state: LiveState) -> None:
        """Take what the faces show."""

    def close(self) -> None:
        """End, after what waits has been passed on or a second has gone by."""
