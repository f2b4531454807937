"""strides.csv and bouts.csv: the columns that were promised, in degrees, empty where unknown."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hipimu.data import Reason
from hipimu.errors import OutputError
from hipimu.export import bouts_frame, strides_frame, write_tables
from tests.unit.report.sessions import VARIANTS, empty_session, interval_session, short_session

STRIDE_HEADER = (
    "side,stride,t_peak_extension_s,peak_extension_deg,t_peak_flexion_s,peak_flexion_deg,rom_deg,"
    "stride_time_s,cadence_spm,speed_m_s,pace,bout,pelvis_tilt_deg,thigh_peak_flexion_deg,quality,"
    "reasons,grade_percent,heart_rate_bpm"
)
BOUT_HEADER = (
    "bout,pace,pace_source,start_s,end_s,speed_m_s,strides_left,strides_right,"
    "peak_flexion_left_deg,peak_flexion_right_deg,peak_extension_left_deg,peak_extension_right_deg,"
    "heart_rate_bpm"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("variant", VARIANTS)
def test_headers_are_the_promised_ones_whatever_the_session(variant: str, tmp_path: Path) -> None:
    session = VARIANTS[variant]()
    paths = write_tables(session, tmp_path / "out")

    assert paths.strides.read_text("utf-8").splitlines()[0] == STRIDE_HEADER
    assert paths.bouts.read_text("utf-8").splitlines()[0] == BOUT_HEADER
    assert len(rows(paths.strides)) == len(session.strides)
    assert len(rows(paths.bouts)) == len(session.bouts)


def test_one_stride_in_the_units_of_the_table() -> None:
    base = interval_session(minutes=3)
    stride = base.strides[20]._replace(
        peak_flexion_rad=np.radians(50.0),
        peak_extension_rad=np.radians(20.0),
        stride_time_s=0.6,
        pelvis_tilt_rad=np.radians(-3.0),
        thigh_peak_flexion_rad=np.radians(45.0),
        quality=0.0,
        reasons=(Reason.GAP, Reason.CLIPPED),
    )
    row = strides_frame(replace(base, strides=(stride,))).iloc[0]

    assert row["peak_flexion_deg"] == pytest.approx(50.0)
    assert row["peak_extension_deg"] == pytest.approx(20.0)
    assert row["rom_deg"] == pytest.approx(70.0)
    assert row["cadence_spm"] == pytest.approx(200.0)
    assert row["pelvis_tilt_deg"] == pytest.approx(-3.0)
    assert row["thigh_peak_flexion_deg"] == pytest.approx(45.0)
    assert row["reasons"] == "gap;clipped"


def test_the_unknown_is_empty_not_zero(tmp_path: Path) -> None:
    first = rows(write_tables(short_session(), tmp_path).strides)[0]

    assert (first["bout"], first["speed_m_s"], first["reasons"]) == ("", "", "")
    assert first["pace"] == "other"


def test_a_stride_after_a_break_has_no_cadence() -> None:
    frame = strides_frame(interval_session(minutes=3))

    unknown = frame["stride_time_s"].isna()
    assert unknown.sum() == 2
    assert frame["cadence_spm"].isna().equals(unknown)


def test_bouts_hold_medians_of_usable_strides_only() -> None:
    base = interval_session(minutes=3)
    spoilt = tuple(
        s._replace(peak_flexion_rad=9.0, quality=0.0) if i % 3 == 0 else s
        for i, s in enumerate(base.strides)
    )
    frame = bouts_frame(replace(base, strides=spoilt)).set_index("bout")
    expected = [
        np.degrees(s.peak_flexion_rad)
        for s in spoilt
        if s.bout == 1 and s.side == "left" and s.usable()
    ]

    assert frame.loc[1, "peak_flexion_left_deg"] == pytest.approx(np.median(expected))
    assert frame.loc[1, "strides_left"] == len(expected)


def test_a_bout_without_strides_of_one_side_leaves_that_side_empty() -> None:
    frame = bouts_frame(interval_session(minutes=3, sides=("left",)))

    assert frame["strides_right"].eq(0).all()
    assert frame["peak_flexion_right_deg"].isna().all()
    assert frame["peak_extension_right_deg"].isna().all()


def test_tables_without_strides_keep_their_types() -> None:
    frame = strides_frame(empty_session())

    assert frame.empty
    assert pd.api.types.is_float_dtype(frame["peak_flexion_deg"])


def test_angles_survive_the_file_within_a_thousandth_of_a_degree(tmp_path: Path) -> None:
    session = interval_session(minutes=3)
    frame = pd.read_csv(write_tables(session, tmp_path).strides)

    difference = frame["peak_flexion_deg"] - strides_frame(session)["peak_flexion_deg"]
    assert difference.abs().max() <= 0.0005 + 1e-9
    assert frame["bout"].dropna().mod(1).eq(0).all()


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "out"
    in_the_way.write_text("a file")

    with pytest.raises(OutputError, match="out") as caught:
        write_tables(interval_session(minutes=3), in_the_way)
    assert "--out" in caught.value.remedy
