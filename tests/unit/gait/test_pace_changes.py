"""Change points, and whether pieces are of two paces."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import FloatArray
from hipimu.gait.changes import constant_pieces
from hipimu.gait.traces import Trace, known_at
from hipimu.gait.two_paces import TwoPaces, share_between, two_paces
from tests.paces import INTERVALS, speeds, wandering

LEAST = float(np.log(1.12))


def trace_of(level: FloatArray) -> Trace:
    return Trace(np.arange(len(level), dtype=np.float64), level)


def pieces_of(level: FloatArray) -> tuple[tuple[float, float], ...]:
    return constant_pieces(trace_of(level), ((0.0, float(len(level))),), LEAST)


def noisy(level: FloatArray, sd: float, seed: int = 0) -> FloatArray:
    return np.asarray(level + np.random.default_rng(seed).normal(0.0, sd, len(level)))


def test_changes_are_found_where_they_are() -> None:
    pieces = pieces_of(noisy(np.log(speeds(INTERVALS)), 0.05))
    edges = np.cumsum([duration for duration, _ in INTERVALS])

    assert [end for _, end in pieces] == pytest.approx(edges.tolist(), abs=1.5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("memory_s", [1.0, 20.0])
def test_noise_has_few_changes(seed: int, memory_s: float) -> None:
    """Errors that last for 20 s make over a hundred changes if they are taken for white."""
    level = wandering(3600, 0.04, memory_s, np.random.default_rng(seed))

    assert len(pieces_of(level)) <= (1 if memory_s == 1.0 else 30)


def test_an_outlier_is_no_change() -> None:
    level = np.zeros(200)
    level[100:102] = 2.0

    assert pieces_of(level) == ((0.0, 200.0),)


def test_a_change_of_a_few_per_cent_is_none() -> None:
    level = np.where(np.arange(300) % 60 < 30, 0.0, 0.04)

    assert pieces_of(level) == ((0.0, 300.0),)


def test_the_unknown_is_in_no_piece() -> None:
    level = np.zeros(300)
    level[100:140] = np.nan
    pieces = pieces_of(level)

    assert pieces == ((0.0, 99.5), (139.5, 300.0))


@pytest.mark.parametrize("level", [np.zeros(0), np.zeros(1), np.zeros(15), np.full(50, np.nan)])
def test_short_and_unknown_traces(level: FloatArray) -> None:
    known = len(level) > 0 and bool(np.isfinite(level).all())

    assert pieces_of(level) == (((0.0, float(len(level))),) if known else ())


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.floats(-1.0, 1.0)), min_size=1, max_size=8),
    st.lists(st.integers(0, 400), max_size=30),
)
def test_pieces_are_apart_in_order_and_inside(
    parts: list[tuple[int, float]], unknown: list[int]
) -> None:
    level = np.concatenate([np.full(length, value) for length, value in parts])
    level[[i for i in unknown if i < len(level)]] = np.nan
    n = float(len(level))
    pieces = constant_pieces(trace_of(level), ((0.0, 0.4 * n), (0.5 * n, n)), LEAST)

    edges = np.array(pieces).ravel()
    assert np.all(np.diff(edges) >= 0.0)
    assert not len(edges) or (edges[0] >= -1.0 and edges[-1] <= n + 1.0)
    assert not any(start < 0.4 * n + 1.0 < 0.5 * n - 1.0 < end for start, end in pieces)


def test_four_steady_hours_take_a_moment() -> None:
    level = noisy(np.zeros(4 * 3600), 0.02)
    trace = trace_of(level)
    constant_pieces(trace_of(level[:100]), ((0.0, 100.0),), LEAST)  # the import is not meant
    begin = time.perf_counter()
    pieces = constant_pieces(trace, ((0.0, 14400.0),), LEAST)

    assert len(pieces) == 1
    assert time.perf_counter() - begin < 8.0  # one hour in two seconds, even on a busy machine


def test_ruptures_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, hipimu.gait; sys.exit('ruptures' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def groups(*parts: tuple[float, int], sd: float = 0.02) -> list[FloatArray]:
    """Pieces by level and length."""
    return [noisy(np.full(n, level), sd, seed) for seed, (level, n) in enumerate(parts)]


def test_two_paces_are_told_apart() -> None:
    found = two_paces(groups(*[(1.1, 120), (1.6, 60)] * 6), LEAST)

    assert found is not None
    assert (found.easy, found.fast) == pytest.approx((1.1, 1.6), abs=0.01)


def test_the_best_of_all_cuts_is_taken() -> None:
    """Against every cut tried by hand."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        levels = np.sort(np.concatenate((rng.normal(1.0, 0.03, 4), rng.normal(1.6, 0.03, 3))))
        pieces = groups(
            *[(float(x), int(n)) for x, n in zip(levels, rng.integers(30, 90, 7), strict=True)]
        )
        found = two_paces(pieces, LEAST)
        assert found is not None
        costs = {}
        for cut in range(1, len(pieces)):
            low, high = np.concatenate(pieces[:cut]), np.concatenate(pieces[cut:])
            costs[low.mean(), high.mean()] = low.var() * len(low) + high.var() * len(high)
        assert (found.easy, found.fast) == pytest.approx(min(costs, key=lambda key: costs[key]))


