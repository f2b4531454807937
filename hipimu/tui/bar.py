"""A bar of one line: the fresh baseline in the middle, what stands out from it, and now."""

from __future__ import annotations

from typing import Final

from hipimu.data import PeakNow
from hipimu.tui.words import change_rad
from hipimu.units import deg_from_rad

SPAN_DEG: Final = 8.0
"""Either side of the baseline; a peak beyond it stands at the end, as an arrow."""

TRACK, BAND, FRESH, NOW = "·", "▒", "│", "◆"


def bar(peak: PeakNow | None, width: int) -> str:
    """Draw how far a peak is from its baseline, lower to the left.

    Parameters
    ----------
    peak : PeakNow or None
        Without a baseline the track is empty.
    width : int
        Columns.

    Returns
    -------
    str
        Always so wide.
    """
    if peak is None or peak.baseline is None or peak.baseline.value_rad is None:
        return TRACK * width
    middle = (width - 1) / 2
    cells = [TRACK] * width
    if peak.baseline.detectable_rad is not None:
        reach = deg_from_rad(peak.baseline.detectable_rad) / SPAN_DEG * middle
        cells = [BAND if abs(i - middle) <= reach else cell for i, cell in enumerate(cells)]
    cells[round(middle)] = FRESH
    change = change_rad(peak)
    if change is not None:
        at = round(middle + deg_from_rad(change) / SPAN_DEG * middle)
        cells[min(max(at, 0), width - 1)] = NOW if 0 <= at < width else "◀" if at < 0 else "▶"
    return "".join(cells)


def progress(share: float, width: int) -> str:
    """Draw how much is done, 0–1."""
    done = round(min(max(share, 0.0), 1.0) * width)
    return "█" * done + "░" * (width - done)
