"""What waits to be sent, and by how much another clock is ahead."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from hipimu.publish.clock import ClockOffset
from hipimu.publish.outbox import Outbox


def test_the_oldest_go_and_are_counted() -> None:
    outbox: Outbox[int] = Outbox(3)
    outbox.put(range(5))
    assert outbox.dropped == 2
    assert outbox.take(0.0) == [2, 3, 4]
    assert outbox.take(0.0) == []


def test_what_could_not_be_sent_is_first_again() -> None:
    outbox: Outbox[int] = Outbox(4)
    outbox.put([1, 2, 3])
    taken = outbox.take(0.0)
    outbox.put([4, 5])
    outbox.put_back(taken[1:])
    assert outbox.take(0.0) == [2, 3, 4, 5]
    outbox.put([6, 7, 8])
    outbox.put_back([4, 5])
    assert outbox.take(0.0) == [5, 6, 7, 8]
    assert outbox.dropped == 1


def test_taking_waits_for_news_and_for_the_end() -> None:
    outbox: Outbox[int] = Outbox(4)
    taken: list[list[int]] = []
    thread = Thread(target=lambda: taken.extend([outbox.take(5.0), outbox.take(5.0)]))
    begun_s = time.monotonic()
    thread.start()
    time.sleep(0.1)
    outbox.put([1])
    time.sleep(0.1)
    outbox.close()
    thread.join(2.0)
    assert taken == [[1], []]
    assert time.monotonic() - begun_s < 2.0


def test_nothing_comes_in_after_the_end() -> None:
    outbox: Outbox[int] = Outbox(4)
    outbox.put([1])
    outbox.close()
    outbox.put([2])
    assert outbox.take(0.0) == [1]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_offset_is_the_smallest_of_the_first_second_and_stays() -> None:
    other = Clock()
    offset = ClockOffset(other)
    for other.now_s, t_s in ((1000.0, 9.98), (1000.3, 10.3), (1000.6, 10.55)):
        offset.measure(t_s)
        assert not offset.settled
    assert offset.offset_s == pytest.approx(990.0)
    other.now_s = 1001.1
    offset.measure(11.0)
    assert offset.settled
    other.now_s = 1002.0
    offset.measure(12.5)
    assert offset.offset_s == pytest.approx(990.0)
