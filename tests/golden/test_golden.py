"""Stored results: a number that moves is news, and belongs under "Scientific changes"."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from hipimu.data import Method, Session
from hipimu.export import strides_frame, summary
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import Loss, PlannedBout

DATA = Path(__file__).parent / "data"
RECORDINGS = Path(__file__).parents[2] / "recordings"
ANSWERS = ("fatigue", "compensation", "strength")
TOLERANCE_DEG = 0.002
"""Also of seconds and shares: far below anything measured, above what processors differ by."""


def isen_run(_: Path, method: Method) -> Session:
    return analyse(RECORDINGS / "isen-run", method=method)


def short_intervals(folder: Path, method: Method) -> Session:
    easy = PlannedBout(pace="easy", duration_s=32.0, speed_m_s=3.0)
    fast = PlannedBout(pace="fast", duration_s=32.0, speed_m_s=5.0)
    plan = Plan(
        seed=3,
        rate_hz=100.0,
        repeat=3,
        warm_up=(
            PlannedBout(pace="stand", duration_s=6.0),
            PlannedBout(pace="walk", duration_s=22.0, speed_m_s=1.4),
        ),
        bouts=(easy, fast),
        loss=Loss(fast_flexion_deg=8.0),
    )
    return analyse(simulate(plan, folder / "run", file_format="parquet").recording, method=method)


RUNS: dict[str, Callable[[Path, Method], Session]] = {
    "isen-run": isen_run,
    "short-intervals": short_intervals,
}
SESSIONS = {f"{name}-{method}": (name, method) for name in RUNS for method in get_args(Method)}


def results(session: Session) -> dict[str, Any]:
    """What is stored: every stride's row, the fatigue table, compensation and four dimensions."""
    frame = strides_frame(session)
    text = frame.to_json(orient="split", index=False, double_precision=6)
    told = summary(session)
    return {"strides": json.loads(text), **{name: told[name] for name in ANSWERS}}


@pytest.mark.parametrize("name", SESSIONS)
def test_results_are_the_stored_ones(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run, method = SESSIONS[name]
    found = results(RUNS[run](tmp_path, method))
    path = DATA / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.write_text(_pretty(found), encoding="utf-8")
    if not path.exists():
        pytest.fail(f"{path.name} is missing: look at the results, then run with --update-golden")
    _assert_close(found, json.loads(path.read_text(encoding="utf-8")), name)


def test_nothing_is_stored_in_vain() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == set(SESSIONS)


def _pretty(found: dict[str, Any]) -> str:
    """One line a stride, so that a change shows as one."""
    rows = ",\n".join(json.dumps(row) for row in found["strides"]["data"])
    columns = json.dumps(found["strides"]["columns"])
    answers = ",\n".join(f'"{name}": {json.dumps(found[name], indent=1)}' for name in ANSWERS)
    return f'{{"strides": {{"columns": {columns}, "data": [\n{rows}\n]}},\n{answers}}}\n'


def _assert_close(found: Any, stored: Any, where: str) -> None:
    if isinstance(stored, dict):
        assert found.keys() == stored.keys(), where
        for key, value in stored.items():
            _assert_close(found[key], value, f"{where}.{key}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), where
        for i, (one, other) in enumerate(zip(found, stored, strict=True)):
            _assert_close(one, other, f"{where}[{i}]")
    elif isinstance(stored, float):
        assert found == pytest.approx(stored, abs=TOLERANCE_DEG), where
    else:
        assert found == stored, where
