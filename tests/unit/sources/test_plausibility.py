"""A recording without any rest passes; the same in a wrong unit does not."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from hipimu.errors import RecordingError
from hipimu.pipeline import analyse
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.units import GRAVITY_M_S2


def run_without_rest(folder: Path, speed: float) -> Path:
    bout = PlannedBout(pace="fast", duration_s=30.0, speed_m_s=speed)
    plan = Plan(seed=2, rate_hz=200.0, warm_up=(), bouts=(bout,))
    return simulate(plan, folder / "run", file_format="parquet").recording


@pytest.mark.parametrize("speed", [2.5, 3.6, 7.0, 9.0])
def test_a_run_from_the_first_sample_on(tmp_path: Path, speed: float) -> None:
    blocks = list(open_recording(run_without_rest(tmp_path, speed)).blocks())
    assert len(blocks) >= 3


def test_its_strides_say_what_neutral_is(tmp_path: Path) -> None:
    session = analyse(run_without_rest(tmp_path, 3.6))
    assert session.neutral.startswith("guessed")
    assert len(session.strides) > 60


@pytest.mark.parametrize("factor", [1 / GRAVITY_M_S2, 1000 / GRAVITY_M_S2])
@pytest.mark.parametrize("segment", ["pelvis", "thigh_left"])
def test_in_g_or_mg(tmp_path: Path, segment: str, factor: float) -> None:
    recording = run_without_rest(tmp_path, 3.6)
    path = recording / f"{segment}.parquet"
    table = pyarrow.parquet.read_table(path).to_pandas()
    table.loc[:, [name for name in table if name.startswith("acc_")]] *= factor
    table.to_parquet(path)
    with pytest.raises(RecordingError, match=f"{segment}.parquet: acceleration is"):
        list(open_recording(recording).blocks())
