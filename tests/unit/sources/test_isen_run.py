"""The sample recording of a real run equals its source, within the digits kept."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import Segment
from hipimu.sources import open_recording
from tests.unit.sources.conftest import samples_of

REPOSITORY = Path(__file__).parents[3]
FOLDER = REPOSITORY / "recordings" / "isen-run"
SOURCE = REPOSITORY / ".." / "shared" / "recordings" / "isen_run"
NAMES: dict[Segment, str] = {"pelvis": "pelvis", "thigh_left": "thigh_l", "thigh_right": "thigh_r"}


def test_it_opens_and_names_its_source() -> None:
    recording = open_recording(FOLDER)
    assert recording.metadata.notice is not None
    assert "biomdp 0.11.2, MIT" in recording.metadata.notice.replace(" (test data iSen)", "")
    assert not recording.metadata.simulated
    assert "Elvira" in (FOLDER / "LICENSE-biomdp.txt").read_text(encoding="utf-8")
    blocks = list(recording.blocks())
    assert [block.t_s[-1] for block in blocks] == pytest.approx([36.38] * 3)
    assert all(block.mag_ut is not None for block in blocks)


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


def test_it_starts_at_rest() -> None:
    for block in open_recording(FOLDER, until_s=5.0).blocks():
        level = np.linalg.norm(block.acc_m_s2, axis=1)
        assert np.median(level) == pytest.approx(9.81, abs=0.25)
        assert np.argmax(np.abs(block.acc_m_s2.mean(axis=0))) == 0
        assert np.median(np.linalg.norm(block.gyr_rad_s, axis=1)) < 0.1


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the source data are not on hand")
@pytest.mark.parametrize("segment", NAMES)
def test_it_equals_its_source(segment: Segment) -> None:
    with gzip.open(SOURCE / "imu_200hz.csv.gz", "rt") as file:
        source = np.genfromtxt(file, delimiter=",", names=True)
    ours = samples_of(list(open_recording(FOLDER).blocks()), segment)
    own = [source[f"{NAMES[segment]}_{kind}_{axis}"] for kind in ("acc", "gyr") for axis in "xyz"]
    theirs = np.column_stack(own)
    theirs[:, 3:] = np.radians(theirs[:, 3:])
    np.testing.assert_allclose(ours[:, 1:], theirs, rtol=1e-5, atol=6e-6)
    np.testing.assert_allclose(ours[:, 0], source["t"], atol=1e-3)


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the source data are not on hand")
def test_reference_angles_equal_their_source() -> None:
    source = np.genfromtxt(SOURCE / "vendor_angles_100hz.csv", delimiter=",", names=True)
    ours = np.genfromtxt(FOLDER / "reference_angles.csv", delimiter=",", names=True)
    pairs = {
        "hip_flexion_right": "hip_flex_r",
        "hip_flexion_left": "hip_flex_l",
        "pelvis_tilt": "pelvis_tilt",
        "pelvis_obliquity": "pelvis_obliquity",
        "pelvis_rotation": "pelvis_rotation",
    }
    for here, there in pairs.items():
        expected = np.radians(source[there])
        np.testing.assert_allclose(ours[f"vendor_{here}_rad"], expected, atol=1e-5)
