"""So many a second, with a little ahead."""

from __future__ import annotations

import pytest

from hipimu.web.allowance import Allowance


def test_a_burst_is_there_at_once_and_then_the_rate() -> None:
    turns = Allowance(10.0, burst=3)
    assert [turns.wait_s(5.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    assert turns.wait_s(5.3) == pytest.approx(0.0)
    assert turns.wait_s(5.3) == pytest.approx(0.1)


def test_nothing_is_saved_up_beyond_the_burst() -> None:
    turns = Allowance(10.0, burst=2)
    turns.wait_s(0.0)
    assert [turns.wait_s(1000.0) for _ in range(3)] == pytest.approx([0, 0, 0.1])


def test_over_long_times_it_is_the_rate() -> None:
    turns, now = Allowance(30.0, burst=3), 0.0
    for _ in range(300):
        now += turns.wait_s(now)
    assert now == pytest.approx(297 / 30.0, rel=1e-3)
