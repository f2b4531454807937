"""The average cycle of a curve that is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hipimu.data import FloatArray, Reason, Side, Stride
from hipimu.gait import mean_cycles
from tests.unit.strides import STRIDE_S, strides_at

T_S = np.arange(0.0, 60.0, 0.005)
PEAKS_S = STRIDE_S * np.arange(1, 61)
LOSS_RAD_S = 0.002


def angle(t_s: FloatArray) -> FloatArray:
    """Peak flexion at whole strides, with a slow loss."""
    return np.asarray(0.2 + 0.6 * np.cos(2 * np.pi * t_s / STRIDE_S) - LOSS_RAD_S * t_s)


FLEXION: dict[Side, tuple[FloatArray, FloatArray]] = {"right": (T_S, angle(T_S))}


def easy(n: int = 60) -> list[Stride]:
    return strides_at(PEAKS_S[:n], pace="easy")


def test_thirds_are_averaged_from_peak_to_peak() -> None:
    early, late = mean_cycles(easy(), FLEXION)
    share = np.linspace(0.0, 1.0, 101)

    assert [(c.side, c.pace, c.part, c.strides) for c in (early, late)] == [
        ("right", "easy", "early", 20),
        ("right", "easy", "late", 20),
    ]
    for cycle, peaks in ((early, PEAKS_S[:20]), (late, PEAKS_S[40:])):
        expected = angle(peaks.mean() + (share - 1.0) * STRIDE_S)
        drift = LOSS_RAD_S * STRIDE_S * np.arange(20).std(ddof=1)
        cosine = 0.2 + 0.6 * np.cos(2 * np.pi * share)
        mean_time = peaks.mean() + (share - 1.0) * STRIDE_S
        assert_allclose(cycle.mean_rad, cosine - LOSS_RAD_S * mean_time, atol=2e-4)
        assert_allclose(cycle.sd_rad, drift, atol=2e-4)
        assert expected.shape == cycle.mean_rad.shape
    assert_allclose(early.mean_rad - late.mean_rad, LOSS_RAD_S * 40 * STRIDE_S, atol=3e-4)


@pytest.mark.parametrize(("n", "cycles"), [(14, 0), (15, 2)])
def test_five_strides_a_third_are_needed(n: int, cycles: int) -> None:
    assert len(mean_cycles(easy(n), FLEXION)) == cycles


def test_what_is_set_aside_or_has_no_stride_time_does_not_count() -> None:
    strides = easy()
    strides[0] = strides[0]._replace(stride_time_s=None)
    strides[1] = strides[1]._replace(quality=0.0, reasons=(Reason.GAP,))
    strides[2] = strides[2]._replace(gait="walking")
    cycles = mean_cycles(strides, FLEXION)

    assert [cycle.strides for cycle in cycles] == [19, 19]
    assert [cycle.set_aside for cycle in cycles] == [{"gap": 1, "walking": 1}] * 2


def test_paces_and_sides_are_apart() -> None:
    strides = [
        *strides_at(PEAKS_S[:20], "right", pace="easy"),
        *strides_at(PEAKS_S[20:40], "right", pace="fast"),
        *strides_at(PEAKS_S[:20], "left", pace="fast"),
    ]
    right = FLEXION["right"]
    cycles = mean_cycles(strides, {"right": right, "left": right})
    only_right = mean_cycles(strides, {"right": right})

    assert [(c.side, c.pace) for c in cycles] == [
        ("left", "fast"),
        ("left", "fast"),
        ("right", "easy"),
        ("right", "easy"),
        ("right", "fast"),
        ("right", "fast"),
    ]
    assert {c.side for c in only_right} == {"right"}
