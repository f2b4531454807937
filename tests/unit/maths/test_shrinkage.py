"""Units are drawn together by their doubt, and intervals hold what was built in."""

from __future__ import annotations

import numpy as np
import pytest

from hipimu.maths.shrinkage import interval, shrink


def test_the_doubtful_are_drawn_further() -> None:
    value = np.array([-2.0, -1.0, 0.0, 1.0, 4.0, 4.0])
    found = shrink(value, np.array([0.5, 0.5, 0.5, 0.5, 0.5, 3.0]))
    assert found is not None

    assert found.settled
    assert found.mean < found.value[5] < found.value[4] < 4.0
    assert found.standard_error[4] < 0.51 < found.standard_error[5] < 2.9


def test_units_that_are_alike_become_one() -> None:
    found = shrink(np.array([1.0, 1.1, 0.9, 1.0, 1.05, 0.95]), np.full(6, 2.0))
    assert found is not None
    assert np.ptp(found.value) < 0.1
    assert found.standard_error == pytest.approx(np.full(6, found.standard_error[0]), rel=0.01)
    assert found.mean_se < found.standard_error[0] < 2.0


def test_units_far_apart_stay_where_they_are() -> None:
    value = np.array([-50.0, -10.0, 0.0, 20.0, 45.0])
    found = shrink(value, np.full(5, 0.5))
    assert found is not None
    assert found.value == pytest.approx(value, abs=0.02)


def test_three_units_say_too_little() -> None:
    assert shrink(np.arange(3.0), np.ones(3)) is None


def test_shifting_and_scaling_go_through() -> None:
    value, error = np.array([0.3, -1.0, 2.0, 0.7, 1.1]), np.array([0.4, 0.8, 0.6, 0.5, 1.0])
    first, second = shrink(value, error), shrink(100 + 7 * value, 7 * error)
    assert first is not None
    assert second is not None
    assert second.value == pytest.approx(100 + 7 * first.value)
    assert second.standard_error == pytest.approx(7 * first.standard_error)
    assert second.spread == pytest.approx(7 * first.spread)


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("units", [4, 14])
def test_coverage(units: int, spread: float) -> None:
    rng = np.random.default_rng([units, int(10 * spread)])
    held, narrower = [], []
    for _ in range(300):
        truth = 1.0 + spread * rng.standard_normal(units)
        error = rng.uniform(0.5, 1.5, units)
        found = shrink(truth + error * rng.standard_normal(units), error)
        assert found is not None
        ends = [interval(*of) for of in zip(found.value, found.standard_error, strict=True)]
        held += [low <= t <= high for t, (low, high) in zip(truth, ends, strict=True)]
        narrower.append(float(np.mean(found.standard_error / error)))

    assert np.mean(held) >= 0.935
    assert np.mean(narrower) <= (1.0 if units > 4 else 1.02)
