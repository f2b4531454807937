from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hipimu.errors import OutputError
from hipimu.pipeline import batch_lock
from hipimu.pipeline.batch_lock import LOCK, alone_in

HOLD = """
import sys, time
from pathlib import Path
from hipimu.pipeline.batch_lock import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60.0)
"""


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_second_one_is_told_who_is_there(tmp_path: Path) -> None:
    with alone_in(tmp_path) as guarded:
        assert guarded
        with pytest.raises(OutputError) as refused, alone_in(tmp_path):
            pytest.fail("two at once")
        assert f"writing to {tmp_path}: process {os.getpid()} on " in refused.value.what
        assert "another --out" in refused.value.remedy
    with alone_in(tmp_path) as again:
        assert again
    assert files(tmp_path) == set()


def test_another_folder_is_free(tmp_path: Path) -> None:
    with alone_in(tmp_path / "a"), alone_in(tmp_path / "b") as guarded:
        assert guarded


def test_a_killed_one_keeps_nobody_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(OutputError, match=f"process {holder.pid} on "), alone_in(tmp_path):
            pytest.fail("two at once")
        holder.kill()
    assert files(tmp_path) == {LOCK}

    with alone_in(tmp_path) as guarded:
        assert guarded
        told = (tmp_path / LOCK).read_text(encoding="utf-8")
        assert told.startswith(f"process {os.getpid()} on ")
    assert files(tmp_path) == set()


def test_a_folder_into_which_nothing_came_is_taken_away(tmp_path: Path) -> None:
    with alone_in(tmp_path / "a" / "b"):
        pass
    assert files(tmp_path) == set()

    with alone_in(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "result").touch()
    assert files(tmp_path / "a" / "b") == {"result"}


def test_what_stands_in_the_file_reaches_no_terminal_as_it_is(tmp_path: Path) -> None:
    with alone_in(tmp_path):
        (tmp_path / LOCK).write_bytes(b"\x1b[2Jprocess \xff\n" + 1000 * b"x")
        with pytest.raises(OutputError) as refused, alone_in(tmp_path):
            pytest.fail("two at once")
    assert refused.value.what.isprintable()
    assert len(refused.value.what) < 300 + len(str(tmp_path))


def test_where_there_are_no_locks_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: int, *, at: int) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(batch_lock, "lock", unknown)
    with alone_in(tmp_path) as guarded:
        assert not guarded
        assert files(tmp_path) == set()


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="cannot be written"), alone_in(tmp_path / "out"):
        pytest.fail("there is no folder")
