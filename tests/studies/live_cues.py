"""How often live cues are wrong, and what they hear: `python -m tests.studies.live_cues docs`.

Writes live-cues.json and the tables of explanation/live-cues.md; about seven minutes on two cores,
the same for the same numbers.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import stats

from hipimu.data import FloatArray, Side
from hipimu.fatigue import fresh_baselines
from hipimu.fatigue.cues import IN_A_ROW
from hipimu.fatigue.fresh import FEW, FRESH_BOUTS
from hipimu.pipeline import analyse
from hipimu.sources.simulate import simulate
from hipimu.units import deg_from_rad
from hipimu.validation.honesty.scenarios import Loss
from hipimu.validation.honesty.study import signal_plan
from tests.studies.live_cue_kinds import (
    CHOICES,
    HALF,
    HOSTILE,
    NULL,
    OTHER_LOSSES,
    SLOPES,
    STEPS,
    Asked,
)
from tests.studies.live_cue_page import page
from tests.studies.live_cue_sessions import HOUR, Hour, Kind, Rule, drawn, hour_of, listened

NULL_SESSIONS: Final = 400
SESSIONS: Final = 100
SIGNAL_SESSIONS: Final = 16
_SIGNAL_DEG: Final = 4.0


@dataclass(frozen=True, slots=True)
class Hit:
    """The first cue of a loss that is there."""

    loss_deg: float
    """Lost by then."""
    delay: int | None
    """Fast strides of that leg since the loss was as large as the detectable change."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one session gave."""

    hours: float
    down: int
    back: int
    hit: Hit | None


def ask(asked: Asked, rules: Sequence[Rule], seed: int) -> list[Told]:
    """Draw one session and listen to it by several rules."""
    hour = drawn(asked.kind, seed)
    return [told(hour, asked, rule) for rule in rules]


def ask_null(seed: int) -> list[Told]:
    """Listen to an hour without a change by all rules; last, to its second half by the chosen."""
    hour = drawn(NULL, seed)
    whole = [told(hour, Asked(NULL), rule) for rule in CHOICES]
    return [*whole, told(hour, Asked(NULL, since=HALF), Rule())]


def told(hour: Hour, asked: Asked, rule: Rule) -> Told:
    """Listen to one session."""
    heard = listened(hour, rule)
    down = sum(one.cue.kind == "range_down" for one in heard)
    return Told(hour.hours(), down, len(heard) - down, _hit(hour, asked, heard))


def _hit(hour: Hour, asked: Asked, heard: Sequence[Any]) -> Hit | None:
    for one in heard:
        cue = one.cue
        due = cue.kind == "range_down" and cue.outcome == asked.outcome and one.tau >= asked.since
        if due and cue.side in asked.sides:
            if asked.since > 0.0 or asked.degrees == 0.0:
                since, size = asked.since, asked.degrees
            else:
                since, size = one.detectable_deg / asked.degrees, asked.degrees * one.tau
            delay = hour.fast_strides(cue.side, since, one.tau) if one.tau >= since else None
            return Hit(size, delay)
    return None


def signal(degrees: float, seed: int) -> tuple[Told, dict[str, float]]:
    """One hour as sensor signals with realistic faults, through the causal pipeline."""
    hour = signal_hour(degrees, seed)
    asked = Asked(Kind("signal"), degrees)
    return told(hour, asked, Rule()), noise_of(hour)


def signal_hour(degrees: float, seed: int) -> Hour:
    losses = {(side, "peak_flexion"): Loss(fast_deg=degrees) for side in ("left", "right")}
    scenario = replace(HOUR, losses=losses)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="hipimu-study-") as folder:
        made = simulate(signal_plan(scenario, seed), Path(folder) / "run", file_format="parquet")
        session = analyse(made.recording, method="causal")
    return hour_of(session.strides, session.bouts)


