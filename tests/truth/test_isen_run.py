"""A real runner, against the angles of the vendor's own fusion (not optical, not truth itself)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hipimu.data import OUTCOMES, SIDES, Method, Outcome, Session, Side, Stride
from hipimu.sources import open_recording
from hipimu.validation.references import ANGLES, PartResult, ReferenceResult, angle_blocks
from tests.truth.compare import DEGREE
from tests.truth.conftest import ISEN


def running(session: Session, side: Side) -> list[Stride]:
    return [s for s in session.strides if s.side == side and s.gait == "running"]


def part(result: ReferenceResult, label: str, side: Side) -> PartResult:
    (found,) = [p for p in result.parts if (p.label, p.side) == (label, side)]
    return found


@pytest.mark.parametrize("side", SIDES)
def test_functional_movements(isen_result: ReferenceResult, side: Side) -> None:
    found = part(isen_result, "functional movements", side).curve
    assert found.r >= 0.985
    assert found.rmse_rad <= 4.0 * DEGREE


@pytest.mark.parametrize(("side", "r", "rmse_deg"), [("right", 0.96, 5.0), ("left", 0.91, 7.5)])
def test_run(isen_result: ReferenceResult, side: Side, r: float, rmse_deg: float) -> None:
    found = part(isen_result, "running", side).curve
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


# The left vendor angle cannot be matched better than 5.5° by any choice of axes.
WITHIN_DEG: dict[tuple[Method, Side, Outcome], float] = {
    ("causal", "left", "peak_flexion"): 3.0,
    ("causal", "right", "peak_flexion"): 3.0,
    ("causal", "left", "peak_extension"): 6.5,
    ("causal", "right", "peak_extension"): 3.0,
    ("refined", "left", "peak_flexion"): 3.0,
    ("refined", "right", "peak_flexion"): 3.0,
    ("refined", "left", "peak_extension"): 5.0,
    ("refined", "right", "peak_extension"): 5.0,
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_median_peaks_are_near_the_vendors(
    isen_result: ReferenceResult, method: Method, side: Side, outcome: Outcome
) -> None:
    found = part(isen_result, "running", side)
    assert found.strides >= 8
    ours, vendors = found.median_rad[outcome], found.reference_median_rad[outcome]
    assert ours == pytest.approx(vendors, abs=WITHIN_DEG[method, side, outcome] * DEGREE)


@pytest.mark.parametrize("side", SIDES)
def test_peaks_do_not_sit_on_spikes(isen_session: Session, side: Side) -> None:
    """A foot's landing shakes belt and thigh; extension turned by 15° within 50 ms before."""
    peaks = [s.peak_extension_rad for s in running(isen_session, side)]
    assert max(peaks) - np.median(peaks) < 21.5 * DEGREE


def test_pelvis_tilt_in_functional_movements(method: Method) -> None:
    blocks = [b for b in angle_blocks(open_recording(ISEN), method) if b.side == "left"]
    t_s = np.concatenate([block.t_s for block in blocks])
    ours = np.concatenate([block.pelvis_tilt_rad for block in blocks])
    table = pd.read_csv(ISEN / ANGLES)
    vendor = np.interp(t_s, table["time_s"], table["vendor_pelvis_tilt_rad"])
    inside = (t_s >= 7.0) & (t_s < 24.0)
    assert np.corrcoef(ours[inside], vendor[inside])[0, 1] >= 0.99


def test_the_verdict_is_that_it_cannot_tell(isen_session: Session) -> None:
    assert len(isen_session.fatigue) == 4
    for estimate in isen_session.fatigue:
        assert estimate.verdict == "not_estimable"
        assert estimate.reasons
        assert estimate.rfi_rad is None


def test_the_sign_self_test_is_sure(isen_session: Session) -> None:
    assert min(isen_session.calibration.sign_margin.values()) > 0.9
