"""Write a simulated session: a recording folder, and its truth beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from hipimu.data import Segment
from hipimu.errors import OutputError
from hipimu.sources.simulate.body import StrideTable
from hipimu.sources.simulate.imu import SimulatedBlock
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.session import begin_session
from hipimu.sources.simulate.truth import write_truth

FileFormat = Literal["csv", "parquet"]
_MARKER = "Simulated runner"


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
    session = begin_session(plan)
    angles = []
    with _Files(out, plan, file_format) as files:
        for block in session.blocks:
            files.write(block)
            angles.append(block)
            if progress is not None:
                progress(min(float(block.t_s[-1]) / session.duration_s, 1.0))
    _write_metadata(out, plan, file_format)
    _write_laps(out, plan, session.table)
    write_truth(truth, plan, session.table, session.sensors, angles)
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
            columns = {"time_s": block.sensor_t_s[segment]}
            for i, axis in enumerate("xyz"):
                columns[f"acc_{axis}_m_s2"] = np.round(block.acc_m_s2[segment][:, i], 5)
            for i, axis in enumerate("xyz"):
                columns[f"gyr_{axis}_rad_s"] = np.round(block.gyr_rad_s[segment][:, i], 6)
            table = pa.table(columns)
            if segment not in self._open:
                self._open[segment] = self._start(segment, table.schema)
            self._open[segment].write_table(table)

    def _start(self, segment: Segment, schema: Any) -> Any:
        path = self._out / f"{_worn_as(self._plan, segment)}.{self._format}"
        if self._format == "parquet":
            return pyarrow.parquet.ParquetWriter(
                path, schema, compression="lz4", use_dictionary=False, use_byte_stream_split=True
            )
        options = pyarrow.csv.WriteOptions(quoting_style="none")
        return pyarrow.csv.CSVWriter(path, schema, write_options=options)


def _worn_as(plan: Plan, segment: Segment) -> Segment:
    """Name of the segment that a sensor is taken for."""
    if segment not in plan.swapped:
        return segment
    return next(other for other in plan.swapped if other != segment)


def _write_metadata(out: Path, plan: Plan, file_format: FileFormat) -> None:
    lines = [
        'format = "hipimu-csv/1"',
        f"synchronised = {str(plan.clock.synchronised).lower()}",
        "simulated = true",
        f'notice = "{_MARKER}, seed {plan.seed}: known truth, no person."',
    ]
    if plan.started_at is not None:
        lines.append(f"started_at = {plan.started_at.isoformat()}")
    lines += _athlete(plan)
    for segment in plan.sensors:
        lines += [
            "",
            f"[sensors.{segment}]",
            f'file = "{segment}.{file_format}"',
            f"rate_hz = {plan.rate_hz}",
        ]
    (out / "recording.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _athlete(plan: Plan) -> list[str]:
    """Say what the plan says of the body; a height is told with it, never alone."""
    body = plan.body
    if body.mass_kg is None and body.sex is None:
        return []
    lines = ["", "[athlete]", f"height_m = {body.height_m}"]
    if body.mass_kg is not None:
        lines.append(f"mass_kg = {body.mass_kg}")
    if body.sex is not None:
        lines.append(f'sex = "{body.sex}"')
    return lines


def _write_laps(out: Path, plan: Plan, table: StrideTable) -> None:
    ends = np.cumsum([bout.duration_s for bout in plan.all_bouts()])
    rows = [
        (end - bout.duration_s, end, bout.pace, bout.speed_m_s)
        for bout, end in zip(plan.all_bouts(), ends, strict=True)
    ]
    laps = pd.DataFrame(rows, columns=["start_s", "end_s", "label", "speed"])
    laps = laps[laps["label"].isin(["easy", "fast"])]
    if len(laps):
        laps[["start_s", "end_s", "label"]].to_csv(out / "laps.csv", index=False)
    t = np.arange(0.0, table.start_s[-1], 1.0)
    at = np.clip(np.searchsorted(table.start_s, t, side="right") - 1, 0, len(table.speed_m_s) - 1)
    speed = pd.DataFrame({"time_s": t, "speed_m_s": table.speed_m_s[at]})
    speed.to_csv(out / "speed.csv", index=False)
