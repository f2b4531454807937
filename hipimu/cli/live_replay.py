"""`hipimu live --replay`: a recording shown as if it happened now."""

from __future__ import annotations

import threading

from hipimu.cli.live_order import LiveOrder
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.publisher import Publisher
from hipimu.pipeline.readout import Readout
from hipimu.pipeline.replay import Replay, open_replay
from hipimu.report.so_far import so_far


def play(
    order: LiveOrder,
    board: LiveBoard,
    stop: threading.Event,
    publishers: tuple[Publisher, ...],
) -> None:
    """Replay until the recording ends, or `stop` is set.

    Parameters
    ----------
    order : LiveOrder
    board : LiveBoard
    stop : threading.Event
    publishers : tuple of Publisher

    Raises
    ------
    HipimuError
        When the recording cannot be used.
    """
    if order.replay is None:
        raise AssertionError("a replay has a recording")
    replayed = open_replay(order.replay)
    readout = Readout(
        replayed.path,
        board,
        so_far,
        guided=False,
        publishers=publishers,
        pace_of_time=order.speed,
    )
    replay = Replay(replayed, readout, order.speed)
    board.on_mark, board.on_proceed = replay.mark, readout.proceed
    replay.run(stop)
