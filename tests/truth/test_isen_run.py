"""A real runner, against the angles of the vendor's own fusion (not optical, not truth itself)."""

from __future__ import annotations

import numpy as np
import pytest

from hipimu.data import SIDES, Method, Session, Side, Stride
from tests.truth.compare import DEGREE, Angles

FUNCTIONAL_S = (7.0, 24.0)
RUN_S = (26.8, 36.2)


def running(session: Session, side: Side) -> list[Stride]:
    return [s for s in session.strides if s.side == side and s.gait == "running"]


@pytest.mark.parametrize("side", SIDES)
def test_functional_movements(isen_angles: Angles, side: Side) -> None:
    found = isen_angles.agreement(side, *FUNCTIONAL_S)
    assert found.r >= 0.985
    assert found.rmse_rad <= 4.0 * DEGREE


@pytest.mark.parametrize(("side", "r", "rmse_deg"), [("right", 0.96, 5.0), ("left", 0.91, 7.5)])
def test_run(isen_angles: Angles, side: Side, r: float, rmse_deg: float) -> None:
    found = isen_angles.agreement(side, *RUN_S)
    assert found.r >= r
    assert found.rmse_rad <= rmse_deg * DEGREE


@pytest.mark.parametrize("side", SIDES)
def test_strides_of_the_run(isen_session: Session, side: Side) -> None:
    strides = running(isen_session, side)
    assert 8 <= len(strides) <= 14
    times = np.diff([s.t_peak_flexion_s for s in strides])
    assert times.min() > 0.5
    assert times.max() < 1.0
    assert all(not s.usable() for s in isen_session.strides if s.gait == "walking")


@pytest.mark.parametrize("side", SIDES)
def test_peak_flexion_is_the_vendors(
    isen_session: Session, isen_angles: Angles, side: Side
) -> None:
    ours = np.median([s.peak_flexion_rad for s in running(isen_session, side)])
    vendor, _ = isen_angles.vendor_peaks(side, *RUN_S)
    assert ours == pytest.approx(np.median(vendor), abs=3.0 * DEGREE)


WITHIN_DEG: dict[tuple[Method, Side], float] = {
    ("causal", "right"): 3.0,
    ("causal", "left"): 6.5,
    ("refined", "right"): 5.0,
    ("refined", "left"): 5.0,
}


@pytest.mark.parametrize("side", SIDES)
def test_peak_extension_is_near_the_vendors(
    isen_session: Session, isen_angles: Angles, method: Method, side: Side
) -> None:
    """The left vendor angle cannot be matched better than 5.5° by any choice of axes."""
    ours = np.median([s.peak_extension_rad for s in running(isen_session, side)])
    _, vendor = isen_angles.vendor_peaks(side, *RUN_S)
    assert ours == pytest.approx(np.median(-vendor), abs=WITHIN_DEG[method, side] * DEGREE)


@pytest.mark.parametrize("side", SIDES)
def test_peaks_do_not_sit_on_spikes(isen_session: Session, side: Side) -> None:
    """A foot's landing shakes belt and thigh; extension turned by 15° within 50 ms before."""
    assert max(s.peak_extension_rad for s in running(isen_session, side)) < 29.0 * DEGREE


def test_pelvis_tilt_in_functional_movements(isen_angles: Angles) -> None:
    t_s = isen_angles.t_s("left")
    inside = (t_s >= FUNCTIONAL_S[0]) & (t_s < FUNCTIONAL_S[1])
    ours = isen_angles.ours("left", "pelvis_tilt_rad")[inside]
    assert np.corrcoef(ours, isen_angles.vendor_tilt()[inside])[0, 1] >= 0.99


def test_the_verdict_is_that_it_cannot_tell(isen_session: Session) -> None:
    assert len(isen_session.fatigue) == 4
    for estimate in isen_session.fatigue:
        assert estimate.verdict == "not_estimable"
        assert estimate.reasons
        assert estimate.rfi_rad is None


def test_the_sign_self_test_is_sure(isen_session: Session) -> None:
    assert min(isen_session.calibration.sign_margin.values()) > 0.9
