"""Comparison with things this project did not make, and with simulated truth."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from hipimu.data import Method, Session
from hipimu.pipeline import Parameters, analyse_recording, sample_path_for
from hipimu.sources import open_recording
from tests.truth.compare import Angles, load_reference

ROOT = Path(__file__).parents[2]
ISEN = ROOT / "recordings" / "isen-run"


@pytest.fixture(scope="session", params=get_args(Method))
def method(request: pytest.FixtureRequest) -> Method:
    chosen: Method = request.param
    return chosen


@pytest.fixture(scope="session")
def isen_session(method: Method) -> Session:
    return analyse_recording(open_recording(ISEN), Parameters(method))


@pytest.fixture(scope="session")
def isen_angles(method: Method) -> Angles:
    """Hip flexion and pelvis tilt of isen-run, ours beside the vendor's, on our samples."""
    recording = open_recording(ISEN)
    path = sample_path_for(recording, "vqf", method)
    blocks = [out for block in recording.blocks() for out in path.angles.push(block)]
    blocks += path.angles.flush()
    return Angles(blocks, load_reference(ISEN / "reference_angles.csv"))


@pytest.fixture(scope="session", autouse=True)
def _quiet_numpy() -> None:
    np.seterr(all="raise", under="ignore")
