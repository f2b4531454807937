"""A real runner whose sensors share a clock, as if they had been separate loggers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hipimu.data import ImuBlock, Reason, Segment
from hipimu.pipeline import Parameters, analyse_recording
from hipimu.sources import Recording, open_recording
from hipimu.timing import OneClock, measured_clocks, on_one_clock
from tests.truth.conftest import ISEN

MS = 1e-3
STRAP_S = 25 * MS
"""How far soft tissue alone moves the match on this runner; see the page on accuracy."""


@pytest.fixture(scope="module")
def sensors() -> dict[Segment, ImuBlock]:
    return {block.sensor: block for block in open_recording(ISEN).blocks()}


def moved(sensors: dict[Segment, ImuBlock], offset_s: float, ppm: float) -> OneClock:
    thighs: list[Segment] = ["thigh_left", "thigh_right"]
    own = [replace(sensors[s], t_s=sensors[s].t_s * (1 + 1e-6 * ppm) + offset_s) for s in thighs]
    return on_one_clock([sensors["pelvis"], *own])


def test_sensors_on_one_clock_measure_so_within_their_standard_error(
    sensors: dict[Segment, ImuBlock],
) -> None:
    for match in measured_clocks(sensors).values():
        assert abs(match.offset_s) < min(2 * match.offset_se_s, STRAP_S)
        assert 10 * MS < match.offset_se_s < 25 * MS


@pytest.mark.parametrize(("offset_s", "ppm"), [(137.3, 80.0), (-61.2, -100.0), (3600.0, 0.0)])
def test_what_was_added_is_found(
    sensors: dict[Segment, ImuBlock], offset_s: float, ppm: float
) -> None:
    """To 25 ms of the truth, and 4 ms of what is found when nothing is added."""
    found = moved(sensors, offset_s, ppm)
    untouched = measured_clocks(sensors)
    for segment, match in found.matches.items():
        true_s = np.linspace(match.start_s, match.end_s, 3)
        error_s = match.to_pelvis(true_s * (1 + 1e-6 * ppm) + offset_s) - true_s
        assert np.abs(error_s).max() < STRAP_S
        assert abs(error_s[1] + untouched[segment].offset_s) < 4 * MS
    assert found.doubtful == {"thigh_left", "thigh_right"}


def test_its_strides_carry_the_doubt() -> None:
    opened = open_recording(ISEN)
    metadata = opened.metadata.model_copy(update={"synchronised": False})
    recording: Recording = replace(opened, metadata=metadata)
    session = analyse_recording(recording, Parameters())

    running = [s for s in session.strides if s.gait == "running"]
    assert len(running) >= 16
    assert all(Reason.SYNC in s.reasons and s.quality <= 0.5 for s in running)
    assert sum("may be a step off" in warning for warning in session.warnings) == 2
