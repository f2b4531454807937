"""Bursty loss on all sensors: strides stay, and their peaks stay true, or they are set aside."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hipimu.data import SIDES, BoolArray, FloatArray, ImuBlock, Segment, Stride
from hipimu.pipeline import SamplePath, sample_path_for
from hipimu.sources import open_recording
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.stage import joined
from tests.losses import gilbert_elliott, without
from tests.simulated import Simulation, short_plan, simulation
from tests.truth.compare import DEGREE
from tests.truth.conftest import ISEN

RUNNING_S = 24.0
BURST_S = 0.06
LIMIT_DEG = {3.0: (1.5, 1.0), 5.0: (1.5, 1.0), 9.0: (2.5, 1.5)}
"""Root mean square of the peaks' errors as they are, and without their mean."""


@cache
def run(speed: float) -> Simulation:
    bout = PlannedBout(pace="fast", duration_s=60.0, speed_m_s=speed)
    return simulation(short_plan(seed=3, bouts=(bout,)))


@cache
def strides(speed: float, share: float) -> tuple[Stride, ...]:
    session = run(speed)
    rng = np.random.default_rng(7)
    n, burst = len(session.samples["pelvis"][0]), BURST_S * session.rate_hz
    lost = {s: gilbert_elliott(n, share, burst, rng) for s in session.segments} if share else {}
    path = SamplePath(session.segments, session.rate_hz)
    angles = [out for block in without(session, lost) for out in path.angles.push(block)]
    found = [s for block in angles + path.angles.flush() for s in path.strides.push(block)]
    return tuple(s for s in found + path.strides.flush() if s.t_peak_flexion_s > RUNNING_S)


def errors(speed: float, found: list[Stride]) -> dict[tuple[str, str], FloatArray]:
    """Of both peaks of each side, against the true angle around the same moment."""
    session = run(speed)
    t_s = session.samples["pelvis"][0]
    result: dict[tuple[str, str], FloatArray] = {}
    for side in SIDES:
        curve, own = session.flexion_rad[side], [s for s in found if s.side == side]
        for name, sign in (("flexion", 1), ("extension", -1)):
            at = np.searchsorted(t_s, [getattr(s, f"t_peak_{name}_s") for s in own])
            true = np.array([(sign * curve[i - 6 : i + 7]).max() for i in at])
            result[side, name] = np.array([getattr(s, f"peak_{name}_rad") for s in own]) - true
    return result


@pytest.mark.parametrize("speed", LIMIT_DEG)
@pytest.mark.parametrize("share", [0.01, 0.02, 0.05])
def test_the_same_strides_are_found_with_true_peaks(speed: float, share: float) -> None:
    whole, found = strides(speed, 0.0), strides(speed, share)
    for side in SIDES:
        times, expected = (
            np.array([s.t_peak_flexion_s for s in some if s.side == side])
            for some in (found, whole)
        )
        assert len(times) == len(expected)
        assert np.abs(times - expected).max() < 0.08
    kept = [s for s in found if s.usable()]
    raw, centred = LIMIT_DEG[speed]
    for error in errors(speed, kept).values():
        assert np.sqrt((error**2).mean()) <= raw * DEGREE
        assert error.std() <= centred * DEGREE


@pytest.mark.parametrize(("speed", "least"), [(3.0, 0.99), (5.0, 0.99), (9.0, 0.75)])
def test_two_percent_loss_leaves_most_strides(speed: float, least: float) -> None:
    found = strides(speed, 0.02)
    assert np.mean([s.usable() for s in found]) >= least


def _joined_by_sensor(blocks: list[ImuBlock]) -> list[ImuBlock]:
    names = dict.fromkeys(block.sensor for block in blocks)
    return [joined([b for b in blocks if b.sensor == name]) for name in names]


def _only(block: ImuBlock, kept: BoolArray) -> ImuBlock:
    return ImuBlock(
        block.sensor,
        block.t_s[kept],
        block.gyr_rad_s[kept],
        block.acc_m_s2[kept],
        block.clipped[kept],
    )


def test_on_a_real_run_what_is_kept_agrees_with_the_undisturbed_analysis() -> None:
    """Straps rock when feet land: little can be bridged there, and that must be noticed."""
    recording = open_recording(ISEN)
    blocks = list(recording.blocks())

    def found(lost_of: dict[Segment, BoolArray]) -> list[Stride]:
        path = sample_path_for(recording, "vqf")
        angles = []
        for block in _joined_by_sensor(blocks):
            kept = ~lost_of.get(block.sensor, np.zeros(len(block.t_s), dtype=bool))
            angles += path.angles.push(_only(block, kept))
        strides = [s for b in angles + path.angles.flush() for s in path.strides.push(b)]
        return strides + path.strides.flush()

    whole = found({})
    rng = np.random.default_rng(2)
    lost = {
        block.sensor: gilbert_elliott(len(block.t_s), 0.02, 12.0, rng, after=5200)
        for block in _joined_by_sensor(blocks)
    }
    compared = 0
    for stride in found(lost):
        if not stride.usable() or stride.t_peak_flexion_s < 26.0:
            continue
        (same,) = [
            s
            for s in whole
            if s.side == stride.side and abs(s.t_peak_flexion_s - stride.t_peak_flexion_s) < 0.1
        ]
        compared += 1
        assert abs(stride.peak_flexion_rad - same.peak_flexion_rad) < 2.5 * DEGREE
        assert abs(stride.peak_extension_rad - same.peak_extension_rad) < 2.5 * DEGREE
    print(f"{compared} strides kept")
    assert compared
