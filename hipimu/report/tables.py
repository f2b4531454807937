"""The tables of the report, cell by cell, already in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Outcome,
    Pace,
    Session,
    Side,
    Stride,
)
from hipimu.report.contrast import hip
from hipimu.report.numerals import degrees, span
from hipimu.report.quality import reasons_said
from hipimu.report.series import PACES
from hipimu.report.table import Table
from hipimu.units import deg_from_rad

_PACES: Final = {"easy": "Easy pace", "fast": "Fast pace", "other": "Other or unknown pace"}

# Fewer strides than this at a pace are not cut into thirds.
_FEWEST_FOR_THIRDS: Final = 30


def peaks_table(session: Session) -> Table | None:
    """Level and spread of the peaks at each pace; None without usable strides."""
    strides = [stride for stride in session.strides if stride.usable()]
    if not strides:
        return None
    paces = [pace for pace in PACES if any(stride.pace == pace for stride in strides)]
    sides = [side for side in SIDES if any(stride.side == side for stride in strides)]
    return Table(
        "Peaks over the whole run: the median, and between which values nine tenths lie",
        ("Peak", *_named(paces)),
        tuple(
            (
                hip(side, outcome).capitalize(),
                *(_level(_peaks(strides, side, outcome, pace)) for pace in paces),
            )
            for side in sides
            for outcome in OUTCOMES
        ),
    )


def _named(paces: list[Pace]) -> tuple[str, ...]:
    return ("All strides",) if paces == ["other"] else tuple(_PACES[pace] for pace in paces)


def _peaks(strides: list[Stride], side: Side, outcome: Outcome, pace: Pace) -> list[float]:
    own = (s for s in strides if s.side == side and s.pace == pace)
    return [
        deg_from_rad(s.peak_flexion_rad if outcome == "peak_flexion" else s.peak_extension_rad)
        for s in own
    ]


def _level(peaks_deg: list[float]) -> str:
    if not peaks_deg:
        return "–"
    low, high = (float(edge) for edge in np.quantile(peaks_deg, (0.05, 0.95)))
    ends = span((low, high)).replace(" ", "\u00a0")
    return f"{degrees(median(peaks_deg))} ({ends})"


def pelvis_table(session: Session) -> Table | None:
    """Pelvis and thigh in the first and last third of each pace; None without usable strides."""
    strides = [stride for stride in session.strides if stride.usable()]
    paces = [pace for pace in PACES if any(stride.pace == pace for stride in strides)]
    if not strides:
        return None
    thirds = any(len(_at(strides, pace)) >= _FEWEST_FOR_THIRDS for pace in paces)
    return Table(
        "Medians in the first and the last third of the strides at each pace"
        if thirds
        else "Medians of all strides",
        ("Quantity", *_named(paces)),
        tuple(
            (name, *(_early_late(strides, pace, value) for pace in paces))
            for name, value in _QUANTITIES
        ),
    )


Quantity = Callable[[Stride], float]

_QUANTITIES: Final[tuple[tuple[str, Quantity], ...]] = (
    ("Mean pelvis tilt, forward from standing", lambda s: s.pelvis_tilt_rad),
    ("Range of pelvis tilt in a stride", lambda s: s.pelvis_tilt_range_rad),
    ("Range of pelvis drop in a stride", lambda s: s.pelvis_obliquity_range_rad),
    ("Range of pelvis rotation in a stride", lambda s: s.pelvis_rotation_range_rad),
    ("Peak hip extension", lambda s: s.peak_extension_rad),
    ("Peak thigh extension, from the vertical", lambda s: s.thigh_peak_extension_rad),
)


def _early_late(strides: list[Stride], pace: Pace, value: Quantity) -> str:
    own = _at(strides, pace)
    if len(own) < _FEWEST_FOR_THIRDS:
        return _median(own, value)
    third = len(own) // 3
    return f"{_median(own[:third], value)} → {_median(own[-third:], value)}"


def _at(strides: list[Stride], pace: Pace) -> list[Stride]:
    return sorted((s for s in strides if s.pace == pace), key=lambda s: s.t_peak_flexion_s)


def _median(strides: list[Stride], value: Quantity) -> str:
    known = [angle for angle in map(value, strides) if math.isfinite(angle)]
    return degrees(deg_from_rad(median(known))) if known else "–"


def averaged(session: Session) -> str:
    """What the mean cycles are made of, and what is not in them."""
    pieces = []
    for cycle in session.cycles:
        if cycle.part == "late":
            left_out = reasons_said(cycle.set_aside)
            aside = f"; set aside: {left_out}" if left_out else ""
            side = cycle.side.capitalize()
            pieces.append(f"{side}, {cycle.pace}: {cycle.strides} strides a curve{aside}.")
    return " ".join(pieces)
