"""Clocks, jitter and losses do what the plan says, measured in the written files."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import SEGMENTS
from tests.unit.sources.sessions import (
    EASY,
    HOP,
    QUIET,
    STAND,
    landings_s,
    made,
)


class TestClocks:
    def test_offset_and_drift_are_found_again_on_hops(self) -> None:
        bouts = [STAND, HOP, STAND | {"duration_s": 400.0}, HOP, STAND]
        run = made(
            rate_hz=200.0, warm_up=[], bouts=bouts, noise=QUIET,
            clock={"offset_s": 20.0, "drift_ppm": 200.0},
        )  # fmt: skip
        assert run.synchronised is False
        reference = landings_s(run, "pelvis")
        assert len(reference) == 6
        for segment in ("thigh_left", "thigh_right"):
            truth = run.truth["sensors"][segment]
            slope, level = np.polyfit(reference, landings_s(run, segment), 1)
            assert 1e6 * (slope - 1) == pytest.approx(truth["clock_drift_ppm"], abs=6.0)
            assert level == pytest.approx(truth["clock_offset_s"], abs=0.004)
            assert abs(truth["clock_offset_s"]) > 0.1
        assert run.truth["sensors"]["pelvis"]["clock_drift_ppm"] == 0.0

    def test_every_sensor_is_switched_on_and_off_by_itself(self) -> None:
        run, common = made(clock={"drift_ppm": 30.0}), made()
        ends = [(run.t_s(segment)[0], run.t_s(segment)[-1]) for segment in SEGMENTS]
        assert len(set(ends)) == 3
        for segment, (start, end) in zip(SEGMENTS, ends, strict=True):
            assert 0.0 <= start < 2.01
            assert 38.0 - 2.01 < end < 38.0
            assert_allclose(np.diff(run.t_s(segment)), 0.01, atol=1.1e-6)
        kept = np.isin(common.t_s("pelvis"), run.t_s("pelvis"))
        assert_array_equal(common.tables["pelvis"][kept], run.tables["pelvis"])
        for name in ("strides.csv", "angles.parquet"):
            assert run.truth_files[name] == common.truth_files[name]

    @pytest.mark.parametrize("jitter_ms", [0.5, 2.0, 30.0])
    def test_jitter_moves_stamps_and_nothing_else(self, jitter_ms: float) -> None:
        run, steady = made(clock={"jitter_ms": jitter_ms}), made()
        assert run.synchronised is True
        for segment in SEGMENTS:
            moved = run.t_s(segment) - steady.t_s(segment)
            assert np.all(np.diff(run.t_s(segment)) > 0)
            if jitter_ms <= 2.0:  # more than that meets the order of the samples
                assert 1e3 * moved.std() == pytest.approx(jitter_ms, rel=0.05)
            assert_array_equal(run.tables[segment][:, 1:], steady.tables[segment][:, 1:])

    @pytest.mark.parametrize(("loss", "burst_s"), [(0.01, 0.06), (0.05, 0.2), (0.3, 0.03)])
    def test_the_radio_loses_in_bursts(self, loss: float, burst_s: float) -> None:
        long = [EASY | {"duration_s": 400.0}]
        run, whole = (made(bouts=long, radio={"loss": x, "burst_s": burst_s}) for x in (loss, 0.0))
        share: list[float] = []
        length: list[int] = []
        for segment in SEGMENTS:
            steps = np.round(np.diff(run.t_s(segment)) * 100.0).astype(int)
            share.append(1 - len(run.t_s(segment)) / len(whole.t_s(segment)))
            length.extend(steps[steps > 1] - 1)
            arrived = np.isin(whole.t_s(segment), run.t_s(segment))
            assert_array_equal(whole.tables[segment][arrived], run.tables[segment])
            assert run.truth["sensors"][segment]["samples"] == len(run.t_s(segment))
        error = 4 / np.sqrt(len(length))  # both are means of so many bursts
        assert np.mean(share) == pytest.approx(loss, rel=1.5 * error)
        assert np.mean(length) == pytest.approx(100.0 * burst_s, rel=error)
