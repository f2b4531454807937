"""`hipimu batch` through its real door, locally and on a Dask cluster."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from hipimu.pipeline.batch_lock import alone_in
from tests.faces.test_cli import (
    COMMAND,
    DONE,
    ERROR,
    NOT_ESTIMABLE,
    USAGE,
    assert_refused,
    environment,
    hipimu,
    names,
)
from tests.studies.scaling import RESULTS, cluster_of, differing, make_recordings

INTERRUPTED = 130
RECORDINGS = ["a-run", "b-run", "run-002", "run-003", "run-004", "run-005"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills and interrupts as POSIX does")


@dataclass(frozen=True)
class Finished:
    code: int
    err: str
    out: str = ""


@dataclass(frozen=True)
class Season:
    folder: Path
    results: Path
    interrupted: Finished
    after_interrupt: set[str]
    """What was in the folder of results then, hidden files too."""
    went_on: Finished
    """The same command again; a worker was killed."""


def run(*arguments: object, after_lines: int, then: signal.Signals, workers: bool) -> Finished:
    """Run the command; after so many recordings send a signal to all of it, or to a worker."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment(),
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        said = [running.stderr.readline() for _ in range(after_lines)]
        if workers:
            os.kill(worker_of(running.pid), then)
        else:
            os.killpg(running.pid, then)
        said += running.stderr.readlines()
        out = running.stdout.read()
    return Finished(running.returncode, "".join(said), out)


