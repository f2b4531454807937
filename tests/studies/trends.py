"""How often a trend over weeks is told right: `python -m tests.studies.trends docs`.

Writes over-weeks.json and the tables of explanation/over-weeks.md; about three minutes on two
cores, the same for the same numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import stats

from hipimu.compare import differences, squad, trend, trends
from hipimu.data import Interval, SessionSummary, Trend
from hipimu.units import deg_from_rad
from tests.studies.seasons import WEEKS, Season, drawn, every, four_at_once
from tests.studies.trend_page import page
from tests.unit.compare.summaries import START

IMPROVEMENTS: Final = (1.0, 2.0, 3.0, 4.0, 6.0)
PER_WEEK: Final = (1.0, 2.0, 3.0)
SCATTERS: Final = (1.5, 2.0, 2.5)
COUNTS: Final = (4, 6, 8, 12, 16, 24)
OWN: Final = (0, 3, 6, 12, 24)
HOSTILE: Final = (
    Season("usual", "nothing amiss"),
    Season("outlier", "one session of the last third is 10° off", outlier_deg=10.0),
    Season("uneven", "sessions in bursts", uneven=True),
    Season("unequal", "one session in three is three times as uncertain", unequal=True),
    Season("heavy tails", "sessions scatter with heavy tails (t, 3)", heavy_tails=True),
    Season("loud", "an athlete who scatters twice as much", scatter_deg=4.0),
    Season("shoes, told", "other shoes from the middle on, worth 3°, in the context",
           shoes_deg=3.0, shoes_told=True),
    Season("shoes, not told", "the same, and nobody said so", shoes_deg=3.0),
    Season("wandering", "neighbouring sessions resemble each other (0.5)", memory=0.5),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What one season gave."""

    judgement: str
    right_way: bool
    held: bool | None
    """Whether the interval of the change held the truth."""
    half_deg: float | None


def ask(season: Season, seed: int) -> Told:
    """Draw one season and follow it."""
    return _told(trend(drawn(season, seed)), season.improvement_deg)


def _told(found: Trend, truth_deg: float) -> Told:
    if found.change is None or found.change_ci95 is None:
        return Told(found.judgement, False, None, None)
    low, high = (deg_from_rad(end) for end in found.change_ci95)
    right = found.change * truth_deg > 0
    return Told(found.judgement, right, low <= truth_deg <= high, 0.5 * (high - low))


def ask_four(season: Season, seed: int) -> list[Told]:
    """Follow both sides and both peaks at once; the first is the one that changes."""
    found = trends(four_at_once(season, seed), ("delta_fast",))
    truths = (season.improvement_deg, 0.0, 0.0, 0.0)
    return [_told(one, truth) for one, truth in zip(found, truths, strict=True)]


def ask_pair(scatter_deg: float, own: int, change_deg: float, seed: int) -> tuple[str, float]:
    """Compare an athlete's next two sessions, `own` earlier ones being known."""
    season = Season(f"pair {own}", scatter_deg=scatter_deg, sessions=own + 2, weeks=WEEKS)
    sessions = drawn(season, seed)
    moved = _moved(sessions[-1], change_deg)
    found = differences(sessions[-2], moved, sessions[:-2])
    one = next(d for d in found if d.quantity == "delta_fast")
    return one.judgement, deg_from_rad(one.detectable or np.nan)


def _moved(session: SessionSummary, by_deg: float) -> SessionSummary:
    by = float(np.deg2rad(by_deg))
    (one,) = session.fatigue
    if one.delta_fast_rad is None or one.delta_fast_ci95_rad is None:
        raise AssertionError("made with a value")
    low, high = one.delta_fast_ci95_rad
    moved = replace(
        one, delta_fast_rad=one.delta_fast_rad + by, delta_fast_ci95_rad=(low + by, high + by)
    )
    return replace(session, fatigue=(moved,))


def ask_squad(athletes: int, sessions: int, spread_deg: float, seed: int) -> list[list[float]]:
    """Draw a squad; per athlete whether both intervals held, both errors and both half widths."""
    rng = np.random.default_rng([seed, athletes, sessions])
    truth = 1.0 + spread_deg * rng.standard_normal(athletes)
    names = [f"athlete {i}" for i in range(athletes)]
    made = {
        name: drawn(Season(name, improvement_deg=float(t), sessions=sessions), seed)
        for name, t in zip(names, truth, strict=True)
    }
    found = squad(made, START + timedelta(weeks=WEEKS))
    rows = {row.athlete: row for row in found.rows}
    return [
        [*_score(rows[name].trend.per_week, rows[name].trend.per_week_ci95, t / WEEKS),
         *_score(rows[name].per_week, rows[name].per_week_ci95, t / WEEKS)]
        for name, t in zip(names, truth, strict=True)
    ]  # fmt: skip


def _score(value: float | None, ci95: Interval | None, truth_deg: float) -> list[float]:
    if value is None or ci95 is None:
        raise AssertionError("seasons are long enough")
    low, high = (deg_from_rad(end) for end in ci95)
    error = deg_from_rad(value) - truth_deg
    return [float(low <= truth_deg <= high), error**2, 0.5 * (high - low)]


def wilson(count: int, of: int) -> list[float]:
    """95 % interval of a share (Wilson 1927)."""
    found = stats.binomtest(count, of).proportion_ci(method="wilson")
    return [round(float(found.low), 4), round(float(found.high), 4)]


