"""A watch's clock on the recording's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Activity, FloatArray, WatchLap, WatchSummary
from hipimu.errors import RecordingError
from hipimu.timing.watch_clock import align_watch

STARTED_AT = datetime(2026, 5, 3, 7, 30, tzinfo=UTC)
STAND = 0.0
Pieces = Sequence[tuple[float, float]]
"""Duration in seconds and steps per minute."""

INTERVALS: Pieces = (
    (20, STAND),
    (120, 108),
    (300, 164),
    *[(60, 185), (100, 161), (75, 182), (130, 162)] * 3,
    (200, 163),
)
EVEN_INTERVALS: Pieces = [(60, 184), (60, 162)] * 10
ONE_CHANGE: Pieces = ((900, 162), (900, 171))
STEADY: Pieces = ((1800, 166),)
WALKING_FIRST: Pieces = ((30, STAND), (240, 110), (900, 166), (60, 112))


@dataclass(frozen=True)
class Run:
    """What the sensors say, and what happened: cadence every quarter second, 0 when standing."""

    stride_t_s: FloatArray
    cadence_spm: FloatArray
    true_t_s: FloatArray
    true_spm: FloatArray


def run(pieces: Pieces, seed: int = 0) -> Run:
    """Strides of a runner whose cadence wanders by a step a minute, and jitters by 1.2 %."""
    random = np.random.default_rng(seed)
    ends: list[float] = []
    strides: list[float] = []
    now = until = wander = 0.0
    for duration, cadence in pieces:
        until += duration
        if cadence == STAND:
            now = until
        while now < until and cadence != STAND:
            wander = 0.98 * wander + 0.2 * random.normal()
            stride = 120.0 / (cadence + wander) * (1 + 0.012 * random.normal())
            now += stride
            ends.append(now)
            strides.append(stride)
    end_s, stride_s = np.array(ends), np.array(strides)
    true_t_s = np.arange(0.0, end_s[-1], 0.25)
    at = np.searchsorted(end_s, true_t_s)
    running = end_s[at] - true_t_s <= stride_s[at]
    true_spm = np.where(running, 120.0 / stride_s[at], 0.0)
    return Run(end_s, 120.0 / stride_s, true_t_s, true_spm)


Averaging = Literal["box", "exponential", "delay"]


def late(true_spm: FloatArray, how: Averaging, seconds: float) -> FloatArray:
    """What a watch makes of cadence: it knows the past only."""
    steps = max(round(4 * seconds), 1)
    if how == "delay":
        return np.concatenate((np.zeros(steps), true_spm))[: len(true_spm)]
    if how == "box":
        weights = np.full(steps, 1.0 / steps)
    else:
        weights = np.exp(-np.arange(8 * steps) / steps)
        weights /= weights.sum()
    return np.convolve(true_spm, weights)[: len(true_spm)]


def watch(
    of: Run,
    offset_s: float,
    *,
    how: Averaging = "box",
    seconds: float = 6.0,
    every_s: float = 1.0,
    started_at: datetime | None = None,
    seed: int = 0,
) -> Activity:
    """A watch that was started `offset_s` after the recording: whole strides a minute."""
    random = np.random.default_rng(seed + 100)
    t_s = np.arange(max(0.0, -offset_s), of.true_t_s[-1] - offset_s, every_s)
    shown = np.interp(t_s + offset_s, of.true_t_s, late(of.true_spm, how, seconds))
    cadence = 2.0 * np.round(0.5 * (shown + 0.8 * random.normal(size=len(t_s))))
    nothing = np.full(len(t_s), np.nan)
    return Activity(
        name="run.fit",
        started_at=started_at,
        t_s=t_s,
        speed_m_s=nothing,
        grade=nothing,
        heart_rate_bpm=nothing,
        cadence_spm=np.where(cadence > 40, cadence, np.nan),
        laps=(WatchLap(10.0, 70.0),),
    )


def align(
    of: Run, activity: Activity, recording_started_at: datetime | None
) -> tuple[Activity, WatchSummary]:
    return align_watch(activity, recording_started_at, of.stride_t_s, of.cadence_spm)


def after(seconds: float) -> datetime:
    return STARTED_AT + timedelta(seconds=seconds)


def said(summary: WatchSummary) -> str:
    return "\n".join(summary.warnings)


@pytest.mark.parametrize("pieces", [INTERVALS, ONE_CHANGE, WALKING_FIRST], ids=["i", "one", "walk"])
@pytest.mark.parametrize(
    ("how", "seconds"), [("box", 1.0), ("box", 6.0), ("box", 12.0), ("exponential", 4.0)]
)
@pytest.mark.parametrize("known_start", [True, False])
def test_changes_of_cadence_tell_the_offset(
    pieces: Pieces, how: Averaging, seconds: float, known_start: bool
) -> None:
    """However the watch averages the past; clocks are 90 s apart, or unknown."""
    of, true_s = run(pieces), 47.3
    started_at = after(true_s + 90.0) if known_start else None
    activity = watch(of, true_s, how=how, seconds=seconds, started_at=started_at)
    aligned, summary = align(of, activity, STARTED_AT if known_start else None)
    assert summary.offset_s == pytest.approx(true_s, abs=2.0)
    assert summary.offset_source == ("start time and cadence" if known_start else "cadence")
    assert summary.correlation is not None
    assert summary.correlation > 0.9
    differs = re.search(r"it lies (\d+) s later than by its cadence", said(summary))
    assert (differs is not None) == known_start
    if differs:
        assert float(differs[1]) == pytest.approx(90.0, abs=2.5)
    np.testing.assert_allclose(aligned.t_s, activity.t_s + summary.offset_s)
    assert aligned.laps[0].start_s == pytest.approx(10.0 + summary.offset_s)
    assert (summary.name, summary.laps) == ("run.fit", 1)


@settings(max_examples=25, deadline=None)
@given(
    true_s=st.floats(-400.0, 300.0),
    wrong_s=st.floats(-500.0, 500.0),
    seed=st.integers(0, 10**6),
    every_s=st.sampled_from([1.0, 2.0, 5.0]),
)
def test_any_offset_is_found(true_s: float, wrong_s: float, seed: int, every_s: float) -> None:
    of = run(INTERVALS, seed)
    started_at = after(true_s + wrong_s)
    activity = watch(of, true_s, every_s=every_s, started_at=started_at, seed=seed)
    _, summary = align(of, activity, STARTED_AT)
    assert summary.offset_source == "start time and cadence"
    assert summary.offset_s == pytest.approx(true_s, abs=2.0)


def test_delay_without_averaging_stays_in() -> None:
    """What the docstring says: it looks like an offset, and moves everything early."""
    of = run(INTERVALS)
    _, summary = align(of, watch(of, 47.0, how="delay", seconds=3.0), None)
    assert 44.0 - 0.5 <= summary.offset_s <= 45.0


def test_good_clocks_need_no_warning() -> None:
    of = run(INTERVALS)
    _, summary = align(of, watch(of, 30.0, started_at=after(31.0)), STARTED_AT)
    assert summary.offset_source == "start time and cadence"
    assert summary.warnings == ()


@pytest.mark.parametrize("seed", range(5))
def test_steady_cadence_tells_nothing(seed: int) -> None:
    of = run(STEADY, seed)
    _, summary = align(of, watch(of, 30.0, started_at=after(75.0), seed=seed), STARTED_AT)
    assert summary.offset_source == "start time"
    assert summary.offset_s == 75.0
    assert "as good as both clocks are set" in said(summary)
    assert "cadence hardly changes" in said(summary)
    with pytest.raises(RecordingError, match="cadence hardly changes"):
        align(of, watch(of, 30.0, seed=seed), None)


@pytest.mark.parametrize("seed", range(5))
def test_another_run_is_not_matched(seed: int) -> None:
    """The watch of someone else, who ran other intervals in the same hour."""
    of = run(INTERVALS, seed)
    random = np.random.default_rng(seed)
    others: Pieces = [(random.uniform(40, 200), random.uniform(158, 188)) for _ in range(20)]
    activity = watch(run(others, seed), 0.0, started_at=after(0.0))
    _, summary = align(of, activity, STARTED_AT)
    assert summary.offset_source == "start time"
    assert "agrees with the sensors' nowhere" in said(summary)
    with pytest.raises(RecordingError, match="nowhere"):
        align(of, replace(activity, started_at=None), STARTED_AT)


def test_the_same_change_at_another_level_is_not_the_same_run() -> None:
    """Correlation alone would be taken in: from 108 to 164 is not from 162 to 171."""
    of = run(ONE_CHANGE)
    activity = watch(run([(900, 108), (900, 164)]), 0.0)
    with pytest.raises(RecordingError, match="nowhere"):
        align(of, activity, None)


def even_intervals(wrong_s: float) -> tuple[Run, Activity]:
    """A watch that knows nothing but ten equal intervals, to within a step a minute."""
    of = run(EVEN_INTERVALS)
    activity = watch(of, 125.0, started_at=after(125.0 + wrong_s))
    period = (activity.t_s + 125.0) % 120.0
    fast = np.where(period < 60.0, 184.0, 162.0)
    return of, replace(activity, cadence_spm=np.where(activity.t_s < 800, fast, np.nan))


def test_intervals_that_repeat_themselves_need_the_start_time() -> None:
    of, activity = even_intervals(wrong_s=8.0)
    _, summary = align(of, activity, STARTED_AT)
    assert summary.offset_source == "start time and cadence"
    assert summary.offset_s == pytest.approx(125.0, abs=3.0)
    assert "more than one place" in said(summary)


@pytest.mark.parametrize("wrong_s", [55.0, -62.0])
def test_between_two_places_neither_is_taken(wrong_s: float) -> None:
    of, activity = even_intervals(wrong_s)
    _, summary = align(of, activity, STARTED_AT)
    assert summary.offset_source == "start time"
    assert "more than one place" in said(summary)
    with pytest.raises(RecordingError, match="more than one place"):
        align(of, replace(activity, started_at=None), STARTED_AT)


def test_watch_without_cadence() -> None:
    of = run(INTERVALS)
    activity = watch(of, 30.0, started_at=after(33.0))
    deaf = replace(activity, cadence_spm=np.full(len(activity.t_s), np.nan))
    _, summary = align(of, deaf, STARTED_AT)
    assert (summary.offset_s, summary.offset_source) == (33.0, "start time")
    assert summary.correlation is None
    assert "it holds no cadence" in said(summary)


def test_neither_start_nor_cadence_is_one_clear_refusal() -> None:
    of = run(INTERVALS)
    activity = watch(of, 30.0, started_at=STARTED_AT)
    deaf = replace(activity, cadence_spm=np.full(len(activity.t_s), np.nan))
    with pytest.raises(RecordingError) as caught:
        align(of, deaf, None)
    assert "run.fit cannot be placed" in caught.value.what
    assert "the recording does not say when it started" in caught.value.what
    assert "Add started_at to recording.toml" in caught.value.remedy
    with pytest.raises(RecordingError) as caught:
        align(of, replace(deaf, started_at=None), STARTED_AT)
    assert "the watch had no date" in caught.value.what
    assert "laps.csv" in caught.value.remedy


@pytest.mark.parametrize("hours", [-24, 24, 2])
def test_another_time_is_refused(hours: int) -> None:
    of = run(INTERVALS)
    activity = watch(of, 30.0, started_at=after(30.0 + 3600 * hours))
    with pytest.raises(RecordingError) as caught:
        align(of, activity, STARTED_AT)
    assert "does not overlap the recording" in caught.value.what
    assert "2026-05-03 07:30" in caught.value.what
    assert "time zone" in caught.value.remedy


def test_no_strides_leave_the_start_time() -> None:
    activity = watch(run(INTERVALS), 30.0, started_at=after(33.0))
    _, summary = align_watch(activity, STARTED_AT, np.empty(0), np.empty(0))
    assert (summary.offset_s, summary.offset_source) == (33.0, "start time")
    assert "the sensors show no strides" in said(summary)


def test_both_legs_gaps_and_outliers_do_not_matter() -> None:
    """Strides of two legs in any order, a tenth of them lost, some counted double."""
    of = run(INTERVALS)
    random = np.random.default_rng(1)
    t_s = np.concatenate((of.stride_t_s, of.stride_t_s + 0.36))
    cadence = np.concatenate((of.cadence_spm, of.cadence_spm))
    kept = random.random(len(t_s)) > 0.1
    t_s, cadence = t_s[kept], cadence[kept]
    cadence[random.random(len(cadence)) < 0.03] *= 0.5
    cadence[random.random(len(cadence)) < 0.02] = np.nan
    mixed = random.permutation(len(t_s))
    _, summary = align_watch(watch(of, 47.3), None, t_s[mixed], cadence[mixed])
    assert summary.offset_s == pytest.approx(47.3, abs=1.5)


def test_a_watch_that_covers_half_of_the_run() -> None:
    of = run(INTERVALS)
    activity = watch(of, 47.3)
    half = activity.t_s > 700
    part = replace(
        activity,
        t_s=activity.t_s[half],
        cadence_spm=activity.cadence_spm[half],
    )
    _, summary = align(of, part, None)
    assert summary.offset_s == pytest.approx(47.3, abs=1.5)


def test_warnings_of_the_file_are_kept() -> None:
    of = run(INTERVALS)
    activity = replace(watch(of, 47.3), warnings=("run.fit: cut off",))
    _, summary = align(of, activity, None)
    assert summary.warnings == ("run.fit: cut off",)
