"""Draw the figures of docs/accuracy.md anew: python docs/site/accuracy_figures.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from hipimu.data import SIDES, FloatArray, HipAngleBlock, Side, Stride
from hipimu.motion import SteadySegments
from hipimu.pipeline import sample_path_for
from hipimu.sources import open_recording
from hipimu.stage import Chain

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "recordings" / "isen-run"
IMAGES = ROOT / "docs" / "img"
OURS, VENDOR, BAND = "#0072B2", "#D55E00", "#999999"
FUNCTIONAL_S, RUN_S = (7.0, 24.0), (26.5, 36.4)
EXPECTED_FLEXION_DEG, EXPECTED_EXTENSION_DEG = (45.0, 60.0), (10.0, 28.0)


def main() -> None:
    """Write the figures."""
    blocks, strides, shaken = _analysed()
    reference = pd.read_csv(RECORDING / "reference_angles.csv")
    _draw("isen-functional", blocks, strides, reference, FUNCTIONAL_S)
    _draw("isen-run", blocks, strides, reference, RUN_S, shaken)


def _analysed() -> tuple[list[HipAngleBlock], list[Stride], list[HipAngleBlock]]:
    """Return angles, strides, and the angles without steadying."""
    recording = open_recording(RECORDING)
    path = sample_path_for(recording, "vqf")
    blocks = [out for block in recording.blocks() for out in path.angles.push(block)]
    blocks += path.angles.flush()
    strides = [stride for block in blocks for stride in path.strides.push(block)]
    path = sample_path_for(recording, "vqf")
    unsteadied = Chain([s for s in path.angles.stages if not isinstance(s, SteadySegments)])
    shaken = [out for block in recording.blocks() for out in unsteadied.push(block)]
    return blocks, strides, shaken + unsteadied.flush()


def _draw(
    name: str,
    blocks: list[HipAngleBlock],
    strides: list[Stride],
    reference: pd.DataFrame,
    span_s: tuple[float, float],
    shaken: list[HipAngleBlock] | None = None,
) -> None:
    """Draw both sides; with `shaken` also that curve and what was expected beforehand."""
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    axes = figure.subplots(2, 1, sharex=True, sharey=True)
    for axis, side in zip(axes, SIDES, strict=True):
        if shaken is not None:
            _expected(axis)
            axis.plot(*_curve(shaken, side), color=BAND, lw=0.8, label="before steadying")
        _curves(axis, side, blocks, reference)
        _peaks(axis, [s for s in strides if s.side == side and s.gait == "running"])
        axis.set(xlim=span_s, ylabel=f"{side} hip flexion, °")
        axis.grid(alpha=0.25)
    axes[0].legend(loc="upper left", ncols=4, frameon=False, fontsize=9)
    axes[1].set_xlabel("time, s")
    FigureCanvasSVG(figure).print_svg(IMAGES / f"{name}.svg", metadata={"Date": None})


def _curves(axis: Axes, side: Side, blocks: list[HipAngleBlock], reference: pd.DataFrame) -> None:
    vendor = np.degrees(reference[f"vendor_hip_flexion_{side}_rad"])
    axis.plot(reference["time_s"], vendor, color=VENDOR, lw=1.4, label="vendor's fusion")
    axis.plot(*_curve(blocks, side), color=OURS, lw=1.4, label="hipimu")


def _curve(blocks: list[HipAngleBlock], side: Side) -> tuple[FloatArray, FloatArray]:
    own = [block for block in blocks if block.side == side]
    flexion = np.concatenate([block.flexion_rad for block in own])
    return np.concatenate([block.t_s for block in own]), np.degrees(flexion)


def _peaks(axis: Axes, strides: list[Stride]) -> None:
    flexion = [(s.t_peak_flexion_s, np.degrees(s.peak_flexion_rad)) for s in strides]
    extension = [(s.t_peak_extension_s, -np.degrees(s.peak_extension_rad)) for s in strides]
    for points in (flexion, extension):
        axis.plot(*zip(*points, strict=True), "o", color=OURS, ms=4)


def _expected(axis: Axes) -> None:
    low, high = EXPECTED_FLEXION_DEG
    axis.axhspan(low, high, color=BAND, alpha=0.2, lw=0, label="expected beforehand")
    low, high = EXPECTED_EXTENSION_DEG
    axis.axhspan(-high, -low, color=BAND, alpha=0.2, lw=0)


if __name__ == "__main__":
    import matplotlib as mpl

    mpl.rcParams.update({"svg.hashsalt": "hipimu", "svg.fonttype": "none", "font.size": 10})
    main()
