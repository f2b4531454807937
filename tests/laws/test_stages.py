"""The two laws of every stage: cuts change nothing, and neither does stopping and resuming."""

from __future__ import annotations

import pickle
from inspect import isabstract
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hipimu.pipeline  # noqa: F401 — loads every stage
from hipimu.stage import Stage
from tests.laws.blocks import assert_same, cut
from tests.laws.conftest import CASES, Case

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
LAW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
REFERENCE: dict[str, list[Any]] = {}


def run(stage: Stage[Any, Any], blocks: list[Any]) -> list[Any]:
    return [out for block in blocks for out in stage.push(block)] + stage.flush()


def reference(case: Case) -> list[Any]:
    if case.name not in REFERENCE:
        REFERENCE[case.name] = run(case.make(), case.input())
    return REFERENCE[case.name]


def test_every_stage_is_under_the_laws() -> None:
    under_law = {type(case.make()).__name__ for case in CASES}
    ours = [kind for kind in _kinds_of(Stage) if kind.__module__.startswith("hipimu.")]
    assert {kind.__name__ for kind in ours if not isabstract(kind)} == under_law


def _kinds_of(stage: type[Any]) -> list[type[Any]]:
    return [kind for sub in stage.__subclasses__() for kind in (sub, *_kinds_of(sub))]


def test_the_session_reaches_the_end(case: Case) -> None:
    assert reference(case), "a law about nothing would always hold"


@LAW
@given(shares=SHARES)
def test_cutting_the_input_changes_nothing(case: Case, shares: list[float]) -> None:
    assert_same(run(case.make(), cut(case.input(), shares)), reference(case))


@LAW
@given(shares=SHARES, at=st.floats(0, 1))
def test_save_and_restore_changes_nothing(case: Case, shares: list[float], at: float) -> None:
    pieces = cut(case.input(), shares)
    first, second = pieces[: int(at * len(pieces))], pieces[int(at * len(pieces)) :]
    stopped, resumed = case.make(), case.make()
    outputs = [out for block in first for out in stopped.push(block)]
    saved = pickle.dumps(stopped.state())
    for block in second:  # the state must be a copy: going on must not reach it
        stopped.push(block)
    resumed.restore(pickle.loads(saved))  # noqa: S301 — our own bytes
    assert_same(outputs + run(resumed, second), reference(case))


@pytest.mark.parametrize("length", [1, 7, 100])
def test_small_blocks_change_nothing(case: Case, length: int) -> None:
    n = 4300 if length > 1 else 300
    blocks = case.input()
    shares = [i * length / n for i in range(1, n // length)]
    assert_same(run(case.make(), cut(blocks, shares)), reference(case))
