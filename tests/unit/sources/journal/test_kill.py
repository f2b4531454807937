"""A recording process that is killed: what it has acknowledged is there.

``HIPIMU_KILLS=20`` kills twenty; without it a few are killed, so that the tests stay quick.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from hipimu.sources.journal import read_journal
from tests.unit.sources.journal import victim
from tests.unit.sources.journal.examples import SENSORS, packet

KILLS = int(os.environ.get("HIPIMU_KILLS", "3"))
AT_ONCE = 3
ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@contextmanager
def recording(path: Path) -> Iterator[subprocess.Popen[str]]:
    assert victim.__file__ is not None
    with subprocess.Popen(
        [sys.executable, victim.__file__, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged_when_killed(process: subprocess.Popen[str], delay_s: float) -> int:
    """Kill `delay_s` after the first acknowledgement; return the last number it said."""
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    assert process.wait() == -signal.SIGKILL
    whole = [line for line in (first + rest).split("\n")[:-1] if line]
    return int(whole[-1])


def check(path: Path, acknowledged: int) -> None:
    journal = read_journal(path)
    assert journal.packets >= acknowledged > 0
    for number, arrival in enumerate(journal.entries()):
        assert arrival == packet(number, sensor=SENSORS[number % 3])
    assert not journal.damage.finished
    assert all(len(lost) == 1 for lost in journal.damage.missing)
    assert all(one.stop < two.start for one, two in pairwise(journal.damage.missing))


@pytest.mark.parametrize("batch", range(-(-KILLS // AT_ONCE)))
def test_every_acknowledged_packet_is_recovered(tmp_path: Path, batch: int) -> None:
    from contextlib import ExitStack

    moments = random.Random()  # noqa: S311 - any moment must do
    paths = [tmp_path / str(number) / "journal.bin" for number in range(AT_ONCE)]
    with ExitStack() as stack:
        running = []
        for path in paths:
            path.parent.mkdir()
            running.append(stack.enter_context(recording(path)))
        for path, process in zip(paths, running, strict=True):
            check(path, acknowledged_when_killed(process, moments.uniform(0.0, 0.6)))
