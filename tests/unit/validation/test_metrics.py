"""Metrics against small cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FloatArray, Reason, Stride
from hipimu.maths import quaternion
from hipimu.validation.metrics import (
    Counts,
    TrueStrides,
    added,
    agreement,
    match,
    orientation_errors,
    peak_errors,
    score,
    stride_times,
)

DEGREE = np.pi / 180


def stride(t_s: float, flexion_rad: float = 0.7, *reasons: Reason) -> Stride:
    return Stride(
        side="left",
        stride=0,
        t_peak_extension_s=t_s - 0.3,
        peak_extension_rad=0.4,
        t_peak_flexion_s=t_s,
        peak_flexion_rad=flexion_rad,
        stride_time_s=0.7,
        gait="running",
        pelvis_tilt_rad=0.0,
        pelvis_tilt_range_rad=0.0,
        pelvis_obliquity_range_rad=0.0,
        pelvis_rotation_range_rad=0.0,
        thigh_peak_flexion_rad=0.0,
        thigh_peak_extension_rad=0.0,
        quality=0.0 if reasons else 1.0,
        reasons=reasons,
    )


def truth(t_s: FloatArray, flexion_rad: float = 0.7, scored: object = True) -> TrueStrides:
    return TrueStrides(
        side="left",
        t_s={"peak_flexion": t_s, "peak_extension": t_s - 0.3},
        peak_rad={
            "peak_flexion": np.full(len(t_s), flexion_rad),
            "peak_extension": np.full(len(t_s), 0.4),
        },
        scored=np.broadcast_to(np.asarray(scored, dtype=np.bool_), t_s.shape),
    )


def test_the_nearer_of_two_gets_the_true_one() -> None:
    true = np.array([1.0, 2.0, 3.0])
    assert match(true, np.array([0.9, 1.05, 2.4, 3.0]), np.full(3, 0.3)).tolist() == [-1, 0, -1, 2]


@pytest.mark.parametrize(("true", "found"), [([], [1.0]), ([1.0], []), ([], [])])
def test_nothing_matches_nothing(true: list[float], found: list[float]) -> None:
    matched = match(np.array(true), np.array(found), np.full(len(true), 1.0))
    assert matched.tolist() == [-1] * len(found)


def test_a_single_true_stride_is_found_from_either_side() -> None:
    assert match(np.array([1.0]), np.array([1.1]), np.array([0.2])).tolist() == [0]
    assert match(np.array([1.0]), np.array([0.9]), np.array([0.2])).tolist() == [0]


@given(st.lists(st.floats(0, 100), max_size=30), st.lists(st.floats(0, 100), max_size=30))
def test_a_true_event_is_given_once_and_never_far(true: list[float], found: list[float]) -> None:
    t = np.unique(np.array(true, dtype=float))
    at = match(t, np.array(found), np.full(len(t), 2.0))
    given_away = [i for i in at.tolist() if i >= 0]
    assert len(given_away) == len(set(given_away))
    assert all(abs(f - t[i]) <= 2.0 for f, i in zip(found, at.tolist(), strict=True) if i >= 0)


def test_a_break_is_no_stride_time() -> None:
    assert stride_times(np.array([1.0, 1.7, 9.0, 9.6])).tolist() == pytest.approx(
        [0.7] * 2 + [0.6] * 2
    )


def test_strides_set_aside_count_as_found() -> None:
    true = truth(np.arange(1.0, 6.0))
    ours = [stride(1.0), stride(2.0, 0.7, Reason.GAP), stride(3.0), stride(4.5)]
    counts, pairs = score(true, ours)
    assert (counts.true, counts.found, counts.invented, counts.kept) == (5, 3, 1, 2)
    assert counts.set_aside == {"gap": 1}
    assert counts.recall == pytest.approx(0.6)
    assert counts.precision == pytest.approx(0.75)
    assert counts.f1 == pytest.approx(2 / 3)
    assert len(pairs.ours_rad["peak_flexion"]) == 2


def test_what_lies_outside_the_scored_piece_is_not_counted() -> None:
    true = truth(np.arange(1.0, 6.0), scored=[False, False, True, True, True])
    counts, _ = score(true, [stride(1.0), stride(1.4), stride(3.0), stride(4.4)])
    assert (counts.true, counts.found, counts.invented) == (3, 1, 1)


def test_strides_of_the_other_leg_are_left_out() -> None:
    counts, _ = score(truth(np.arange(1.0, 4.0)), [stride(1.0)._replace(side="right")])
    assert (counts.found, counts.invented) == (0, 0)
    assert counts.f1 == 0.0


def test_counts_add_up() -> None:
    total = added([Counts(5, 4, 1, 3, {"gap": 1}), Counts(2, 2, 0, 1, {"gap": 1, "clipped": 1})])
    assert total == Counts(7, 6, 1, 4, {"clipped": 1, "gap": 2})


def test_errors_of_peaks() -> None:
    true = truth(np.arange(1.0, 3.0), flexion_rad=0.5)
    _, first = score(true, [stride(1.01, 0.51), stride(2.01, 0.53)])
    _, second = score(true, [stride(0.99, 0.46), stride(1.99, 0.46)])
    found = peak_errors([first, second], "peak_flexion")
    assert found is not None
    assert found.strides == 4
    assert found.bias_rad == pytest.approx((0.01 + 0.03 - 0.08) / 4)
    assert found.rmse_rad == pytest.approx(np.sqrt((0.01**2 + 0.03**2 + 2 * 0.04**2) / 4))
    assert found.rmse_offset_removed_rad == pytest.approx(0.01 / np.sqrt(2))
    assert found.timing_rmse_s == pytest.approx(0.01)
    assert np.mean(found.limits_rad) == pytest.approx(found.bias_rad)


def test_no_stride_no_error() -> None:
    _, none = score(truth(np.arange(1.0, 3.0)), [])
    assert peak_errors([none], "peak_flexion") is None


def test_agreement_of_curves() -> None:
    curve = np.sin(np.linspace(0, 20, 500))
    found = agreement(2 * curve + 0.1, curve)
    assert found.r == pytest.approx(1.0)
    assert found.bias_rad == pytest.approx(0.1 + curve.mean())
    assert found.rmse_offset_removed_rad == pytest.approx(curve.std())


def quats(*axis_and_deg: tuple[list[float], float], n: int = 6) -> FloatArray:
    turn = np.array([1.0, 0.0, 0.0, 0.0])
    for axis, deg in axis_and_deg:
        turn = quaternion.multiply(turn, quaternion.about_axis(np.array(axis), deg * DEGREE))
    return np.repeat(turn[None], n, axis=0)


def test_a_constant_heading_is_free_and_inclination_is_not() -> None:
    rng = np.random.default_rng(1)
    optical = rng.normal(size=(6, 4))
    tilted = quaternion.multiply(quats(([0, 0, 1.0], 130.0), ([1.0, 0, 0], 3.0)), optical)
    ours = tilted / np.linalg.norm(tilted, axis=1)[:, None]
    found = orientation_errors(ours, optical, np.ones(6, dtype=bool))
    assert found.inclination_rad == pytest.approx(3.0 * DEGREE)
    assert found.total_rad == pytest.approx(3.0 * DEGREE)
    assert found.heading_rad == pytest.approx(0.0, abs=1e-9)


def test_heading_that_wanders_is_an_error() -> None:
    up = [0, 0, 1.0]
    ours = np.concatenate([quats((up, 8.0), n=3), quats((up, 12.0), n=3)])
    found = orientation_errors(ours, quats(n=6), np.ones(6, dtype=bool))
    assert found.heading_rad == pytest.approx(2.0 * DEGREE)
    assert found.total_rad == pytest.approx(2.0 * DEGREE)
    assert found.inclination_rad == pytest.approx(0.0, abs=1e-7)


def test_only_movement_with_optical_data_counts() -> None:
    ours, optical = quats(), quats()
    ours[0] = quats(([1.0, 0, 0], 50.0))[0]
    optical[1] = np.nan
    movement = np.array([False, True, True, True, True, True])
    assert orientation_errors(ours, optical, movement).total_rad == pytest.approx(0.0)
