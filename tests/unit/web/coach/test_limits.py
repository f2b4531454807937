"""How often something may be asked or tried, on a clock of the test's own."""

from __future__ import annotations

import pytest

from hipimu.web.coach import limits
from hipimu.web.coach.limits import Limits, Rates, TooManyError, Tries


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tries(clock: Clock) -> Tries:
    return Tries(Limits(), clock)


def test_five_tries_are_free_then_each_waits_longer(tries: Tries, clock: Clock) -> None:
    assert [tries.begin(("olga", 5)) for _ in range(5)] == [0.0] * 5
    waits = []
    for _ in range(6):
        waits.append(tries.begin(("olga", 5)))
        clock.now_s += waits[-1]
        assert tries.begin(("olga", 5)) == 0.0
    assert waits == [30.0, 60.0, 120.0, 240.0, 480.0, 480.0]


def test_to_ask_while_waiting_makes_it_no_longer(tries: Tries, clock: Clock) -> None:
    for _ in range(5):
        tries.begin(("olga", 5))
    for _ in range(100):
        assert tries.begin(("olga", 5)) == 30.0
    clock.now_s += 29.0
    assert tries.begin(("olga", 5)) == 1.0


def test_a_quarter_of_an_hour_without_a_try_is_enough(tries: Tries, clock: Clock) -> None:
    for _ in range(40):
        clock.now_s += tries.begin(("olga", 5))
    tries.begin(("olga", 5))
    clock.now_s += 899.0
    assert tries.begin(("olga", 5)) == 0.0, "the longest wait is over"
    assert tries.begin(("olga", 5)) == 480.0, "and nothing forgotten"
    clock.now_s += 901.0
    assert [tries.begin(("olga", 5)) for _ in range(5)] == [0.0] * 5


def test_who_waits_for_one_reason_is_not_counted_for_another(tries: Tries) -> None:
    for _ in range(5):
        tries.begin(("olga", 5))
    for _ in range(30):
        assert tries.begin(("olga", 5), ("address", 20)) == 30.0
    assert tries.begin(("address", 1)) == 0.0


def test_who_guessed_right_takes_one_back_or_all(tries: Tries) -> None:
    for _ in range(4):
        tries.begin(("olga", 5), ("address", 5))
    tries.forget("olga")
    tries.take_back("address")
    assert [tries.begin(("olga", 5)) for _ in range(5)] == [0.0] * 5
    assert [tries.begin(("address", 5)) for _ in range(3)] == [0.0, 0.0, 30.0]
    tries.take_back("nobody")
    tries.forget("nobody")


def test_what_is_remembered_is_bounded(
    tries: Tries, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MOST", 10)
    rates = Rates(1.0, 2.0, clock)
    for n in range(1000):
        tries.begin((f"{n}" * 1000, 5))
        rates.wait_s(f"{n}")
    assert len(tries._known) == 10
    assert len(rates._known) == 10
    assert max(map(len, tries._known)) == 64


def test_a_burst_and_then_so_many_a_second(clock: Clock) -> None:
    rates = Rates(10.0, 3.0, clock)
    assert [rates.wait_s("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.1, 0.1]
    assert rates.wait_s("b") == 0.0
    clock.now_s += 0.1
    assert [rates.wait_s("a"), rates.wait_s("a")] == pytest.approx([0.0, 0.1], abs=1e-9)
    clock.now_s += 3600.0
    assert [rates.wait_s("a") for _ in range(4)] == pytest.approx([0.0, 0.0, 0.0, 0.1])


@pytest.mark.parametrize(
    ("wait_s", "header", "said"),
    [(0.05, 1, "a second"), (29.2, 30, "30 seconds"), (300.0, 300, "5 minutes")],
)
def test_how_long_is_said(wait_s: float, header: int, said: str) -> None:
    error = TooManyError(wait_s, "Too often.")
    assert (error.status, error.wait_s, error.remedy) == (
        429,
        header,
        f"Wait {said}, then try again.",
    )
