"""Angles over time as one table: what stands in it, and what is empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hipimu.data import SIDES, Flag, FloatArray, Segment
from hipimu.export.formats.registry import convert, writer_for
from hipimu.pipeline.motion3d import Motion3d
from tests.unit.export.formats.motions import FORWARD, UP, conversion_of, motion_with, turned

SWING_RAD = 0.4 * np.sin(np.arange(300) / 15.0)
NAMES = ("run.csv", "run.parquet")


def written(motion: Motion3d, path: Path) -> pd.DataFrame:
    convert(conversion_of(motion), path, writer_for(path))
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    frame = pd.read_csv(path)
    for name in [name for name in frame.columns if str(name).endswith("_flags")]:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    return frame


def swinging(segments: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")) -> Motion3d:
    turns: dict[Segment, FloatArray] = {
        "thigh_left": turned(-UP, FORWARD, SWING_RAD),
        "pelvis": turned(UP, FORWARD, 0.2 * SWING_RAD),
    }
    return motion_with(turns, segments=segments)


@pytest.mark.parametrize("name", NAMES)
def test_angles_and_orientations(name: str, tmp_path: Path) -> None:
    motion = swinging()
    frame = written(motion, tmp_path / name)
    np.testing.assert_allclose(frame["time_s"], motion.t_s, atol=1e-9)
    np.testing.assert_allclose(frame["thigh_left_deg"], np.degrees(SWING_RAD), atol=5.1e-5)
    np.testing.assert_allclose(frame["pelvis_tilt_deg"], 0.2 * np.degrees(SWING_RAD), atol=5.1e-5)
    for side in SIDES:
        flexion = np.degrees(motion.angles[side].flexion_rad)
        np.testing.assert_allclose(frame[f"hip_flexion_{side}_deg"], flexion, atol=5.1e-5)
    quat = frame[[f"thigh_right_q{part}" for part in "wxyz"]].to_numpy()
    np.testing.assert_allclose(quat, motion.segments.quat_wxyz["thigh_right"], atol=5.1e-8)
    assert set(frame["pelvis_flags"]) == {""}


@pytest.mark.parametrize("name", NAMES)
def test_gaps_are_empty_and_say_why(name: str, tmp_path: Path) -> None:
    motion = swinging()
    motion.segments.flags["thigh_left"][100:110] = Flag.GAP
    motion.segments.flags["thigh_left"][200] = Flag.CLIPPED | Flag.BRIDGED
    frame = written(motion, tmp_path / name)
    lost = list(range(100, 110))
    for column in ("hip_flexion_left_deg", "thigh_left_deg", "thigh_left_qw"):
        assert np.flatnonzero(frame[column].isna()).tolist() == lost
    for column in ("hip_flexion_right_deg", "pelvis_tilt_deg", "pelvis_qz"):
        assert not frame[column].isna().any()
    assert set(frame["thigh_left_flags"][100:110]) == {"gap"}
    assert frame["thigh_left_flags"][200] == "clipped;bridged"


def test_one_thigh(tmp_path: Path) -> None:
    frame = written(swinging(("pelvis", "thigh_left")), tmp_path / "run.csv")
    assert not [name for name in frame.columns if "right" in str(name)]
    assert len(frame.columns) == 1 + 3 + 4 + 2 * 4 + 2
