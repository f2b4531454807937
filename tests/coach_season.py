"""A squad's season for the coach's pages: drawn as what sessions say, no samples, few strides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Calibration,
    Cycle,
    FatigueEstimate,
    Interval,
    Pace,
    Session,
    TrainingContext,
    Verdict,
)
from hipimu.store import Store
from hipimu.units import rad_from_deg
from tests.unit.compare.summaries import estimate, not_estimable
from tests.unit.report.sessions import interval_session

NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
_SURFACES: Final = ("track", "track", "road", "treadmill")


@dataclass(frozen=True, slots=True)
class Character:
    """What one athlete's season is like."""

    name: str
    improvement_deg: float = 0.0
    """Of δ at fast pace, over the whole season."""
    usual_deg: float = -3.0
    scatter_deg: float = 1.2
    silent_days: float = 2.0
    """Since the latest session."""
    loss: float = 0.004
    estimable: bool = True
    """Whether the latest session could tell anything."""


SQUAD: Final = (
    Character("Ada Bauer", improvement_deg=4.5),
    Character("Björn Östlund", improvement_deg=-4.5, usual_deg=-1.5),
    Character("Chidi Eze", silent_days=31.0),
    Character("Dana O'Neil", loss=0.11),
    Character("Eun-ji Park", estimable=False),
    Character("Farid Nazari", usual_deg=-6.5),
    Character("Gül Aydın", scatter_deg=3.0),
    Character("Hana <b>Novák"),
    Character('Ines "Speedy?" Marques', improvement_deg=1.0),
    Character("Jón Árnason", usual_deg=-0.5),
    Character("Kofi Mensah", silent_days=16.0),
    Character("Lena Marie von der Hohenwart-Schlossberg", usual_deg=-2.0),
    Character("Mio", scatter_deg=0.8),
    Character("Nia Rhys", improvement_deg=3.0, scatter_deg=0.8),
)


def club(athletes: int) -> tuple[Character, ...]:
    """Return many athletes like those of the squad, who come first."""
    repeated = (SQUAD[i % len(SQUAD)] for i in range(athletes))
    return tuple(
        who if i < len(SQUAD) else replace(who, name=f"{who.name} {1 + i // len(SQUAD)}")
        for i, who in enumerate(repeated)
    )


def fill(
    store: Store,
    squad: Sequence[Character] = SQUAD,
    sessions: int = 30,
    every_days: float = 4.0,
    until: datetime = NOW,
) -> None:
    """Keep a season of every athlete."""
    for number, who in enumerate(squad):
        store.add_athlete(who.name)
        rng = np.random.default_rng([number, 7])
        for i in range(sessions):
            before = every_days * (sessions - 1 - i) + 0.08 * rng.integers(0, 4)
            started_at = until - timedelta(days=who.silent_days + before)
            session = _session(who, i, sessions, started_at, rng)
            store.import_session(
                session,
                who.name,
                recording_hash=sha256(f"{number}/{i}".encode()).hexdigest(),
                context=_context(i),
            )


def _context(i: int) -> TrainingContext:
    surface = _SURFACES[i % len(_SURFACES)] if i % 5 == 0 else "track"
    tags = ("intervals",) if i % 2 else ()
    return TrainingContext(surface, "flats", float(4 + i % 5), None, tags)


def _session(
    who: Character, i: int, sessions: int, started_at: datetime, rng: np.random.Generator
) -> Session:
    through = i / max(sessions - 1, 1)
    base = _base()
    fast_deg = who.usual_deg + who.improvement_deg * (through - 0.5)
    lost = who.loss if i >= sessions - 3 else 0.004
    sensors = tuple(replace(s, loss=lost if s.sensor == "thigh_left" else 0.002)
                    for s in base.sensors)  # fmt: skip
    return replace(
        base,
        recording=f"{who.name.split()[0].lower()} {i + 1}",
        athlete=None,
        started_at=started_at,
        duration_s=2400.0 + 60.0 * i,
        sensors=sensors,
        calibration=_turned(base.calibration, rng),
        fatigue=_fatigue(who, fast_deg, rng, told=who.estimable or i < sessions - 1),
        cycles=tuple(_moved(cycle, fast_deg) for cycle in base.cycles),
    )


@cache
def _base() -> Session:
    run = interval_session(minutes=3)
    return replace(run, strides=run.strides[::6])


def _turned(calibration: Calibration, rng: np.random.Generator) -> Calibration:
    return replace(calibration, quality=float(rng.uniform(0.86, 1.0)))


def _moved(cycle: Cycle, fast_deg: float) -> Cycle:
    if cycle.pace != "fast" or cycle.part != "late":
        return cycle
    return replace(cycle, mean_rad=cycle.mean_rad * (1.0 + fast_deg / 60.0))


def _fatigue(
    who: Character, fast_deg: float, rng: np.random.Generator, *, told: bool
) -> tuple[FatigueEstimate, ...]:
    made = []
    for side in SIDES:
        for outcome in OUTCOMES:
            if not told:
                made.append(not_estimable(side, outcome))
                continue
            value = fast_deg if outcome == "peak_flexion" else 0.3 * fast_deg
            value += who.scatter_deg * rng.standard_normal()
            easy = -0.4 + 0.5 * rng.standard_normal()
            one = estimate(value, easy, side=side, outcome=outcome)
            made.append(replace(one, verdict=_verdict(one), line_rad=_line(one)))
    return tuple(made)


def _line(one: FatigueEstimate) -> dict[Pace, Interval]:
    """Where the strides are."""
    like = next(e for e in _base().fatigue if (e.side, e.outcome) == (one.side, one.outcome))
    changes = {"easy": one.delta_easy_rad or 0.0, "fast": one.delta_fast_rad or 0.0}
    return {pace: (line[0], line[0] + changes[pace]) for pace, line in like.line_rad.items()}


def _verdict(one: FatigueEstimate) -> Verdict:
    assert one.rfi_rad is not None
    assert one.rfi_ci95_rad is not None
    if one.rfi_ci95_rad[0] > 0 and one.rfi_rad > rad_from_deg(1.5):
        return "supported"
    if one.rfi_ci95_rad[1] < 0 and one.rfi_rad < -rad_from_deg(1.5):
        return "reversed"
    return "no_evidence"
