"""Rows of the three streams fit their channels."""

from __future__ import annotations

import numpy as np

from hipimu.data import SEGMENTS, SIDES, Flag
from hipimu.publish.streams import (
    STRIDES,
    angles_kind,
    angles_rows,
    samples_kind,
    samples_rows,
    stride_rows,
)
from hipimu.timing import Align
from tests.unit.publish.given import RATE_HZ, SET_ASIDE, angles, imu, stride


def test_samples_of_all_sensors_stand_side_by_side() -> None:
    kind = samples_kind(SEGMENTS, RATE_HZ)
    labels = [channel.label for channel in kind.channels]
    align = Align(SEGMENTS, RATE_HZ)
    blocks = [
        block
        for i, segment in enumerate(SEGMENTS)
        for block in align.push(imu(segment, 10.0, 50, late_s=0.003 * i))
    ]
    rows = samples_rows(blocks[0], SEGMENTS)
    assert rows.values.shape == (len(rows.t_s), len(kind.channels))
    for place, segment in enumerate(SEGMENTS):
        first = labels.index(f"{segment}_acc_x")
        np.testing.assert_allclose(rows.values[:, first], rows.t_s, atol=1e-9)
        np.testing.assert_allclose(rows.values[:, first + 1], place)
        np.testing.assert_allclose(rows.values[:, labels.index(f"{segment}_gyr_x")], 0.1 * rows.t_s)
    assert kind.channels[0].unit == "m/s^2"
    assert kind.channels[3].unit == "rad/s"


def test_a_gap_is_no_number() -> None:
    align = Align(("pelvis", "thigh_left"), RATE_HZ)
    align.push(imu("pelvis", 0.0, 100))
    align.push(imu("thigh_left", 0.0, 30))
    (block,) = align.push(imu("thigh_left", 0.6, 40))
    rows = samples_rows(block, ("pelvis", "thigh_left"))
    inside = (rows.t_s > 0.32) & (rows.t_s < 0.58)
    assert inside.sum() > 20
    assert np.isnan(rows.values[inside, 6:]).all()
    assert np.isfinite(rows.values[:, :6]).all()
    assert np.isfinite(rows.values[rows.t_s > 0.61]).all()


def test_angles_of_both_sides_stand_side_by_side() -> None:
    kind = angles_kind(SIDES, RATE_HZ)
    labels = [channel.label for channel in kind.channels]
    given = [angles(side, start_s, 10) for start_s in (5.0, 5.1) for side in ("right", "left")]
    rows = list(angles_rows(given, SIDES))
    assert len(rows) == 2
    assert rows[0].values.shape == (10, len(kind.channels))
    told = dict(zip(labels, rows[0].values[0].round(9).tolist(), strict=True))
    assert told["left_hip_flexion"] == 30.0
    assert told["right_hip_flexion"] == 40.0
    assert told["left_thigh"] == 3.0
    assert told["pelvis_obliquity"] == 5.0
    assert {channel.unit for channel in kind.channels} == {"degrees"}


def test_a_side_that_is_missing_and_a_gap_are_no_numbers() -> None:
    flags = np.zeros(10, dtype=np.uint8)
    flags[3] = Flag.GAP
    flags[4] = Flag.CLIPPED
    (rows,) = angles_rows([angles("left", 5.0, 10, flags=flags)], SIDES)
    assert np.isnan(rows.values[:, 4:8]).all()
    assert np.isnan(rows.values[3]).all()
    assert np.isfinite(rows.values[4, :4]).all()


def test_strides_come_in_the_order_of_time() -> None:
    rows = stride_rows([stride("right", t_s=8.0), stride("left", t_s=7.5), SET_ASIDE])
    labels = [channel.label for channel in STRIDES.channels]
    assert rows.t_s.tolist() == [7.5, 8.0, 12.3456]
    assert rows.values[:, labels.index("side")].tolist() == [0.0, 1.0, 0.0]
    np.testing.assert_allclose(rows.values[:, labels.index("peak_flexion")], 50.0)
    assert rows.values[2, labels.index("quality")] == 0.0
    assert np.isnan(rows.values[2, labels.index("stride_time")])
