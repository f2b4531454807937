"""Sensors whose axes are left-handed are refused, real and simulated right-handed ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from hipimu.data import FloatArray, ImuBlock, Segment
from hipimu.errors import CalibrationError
from hipimu.motion.handedness import mirrored_share
from hipimu.pipeline import SamplePath
from tests.simulated import short_plan, simulation

SIMULATION = simulation(short_plan())
GAIT = [slice(start, start + 400) for start in range(800, 2000, 400)]


def analysed(segment: Segment, gyr_flip: list[float], acc_flip: list[float]) -> None:
    path = SamplePath(SIMULATION.segments, SIMULATION.rate_hz)
    for name, (t_s, gyr, acc) in SIMULATION.samples.items():
        turned = (np.array(gyr_flip), np.array(acc_flip)) if name == segment else (1.0, 1.0)
        clipped = np.zeros(len(t_s), dtype=bool)
        path.angles.push(ImuBlock(name, t_s, gyr * turned[0], acc * turned[1], clipped))
    path.angles.flush()


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("segment", ["thigh_left", "thigh_right"])
def test_a_sensor_in_a_mirror_is_refused(segment: Segment, axis: int) -> None:
    """Both signals in axes of which one points the other way."""
    flip = [1.0, 1.0, 1.0]
    flip[axis] = -1.0
    with pytest.raises(CalibrationError, match=f"{segment}.*left-handed"):
        analysed(segment, flip, flip)


def test_a_reversed_gyroscope_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r"thigh_left.*left-handed"):
        analysed("thigh_left", [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("segment", ["thigh_left", "thigh_right"])
def test_right_handed_sensors_are_well_above_one(segment: Segment) -> None:
    _, gyr, acc = SIMULATION.samples[segment]
    walking = mirrored_share(up(acc), gyr, acc, GAIT, SIMULATION.rate_hz)
    running = mirrored_share(up(acc), gyr, acc, [slice(2100, 3500)], SIMULATION.rate_hz)
    assert walking > 1.2
    assert running > 3.0
    assert mirrored_share(up(acc), -gyr, acc, GAIT, SIMULATION.rate_hz) == pytest.approx(
        1 / walking
    )


def up(acc: FloatArray) -> FloatArray:
    felt = acc[:500].mean(axis=0)
    return np.asarray(felt / np.sqrt((felt**2).sum()))
