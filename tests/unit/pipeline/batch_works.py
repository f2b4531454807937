"""Work for workers that is over at once, or goes wrong; imported by name in their processes."""

from __future__ import annotations

import os
import signal
import time

from hipimu.pipeline.batch import Order, Row


def tell_process(order: Order) -> Row:
    """The row's remedy tells the process, its error the threads it may use."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "")
    return Row(order.name, str(order.recording), "analysed", error=threads, remedy=str(os.getpid()))


def die_once(order: Order) -> Row:
    """Be killed at "once" the first time, and at "always" every time."""
    begun = order.out.with_suffix(".begun")
    killed_before = begun.exists()
    begun.touch()
    if order.name == "always" or (order.name == "once" and not killed_before):
        os.kill(os.getpid(), signal.SIGKILL)
    return tell_process(order)


def sleep_unless_quick(order: Order) -> Row:
    """Say who sleeps, and sleep; at "quick" do not."""
    if order.name != "quick":
        aside = order.out.with_suffix(".aside")
        aside.write_text(str(os.getpid()), encoding="utf-8")
        aside.replace(order.out)
        time.sleep(60.0)
    return tell_process(order)
