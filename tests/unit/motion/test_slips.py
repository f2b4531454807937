"""A sensor that turns on its segment is found, and nothing else is called a slip."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hipimu.data import THIGHS, Flag, FloatArray, ImuBlock, Segment, Side
from hipimu.maths import quaternion
from hipimu.motion import CalibrateSession, FuseSession
from hipimu.motion.slips import SLIPPING_S, Slip, find_slips
from hipimu.pipeline import SamplePath
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import Noise, PlannedBout
from hipimu.stage import joined
from hipimu.timing import Align
from tests.simulated import Samples, Simulation, simulation

RATE_HZ = 100.0
SLIP_S = 80.0
ACROSS, FORWARD = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


@cache
def session(fast_m_s: float = 5.0, seed: int = 4) -> Simulation:
    """Stand, walk, run easily until 65 s, fast until 105 s, walk, run easily."""
    plan = Plan(
        seed=seed,
        rate_hz=RATE_HZ,
        warm_up=(
            PlannedBout(pace="stand", duration_s=6.0),
            PlannedBout(pace="walk", duration_s=24.0, speed_m_s=1.4),
        ),
        bouts=(
            PlannedBout(pace="easy", duration_s=35.0, speed_m_s=2.5),
            PlannedBout(pace="fast", duration_s=40.0, speed_m_s=fast_m_s),
            PlannedBout(pace="walk", duration_s=20.0, speed_m_s=1.4),
            PlannedBout(pace="easy", duration_s=30.0, speed_m_s=3.0),
        ),
        noise=Noise(impact_g=3.0),
    )
    return simulation(plan)


def slipped(whole: Simulation, segment: Segment, angle_deg: float, axis: FloatArray) -> Samples:
    """The sensor turns about an axis of its segment from `SLIP_S` on."""
    t_s, gyr, acc = whole.samples[segment]
    turn = quaternion.about_axis(
        quaternion.rotate(whole.mounting_wxyz[segment], axis), np.radians(angle_deg)
    )
    after = (t_s >= SLIP_S)[:, None]
    slipped_gyr = np.where(after, quaternion.rotate(turn, gyr), gyr)
    slipped_acc = np.where(after, quaternion.rotate(turn, acc), acc)
    return whole.samples | {segment: (t_s, slipped_gyr, slipped_acc)}


def blocks_of(samples: Samples) -> list[ImuBlock]:
    return [
        ImuBlock(segment, t_s, gyr, acc, np.zeros(len(t_s), dtype=bool))
        for segment, (t_s, gyr, acc) in samples.items()
    ]


def slips_in(samples: Samples) -> tuple[Slip, ...]:
    segments = tuple(samples)
    align, fuse = Align(segments, RATE_HZ), FuseSession(segments, RATE_HZ, "vqf")
    fuse.push(joined([out for block in blocks_of(samples) for out in align.push(block)]))
    return find_slips(fuse.flush()[0], RATE_HZ)


@pytest.mark.parametrize("fast_m_s", [3.5, 5.0, 9.0])
@pytest.mark.parametrize("seed", [4, 5])
def test_changes_of_pace_and_breaks_are_no_slips(fast_m_s: float, seed: int) -> None:
    assert slips_in(session(fast_m_s, seed).samples) == ()


@pytest.mark.parametrize(
    ("segment", "angle_deg", "axis"),
    [
        ("pelvis", 8.0, ACROSS),
        ("thigh_left", -10.0, ACROSS),
        ("thigh_right", 7.0, FORWARD),
    ],
)
def test_a_slip_is_found_with_its_sensor_time_and_angle(
    segment: Segment, angle_deg: float, axis: FloatArray
) -> None:
    (slip,) = slips_in(slipped(session(), segment, angle_deg, axis))

    assert slip.segment == segment
    assert abs(slip.sample / RATE_HZ - SLIP_S) <= SLIPPING_S
    angle = np.degrees(2 * np.arccos(abs(slip.quat_wxyz[0])))
    assert angle == pytest.approx(abs(angle_deg), abs=1.5)


def peaks_deg(samples: Samples, side: Side) -> tuple[FloatArray, FloatArray, list[set[str]]]:
    path = SamplePath(tuple(samples), RATE_HZ, method="refined")
    out = [angles for block in blocks_of(samples) for angles in path.angles.push(block)]
    out += path.angles.flush()
    strides = [s for angles in out for s in path.strides.push(angles) if s.side == side]
    times = np.array([s.t_peak_flexion_s for s in strides])
    peaks = np.degrees([s.peak_flexion_rad for s in strides])
    return times, peaks, [{reason.value for reason in s.reasons} for s in strides]


def test_angles_after_a_slip_are_turned_back_and_marked() -> None:
    times, plain, reasons = peaks_deg(session().samples, "left")
    again, mended, marked = peaks_deg(slipped(session(), "thigh_left", 8.0, ACROSS), "left")

    assert not any("slip" in r for r in reasons)
    np.testing.assert_allclose(again, times, atol=0.02)
    clear = np.abs(times - SLIP_S) > 2 * SLIPPING_S
    assert np.abs(mended - plain)[clear].max() < 1.5
    assert all(
        ("slip" in r) == (t > SLIP_S)
        for t, r in zip(times, marked, strict=True)
        if abs(t - SLIP_S) > 2 * SLIPPING_S
    )


def test_the_moment_of_the_slip_counts_as_missing_and_is_said() -> None:
    samples = slipped(session(), "pelvis", 8.0, ACROSS)
    segments = tuple(samples)
    align, fuse = Align(segments, RATE_HZ), FuseSession(segments, RATE_HZ, "vqf")
    fuse.push(joined([out for block in blocks_of(samples) for out in align.push(block)]))
    calibrate = CalibrateSession(segments, RATE_HZ)
    calibrate.push(fuse.flush()[0])
    (block,) = calibrate.flush()

    at = np.abs(block.t_s - SLIP_S) < 0.4 * SLIPPING_S
    assert np.all(block.flags["pelvis"][at] & int(Flag.GAP))
    assert not np.any(block.flags[THIGHS["left"]])
    assert calibrate.calibration is not None
    (said,) = calibrate.calibration.warnings
    assert "pelvis sensor slipped" in said
    assert "80 s" in said
