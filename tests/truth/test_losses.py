"""What lost samples do to peaks: short losses cost little, long ones are set aside and said."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from hipimu.data import BoolArray, ImuBlock, Method, Reason, Stride
from hipimu.pipeline import SamplePath
from tests.simulated import short_plan, simulation
from tests.truth.compare import DEGREE

SIMULATION = simulation(short_plan())
SAMPLES = len(SIMULATION.samples["pelvis"][0])


def strides(lost: dict[str, BoolArray], method: Method) -> list[Stride]:
    """Strides of the session with some samples of some sensors gone."""
    path = SamplePath(SIMULATION.segments, SIMULATION.rate_hz, method=method)
    found: list[Stride] = []
    blocks = []
    for segment, (t_s, gyr, acc) in SIMULATION.samples.items():
        kept = ~lost.get(segment, np.zeros(SAMPLES, dtype=bool))
        clipped = np.zeros(int(kept.sum()), dtype=bool)
        blocks.append(ImuBlock(segment, t_s[kept], gyr[kept], acc[kept], clipped))
    angles = [out for block in blocks for out in path.angles.push(block)] + path.angles.flush()
    for block in angles:
        found += path.strides.push(block)
    return found


def bursts(share: float, length: int, rng: np.random.Generator) -> BoolArray:
    """Losses of 1 … `length` samples in a row, none in the first 20 s of calibration."""
    lost = np.zeros(SAMPLES, dtype=bool)
    while lost.mean() < share:
        start, run = int(rng.integers(2000, SAMPLES - 100)), int(rng.integers(1, length + 1))
        if not lost[start - 3 : start + run + 3].any():  # no longer ones by chance
            lost[start : start + run] = True
    return lost


WHOLE = {method: strides({}, method) for method in get_args(Method)}


def matched(found: list[Stride], method: Method) -> list[tuple[Stride, Stride]]:
    pairs = []
    for whole in WHOLE[method]:
        near = [
            s
            for s in found
            if s.side == whole.side and abs(s.t_peak_flexion_s - whole.t_peak_flexion_s) < 0.1
        ]
        pairs += [(whole, near[0])] if near else []
    return pairs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_losses_of_up_to_50_ms_cost_a_fraction_of_a_degree(seed: int, method: Method) -> None:
    rng = np.random.default_rng(seed)
    found = strides({segment: bursts(0.02, 5, rng) for segment in SIMULATION.segments}, method)
    pairs = matched(found, method)
    assert len(pairs) == len(WHOLE[method])
    assert abs(len(found) - len(WHOLE[method])) <= 1
    assert any(Reason.GAP in s.reasons for s in found)
    for name in ("peak_flexion_rad", "peak_extension_rad"):
        errors = [getattr(a, name) - getattr(b, name) for a, b in pairs if b.usable()]
        assert len(errors) > 0.8 * sum(s.usable() for s in WHOLE[method])
        assert np.sqrt(np.mean(np.square(errors))) < 0.5 * DEGREE
        assert np.abs(errors).max() < 2.5 * DEGREE


@pytest.mark.parametrize("gap_s", [0.5, 0.8])
def test_a_longer_loss_sets_strides_aside_until_the_tilt_has_recovered(
    gap_s: float, method: Method
) -> None:
    for start in (2950, 2990, 3030):
        lost = np.zeros(SAMPLES, dtype=bool)
        lost[start : start + round(100 * gap_s)] = True
        found = strides({"thigh_left": lost}, method)
        spoilt = [s for s in found if Reason.GAP in s.reasons]
        assert {s.side for s in spoilt} == {"left"}
        assert not any(s.usable() for s in spoilt)
        for a, b in matched(found, method):
            if b.usable():
                assert abs(a.peak_flexion_rad - b.peak_flexion_rad) < 2.0 * DEGREE
                assert abs(a.peak_extension_rad - b.peak_extension_rad) < 2.0 * DEGREE


@pytest.mark.parametrize("gap_s", [0.08, 0.1, 0.2, 0.3])
def test_what_is_kept_after_a_loss_in_running_is_right(gap_s: float, method: Method) -> None:
    for start in (2950, 2990, 3030):
        lost = np.zeros(SAMPLES, dtype=bool)
        lost[start : start + round(100 * gap_s)] = True
        found = strides({"thigh_left": lost}, method)
        assert {s.side for s in found if Reason.GAP in s.reasons} == {"left"}
        pairs = matched(found, method)
        assert len(pairs) == len(WHOLE[method])
        for a, b in pairs:
            if b.usable():
                assert abs(a.peak_flexion_rad - b.peak_flexion_rad) < 2.0 * DEGREE
                assert abs(a.peak_extension_rad - b.peak_extension_rad) < 2.0 * DEGREE
