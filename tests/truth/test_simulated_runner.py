"""The demo's interval session, 20 minutes with three sensors at 100 Hz, against its own truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hipimu.data import SIDES, Outcome, Session, Side
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, demo_plan, simulate
from hipimu.sources.simulate.plan import Loss, PlannedBout
from tests.truth.compare import DEGREE

SAME_STRIDE_S = 0.1
GAIT_BEGINS_S = 9.0
"""8 s of standing, then a first half step of 15° that comes from no extension."""


@dataclass(frozen=True)
class Simulated:
    session: Session
    truth: pd.DataFrame


def simulated(plan: Plan, folder: Path) -> Simulated:
    made = simulate(plan, folder / "run", file_format="parquet")
    return Simulated(analyse(made.recording), pd.read_csv(made.truth / "strides.csv"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulated(demo_plan(), tmp_path_factory.mktemp("demo"))


def paired(demo: Simulated, side: Side) -> pd.DataFrame:
    """Every stride found beside the true one at the same time; missing where there is none."""
    found = pd.DataFrame(
        [
            (s.t_peak_flexion_s, s.peak_flexion_rad, s.peak_extension_rad, s.gait)
            for s in demo.session.strides
            if s.side == side
        ],
        columns=["t_s", "flexion_rad", "extension_rad", "gait"],
    )
    true = demo.truth[demo.truth["side"] == side].rename(columns={"t_peak_flexion_s": "t_s"})
    pairs = pd.merge_asof(
        true.sort_values("t_s"), found.assign(found_s=found["t_s"]), on="t_s", direction="nearest"
    )
    missed = (pairs["found_s"] - pairs["t_s"]).abs() > SAME_STRIDE_S
    pairs.loc[missed, ["flexion_rad", "extension_rad"]] = np.nan
    return pairs


@pytest.mark.parametrize("side", SIDES)
def test_every_stride_is_found_and_none_invented(demo: Simulated, side: Side) -> None:
    pairs = paired(demo, side)
    pairs = pairs[pairs["t_s"] >= GAIT_BEGINS_S]
    found = [s for s in demo.session.strides if s.side == side]
    assert len(pairs) > 1500
    assert pairs["flexion_rad"].notna().all(), "missed"
    assert sum(s.t_peak_flexion_s >= GAIT_BEGINS_S for s in found) == len(pairs), "invented"
    assert sum(s.t_peak_flexion_s < GAIT_BEGINS_S for s in found) <= 1


@pytest.mark.parametrize("side", SIDES)
def test_running_is_told_from_walking(demo: Simulated, side: Side) -> None:
    pairs = paired(demo, side)
    inner = pairs[
        pairs["pace"].eq(pairs["pace"].shift()) & pairs["pace"].eq(pairs["pace"].shift(-1))
    ]
    expected = inner["pace"].isin(["easy", "fast"]).map({True: "running", False: "walking"})
    assert (inner["gait"] == expected).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("peak", ["flexion", "extension"])
def test_peaks(demo: Simulated, side: Side, peak: str) -> None:
    pairs = paired(demo, side)
    pairs = pairs[pairs["pace"].isin(["easy", "fast"])]
    error = pairs[f"{peak}_rad"] - pairs[f"peak_{peak}_rad"]
    assert np.sqrt((error**2).mean()) <= 0.5 * DEGREE  # the issue asks for 1.5°
    assert error.abs().max() <= 1.5 * DEGREE


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("outcome", ["peak_flexion", "peak_extension"])
def test_the_change_is_the_one_in_the_true_peaks(
    demo: Simulated, side: Side, outcome: Outcome
) -> None:
    """Free of sampling error: the same strides, true peaks, ordinary least squares."""
    (estimate,) = [e for e in demo.session.fatigue if e.side == side and e.outcome == outcome]
    for pace, delta in (("easy", estimate.delta_easy_rad), ("fast", estimate.delta_fast_rad)):
        used = [s for s in demo.session.strides if s.side == side and s.pace == pace and s.usable()]
        true = demo.truth[demo.truth["side"] == side]
        at = np.searchsorted(true["t_peak_flexion_s"], [s.t_peak_flexion_s - 0.1 for s in used])
        peaks = true[f"{outcome}_rad"].to_numpy()[at]
        slope = np.polyfit([s.moving_fraction or 0.0 for s in used], peaks, 1)[0]
        assert delta == pytest.approx(slope, abs=0.2 * DEGREE)


def test_the_injected_loss_is_found(demo: Simulated) -> None:
    flexion = [e for e in demo.session.fatigue if e.outcome == "peak_flexion"]
    assert [e.verdict for e in flexion] == ["supported", "supported"]
    for estimate in flexion:
        assert estimate.rfi_ci95_rad is not None
        low, high = estimate.rfi_ci95_rad
        assert low < 4.0 * DEGREE < high
    extension = [e for e in demo.session.fatigue if e.outcome == "peak_extension"]
    assert {e.verdict for e in extension} == {"no_evidence"}


def interval_plan(seed: int, **loss: float) -> Plan:
    easy = PlannedBout(pace="easy", duration_s=45.0, speed_m_s=3.0)
    fast = PlannedBout(pace="fast", duration_s=35.0, speed_m_s=5.0)
    return Plan(
        seed=seed, rate_hz=100.0, repeat=4, bouts=(easy, fast), loss=Loss.model_validate(loss)
    )


def test_a_reversed_change_is_called_reversed(tmp_path: Path) -> None:
    plan = interval_plan(11, easy_flexion_deg=12.0, fast_flexion_deg=-2.0)
    flexion = [e for e in simulated(plan, tmp_path).session.fatigue if e.outcome == "peak_flexion"]
    assert {e.verdict for e in flexion} == {"reversed"}


@pytest.mark.parametrize("speed", [2.5, 3.6, 5.0, 7.0, 9.0])
def test_peaks_at_any_speed_from_the_first_stride_on(tmp_path: Path, speed: float) -> None:
    """No walking before: the axes must come from this speed alone, and their signs be right."""
    plan = Plan(
        seed=int(10 * speed),
        rate_hz=100.0 if speed < 7 else 200.0,
        warm_up=(PlannedBout(pace="stand", duration_s=6.0),),
        bouts=(PlannedBout(pace="fast", duration_s=30.0, speed_m_s=speed),),
    )
    result = simulated(plan, tmp_path)
    for side in SIDES:
        pairs = paired(result, side)
        pairs = pairs[pairs["pace"] == "fast"]
        assert pairs["flexion_rad"].notna().all()
        for peak in ("flexion", "extension"):
            error = pairs[f"{peak}_rad"] - pairs[f"peak_{peak}_rad"]
            assert np.sqrt((error**2).mean()) <= 1.0 * DEGREE