@pytest.mark.parametrize(
    "pieces",
    [
        groups((1.1, 600)),
        groups(*[(1.10, 120), (1.19, 60)] * 6),
        groups(*[(1.1, 60), (1.2, 60), (1.3, 60), (1.4, 60)] * 3),
        groups((1.1, 1200), (0.7, 45), (1.1, 1200)),
        [],
        [np.empty(0), np.zeros(10)],
        [np.zeros(60), np.zeros(60)],
    ],
    ids=[
        "one piece",
        "too near",
        "four paces",
        "one slow minute",
        "none",
        "nothing known",
        "equal",
    ],
)
def test_what_is_not_two_paces(pieces: list[FloatArray]) -> None:
    assert two_paces(pieces, LEAST) is None


@pytest.mark.parametrize(
    "level",
    [
        np.linspace(1.0, 1.4, 2400),
        1.2 + 0.15 * np.sin(np.arange(2400) / 60.0),
        1.2 + wandering(2400, 0.1, 200.0, np.random.default_rng(5)),
    ],
    ids=["speeding up", "sine", "wandering"],
)
def test_one_pace_that_varies_is_not_two(level: FloatArray) -> None:
    """Also when it is handed over cut where it changes."""
    trace = trace_of(level)
    spans = pieces_of(level)

    assert len(spans) > 3
    assert two_paces([trace.within(span) for span in spans], LEAST) is None


def test_between_the_paces_is_neither() -> None:
    paces = TwoPaces(easy=1.0, fast=1.6)

    assert [paces.pace_of(level) for level in (0.2, 1.0, 1.19, 1.21, 1.39, 1.41, 1.6, 2.5)] == [
        "easy",
        "easy",
        "easy",
        "other",
        "other",
        "fast",
        "fast",
        "fast",
    ]


def test_the_share_of_variance_between_pieces() -> None:
    rng = np.random.default_rng(0)
    same = [rng.normal(0.0, 1.0, 2000) for _ in range(2)]

    assert share_between(same) == pytest.approx(0.0, abs=0.01)
    # levels ±1 with unit variance inside: half of the whole
    assert share_between([same[0] + 1.0, same[1] - 1.0]) == pytest.approx(0.5, abs=0.03)
    assert share_between([np.zeros(5), np.ones(5)]) == 1.0
    assert share_between([np.zeros(5), np.zeros(5)]) == 0.0
    assert share_between([]) == 0.0


def test_values_between_points_and_in_gaps() -> None:
    t_s = np.array([0.0, 4.0, 5.0, 40.0, 41.0])
    values = np.array([1.0, 3.0, np.nan, 7.0, 8.0])
    at = np.array([-0.1, 0.0, 2.0, 4.0, 5.0, 30.0, 40.0, 40.5, 42.0, 42.1])
    found = known_at(t_s, values, at)

    unknown, nan = np.isnan(found), np.nan
    assert unknown.tolist() == [True, False, False, False, True, True, False, False, False, True]
    assert found[~unknown].tolist() == [1.0, 2.0, 3.0, 7.0, 7.5, 8.0]
    assert np.isnan(known_at(np.empty(0), np.empty(0), at)).all()
    assert np.isnan(known_at(t_s, np.full(5, nan), at)).all()


def test_what_is_recorded_once_a_minute_has_no_gaps_of_a_minute() -> None:
    t_s = np.arange(0.0, 600.0, 60.0)

    assert np.isfinite(known_at(t_s, t_s, np.arange(0.0, 540.0))).all()