def noise_of(hour: Hour) -> dict[str, float]:
    """How flexion varies within fast bouts, and what follows from it; mean over both legs."""
    rows = [_noise(hour, side) for side in hour.sides]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _noise(hour: Hour, side: Side) -> dict[str, float]:
    apart, few, bouts, product = [], [], [], 0.0
    for bout in (b.bout for b in hour.bouts if b.pace == "fast"):
        own = _flexion_deg(hour, side, bout)
        bouts.append(float(np.median(own)))
        own -= own.mean()
        apart.append(own)
        few.append(np.median(own[: len(own) // FEW * FEW].reshape(-1, FEW), axis=1))
        product += float((own[1:] * own[:-1]).sum())
    joined = np.concatenate(apart)
    fresh = fresh_baselines(hour.labelled, hour.bouts, (side,))
    return {
        "stride_sd_deg": float(joined.std()),
        "memory": product / float((joined**2).sum()),
        "few_sd_deg": float(np.concatenate(few).std()),
        "bout_sd_deg": float(np.sqrt(np.mean(np.diff(bouts) ** 2) / 2)),
        "detectable_deg": deg_from_rad(fresh[1].detectable_rad or np.nan),
    }


def _flexion_deg(hour: Hour, side: Side, bout: int) -> FloatArray:
    own = [s for s in hour.labelled if s.side == side and s.bout == bout and s.usable()]
    return np.array([deg_from_rad(s.peak_flexion_rad) for s in own])


def null_noise(seed: int) -> dict[str, float]:
    """The same of strides that were never signals."""
    return noise_of(drawn(NULL, seed))


def row(name: str, what: str, found: Sequence[Told]) -> dict[str, Any]:
    """Sum up the sessions of one kind."""
    hours = sum(one.hours for one in found)
    down, back = sum(one.down for one in found), sum(one.back for one in found)
    hits = [one.hit for one in found if one.hit is not None]
    delays = [hit.delay for hit in hits if hit.delay is not None]
    return {
        "name": name,
        "what": what,
        "sessions": len(found),
        "hours": round(hours, 1),
        "range_down": down,
        "range_back": back,
        "cues_per_hour": round((down + back) / hours, 3),
        "cues_per_hour_ci95": rate_ci95([one.down + one.back for one in found], hours),
        "range_down_per_hour": round(down / hours, 3),
        "hit": round(len(hits) / len(found), 3),
        "hit_ci95": wilson(len(hits), len(found)),
        "loss_deg": spread([hit.loss_deg for hit in hits]),
        "delay_strides": spread([float(delay) for delay in delays]),
    }


def _column(found: Sequence[Sequence[Told]], number: int) -> dict[str, Any]:
    """Sum up what one of several rules gave."""
    return row("null", NULL.what, [one[number] for one in found])


def rate_ci95(counts: Sequence[int], hours: float) -> list[float]:
    """95 % interval of a rate (Garwood 1936), wider where cues of one session come together."""
    mean = float(np.mean(counts))
    spare = max(float(np.var(counts, ddof=1)) / mean, 1.0) if mean and len(counts) > 1 else 1.0
    count, per_count = sum(counts) / spare, spare / hours / 2
    low = float(stats.chi2.ppf(0.025, 2 * count)) if count else 0.0
    high = float(stats.chi2.ppf(0.975, 2 * count + 2))
    return [round(low * per_count, 3), round(high * per_count, 3)]


def wilson(count: int, of: int) -> list[float]:
    """95 % interval of a share (Wilson 1927)."""
    found = stats.binomtest(count, of).proportion_ci(method="wilson")
    return [round(float(found.low), 3), round(float(found.high), 3)]


def spread(values: Sequence[float]) -> list[float] | None:
    """Median, and what nine in ten are above and below."""
    if not values:
        return None
    return [round(float(value), 2) for value in np.percentile(values, (50, 10, 90))]


class Study:
    """Runs everything on a few processes.

    Parameters
    ----------
    pool : ProcessPoolExecutor
    null_sessions, sessions : int
        Without a change by the rule itself, and of every other kind.
    signal_sessions : int
        Without a loss as signals; half as many with one.
    """

    def __init__(
        self, pool: ProcessPoolExecutor, null_sessions: int, sessions: int, signal_sessions: int
    ) -> None:
        self._pool = pool
        self._null_sessions = null_sessions
        self._sessions = sessions
        self._signal_sessions = signal_sessions

    def document(self) -> dict[str, Any]:
        """Ask everything; plain JSON values."""
        null = self._each(ask_null, self._null_sessions)
        return {
            "schema": "hipimu-live-cues/1",
            "rule": {"in_a_row": IN_A_ROW, "fresh_bouts": FRESH_BOUTS},
            "null": _column(null, CHOICES.index(Rule())),
            "null_second_half": _column(null, len(CHOICES)),
            "slopes": [self._row(asked) for asked in SLOPES],
            "steps": [self._row(asked) for asked in STEPS],
            "other_losses": [self._row(asked) for asked in OTHER_LOSSES],
            "hostile": [self._row(Asked(kind)) for kind in HOSTILE],
            "choices": list(self._choices(null)),
            **self._signals(),
        }

    def _each(self, work: Callable[[int], Any], count: int) -> list[Any]:
        return list(self._pool.map(work, range(1, count + 1), chunksize=5 if count > 20 else 1))

    def _row(self, asked: Asked) -> dict[str, Any]:
        found = self._each(partial(ask, asked, (Rule(),)), self._sessions)
        return row(asked.kind.name, asked.kind.what, [one for (one,) in found])

    def _choices(self, null: Sequence[Sequence[Told]]) -> Iterator[dict[str, Any]]:
        """Hits of 3° and false alarms, by rules that were not chosen and the one that was."""
        lost_three = self._each(partial(ask, SLOPES[2], CHOICES), self._sessions)
        for number, rule in enumerate(CHOICES):
            without, loss = (_column(found, number) for found in (null, lost_three))
            yield {
                "in_a_row": rule.in_a_row,
                "fresh_bouts": rule.fresh_bouts,
                "heed_easy": rule.heed_easy,
                "cues_per_hour": without["cues_per_hour"],
                "cues_per_hour_ci95": without["cues_per_hour_ci95"],
                "hit": loss["hit"],
                "loss_deg": loss["loss_deg"],
            }

    def _signals(self) -> dict[str, Any]:
        count = self._signal_sessions
        if not count:
            return {"signal": [], "noise": {}}
        null = self._each(partial(signal, 0.0), count)
        loss = self._each(partial(signal, _SIGNAL_DEG), count // 2)
        strides = self._each(null_noise, 2 * count)
        return {
            "signal": [
                row("signal, null", "no change", [one for one, _ in null]),
                row("signal, loss", f"{_SIGNAL_DEG:g}° over the hour", [one for one, _ in loss]),
            ],
            "noise": {
                "signals": mean_of([noise for _, noise in null]),
                "strides": mean_of(strides),
            },
        }


def mean_of(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean of each entry."""
    return {name: round(float(np.mean([r[name] for r in rows])), 2) for name in rows[0]}


def run(
    null_sessions: int = NULL_SESSIONS,
    sessions: int = SESSIONS,
    signal_sessions: int = SIGNAL_SESSIONS,
    jobs: int = 2,
) -> dict[str, Any]:
    """Run the study."""
    # Looking for garbage among a million strides, where there is none, takes a third of the time.
    rarely = partial(gc.set_threshold, 200_000)
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=rarely) as pool:
        return Study(pool, null_sessions, sessions, signal_sessions).document()


def main(docs: Path) -> None:
    """Run the study and write what it found."""
    document = run()
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (docs / "live-cues.json").write_text(text, encoding="utf-8")
    at = docs / "explanation" / "live-cues.md"
    at.write_text(page(at.read_text(encoding="utf-8"), document), encoding="utf-8")
    print(f"{at}: {document['null']['cues_per_hour']} false cues an hour")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