def row(season: Season, told: Sequence[Told]) -> dict[str, Any]:
    """Count what seasons of one kind gave."""
    count = len(told)
    real = sum(one.judgement == "real" for one in told)
    held = sum(bool(one.held) for one in told)
    halves = [one.half_deg for one in told if one.half_deg is not None]
    return {
        "name": season.name,
        "what": season.what,
        "improvement_deg": season.improvement_deg,
        "sessions": season.sessions,
        "scatter_deg": season.scatter_deg,
        "n": count,
        "real": round(real / count, 4),
        "real_ci95": wilson(real, count),
        "wrong_way": sum(one.judgement == "real" and not one.right_way for one in told) / count,
        "noise": round(sum(one.judgement == "noise" for one in told) / count, 4),
        "covered": round(held / count, 4),
        "covered_ci95": wilson(held, count),
        "half_deg": round(float(np.median(halves)), 2) if halves else None,
    }


class Study:
    """Every table, each asked so many times; the pool's order does not matter."""

    def __init__(self, pool: ProcessPoolExecutor, null: int, other: int) -> None:
        self._pool, self._null, self._other = pool, null, other

    def document(self) -> dict[str, Any]:
        """Ask everything."""
        return {
            "weeks": WEEKS,
            "null": [self._row(Season("null", sessions=n), self._null) for n in COUNTS],
            "power": self._power(both=False),
            "power_both": self._power(both=True),
            "hostile": [self._hostile(season) for season in HOSTILE],
            "four": [self._four(d) for d in (0.0, 3.0, 6.0)],
            "pairs": [self._pair(scatter, own) for scatter in SCATTERS for own in OWN],
            "squads": [
                self._squad(sessions, spread)
                for sessions in (6, 12, 24)
                for spread in (0.0, 1.5, 4.0)
            ],
        }

    def _each(self, work: Callable[[int], Any], count: int) -> list[Any]:
        return list(self._pool.map(work, range(count), chunksize=max(1, count // 16)))

    def _row(self, season: Season, count: int) -> dict[str, Any]:
        return row(season, self._each(partial(ask, season), count))

    def _power(self, *, both: bool) -> list[dict[str, Any]]:
        season = Season("power", both=both)
        return [
            self._row(
                replace(season, improvement_deg=d, sessions=every(often), scatter_deg=scatter),
                self._other,
            )
            | {"per_week": often}
            for often in PER_WEEK
            for scatter in SCATTERS
            for d in IMPROVEMENTS
        ]

    def _hostile(self, season: Season) -> dict[str, Any]:
        three = replace(season, improvement_deg=3.0)
        return {
            "null": self._row(season, self._null // 2),
            "three": self._row(three, self._other),
        }

    def _four(self, improvement_deg: float) -> dict[str, Any]:
        season = Season("four", improvement_deg=improvement_deg)
        told = self._each(partial(ask_four, season), self._other)
        first = sum(one[0].judgement == "real" for one in told)
        others = sum(any(t.judgement == "real" for t in one[1:]) for one in told)
        anyone = others if improvement_deg else sum(
            any(t.judgement == "real" for t in one) for one in told
        )  # fmt: skip
        return {
            "improvement_deg": improvement_deg,
            "n": len(told),
            "told": round(first / len(told), 4),
            "false_any": round(anyone / len(told), 4),
            "false_any_ci95": wilson(anyone, len(told)),
        }

    def _pair(self, scatter: float, own: int) -> dict[str, Any]:
        null = self._each(partial(ask_pair, scatter, own, 0.0), self._other)
        large = self._each(partial(ask_pair, scatter, own, 8.0), self._other)
        false = sum(judgement == "real" for judgement, _ in null)
        return {
            "scatter_deg": scatter,
            "own": own,
            "n": len(null),
            "false": round(false / len(null), 4),
            "false_ci95": wilson(false, len(null)),
            "noise": round(sum(judgement == "noise" for judgement, _ in null) / len(null), 4),
            "told_8_deg": round(sum(j == "real" for j, _ in large) / len(large), 4),
            "detectable_deg": round(float(np.median([d for _, d in null])), 2),
        }

    def _squad(self, sessions: int, spread: float) -> dict[str, Any]:
        count = max(self._other // 20, 1)
        rows = self._each(partial(ask_squad, 14, sessions, spread), count)
        table = np.array([one for of_squad in rows for one in of_squad])
        held, error, half, held_s, error_s, half_s = table.mean(axis=0)
        return {
            "sessions": sessions,
            "spread_deg": spread,
            "n": len(table),
            "own": _told_of(held, error, half),
            "shrunk": _told_of(held_s, error_s, half_s),
        }


def _told_of(held: float, error: float, half: float) -> dict[str, float]:
    """Over the eight weeks, degrees."""
    return {
        "covered": round(float(held), 4),
        "rms_deg": round(WEEKS * float(np.sqrt(error)), 2),
        "half_deg": round(WEEKS * float(half), 2),
    }


def run(null: int = 2000, other: int = 400, jobs: int = 2) -> dict[str, Any]:
    """Run the study."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return Study(pool, null, other).document()


def main(docs: Path) -> None:
    """Run the study and write what it found."""
    document = run()
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (docs / "over-weeks.json").write_text(text, encoding="utf-8")
    at = docs / "explanation" / "over-weeks.md"
    at.write_text(page(at.read_text(encoding="utf-8"), document), encoding="utf-8")
    worst = max(one["real"] for one in document["null"])
    print(f"{at}: at most {100 * worst:.1f} % of athletes without a change are told one")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
