"""What really happened: angles and peaks of the segments, and every fault that was drawn.

The truth is that of the segments on the pelvis's clock, whatever the sensors did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from hipimu.data import SIDES, FloatArray, Segment, Side
from hipimu.maths.peaks import local_maxima, parabola_vertices
from hipimu.sources.simulate.body import StrideTable
from hipimu.sources.simulate.imu import Sensor, SimulatedBlock
from hipimu.sources.simulate.plan import Plan

_LONGEST_RISE_S = 1.3


def write_truth(
    truth: Path,
    plan: Plan,
    table: StrideTable,
    sensors: dict[Segment, Sensor],
    blocks: list[SimulatedBlock],
) -> None:
    """Write the angles, the strides and the drawn faults of a session that is over.

    Parameters
    ----------
    truth : Path
        Folder to write to.
    plan : Plan
    table : StrideTable
    sensors : dict
        As they are after the last block.
    blocks : list of SimulatedBlock
        All of them.
    """
    t = np.concatenate([block.t_s for block in blocks])
    angles = {"time_s": t}
    for side in SIDES:
        flexion = np.concatenate([block.hip_flexion_rad[side] for block in blocks])
        angles[f"hip_flexion_{side}_rad"] = flexion
    pyarrow.parquet.write_table(pa.table(angles), truth / "angles.parquet", compression="zstd")
    strides = pd.concat([_true_strides(side, plan, table, blocks) for side in SIDES])
    strides.to_csv(truth / "strides.csv", index=False)
    facts = {
        "plan": plan.model_dump(mode="json"),
        "mounting_wxyz": {s: sensor.strap.mounting_wxyz.tolist() for s, sensor in sensors.items()},
        "sensors": {s: _drawn(sensors[s], _count(s, blocks)) for s in plan.sensors},
    }
    (truth / "truth.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _drawn(sensor: Sensor, samples: int) -> dict[str, Any]:
    """What was drawn for one sensor, in SI units and on the reference clock."""
    worn, error, clock = sensor.strap, sensor.errors, sensor.clock
    return {
        "samples": samples,
        "clock_offset_s": clock.offset_s,
        "clock_drift_ppm": 1e6 * clock.drift,
        "on_s": clock.on_s if np.isfinite(clock.on_s) else None,
        "off_s": clock.off_s if np.isfinite(clock.off_s) else None,
        "gyr_bias_rad_s": error.gyr_bias_rad_s.tolist(),
        "gyr_bias_at_end_rad_s": (error.gyr_bias_rad_s + sensor.walk.last_rad_s).tolist(),
        "acc_bias_m_s2": error.acc_bias_m_s2.tolist(),
        "gyr_gain": error.gyr_gain.tolist(),
        "acc_gain": error.acc_gain.tolist(),
        "wobble_axis": worn.wobble_axis.tolist(),
        "slips": [
            {
                "start_s": slip.at_s,
                "end_s": slip.at_s + slip.over_s,
                "mounting_after_wxyz": worn.after(i + 1).tolist(),
            }
            for i, slip in enumerate(worn.slips)
        ],
    }


def _count(segment: Segment, blocks: list[SimulatedBlock]) -> int:
    return sum(len(block.sensor_t_s[segment]) for block in blocks)


def _true_strides(
    side: Side, plan: Plan, table: StrideTable, blocks: Iterable[SimulatedBlock]
) -> pd.DataFrame:
    """Peaks of the realised 1 kHz angle, one row for every rise from extension to flexion."""
    parts = list(blocks)
    t = np.concatenate([block.fine_t_s for block in parts])
    angle = np.concatenate([block.fine_flexion_rad[side] for block in parts])
    high, low = _turns(t, angle), _turns(t, -angle)
    rows = []
    for t_flexion, flexion in high:
        stride = min(int(np.searchsorted(table.start_s, t_flexion) - 1), len(table.speed_m_s) - 1)
        before = low[(low[:, 0] < t_flexion) & (low[:, 0] > t_flexion - _LONGEST_RISE_S)]
        t_extension, extension = before[-1] if len(before) else _lowest(t, angle, t_flexion)
        bout = int(table.bout[stride])
        pace = plan.all_bouts()[bout].pace
        if pace in ("hop", "knee_lifts"):
            continue
        rows.append((side, t_extension, extension, t_flexion, flexion, pace, bout))
    return pd.DataFrame(
        rows,
        columns=[
            "side",
            "t_peak_extension_s",
            "peak_extension_rad",
            "t_peak_flexion_s",
            "peak_flexion_rad",
            "pace",
            "bout",
        ],
    )


def _lowest(t_s: FloatArray, angle: FloatArray, t_flexion: float) -> tuple[float, float]:
    """Time and extension before the first stride from standing, which has no turn before it."""
    first, last = np.searchsorted(t_s, (t_flexion - _LONGEST_RISE_S, t_flexion))
    at = int(first) + int(np.argmin(angle[first:last]))
    return float(t_s[at]), -float(angle[at])


def _turns(t_s: FloatArray, angle: FloatArray) -> FloatArray:
    """Times and values of maxima that stand out by at least 3°, (n, 2)."""
    at = np.array([i for i in local_maxima(angle) if _stands_out(angle, int(i))], dtype=np.int64)
    offset, value = parabola_vertices(angle[at - 1], angle[at], angle[at + 1])
    return np.stack((t_s[at] + offset * (t_s[1] - t_s[0]), value), axis=1)


def _stands_out(angle: FloatArray, i: int) -> bool:
    before, after = angle[max(i - 250, 0) : i], angle[i : i + 250]
    margin = np.radians(3.0)
    return bool(angle[i] - before.min() > margin and angle[i] - after.min() > margin)
