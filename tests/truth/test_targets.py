"""What hipimu promises of its accuracy, on the suite of a careful recording outdoors (simulated).

The stored figures are those of docs/accuracy.json; one session is simulated anew, so that they
cannot grow old unnoticed.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hipimu.data import OUTCOMES
from hipimu.validation.run import run_case
from hipimu.validation.suites import Case
from tests.truth.conftest import ROOT

RAW_DEG = {3.0: 1.5, 4.0: 1.5, 5.0: 1.5, 9.0: 2.5}
OFFSET_REMOVED_DEG = {3.0: 1.0, 4.0: 1.0, 5.0: 1.0}
LEAST_F1 = 0.999
TIMING_MS = 10.0
CLOCKS_APART_DEG = 0.5


def stored(table: str, suite: str, speed_m_s: float) -> dict[str, Any]:
    document = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))
    assert not document["quick"]
    (row,) = [
        row
        for row in document["simulated"]
        if (row["table"], row["suite"], row["speed_m_s"]) == (table, suite, speed_m_s)
    ]
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize("speed_m_s", RAW_DEG)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_peaks(speed_m_s: float, outcome: str) -> None:
    row = stored("speed", "realistic", speed_m_s)
    assert row[outcome]["rmse_deg"] <= RAW_DEG[speed_m_s]
    if speed_m_s in OFFSET_REMOVED_DEG:
        assert row[outcome]["rmse_offset_removed_deg"] <= OFFSET_REMOVED_DEG[speed_m_s]
    assert row[outcome]["timing_rmse_ms"] <= TIMING_MS


@pytest.mark.parametrize("speed_m_s", [3.0, 4.0, 5.0, 7.0, 9.0])
def test_strides(speed_m_s: float) -> None:
    assert stored("speed", "realistic", speed_m_s)["strides"]["f1"] >= LEAST_F1


@pytest.mark.parametrize("speed_m_s", [3.0, 5.0])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_clocks_apart(speed_m_s: float, outcome: str) -> None:
    together, apart = (stored(table, "realistic", speed_m_s) for table in ("speed", "clocks"))
    assert apart[outcome]["rmse_deg"] <= together[outcome]["rmse_deg"] + CLOCKS_APART_DEG
    assert apart["strides"]["f1"] >= LEAST_F1


@pytest.mark.parametrize("speed_m_s", [3.0, 5.0])
def test_a_session_made_anew(speed_m_s: float) -> None:
    result = run_case(Case("speed", "realistic", speed_m_s, short=True), seeds=1)
    assert result.counts.f1 >= LEAST_F1
    for outcome in OUTCOMES:
        errors = result.peaks[outcome]
        assert errors is not None
        assert np.degrees(errors.rmse_rad) <= RAW_DEG[speed_m_s]
        assert np.degrees(errors.rmse_offset_removed_rad) <= OFFSET_REMOVED_DEG[speed_m_s]
        assert 1e3 * errors.timing_rmse_s <= TIMING_MS
