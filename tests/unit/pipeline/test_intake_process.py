"""A worker process: what it says is heard with care, and its limits are really hit."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import TrainingContext
from hipimu.pipeline.intake import confine, process
from hipimu.pipeline.intake.limits import UploadLimits
from hipimu.pipeline.intake.order import (
    Kept,
    News,
    Order,
    Problem,
    Said,
    Sent,
    read_said,
    said_line,
)
from hipimu.pipeline.intake.process import CancelledError, carry_out_apart

KEPT = Kept("run", "new", ("a.html",))
ADDRESS = "postgresql://anna:swordfish@db/store"


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order(
        store=ADDRESS,
        strides=tmp_path / "strides",
        folder=tmp_path,
        athlete="Änne „Speedy“",
        files=(Sent("0", "跑步.csv"), Sent("1", "a.fit", beside=True)),
        names=("", "run-2026"),
        context=TrainingContext("track", None, 3.5, None, ("a", "b")),
        limits=UploadLimits(clock_s=20),
    )


def run(
    order: Order, script: str, cancelled: Event | None = None
) -> tuple[Kept | Problem, list[News]]:
    news: list[News] = []
    command = (sys.executable, "-S", "-c", script)
    return carry_out_apart(order, news.append, cancelled or Event(), command), news


def says(*said: Said) -> str:
    lines = b"".join(map(said_line, said))
    return f"import os; os.write(1, {lines!r})\n"


def test_an_order_arrives_as_it_was(order: Order) -> None:
    assert Order.read(order.line()) == order
    bare = replace(order, context=None)
    assert Order.read(bare.line()) == bare
    assert "swordfish" not in repr(order)


@pytest.mark.parametrize("said", [KEPT, Problem("a", "b"), News("reading"), News("analysing", 0.5)])
def test_what_is_said_is_heard(said: Said) -> None:
    assert read_said(said_line(said)) == said


@given(st.binary(max_size=60))
def test_other_lines_are_not_heard(line: bytes) -> None:
    assert read_said(line) is None


@pytest.mark.parametrize(
    "line",
    ['{"kind": "news", "step": "dancing"}', '{"kind": "kept", "session": 3}', "[" * 100_000,
     '{"kind": "kept", "session": "a", "outcome": "stolen", "left_out": []}', "null", "[]",
     '{"kind": "problem", "what": "a"}', '{"kind": ["news"], "step": "reading"}',
     '{"kind": "news", "step": ["reading"]}'],
)  # fmt: skip
def test_lines_of_the_wrong_shape_are_not_heard(line: str) -> None:
    assert read_said(line.encode()) is None


def test_odd_numbers_and_long_words_are_bounded() -> None:
    assert read_said(b'{"kind": "news", "step": "reading", "done": NaN}') == News("reading")
    assert read_said(b'{"kind": "news", "step": "reading", "done": -4}') == News("reading", 0.0)
    long = read_said(said_line(Problem("a\x1b[31m\n" * 2000, "b")))
    assert isinstance(long, Problem)
    assert len(long.what) == 1000
    assert long.what.isprintable()


def test_news_and_the_last_word_come_through(order: Order) -> None:
    script = says(News("unpacking"), News("analysing", 0.4), KEPT)
    assert run(order, script) == (KEPT, [News("unpacking"), News("analysing", 0.4)])


def test_the_order_comes_by_its_input_and_by_nothing_else(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIPIMU_STORE", ADDRESS)
    script = (
        "import json, os, sys\n"
        "line = os.read(0, 65536)\n"
        "told = [*sys.argv, *os.environ, *os.environ.values()]\n"
        "seen = 'swordfish' in ' '.join(told)\n"
        "what = json.loads(line)['store']\n"
        "word = {'kind': 'problem', 'what': what, 'remedy': str([seen, os.getcwd(), "
        "os.environ['TMPDIR'], os.environ['OPENBLAS_NUM_THREADS']])}\n"
        "os.write(1, json.dumps(word).encode() + b'\\n')"
    )
    folder = str(order.folder)
    assert run(order, script)[0] == Problem(ADDRESS, str([False, folder, folder, "1"]))


def test_what_a_reader_could_not_do_is_a_line_in_the_log(
    order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    said = Problem("It could not be read.", "Send it again.")
    assert run(order, "import os; os.write(2, b'why\\n')\n" + says(said))[0] == said
    assert "An upload could not be read: why" in caplog.text


@pytest.mark.parametrize("ends", ["os._exit(1)", "time.sleep(60)"])
def test_what_ends_while_it_is_kept_is_in_doubt_and_said_so(order: Order, ends: str) -> None:
    short = replace(order, limits=replace(order.limits, clock_s=1))
    script = says(News("keeping")) + f"import time\n{ends}"
    assert run(short, script)[0] == process._IN_DOUBT


@pytest.mark.parametrize("script", ["", "1/0", "import os; os._exit(1)", "print('hello')"])
def test_a_process_that_dies_is_two_sentences_and_a_line_in_the_log(
    order: Order, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        ending, _ = run(order, script)
    assert isinstance(ending, Problem)
    assert ending.what.startswith("The file could not be read:")
    assert "Traceback" not in ending.what + ending.remedy
    assert len(caplog.records) == 1
    assert ("ZeroDivisionError" in caplog.text) == (script == "1/0")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_is_killed_is_said(order: Order) -> None:
    ending, _ = run(order, "import os; os.kill(os.getpid(), 9)")
    assert isinstance(ending, Problem)
    assert "ended before it was done" in ending.what


@pytest.mark.parametrize(
    "script",
    ["import os\nwhile True: os.write(1, b'x' * 65536)",
     "import os\nwhile True: os.write(1, b'{}\\n' * 9000)",
     "import os\nwhile True: os.write(1, b'x' * 100 + b'\\n')"],
)  # fmt: skip
def test_a_process_that_says_too_much_is_ended(order: Order, script: str) -> None:
    begun = time.monotonic()
    ending, _ = run(order, script)
    assert isinstance(ending, Problem)
    assert time.monotonic() - begun < 10


def test_what_it_writes_to_its_errors_is_bounded(
    order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    run(order, "import os\nfor _ in range(900): os.write(2, b'\\x1bnoise\\n' * 100)")
    assert len(caplog.text) < 6000
    assert "\x1b" not in caplog.text


def test_the_clock_ends_it(order: Order) -> None:
    begun = time.monotonic()
    limits = replace(order.limits, clock_s=1)
    ending, news = run(
        replace(order, limits=limits), says(News("reading")) + "import time; time.sleep(60)"
    )
    assert ending == process._too_slow("1 s")
    assert news == [News("reading")]
    assert time.monotonic() - begun < 10


def test_cancelling_ends_it(order: Order) -> None:
    cancelled = Event()
    Timer(0.2, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        run(order, says(News("analysing", 0.1)) + "import time; time.sleep(60)", cancelled)
    assert time.monotonic() - begun < 10


def test_what_is_being_kept_is_waited_for(order: Order) -> None:
    cancelled = Event()
    script = says(News("keeping")) + "import time; time.sleep(0.4)\n" + says(KEPT)
    news: list[News] = []

    def cancel(each: News) -> None:
        news.append(each)
        cancelled.set()

    command = (sys.executable, "-S", "-c", script)
    assert carry_out_apart(order, cancel, cancelled, command) == KEPT
    assert news == [News("keeping")]


# -- limits of the process itself

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


def confined(script: str, **limits: int) -> str:
    """A script that confines itself by our own means, without all that hipimu imports."""
    told = {"memory": 10**9, "processor_s": 10, "file": 10**6} | limits
    return (
        "import importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('confine', {confine.__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        f"module.confine(**{told})\n{script}\n"
    )


@LINUX
def test_memory_is_limited(order: Order, caplog: pytest.LogCaptureFixture) -> None:
    ending, _ = run(order, confined("whole = [bytes(10_000_000) for _ in range(1000)]"))
    assert isinstance(ending, Problem)
    assert "MemoryError" in caplog.text


@LINUX
def test_computing_is_limited(order: Order) -> None:
    limits = replace(order.limits, processor_s=1)
    ending, _ = run(replace(order, limits=limits), confined("while True: pass", processor_s=1))
    assert ending == process._too_slow("1 s of computing")


@LINUX
def test_files_are_limited(order: Order, caplog: pytest.LogCaptureFixture) -> None:
    run(order, confined("open('big', 'wb').write(bytes(5_000_000))"))
    assert "File too large" in caplog.text
    assert (order.folder / "big").stat().st_size <= 10**6


@LINUX
def test_it_gives_way_to_others_and_leaves_no_core(order: Order) -> None:
    script = confined(
        "import os, resource, json\n"
        "told = [os.nice(0), *resource.getrlimit(resource.RLIMIT_CORE)]\n"
        "word = {'kind': 'problem', 'what': str(told), 'remedy': ''}\n"
        "os.write(1, json.dumps(word).encode() + b'\\n')"
    )
    assert run(order, script)[0] == Problem(str([os.nice(0) + 10, 0, 0]), "")


@LINUX
def test_a_worker_ends_with_whoever_ordered_it(order: Order) -> None:
    """The real one, at a file that never comes, whose parent is killed and can tell it nothing."""
    (order.folder / "parts").mkdir()
    os.mkfifo(order.folder / "parts" / "0")
    endless = replace(order, files=(Sent("0", "a.zip"),))
    parent = (
        "import subprocess, sys, time\n"
        f"command, line = {list(process.COMMAND)!r}, {endless.line()!r}\n"
        "pipe = subprocess.PIPE\n"
        "child = subprocess.Popen(command, stdin=pipe, stdout=pipe)\n"
        "child.stdin.write(line); child.stdin.flush()\n"
        "print(child.pid, child.stdout.readline(), flush=True); time.sleep(60)\n"
    )
    running = subprocess.Popen([sys.executable, "-S", "-c", parent], stdout=subprocess.PIPE)
    assert running.stdout is not None
    child, _, said = running.stdout.readline().decode().partition(" ")
    running.kill()
    running.wait()
    running.stdout.close()
    assert "unpacking" in said
    assert _within(10, lambda: not _alive(int(child)))


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        # A zombie that nobody waits for has ended as well.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
