"""A squad's season of simulated sessions with known truth: who improves, tires, or is silent."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Literal

import numpy as np

from hipimu.data import FloatArray, TrainingContext
from hipimu.sources.simulate.plan import Body, Loss, Plan, PlannedBout, Radio

WEEKS: Final = 8.0
SESSIONS: Final = 30
_SPACING_DAYS: Final = 7 * WEEKS / (SESSIONS - 1)
_POOR_SESSIONS: Final = 3
_REPEAT: Final = 6
_EASY_S: Final = 120.0
_FAST_S: Final = 60.0
_EASY_M_S: Final = 3.0
_FAST_M_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Character:
    """What one athlete's season is like. All changes are the truth, before any sensor."""

    name: str
    change_deg: float = 0.0
    """Of the flexion kept at fast pace, from the first session to the last: more is better."""
    loss_deg: float = 3.0
    """Of flexion over one run at fast pace, in the middle of the season."""
    scatter_deg: float = 1.0
    """Standard deviation of that loss between sessions: good and bad days, which by themselves
    make no trend."""
    silent_days: int = 1
    """Since the latest session."""
    radio_loss: float = 0.0
    """Share of the samples that the radio lost, in the latest sessions."""
    breaks_off: bool = False
    """Whether the latest session ends after two fast bouts."""
    sex: Literal["f", "m", "x"] = "f"
    height_m: float = 1.7
    mass_kg: float = 60.0

    @property
    def key(self) -> str:
        """What recordings begin with: the first name in plain letters."""
        plain = unicodedata.normalize("NFKD", self.name.split()[0].lower())
        return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


SQUAD: Final = (
    Character("Ada Bauer", change_deg=3.0, loss_deg=4.0, height_m=1.68, mass_kg=57.0),
    Character("Björn Östlund", change_deg=-3.0, sex="m", height_m=1.86, mass_kg=74.0),
    Character("Chidi Eze", silent_days=31, sex="m", height_m=1.79, mass_kg=68.0),
    Character("Dana Novák", radio_loss=0.12, height_m=1.72, mass_kg=61.0),
    Character("Eun-ji Park", breaks_off=True, height_m=1.63, mass_kg=52.0),
    Character("Farid Nazari", loss_deg=7.0, sex="m", height_m=1.75, mass_kg=66.0),
    Character("Gül Aydın", scatter_deg=2.5, height_m=1.66, mass_kg=55.0),
    Character("Hanna Weiss", height_m=1.74, mass_kg=63.0),
    Character("Ines Marques", loss_deg=2.0, height_m=1.61, mass_kg=50.0),
    Character("Jón Árnason", loss_deg=0.5, sex="m", height_m=1.83, mass_kg=72.0),
    Character("Kofi Mensah", silent_days=16, sex="m", height_m=1.77, mass_kg=65.0),
    Character("Lena Vogt", loss_deg=5.0, height_m=1.7, mass_kg=59.0),
    Character("Mio Tanaka", change_deg=3.0, loss_deg=3.5, sex="x", height_m=1.65, mass_kg=56.0),
    Character("Nia Rhys", change_deg=3.0, loss_deg=4.5, height_m=1.69, mass_kg=58.0),
)
"""Who runs in the demo's season; `docs/how-to/try-the-dashboard.md` tells what each is like."""


@dataclass(frozen=True, slots=True)
class SeasonSession:
    """One session of the season."""

    athlete: str
    name: str
    """Of its recording; no two in the season are alike."""
    plan: Plan
    context: TrainingContext


def recording_name(who: Character, number: int) -> str:
    """Return what the recording of a session is called; `number` counts from 0."""
    return f"{who.key}-{number + 1:02d}"


def season_session(who: Character, number: int, last_day: date) -> SeasonSession:
    """Draw one session; the same athlete, number and day give the same session.

    Parameters
    ----------
    who : Character
    number : int
        From 0 to `SESSIONS` - 1.
    last_day : date
        On which the season ends.

    Returns
    -------
    SeasonSession
    """
    rng = np.random.default_rng([number, *who.key.encode()])
    return SeasonSession(
        athlete=who.name,
        name=recording_name(who, number),
        plan=_plan(who, number, last_day, rng),
        context=TrainingContext(
            surface="track", shoes="flats", exertion=float(rng.integers(5, 9)), tags=("intervals",)
        ),
    )


def days_before(who: Character, number: int) -> timedelta:
    """Return how long before the season's last day a session is, in whole days."""
    return timedelta(days=who.silent_days + round((SESSIONS - 1 - number) * _SPACING_DAYS))


def kept_deg(who: Character, number: int) -> float:
    """Return the expected change of peak flexion over a run at fast pace, negative where lost."""
    return who.change_deg * (number / (SESSIONS - 1) - 0.5) - who.loss_deg


@cache
def _days(key: str) -> FloatArray:
    """How good each day is, (SESSIONS,): of mean 0, standard deviation 1, and no trend.

    Chance would give one athlete in twenty a trend, and then nobody could say what is true of them.
    """
    drawn = np.random.default_rng([*key.encode()]).standard_normal(SESSIONS)
    number = np.arange(SESSIONS)
    left = drawn - np.polynomial.Polynomial.fit(number, drawn, 1)(number)
    scaled: FloatArray = left / np.std(left)
    return scaled


def _plan(who: Character, number: int, last_day: date, rng: np.random.Generator) -> Plan:
    lost_deg = -kept_deg(who, number) - who.scatter_deg * float(_days(who.key)[number])
    quicker = 1.0 + 0.01 * rng.standard_normal()
    latest = number >= SESSIONS - _POOR_SESSIONS
    broken_off = who.breaks_off and number == SESSIONS - 1
    day = last_day - days_before(who, number)
    begun = time(16, int(rng.integers(0, 60)), tzinfo=UTC)
    return Plan(
        seed=int(rng.integers(0, 2**31)),
        started_at=datetime.combine(day, begun),
        rate_hz=100.0,
        repeat=2 if broken_off else _REPEAT,
        bouts=(
            PlannedBout(pace="easy", duration_s=_EASY_S, speed_m_s=_EASY_M_S * quicker),
            PlannedBout(pace="fast", duration_s=_FAST_S, speed_m_s=_FAST_M_S * quicker),
        ),
        loss=Loss(
            easy_flexion_deg=0.4 + 0.3 * rng.standard_normal(),
            fast_flexion_deg=lost_deg,
            easy_extension_deg=0.2,
            fast_extension_deg=0.3 * lost_deg,
        ),
        radio=Radio(loss=who.radio_loss if latest else 0.002),
        body=Body(height_m=who.height_m, mass_kg=who.mass_kg, sex=who.sex),
    )
