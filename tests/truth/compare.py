"""Our angles beside somebody else's, and the figures that say how far they agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hipimu.data import FloatArray, HipAngleBlock, Side
from hipimu.maths.peaks import local_maxima

DEGREE = np.pi / 180


@dataclass(frozen=True)
class Agreement:
    """How two curves over the same time agree."""

    r: float
    rmse_rad: float
    bias_rad: float


def load_reference(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


def agreement(ours: FloatArray, theirs: FloatArray) -> Agreement:
    error = ours - theirs
    return Agreement(
        r=float(np.corrcoef(ours, theirs)[0, 1]),
        rmse_rad=float(np.sqrt((error**2).mean())),
        bias_rad=float(error.mean()),
    )


class Angles:
    """Hip flexion of both sides with the vendor's, on our time base."""

    def __init__(self, blocks: list[HipAngleBlock], reference: pd.DataFrame) -> None:
        self._blocks = blocks
        self._reference = reference

    def ours(self, side: Side, name: str = "flexion_rad") -> FloatArray:
        return np.concatenate([getattr(b, name) for b in self._blocks if b.side == side])

    def t_s(self, side: Side) -> FloatArray:
        return self.ours(side, "t_s")

    def vendor(self, side: Side) -> FloatArray:
        column = f"vendor_hip_flexion_{side}_rad"
        return self._at(side, column)

    def _at(self, side: Side, column: str) -> FloatArray:
        times, values = (self._reference[name].to_numpy() for name in ("time_s", column))
        return np.asarray(np.interp(self.t_s(side), times, values))

    def vendor_tilt(self) -> FloatArray:
        column = "vendor_pelvis_tilt_rad"
        return self._at("left", column)

    def agreement(self, side: Side, start_s: float, end_s: float) -> Agreement:
        t_s = self.t_s(side)
        inside = (t_s >= start_s) & (t_s < end_s)
        return agreement(self.ours(side)[inside], self.vendor(side)[inside])

    def vendor_peaks(
        self, side: Side, start_s: float, end_s: float
    ) -> tuple[FloatArray, FloatArray]:
        """Highest and lowest turns of the vendor's own curve, radians."""
        t_s, curve = self.t_s(side), self.vendor(side)
        inside = (t_s >= start_s) & (t_s < end_s)
        part = curve[inside]
        return _apart(part), -_apart(-part)


def _apart(curve: FloatArray) -> FloatArray:
    """Maxima that nothing within 0.3 s at 200 Hz exceeds."""
    at = [i for i in local_maxima(curve) if curve[i] >= curve[max(i - 60, 0) : i + 61].max()]
    return np.asarray(curve[np.array(at, dtype=np.int64)])
