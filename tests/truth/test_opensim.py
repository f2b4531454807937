"""OpenSim opens what is written for it, and its own joints make the same pose of either file.

The package `opensim` is tested with; it exists for Linux and Windows on x86-64. Elsewhere this is
skipped, and the reader in tests/unit/export/formats stands alone.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hipimu.export.formats.noun import Conversion
from hipimu.export.formats.registry import convert, writer_for
from hipimu.sources import open_recording

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("opensim") is None, reason="there is no opensim for this platform"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A real run through OpenSim."""
    folder = tmp_path_factory.mktemp("opensim")
    conversion = Conversion(open_recording(ROOT / "recordings" / "isen-run"))
    for name in ("run.sto", "run.mot"):
        convert(conversion, folder / name, writer_for(folder / name))
    result = subprocess.run(
        [sys.executable, "-m", "tests.truth.opensim_work"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    found["session_s"] = conversion.session.duration_s
    return found


def test_everything_is_read(told: dict[str, Any]) -> None:
    assert told["imus"] == ["pelvis_imu", "femur_r_imu", "femur_l_imu"]
    assert told["degrees"]
    assert told["rate"] == "200.000000"
    assert len(set(told["rows"])) == 1
    assert told["rows"][0] == round(told["session_s"] * 200.0) + 1
    assert told["first_s"][0] == told["first_s"][1]


def test_the_angles_pose_the_bodies_as_the_orientations_do(told: dict[str, Any]) -> None:
    """Nine coordinates through OpenSim's joints, against quaternions: signs and order."""
    assert len(told["coordinates"]) == 9
    assert told["posed_deg"] < 0.001


def test_opensense_solves_for_the_same_angles(told: dict[str, Any]) -> None:
    """Sensors placed by the pose that is written beside, then its inverse kinematics."""
    assert told["solved_deg"] < 0.02
