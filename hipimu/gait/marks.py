"""Lap buttons pressed during a run → laps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hipimu.data import Lap, Mark

_SHORTEST_S = 1.0


def laps_of_marks(marks: Iterable[Mark], end_s: float) -> tuple[Lap, ...]:
    """Return the laps that lap buttons began.

    A lap lasts until the next one begins, and the last until `end_s`. ``undo`` takes back the last
    mark that still holds. What was pressed again within a second was corrected, and the label that
    holds already begins no lap.

    Parameters
    ----------
    marks : iterable of Mark
        In the order in which they were pressed.
    end_s : float
        On the recording's clock.

    Returns
    -------
    tuple of Lap
        In order of time, without overlap; what is before the first mark is in none.
    """
    holding: list[Mark] = []
    for mark in marks:
        if mark.mark != "undo":
            holding.append(mark)
        elif holding:
            holding.pop()
    begun = _begun([(mark.t_host_ns * 1e-9, mark.mark) for mark in holding])
    return tuple(
        Lap(start_s, stop_s, label)
        for (start_s, label), (stop_s, _) in pairwise([*begun, (end_s, "")])
        if stop_s > start_s
    )


def _begun(pressed: list[tuple[float, str]]) -> list[tuple[float, str]]:
    begun: list[tuple[float, str]] = []
    for at_s, label in pressed:
        if begun and at_s - begun[-1][0] < _SHORTEST_S:
            begun.pop()
        if not begun or begun[-1][1] != label:
            begun.append((at_s, label))
    return begun