def worker_of(pid: int) -> int:
    """Return a worker process of a batch; the last one begun."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    commands = {int(c): Path(f"/proc/{c}/cmdline").read_bytes() for c in children}
    return max(child for child, command in commands.items() if b"spawn_main" in command)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Season:
    folder = tmp_path_factory.mktemp("batch")
    first, second, *_ = make_recordings(folder / "season", many=6, seeds=2, bout_s=8.0)
    for path, parent in ((first, "a"), (second, "b")):
        shutil.move(path, folder / "season" / parent / "run")
    (folder / "season" / "broken").mkdir()
    (folder / "season" / "broken" / "recording.toml").write_text("format", encoding="utf-8")
    out = folder / "local"
    order = ("batch", f"{folder}/season/**", "--out", out, "--jobs")
    stopped = run(*order, 1, after_lines=2, then=signal.SIGINT, workers=False)
    after = names(out)
    again = run(*order, 2, after_lines=3, then=signal.SIGKILL, workers=True)
    return Season(folder / "season", out, stopped, after, again)


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    with (out / "batch.csv").open(encoding="utf-8", newline="") as lines:
        return {row["recording"]: row for row in csv.DictReader(lines)}


def states(out: Path) -> dict[str, str]:
    return {name: row["state"] for name, row in rows_of(out).items()}


def test_ctrl_c_ends_with_what_is_done(season: Season) -> None:
    """Broken and one other were done by then, or one more."""
    done = season.after_interrupt - {"batch.csv", "batch.json"}

    assert season.interrupted.code == INTERRUPTED
    assert "Traceback" not in season.interrupted.err
    assert "Interrupted." in season.interrupted.err
    assert 1 <= len(done) <= 2
    assert done <= set(RECORDINGS), "nothing half-done, nothing hidden"
    assert "left: The batch was interrupted." in season.interrupted.out


def test_the_same_command_goes_on_and_a_killed_worker_loses_nothing(season: Season) -> None:
    done = season.after_interrupt - {"batch.csv", "batch.json"}
    after = states(season.results)

    assert after.pop("broken") == "failed"
    assert {name for name, state in after.items() if state == "kept"} == done
    assert sorted(after) == RECORDINGS
    assert set(after.values()) == {"kept", "analysed"}
    assert names(season.results) == {*RECORDINGS, "batch.csv", "batch.json"}


def test_one_bad_recording_is_told_and_stops_nobody(season: Season) -> None:
    assert season.went_on.code == ERROR
    assert "Traceback" not in season.went_on.err
    first, second = season.went_on.err.splitlines()[-2:]
    assert first.startswith("Error: 1 of 7 failed, the first is broken: recording.toml: ")
    assert second.endswith(".")
    assert rows_of(season.results)["broken"]["error"] in season.went_on.out


def test_the_table_tells_of_each_what_came_out(season: Season) -> None:
    lines = season.went_on.out.splitlines()
    rows = rows_of(season.results)
    document = json.loads((season.results / "batch.json").read_text(encoding="utf-8"))

    assert [line.split()[0] for line in lines[1:8]] == sorted([*RECORDINGS, "broken"])
    assert lines[-2].startswith("7 recordings: ")
    assert lines[-1] == f"Table: {season.results / 'batch.csv'}"
    assert document["schema"] == "hipimu-batch/1"
    assert [row["recording"] for row in document["recordings"]] == list(rows)
    assert rows["a-run"]["verdict"] == "not_estimable"
    assert int(rows["a-run"]["strides"]) > 10
    assert 0 < float(rows["a-run"]["used_percent"]) <= 100
    assert rows["a-run"]["path"] == str(season.folder / "a" / "run")


def test_results_are_those_of_hipimu_analyse(season: Season, tmp_path: Path) -> None:
    alone = hipimu("analyse", season.folder / "run-003", "--out", tmp_path / "alone")

    assert alone.code == NOT_ESTIMABLE
    assert names(season.results / "run-003") == {*RESULTS, "provenance.json"}
    for file in names(tmp_path / "alone"):
        ours = (season.results / "run-003" / file).read_bytes()
        assert ours == (tmp_path / "alone" / file).read_bytes(), file


def test_only_what_changed_is_done_again(season: Season, tmp_path: Path) -> None:
    folder, out = tmp_path / "season", tmp_path / "out"
    for name in ("run-002", "run-003"):
        shutil.copytree(season.folder / name, folder / name)
        shutil.copytree(season.results / name, out / name)
        provenance = out / name / "provenance.json"
        text = provenance.read_text(encoding="utf-8")
        provenance.write_text(text.replace(str(season.folder), str(folder)), encoding="utf-8")
    (out / "run-002" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "laps").mkdir()
    shutil.copy(folder / "run-003" / "laps.csv", tmp_path / "laps" / "run-002.csv")

    done = hipimu(
        *("batch", f"{folder}/*", "--out", out, "--json", "--jobs", 1),
        *("--laps-in", tmp_path / "laps"),
    )

    assert done.code == NOT_ESTIMABLE, done.err
    rows = json.loads(done.out)["recordings"]
    assert {row["recording"]: row["state"] for row in rows} == {
        "run-002": "analysed",
        "run-003": "kept",
    }
    assert names(out / "run-002") == {*RESULTS, "provenance.json", "notes.txt"}
    bouts = [(place / "run-002" / "bouts.csv").read_bytes() for place in (out, season.results)]
    assert bouts[0] != bouts[1], "made with the other laps"


def test_a_cluster_gives_the_same_though_a_worker_is_killed(season: Season, tmp_path: Path) -> None:
    with cluster_of(2) as cluster:
        order = ("batch", f"{season.folder}/**", "--out", tmp_path, "--cluster", cluster.address)
        with subprocess.Popen(
            [*COMMAND, *map(str, order)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        ) as running:
            assert running.stderr is not None
            said = [running.stderr.readline() for _ in range(2)]
            os.kill(cluster.pids[0], signal.SIGKILL)
            said += running.stderr.readlines()
        now = cluster.pids_now()

    assert cluster.pids[0] not in now
    assert running.returncode == ERROR, said
    after = states(tmp_path)
    assert after.pop("broken") == "failed"
    assert after == dict.fromkeys(RECORDINGS, "analysed")
    assert differing(season.results, tmp_path, RECORDINGS) == []


def test_nobody_at_the_address_is_one_sentence(season: Season, tmp_path: Path) -> None:
    refused = hipimu(
        "batch", season.folder / "run-002", "--out", tmp_path, "--cluster", "tcp://127.0.0.1:1"
    )
    assert_refused(refused, "No Dask scheduler answers at tcp://127.0.0.1:1")


def test_a_pattern_without_a_match_is_refused(tmp_path: Path) -> None:
    assert_refused(hipimu("batch", f"{tmp_path}/*", cwd=tmp_path), "No recording matches")
    assert names(tmp_path) == set()


def test_a_second_batch_into_the_same_folder_is_refused(season: Season, tmp_path: Path) -> None:
    order = ("batch", season.folder / "broken", "--out", tmp_path / "out")
    with alone_in(tmp_path / "out"):
        assert_refused(hipimu(*order), "Another batch is writing to", f"process {os.getpid()} on")
    assert names(tmp_path) == set(), "and has touched nothing"

    assert hipimu(*order).code == ERROR
    assert names(tmp_path / "out") == {"batch.csv", "batch.json"}


def test_jobs_are_for_this_computer(tmp_path: Path) -> None:
    assert hipimu("batch", tmp_path, "--jobs", 2, "--cluster", "x").code == USAGE
    assert hipimu("batch", tmp_path, "--jobs", 0).code == USAGE
    assert hipimu("batch", "--help").code == DONE
