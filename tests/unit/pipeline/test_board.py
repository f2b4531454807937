"""Where run and faces meet: nothing is lost, and nobody is waited for."""

from __future__ import annotations

import threading
from dataclasses import replace

from hipimu.data import SIDES, LiveState, ShownStride, StartState
from hipimu.pipeline.board import LiveBoard

FIRST = LiveState(1, 0.0, 0, "start", "virtual", "run", StartState("sensors"), SIDES)


def stride(number: int) -> ShownStride:
    return ShownStride("left", float(number), 0.8, 0.2, 0.7, "running", 1.0)


def test_those_who_watch_are_woken_until_they_leave() -> None:
    board, woken = LiveBoard(FIRST), [0, 0]

    def wake(place: int) -> None:
        woken[place] += 1

    leave = board.watch(lambda: wake(0))
    board.watch(lambda: wake(1))
    board.put(replace(FIRST, number=2))
    leave()
    leave()
    board.put(replace(FIRST, number=3))
    assert woken == [1, 2]
    assert board.state.number == 3


def test_the_history_only_grows() -> None:
    board = LiveBoard(FIRST)
    board.add([stride(0), stride(1)])
    board.add([stride(2)])
    assert [s.t_s for s in board.strides(1)] == [1.0, 2.0]
    assert [s.t_s for s in board.strides(0, 2)] == [0.0, 1.0]
    assert board.strides(3) == []


def test_changes_of_two_threads_are_both_there() -> None:
    board = LiveBoard(FIRST)

    def count() -> None:
        for _ in range(500):
            board.change(lambda state: replace(state, number=state.number + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert board.state.number == 1 + 4 * 500


def test_the_report_stays_once_it_is_there() -> None:
    board = LiveBoard(FIRST)
    board.put(replace(FIRST, number=2), report="<p>")
    board.put(replace(FIRST, number=3))
    assert board.report == "<p>"
