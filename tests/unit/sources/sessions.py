"""Small simulated sessions, read back from their files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from hipimu.data import SEGMENTS, FloatArray, Segment
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan, simulate
from hipimu.units import GRAVITY_M_S2

STAND = {"pace": "stand", "duration_s": 8.0}
WALK = {"pace": "walk", "duration_s": 10.0, "speed_m_s": 1.4}
EASY = {"pace": "easy", "duration_s": 20.0, "speed_m_s": 3.0}
HOP = {"pace": "hop", "duration_s": 6.0}
QUIET = {"part": "none", "impact_g": 0.0}


class Made(NamedTuple):
    """Contents of a simulated session."""

    files: dict[str, bytes]
    tables: dict[str, FloatArray]
    truth_files: dict[str, bytes]
    truth: dict[str, Any]
    strides: pd.DataFrame
    angles: pd.DataFrame
    synchronised: bool | None

    def t_s(self, segment: Segment) -> FloatArray:
        return self.tables[segment][:, 0]

    def acc(self, segment: Segment) -> FloatArray:
        return self.tables[segment][:, 1:4]

    def gyr(self, segment: Segment) -> FloatArray:
        return self.tables[segment][:, 4:7]


def made(**changes: Any) -> Made:
    """Simulate standing, walking and easy running with changes; kept, for many look at the same."""
    return _kept(_plan(changes))


def remade(**changes: Any) -> Made:
    """Simulate the same anew."""
    return _made(_plan(changes))


def _plan(changes: dict[str, Any]) -> str:
    plan = {
        "seed": 5,
        "rate_hz": 100.0,
        "mounting": "aligned",
        "warm_up": [STAND, WALK],
        "bouts": [EASY],
    }
    return json.dumps(plan | changes)


@cache
def _kept(plan: str) -> Made:
    return _made(plan)


def _made(plan: str) -> Made:
    with TemporaryDirectory() as folder:
        at = simulate(Plan.model_validate_json(plan), Path(folder) / "run")
        files = {path.name: path.read_bytes() for path in at.recording.iterdir()}
        truth_files = {path.name: path.read_bytes() for path in at.truth.iterdir()}
        return Made(
            files,
            {
                path.stem: pd.read_csv(path).to_numpy()
                for path in at.recording.glob("*.csv")
                if path.stem in SEGMENTS
            },
            truth_files,
            json.loads(truth_files["truth.json"]),
            pd.read_csv(at.truth / "strides.csv"),
            pd.read_parquet(at.truth / "angles.parquet"),
            open_recording(at.recording).metadata.synchronised,
        )


def turned(rate_rad_s: FloatArray, rate_hz: float) -> FloatArray:
    """Integral of a rate by the trapezoid rule, from 0."""
    steps = 0.5 * (rate_rad_s[1:] + rate_rad_s[:-1]) / rate_hz
    return np.concatenate(([0.0], np.cumsum(steps)))


def landings_s(run: Made, segment: Segment) -> FloatArray:
    """End of each flight on a sensor's own clock: it weighs nothing, then it does again."""
    weight = np.sqrt((run.acc(segment) ** 2).sum(axis=1)) / GRAVITY_M_S2
    t_s, light = run.t_s(segment), weight < 0.5
    ends = np.flatnonzero(light[:-1] & ~light[1:])
    share = (0.5 - weight[ends]) / (weight[ends + 1] - weight[ends])
    return np.asarray(t_s[ends] + share * (t_s[ends + 1] - t_s[ends]))
