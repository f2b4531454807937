"""The whole way from sensor samples to the answer, on sessions whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hipimu.data import SIDES, FatigueEstimate, Outcome, Session, Side
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.units import deg_from_rad
from tests.truth.compare import DEGREE
from tests.watch_files import STARTED_AT, RunLap, WatchRun, fit_bytes, tcx_text

LOST_DEG = 5.0
EASY_S, FAST_S, BOUTS = 120.0, 60.0, 6
WATCH_IS_AHEAD_S = 42.0


@dataclass(frozen=True)
class Made:
    folder: Path
    session: Session


def plan(lost_deg: float = 0.0, fast_ends_m_s: float = 5.0) -> Plan:
    """6 × (2 min easy, 1 min fast)."""
    bouts = []
    for fast in np.linspace(5.0, fast_ends_m_s, BOUTS).tolist():
        bouts += [
            {"pace": "easy", "duration_s": EASY_S, "speed_m_s": 3.0},
            {"pace": "fast", "duration_s": FAST_S, "speed_m_s": fast},
        ]
    return Plan.model_validate(
        {"seed": 1, "rate_hz": 100.0, "bouts": bouts, "loss": {"fast_flexion_deg": lost_deg}}
    )


def made(folder: Path, **changes: float) -> Made:
    recording = simulate(plan(**changes), folder / "run", file_format="parquet").recording
    return Made(recording, analyse(recording))


@pytest.fixture(scope="module")
def lossy(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("lossy"), lost_deg=LOST_DEG)


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("null"))


def estimate(session: Session, side: Side, outcome: Outcome) -> FatigueEstimate:
    return next(e for e in session.fatigue if (e.side, e.outcome) == (side, outcome))


@pytest.mark.parametrize("side", SIDES)
def test_a_loss_at_fast_pace_is_found_and_its_interval_holds_it(lossy: Made, side: Side) -> None:
    flexion = estimate(lossy.session, side, "peak_flexion")

    assert flexion.verdict == "supported"
    assert flexion.rfi_ci95_rad is not None
    assert flexion.rfi_ci95_rad[0] < LOST_DEG * DEGREE < flexion.rfi_ci95_rad[1]
    assert flexion.p_holm is not None
    assert flexion.p_holm < 0.05
    assert flexion.reserve_rad == pytest.approx(15.3 * DEGREE, abs=3 * DEGREE)
    assert estimate(lossy.session, side, "peak_extension").verdict == "no_evidence"


def test_without_a_loss_nothing_is_found(null: Made) -> None:
    assert {e.verdict for e in null.session.fatigue} == {"no_evidence"}


def test_a_fast_pace_that_collapses_is_no_loss_of_range(tmp_path: Path) -> None:
    session = made(tmp_path, fast_ends_m_s=3.4).session

    assert {e.verdict for e in session.fatigue} == {"not_estimable"}
    assert all("speed and range are not separable" in e.reasons[0] for e in session.fatigue)


@pytest.mark.parametrize("side", SIDES)
def test_the_loss_is_the_hips_own_and_not_the_pelvis_s(lossy: Made, side: Side) -> None:
    """The simulated pelvis does the same throughout."""
    split = next(
        c
        for c in lossy.session.compensation
        if (c.side, c.outcome, c.pace) == (side, "peak_flexion", "fast")
    )

    assert split.hip_rad.delta < -2.5 * DEGREE
    assert abs(split.pelvis_rad.delta) < 0.7 * DEGREE
    assert split.thigh_rad.delta == pytest.approx(split.hip_rad.delta + split.pelvis_rad.delta)


def watch(folder: Path) -> WatchRun:
    """What a watch made of the session: its clock is ahead, its laps say nothing of pace.

    It averages cadence over the last eight seconds before it writes it down.
    """
    speed = pd.read_csv(folder / "speed.csv")
    t_s = speed["time_s"].to_numpy(dtype=np.float64)
    running = speed["speed_m_s"].to_numpy(dtype=np.float64)
    steps = np.where(running > 4.0, 184.0, np.where(running > 2.0, 163.0, 114.0))
    cadence = np.convolve(np.concatenate((np.full(7, steps[0]), steps)), np.ones(8) / 8, "valid")
    ends = 38.0 + np.cumsum([0.0, *[EASY_S, FAST_S] * BOUTS])
    laps = [RunLap(a, b) for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
    return WatchRun(
        t_s=t_s,
        speed_m_s=running,
        cadence_spm=cadence,
        heart_rate_bpm=np.interp(t_s, (t_s[0], t_s[-1]), (120.0, 170.0)),
        laps=[RunLap(0.0, 38.0), *laps],
        started_at=STARTED_AT + timedelta(seconds=WATCH_IS_AHEAD_S),
    )


@pytest.fixture
def unlabelled(lossy: Made, tmp_path: Path) -> Path:
    """The same samples; nobody marked laps, but the recording says when it began."""
    run = tmp_path / "run"
    run.mkdir()
    for file in lossy.folder.iterdir():
        if file.name not in ("laps.csv", "speed.csv"):
            (run / file.name).hardlink_to(file)  # links that lead out of a folder are refused
    settings = run / "recording.toml"
    text = settings.read_text("utf-8")
    settings.unlink()
    settings.write_text(f"started_at = {STARTED_AT:%Y-%m-%dT%H:%M:%SZ}\n{text}", "utf-8")
    return run


@pytest.mark.parametrize("kind", ["fit", "tcx"])
def test_a_watch_gives_pace_where_nobody_marked_laps(
    lossy: Made, unlabelled: Path, tmp_path: Path, kind: str
) -> None:
    run = watch(lossy.folder)
    file = tmp_path / f"watch.{kind}"
    file.write_bytes(fit_bytes(run) if kind == "fit" else tcx_text(run).encode())
    session = analyse(unlabelled, activity=file)

    assert session.watch is not None
    assert session.watch.offset_s == pytest.approx(0.0, abs=2.0)  # not what its clock says
    assert "cadence" in session.watch.offset_source
    assert {b.pace_source for b in session.bouts} == {"watch_laps"}
    assert [b.pace for b in session.bouts if b.pace != "other"] == ["easy", "fast"] * BOUTS
    for side in SIDES:
        by_watch = estimate(session, side, "peak_flexion")
        by_laps = estimate(lossy.session, side, "peak_flexion")
        assert by_watch.verdict == "supported"
        assert deg_from_rad(by_watch.rfi_rad or 0) == pytest.approx(
            deg_from_rad(by_laps.rfi_rad or 0), abs=0.5
        )
    beats = [s.heart_rate_bpm for s in session.strides if s.heart_rate_bpm is not None]
    assert len(beats) > 0.9 * len(session.strides)
    assert 119 <= min(beats) < max(beats) <= 171


def test_without_laps_speed_or_watch_the_pelvis_tells_pace_and_nothing_is_claimed(
    unlabelled: Path,
) -> None:
    session = analyse(unlabelled)

    assert {b.pace_source for b in session.bouts} == {"pelvis"}
    assert [b.pace for b in session.bouts if b.pace != "other"] == ["easy", "fast"] * BOUTS
    for side in SIDES:
        flexion = estimate(session, side, "peak_flexion")
        assert flexion.verdict == "no_evidence"
        assert flexion.rfi_ci95_rad is not None
        assert flexion.rfi_ci95_rad[0] > 0
        assert "rhythm of the pelvis" in flexion.reasons[0]
