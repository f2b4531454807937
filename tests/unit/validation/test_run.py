"""Sessions that cannot be analysed are counted and said, never left out."""

from __future__ import annotations

from hipimu.validation.run import run_case
from hipimu.validation.suites import Case


def test_a_session_that_is_refused_counts_as_missed() -> None:
    result = run_case(Case("filter", "clean", 3.0, filter="nonsense", short=True), seeds=2)
    (why,) = result.refused
    assert "nonsense" in why
    assert result.method is None
    assert result.counts.true > 100
    assert result.counts.recall == result.counts.precision == 0.0
    assert set(result.peaks.values()) == {None}


def test_sessions_are_pooled_over_legs_and_seeds() -> None:
    case = Case("speed", "clean", 3.0, short=True)
    one, two = run_case(case, seeds=1), run_case(case, seeds=2)
    assert one.counts.true < two.counts.true < 2.2 * one.counts.true
    assert (len(one.pairs), len(two.pairs)) == (2, 4)
    assert one.method == two.method is not None
