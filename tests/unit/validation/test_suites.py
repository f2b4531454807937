"""The simulated cases: every plan is valid, and says what its table says."""

from __future__ import annotations

import pytest

from hipimu.motion import FILTER_NAMES
from hipimu.validation.suites import DESCRIPTIONS, FAULTS, SPEEDS_M_S, Case, cases

EVERY = cases()


@pytest.mark.parametrize("case", [*EVERY, *cases(quick=True)], ids=str)
def test_every_case_has_strides_to_score(case: Case) -> None:
    plan = case.plan(seed=1)
    bouts = plan.all_bouts()
    assert [bout.pace for bout in bouts[:2]] == ["stand", "walk"]
    scored = [bout for bout in bouts if case.scored(bout.speed_m_s, bout.pace)]
    assert {bout.speed_m_s for bout in scored} == {case.speed_m_s}
    assert sum(bout.duration_s for bout in scored) >= 30.0


def test_every_suite_runs_at_every_speed() -> None:
    by_speed = {(case.suite, case.speed_m_s) for case in EVERY if case.table == "speed"}
    assert by_speed == {(suite, speed) for suite in DESCRIPTIONS for speed in SPEEDS_M_S}


def test_every_filter_and_every_fault_has_its_turn() -> None:
    assert {case.filter for case in EVERY if case.table == "filter"} == set(FILTER_NAMES)
    assert {case.fault for case in EVERY if case.table == "fault"} == {"", *FAULTS}


def test_a_fault_is_the_only_difference_from_clean() -> None:
    clean = Case("fault", "clean", 5.0)
    for fault in FAULTS:
        plan, base = Case("fault", "clean", 5.0, fault=fault).plan(1), clean.plan(1)
        assert plan != base
        assert plan.all_bouts() == base.all_bouts() or fault == "grade"
        assert plan.variability == base.variability


def test_seeds_are_other_runners() -> None:
    case = EVERY[0]
    assert case.plan(1).seed != case.plan(2).seed
    assert case.plan(1).model_copy(update={"seed": 2}) == case.plan(2)
