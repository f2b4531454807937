"""What is public is in one place, is there, and costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import hipimu
from hipimu.data import Session

PACKAGE = Path(hipimu.__file__).parent


@pytest.mark.parametrize("name", hipimu.__all__)
def test_public_names_are_there_and_say_what_they_are(name: str) -> None:
    found = getattr(hipimu, name)

    assert found.__doc__ or found.kind
    assert name in dir(hipimu)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = hipimu.nonsense


def test_importing_takes_no_time() -> None:
    """Seconds of a fresh interpreter with and without, the best of three."""

    def cost_s(code: str) -> float:
        times = []
        for _ in range(3):
            begun_s = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begun_s)
        return min(times)

    assert cost_s("import hipimu") - cost_s("pass") < 0.25


def test_types_are_delivered() -> None:
    assert (PACKAGE / "py.typed").is_file()


@pytest.fixture(scope="module")
def session() -> Session:
    return hipimu.analyse("recordings/isen-run")


def test_tables_of_a_session(session: Session) -> None:
    strides, bouts, fatigue = (
        hipimu.strides_frame(session),
        hipimu.bouts_frame(session),
        hipimu.fatigue_frame(session),
    )
    assert len(strides) == len(session.strides) > 20
    assert len(bouts) == len(session.bouts)
    assert len(fatigue) == len(session.fatigue) == 4
    assert isinstance(fatigue, pd.DataFrame)
    assert set(fatigue["verdict"]) == {"not_estimable"}
    assert fatigue["rfi_deg"].isna().all()
    assert fatigue["reasons"].str.len().min() > 10
