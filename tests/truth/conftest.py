"""Comparison with things this project did not make, and with simulated truth."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from hipimu.data import Method, Session
from hipimu.pipeline import Parameters, analyse_recording
from hipimu.sources import open_recording
from hipimu.validation.references import ReferenceResult, compare

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
def isen_result(method: Method) -> ReferenceResult:
    """isen-run beside the vendor's angles."""
    return compare(ISEN, method)


@pytest.fixture(scope="session", autouse=True)
def _quiet_numpy() -> None:
    np.seterr(all="raise", under="ignore")
