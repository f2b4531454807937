"""Speed as a ratio inside one run: these machines differ, and are noisy."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import vqf
from pytest_benchmark.fixture import BenchmarkFixture

from hipimu.data import ImuBlock
from hipimu.pipeline import SamplePath, analyse
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from tests.simulated import short_plan, simulation

ANALYSIS_PER_FILTER = 4.0
"""An hour's analysis may take this many times what VQF alone needs for its samples."""
ROUNDS = 20
LEAST_ROUNDS = 5
"""Each side is judged by its quickest round: what other programs do can only make a round slower.
Measuring stops as soon as the ratio is reached; being too slow fails in every round."""


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = Plan(
        seed=3,
        rate_hz=100.0,
        repeat=9,
        bouts=(
            PlannedBout(pace="easy", duration_s=300.0, speed_m_s=3.0),
            PlannedBout(pace="fast", duration_s=96.0, speed_m_s=5.0),
        ),
    )
    folder = tmp_path_factory.mktemp("hour") / "run"
    return simulate(plan, folder, file_format="parquet").recording


def seconds(work: Callable[[], object]) -> float:
    """Time one call, garbage collection off as in timeit: it would walk through all of pytest."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    finally:
        gc.enable()


def test_an_hour_costs_little_more_than_its_filter(
    hour: Path, record_property: Callable[[str, object], None]
) -> None:
    """The two are timed in turns, since the machine's speed wanders."""
    samples = [
        (np.ascontiguousarray(block.gyr_rad_s), np.ascontiguousarray(block.acc_m_s2))
        for block in whole(hour)
    ]
    assert sum(len(gyr) for gyr, _ in samples) == pytest.approx(3 * 3600 * 100, rel=0.02)

    def filter_alone() -> None:
        for gyr, acc in samples:
            vqf.VQF(0.01).updateBatch(gyr, acc)

    analyse(hour)  # imports and caches
    alone_s, analysis_s = [], []
    for _ in range(ROUNDS):
        alone_s.append(seconds(filter_alone))
        analysis_s.append(seconds(lambda: analyse(hour)))
        ratio = min(analysis_s) / min(alone_s)
        if len(alone_s) >= LEAST_ROUNDS and ratio <= ANALYSIS_PER_FILTER:
            break
    print(f"\none hour: analysis / VQF alone = {ratio:.2f} (quickest of {len(alone_s)} rounds)")
    print("  ", ", ".join(f"{b:.2f}/{a:.2f} s" for a, b in zip(alone_s, analysis_s, strict=True)))
    record_property("analysis_per_filter", ratio)
    assert ratio <= ANALYSIS_PER_FILTER


def whole(hour: Path) -> list[ImuBlock]:
    """Each sensor's samples in one piece."""
    blocks = list(open_recording(hour).blocks())
    names = dict.fromkeys(block.sensor for block in blocks)
    return [
        ImuBlock(
            name,
            np.concatenate([b.t_s for b in blocks if b.sensor == name]),
            np.concatenate([b.gyr_rad_s for b in blocks if b.sensor == name]),
            np.concatenate([b.acc_m_s2 for b in blocks if b.sensor == name]),
            np.concatenate([b.clipped for b in blocks if b.sensor == name]),
        )
        for name in names
    ]


def test_a_live_block_is_done_long_before_the_next(benchmark: BenchmarkFixture) -> None:
    """Three sensors' blocks of 0.1 s, through the whole causal path to strides."""
    session = simulation(short_plan())
    path = SamplePath(session.segments, session.rate_hz)
    live = iter(session.blocks(10))

    def push() -> None:
        for _ in session.segments:
            for angles in path.angles.push(next(live)):
                path.strides.push(angles)

    for _ in range(420):  # past the calibration
        push()
    assert path.calibration is not None
    benchmark.pedantic(push, rounds=30, iterations=1)  # type: ignore[no-untyped-call]
    assert median(benchmark.stats.stats.data) < 0.02  # type: ignore[union-attr]
