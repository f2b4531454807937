"""The same run gives the same strides, whether it comes as our CSV or as a Movella DOT export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hipimu.pipeline import analyse
from tests.simulated import Simulation, short_plan, simulation
from tests.truth.compare import DEGREE

SIMULATION = simulation(short_plan())
HEADER = """sep=,
DeviceTag:,{tag}
FirmwareVersion:,3.0.0
SyncStatus:,Synced
OutputRate:,100Hz
Measurement Mode:,Rate quantities
StartTime: ,2026-05-03_09:30:00_000 CET

PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z
"""
# The counter wraps in the middle of the run: it has 32 bits of microseconds
FIRST_TICK_US = 2**32 - 20_000_000


def write_own(session: Simulation, folder: Path) -> Path:
    folder.mkdir()
    lines = ['format = "hipimu-csv/1"', "synchronised = true"]
    axes = [
        f"{kind}_{a}_{unit}" for kind, unit in (("acc", "m_s2"), ("gyr", "rad_s")) for a in "xyz"
    ]
    for segment, (t_s, gyr, acc) in session.samples.items():
        table = np.column_stack((t_s, acc, gyr))
        header = ",".join(["time_s", *axes])
        np.savetxt(folder / f"{segment}.csv", table, "%.6f", ",", header=header, comments="")
        lines += [f"[sensors.{segment}]", f'file = "{segment}.csv"', "rate_hz = 100.0"]
    (folder / "recording.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def write_dot(session: Simulation, folder: Path) -> Path:
    folder.mkdir()
    for segment, (t_s, gyr, acc) in session.samples.items():
        ticks = (FIRST_TICK_US + np.rint(t_s * 1e6)).astype(np.int64) % 2**32
        rows = [
            f"{i + 1},{tick}," + ",".join(f"{v:.6f}" for v in (*a, *np.degrees(g)))
            for i, (tick, a, g) in enumerate(zip(ticks, acc, gyr, strict=True))
        ]
        text = HEADER.format(tag=segment) + "\n".join(rows) + "\n"
        (folder / f"{segment}_20260503.csv").write_text(text, encoding="utf-8")
    return folder


def test_both_doors_lead_to_the_same_strides(tmp_path: Path) -> None:
    own = analyse(write_own(SIMULATION, tmp_path / "own"), method="causal")
    dot = analyse(write_dot(SIMULATION, tmp_path / "dot"), method="causal")
    assert len(own.strides) == len(dot.strides) > 80
    start_s = dot.strides[0].t_peak_flexion_s - own.strides[0].t_peak_flexion_s
    for a, b in zip(own.strides, dot.strides, strict=True):
        assert (a.side, a.gait) == (b.side, b.gait)
        assert b.t_peak_flexion_s - a.t_peak_flexion_s == pytest.approx(start_s, abs=1e-3)
        assert b.peak_flexion_rad == pytest.approx(a.peak_flexion_rad, abs=0.01 * DEGREE)
        assert b.peak_extension_rad == pytest.approx(a.peak_extension_rad, abs=0.01 * DEGREE)
