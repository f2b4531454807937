"""How fast questions across a thousand sessions of an hour are answered; part of study-scaling."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hipimu.data import FloatArray
from hipimu.export.query import ask, opened
from hipimu.export.query_sources import of_folders

SESSIONS = 1000
STRIDES = 5400
"""Of an hour: 45 a minute on each side."""
ATHLETES = 14

QUESTIONS = {
    "mean and spread of each recording, side and pace": (
        "SELECT recording, side, pace, avg(peak_flexion_deg), stddev(peak_flexion_deg) "
        "FROM strides WHERE quality > 0 GROUP BY ALL"
    ),
    "medians of each athlete and pace": (
        "SELECT athlete, pace, median(peak_flexion_deg), median(pelvis_tilt_deg) "
        "FROM strides GROUP BY ALL"
    ),
    "the slope of each athlete over cadence": (
        "SELECT athlete, regr_slope(peak_flexion_deg, cadence_spm) FROM strides GROUP BY ALL"
    ),
    "one recording": "SELECT avg(peak_flexion_deg) FROM strides WHERE recording = 's0500'",
}


def measure_questions(result: Path, folder: Path) -> dict[str, Any]:
    """Make sessions from one real result, and ask across them; return the times, in seconds."""
    _make(result, folder)
    began = time.perf_counter()
    with opened(of_folders([folder])) as connection:
        open_s = time.perf_counter() - began
        took = {}
        for name, question in QUESTIONS.items():
            began = time.perf_counter()
            answered = sum(1 for _ in ask(connection, question).rows)
            took[name] = {"seconds": round(time.perf_counter() - began, 3), "rows": answered}
    size = sum(path.stat().st_size for path in folder.glob("*/strides.parquet"))
    return {
        "sessions": SESSIONS,
        "strides": SESSIONS * STRIDES,
        "megabytes": round(size / 1e6),
        "open_seconds": round(open_s, 3),
        "questions": took,
    }


def _make(result: Path, folder: Path) -> None:
    summary = json.loads((result / "summary.json").read_text(encoding="utf-8"))
    table = pq.read_table(result / "strides.parquet")
    rng = np.random.default_rng(7)
    for number in range(SESSIONS):
        place = folder / f"s{number:04d}"
        place.mkdir(parents=True)
        named = summary | {"athlete": f"athlete {number % ATHLETES}"}
        (place / "summary.json").write_text(json.dumps(named), encoding="utf-8")
        pq.write_table(_longer(table, rng), place / "strides.parquet", compression="zstd")


def _longer(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """An hour of strides like those of the table, no two of them the same."""
    drawn = table.take(rng.integers(0, len(table), STRIDES))
    for column, name in enumerate(drawn.column_names):
        if pa.types.is_floating(drawn.schema.field(name).type) and name != "quality":
            values: FloatArray = drawn[name].to_numpy(zero_copy_only=False)
            scattered = pa.array(values + rng.normal(0.0, 0.5, STRIDES), from_pandas=True)
            drawn = drawn.set_column(column, name, scattered)
    return drawn
