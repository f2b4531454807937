"""Write a simulated session: a recording folder, and its truth beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from hipimu.data import SIDES, FloatArray, Segment, Side
from hipimu.errors import OutputError
from hipimu.maths.peaks import local_maxima, parabola_vertices
from hipimu.sources.simulate.body import StrideTable, stride_table
from hipimu.sources.simulate.imu import SimulatedBlock, mountings, simulate_blocks
from hipimu.sources.simulate.motion import Runner
from hipimu.sources.simulate.plan import Plan

FileFormat = Literal["csv", "parquet"]
_MARKER = "Simulated runner"
_LONGEST_RISE_S = 1.3


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where a simulated session lies."""

    recording: Path
    truth: Path


def simulate(
    plan: Plan,
    out: Path,
    *,
    file_format: FileFormat = "csv",
    progress: Callable[[float], None] | None = None,
) -> Simulated:
    """Simulate a session; the same plan gives the same bytes.

    Parameters
    ----------
    plan : Plan
    out : Path
        The recording folder to make; the truth goes to ``NAME.truth`` beside it. An earlier
        simulation there is replaced, anything else is refused.
    file_format : {"csv", "parquet"}
    progress : callable or None
        Called with the share done, 0–1.

    Raises
    ------
    OutputError
        When `out` exists and is not a simulation, or cannot be written.
    """
    truth = out.with_name(out.name + ".truth")
    _make_room(out, truth)
    rng = np.random.default_rng(plan.seed)
    table = stride_table(plan, rng)
    mounting = mountings(plan, rng)
    runner = Runner(table, float(rng.uniform(-np.pi, np.pi)))
    duration = float(table.start_s[-1])
    angles = []
    with _Files(out, plan, file_format) as files:
        for block in simulate_blocks(plan, runner, mounting, rng):
            files.write(block)
            angles.append(block)
            if progress is not None:
                progress(min(float(block.t_s[-1]) / duration, 1.0))
    _write_metadata(out, plan, file_format)
    _write_laps(out, plan, table)
    _write_truth(truth, plan, table, mounting, angles)
    return Simulated(out, truth)


def _make_room(out: Path, truth: Path) -> None:
    settings = out / "recording.toml"
    ours = settings.is_file() and _MARKER in settings.read_text(encoding="utf-8", errors="replace")
    if out.exists() and not ours and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(
            f"{out} already exists and is not a simulated recording.", "Choose another --out."
        )
    try:
        for folder in (out, truth):
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be made: {error.strerror}.", "Choose another --out."
        ) from error


class _Files:
    """One growing file a sensor."""

    def __init__(self, out: Path, plan: Plan, file_format: FileFormat) -> None:
        self._out, self._plan, self._format = out, plan, file_format
        self._open: dict[Segment, Any] = {}

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, block: SimulatedBlock) -> None:
        for segment in self._plan.sensors:
            columns = {"time_s": np.round(block.t_s, 6)}
            for i, axis in enumerate("xyz"):
                columns[f"acc_{axis}_m_s2"] = np.round(block.acc_m_s2[segment][:, i], 5)
            for i, axis in enumerate("xyz"):
                columns[f"gyr_{axis}_rad_s"] = np.round(block.gyr_rad_s[segment][:, i], 6)
            table = pa.table(columns)
            if segment not in self._open:
                self._open[segment] = self._start(segment, table.schema)
            self._open[segment].write_table(table)

    def _start(self, segment: Segment, schema: Any) -> Any:
        path = self._out / f"{segment}.{self._format}"
        if self._format == "parquet":
            return pyarrow.parquet.ParquetWriter(
                path, schema, compression="lz4", use_dictionary=False, use_byte_stream_split=True
            )
        options = pyarrow.csv.WriteOptions(quoting_style="none")
        return pyarrow.csv.CSVWriter(path, schema, write_options=options)


def _write_metadata(out: Path, plan: Plan, file_format: FileFormat) -> None:
    lines = [
        'format = "hipimu-csv/1"',
        "synchronised = true",
        "simulated = true",
        f'notice = "{_MARKER}, seed {plan.seed}: known truth, no person."',
    ]
    for segment in plan.sensors:
        lines += [
            "",
            f"[sensors.{segment}]",
            f'file = "{segment}.{file_format}"',
            f"rate_hz = {plan.rate_hz}",
        ]
    (out / "recording.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_laps(out: Path, plan: Plan, table: StrideTable) -> None:
    ends = np.cumsum([bout.duration_s for bout in plan.all_bouts()])
    rows = [
        (end - bout.duration_s, end, bout.pace, bout.speed_m_s)
        for bout, end in zip(plan.all_bouts(), ends, strict=True)
    ]
    laps = pd.DataFrame(rows, columns=["start_s", "end_s", "label", "speed"])
    laps = laps[laps["label"].isin(["easy", "fast"])]
    laps[["start_s", "end_s", "label"]].to_csv(out / "laps.csv", index=False)
    t = np.arange(0.0, table.start_s[-1], 1.0)
    at = np.clip(np.searchsorted(table.start_s, t, side="right") - 1, 0, len(table.speed_m_s) - 1)
    speed = pd.DataFrame({"time_s": t, "speed_m_s": table.speed_m_s[at]})
    speed.to_csv(out / "speed.csv", index=False)


def _write_truth(
    truth: Path,
    plan: Plan,
    table: StrideTable,
    mounting: dict[Segment, FloatArray],
    blocks: list[SimulatedBlock],
) -> None:
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
        "mounting_wxyz": {segment: quat.tolist() for segment, quat in mounting.items()},
    }
    (truth / "truth.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


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
