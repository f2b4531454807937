"""Guard against circularity: the question is about angles, so labels may not know them."""

from __future__ import annotations

import ast
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hipimu.gait
from hipimu.data import Lap, PaceEvidence, PelvisRhythm, Stride
from hipimu.gait import label_strides, pelvis_rhythm
from hipimu.gait.bouts import find_bouts
from hipimu.gait.stride_times import StrideTimes, stride_times
from tests.paces import INTERVALS, rhythm_of, speeds, strides_over, track, watch_file
from tests.unit.gait.test_pace_laps import workout

ANGLES = tuple(name for name in Stride._fields if name.endswith("_rad"))
EVIDENCE = {
    "none": PaceEvidence(),
    "laps": PaceEvidence((Lap(0.0, 120.0, "easy"), Lap(120.0, 180.0, "fast"))),
    "watch_laps": PaceEvidence(activity=watch_file(INTERVALS, workout(INTERVALS))),
    "speed": PaceEvidence(speed=track(INTERVALS)),
    "pelvis": PaceEvidence(pelvis=rhythm_of(speeds(INTERVALS), np.random.default_rng(1))),
}
FOLDER = Path(hipimu.gait.__file__).parent
DECIDING = (
    "bouts",
    "changes",
    "pieces",
    "quantities",
    "rhythm",
    "traces",
    "two_paces",
    "watch_laps",
)
"""Modules of which none may see a stride."""


def without_angles(strides: tuple[Stride, ...]) -> list[tuple[Any, ...]]:
    kept = [name for name in Stride._fields if name not in ANGLES]
    return [tuple(getattr(stride, name) for name in kept) for stride in strides]


def with_other_angles(own: Stride, random: np.random.Generator) -> Stride:
    changes: dict[str, Any] = {name: float(random.normal(0.0, 3.0)) for name in ANGLES}
    return own._replace(**changes)


@pytest.mark.parametrize("source", EVIDENCE)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_angle_has_a_say_in_any_label(source: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    before = strides_over(1080.0)
    after = [with_other_angles(s, random) for s in before]
    one, one_bouts = label_strides(before, EVIDENCE[source])
    other, other_bouts = label_strides(after, EVIDENCE[source])

    assert len(ANGLES) >= 8
    assert {bout.pace_source for bout in one_bouts} == {source}
    assert one_bouts == other_bouts
    assert without_angles(one) == without_angles(other)


@pytest.mark.parametrize("source", EVIDENCE)
def test_angles_are_not_even_looked_at(source: str) -> None:
    """A plain object can be carried along, but neither compared nor calculated with."""
    untouchable: dict[str, Any] = {name: object() for name in ANGLES}
    strides, bouts = label_strides(
        [s._replace(**untouchable) for s in strides_over(1080.0)], EVIDENCE[source]
    )

    assert {bout.pace_source for bout in bouts} == {source}
    assert all(getattr(s, name) is untouchable[name] for s in strides for name in ANGLES)


def test_what_decides_is_handed_times_gait_and_side() -> None:
    assert {field.name for field in fields(StrideTimes)} == {
        "t_s",
        "stride_time_s",
        "running",
        "left",
    }
    assert list(signature(find_bouts).parameters) == ["times", "evidence", "track"]
    times = stride_times(strides_over(60.0))
    assert {array.dtype.kind for array in (times.t_s, times.stride_time_s)} == {"f"}
    assert {array.dtype.kind for array in (times.running, times.left)} == {"b"}


@pytest.mark.parametrize("name", DECIDING)
def test_what_decides_never_sees_a_stride_or_an_angle(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    seen = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    taken = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert not seen & {"Stride", "HipMotion", "HipAngleBlock", "SegmentBlock", "OrientationBlock"}
    assert not {attribute for attribute in read if attribute.endswith("_rad")}
    assert not {module for module, _ in taken if module and module.startswith("hipimu.motion")}
    assert ("hipimu.gait.strides", "FindStrides") not in taken


def test_every_module_of_pace_is_guarded() -> None:
    """Whatever pace imports of this package decides, or is `stride_times`, which strips."""
    free = {"pace", "stride_times", *DECIDING}
    for name in ("pace", "stride_times", *DECIDING):
        tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
        used = {
            (node.module or "").removeprefix("hipimu.gait.")
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hipimu.gait.")
        }
        assert used <= free, name


def test_the_rhythm_is_the_pelvis_s_alone() -> None:
    assert list(signature(pelvis_rhythm).parameters) == ["t_s", "pelvis_acc_m_s2", "rate_hz"]
    assert {field.name for field in fields(PelvisRhythm)} == {
        "t_s",
        "step_rate_hz",
        "bounce_m_s2",
    }
