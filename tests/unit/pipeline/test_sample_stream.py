"""Samples in, strides out."""

from __future__ import annotations

import hipimu
from hipimu.data import Stride


def test_a_stream_gives_what_the_causal_analysis_gives() -> None:
    recording = hipimu.open_recording("recordings/isen-run")
    stream = hipimu.Stream(recording.segments, recording.rate_hz)
    shown: list[Stride] = []
    for block in recording.blocks():
        shown += stream.push(block)
    shown += stream.flush()

    whole = hipimu.analyse("recordings/isen-run", method="causal")
    assert len(shown) > 20
    assert sorted((s.side, s.t_peak_flexion_s, s.peak_flexion_rad) for s in shown) == sorted(
        (s.side, s.t_peak_flexion_s, s.peak_flexion_rad) for s in whole.strides
    )
    assert stream.calibration is not None
    assert stream.warnings == whole.warnings[: len(stream.warnings)]
