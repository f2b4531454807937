"""`hipimu record`, `recover` and `sensors` through their real doors, with virtual sensors."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from hipimu.sources.journal import read_journal
from tests.choked import choke, choked_pipe
from tests.faces.test_cli import DONE, ERROR, USAGE, hipimu


def begun(out: Path, *options: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start a recording and wait until its journal grows."""
    command = [sys.executable, "-m", "hipimu", "record", "--out", str(out), *options]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    journal = out.with_name(f"{out.name}.hipimu") / "journal.bin"
    until = time.monotonic() + 60.0
    while not (journal.exists() and journal.stat().st_size > 30_000):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < until, "nothing is recorded"
        time.sleep(0.1)
    return child


def said_until(child: subprocess.Popen[str], *words: str) -> str:
    """Read what a recording says until any of these turns up, half a minute at most."""
    assert child.stderr is not None
    said, until = "", time.monotonic() + 30.0
    while not any(word in said for word in words):
        assert time.monotonic() < until, said
        if select.select([child.stderr], [], [], 0.5)[0]:
            said += os.read(child.stderr.fileno(), 4096).decode()
    return said


def test_ctrl_c_finishes_a_recording_that_analyse_reads(tmp_path: Path) -> None:
    child = begun(tmp_path / "run", "--virtual", "5", "--fault", "thigh_left:drop@4")
    err = said_until(child, "Link test passed", "Attention: The ")
    time.sleep(3.0)
    child.send_signal(signal.SIGINT)
    out, rest = child.communicate(timeout=60)
    err += rest

    assert child.returncode == DONE, err
    assert "thigh left: hipimu 2 (hipimu Open profile)" in err
    for role in ("pelvis", "thigh left", "thigh right"):
        line = next(x for x in out.splitlines() if x.startswith(role))
        assert " 0 % lost" in line
        assert ("link lost once" in line) == (role == "thigh left"), line
    folder = tmp_path / "run.hipimu"
    names = {path.name for path in folder.iterdir()}
    assert names >= {"journal.bin", "samples.parquet", "recording.toml", "heart_rate.csv"}
    assert "speed.csv" in names
    assert not read_journal(folder / "journal.bin").damage

    # Half a minute of standing has no gait: what is asked here is whether it can be read at all.
    done = hipimu("analyse", folder, "--out", tmp_path / "report", "--causal")
    assert done.code == ERROR
    assert "gait" in done.err
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pipe whose size can be set")
def test_a_terminal_that_hangs_costs_no_packet(tmp_path: Path) -> None:
    reading, writing = choked_pipe()
    choke(writing)
    child = begun(tmp_path / "run", "--virtual", "3", stderr=writing)
    os.close(writing)
    time.sleep(12.0)  # a line is shown every ten seconds
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    said = os.read(reading, 1 << 16).decode()
    os.close(reading)

    assert child.returncode == DONE
    assert set(said) == {"."}, "the pipe was never full"
    for role in ("pelvis", "thigh left", "thigh right"):
        assert " 0 % lost" in next(x for x in out.splitlines() if x.startswith(role))
    samples = pd.read_parquet(tmp_path / "run.hipimu" / "samples.parquet")
    assert samples["t_ns"].max() > 12e9


def test_a_killed_recording_is_recovered(tmp_path: Path) -> None:
    child = begun(tmp_path / "run", "--virtual", "3", "--virtual-protocol", "movella-dot")
    time.sleep(2.0)
    child.kill()
    child.communicate()
    folder = tmp_path / "run.hipimu"
    assert not (folder / "samples.parquet").exists()

    refused = hipimu("analyse", folder, "--out", tmp_path / "report")
    assert refused.code == ERROR
    assert "hipimu recover" in refused.err

    done = hipimu("recover", folder)
    assert done.code == DONE, done.err
    assert "the recording was not ended on purpose" in done.out
    assert (folder / "samples.parquet").exists()
    journal = folder / "journal.bin"
    journal.write_bytes(journal.read_bytes()[:-1000])
    assert hipimu("recover", folder).code == DONE


def test_a_full_disk_ends_the_recording_and_leaves_what_was_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hipimu", "record", "--out", str(tmp_path / "run")]

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [*command, "--virtual", "3", "--minutes", "2"],
        preexec_fn=small_disk,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert done.returncode == ERROR
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "pelvis: " in done.stdout
    journal = read_journal(tmp_path / "run.hipimu" / "journal.bin")
    assert journal.packets > 500
    assert (tmp_path / "run.hipimu" / "samples.parquet").exists()


def test_sensors_tells_what_is_there() -> None:
    done = hipimu("sensors", "--virtual", 4, "--seconds", 2, "--json")

    assert done.code == DONE, done.err
    rows = json.loads(done.out)
    assert [row["protocol"] for row in rows].count("hipimu-open") == 3
    assert {row["role"] for row in rows} == {"pelvis", "thigh_left", "thigh_right", "heart_rate"}
    assert all(row["battery"] == 0.87 for row in rows)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--role", "knee=AA"], ERROR, "There is no role called 'knee'"),
        (["--role", "pelvis="], ERROR, "names no device"),
        (["--virtual", "9"], USAGE, "'--virtual'"),
        (["--virtual", "3", "--fault", "pelvis:bang@1"], USAGE, "ROLE:KIND@SECONDS"),
        (["--virtual", "3", "--rate", "99"], ERROR, "Known: 52, 100"),
        (["--virtual", "3", "--virtual-protocol", "nonsense"], ERROR, "hipimu-open"),
        (["--virtual", "3", "--role", "pelvis=D4:22:CD:00:00:77"], ERROR, "was not heard"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(
    options: list[str], code: int, said: str, tmp_path: Path
) -> None:
    done = hipimu("record", "--out", tmp_path / "run", *options)

    assert done.code == code
    assert said in " ".join((done.out + done.err).split())
    assert "Traceback" not in done.err
    assert not (tmp_path / "run.hipimu").exists()


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "run.hipimu").mkdir()
    done = hipimu("record", "--out", tmp_path / "run", "--virtual", 3)

    assert done.code == ERROR
    assert "exists already" in done.err
