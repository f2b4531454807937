"""Motion that is simulated beside the clock."""

from __future__ import annotations

import subprocess
import sys

ENDS_AT_ONCE = """
import atexit
atexit.register(lambda: print("still at work:", motion._worker.is_alive()))
from hipimu.pipeline.virtual import virtual_plan
from hipimu.sources.simulate import WornMotion
motion = WornMotion(virtual_plan(60.0))
print("at work:", motion._worker.is_alive())
"""


def test_a_program_that_ends_at_once_ends_in_peace() -> None:
    """A thread that Python ends inside compiled code takes the program down with SIGABRT."""
    told = subprocess.run(
        [sys.executable, "-c", ENDS_AT_ONCE], capture_output=True, text=True, timeout=60
    )

    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == ["at work: True", "still at work: False"]
