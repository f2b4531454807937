"""Many recordings: `make study-scaling`, about a quarter of an hour on two cores.

1. 200 recordings on one and on two workers of this computer: how long;
2. the same on a Dask cluster of two workers, of which one is killed midway: 200 results, equal to
   the local ones byte by byte;
3. questions in SQL across 1000 sessions of an hour: rows a second.

Four recordings are simulated; the others are copies of them under other names, with other laps.
Everything stays on this computer: the cluster listens on the loopback address only.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout

HIPIMU = Path(sys.executable).with_name("hipimu")
RECORDINGS = 200
SEEDS = 4
RESULTS = ("strides.csv", "bouts.csv", "summary.json", "report.html", "strides.parquet")


def make_recordings(folder: Path, many: int, seeds: int, bout_s: float) -> list[Path]:
    """Simulate a few recordings, and copy them until there are enough, each with other laps."""
    first = [folder / f"run-{number:03d}" for number in range(seeds)]
    for seed, path in enumerate(first):
        simulate(_plan(seed, bout_s), path, file_format="parquet")
        shutil.rmtree(path.with_name(f"{path.name}.truth"))
    copies = [folder / f"run-{number:03d}" for number in range(seeds, many)]
    for number, path in enumerate(copies):
        shutil.copytree(first[number % seeds], path)
        _shift_laps(path / "laps.csv", 0.01 * (number + 1))
    return first + copies


def _plan(seed: int, bout_s: float) -> Plan:
    return Plan(
        seed=seed,
        rate_hz=100.0,
        repeat=3,
        warm_up=(
            PlannedBout(pace="stand", duration_s=6.0),
            PlannedBout(pace="walk", duration_s=12.0, speed_m_s=1.4),
        ),
        bouts=(
            PlannedBout(pace="easy", duration_s=bout_s, speed_m_s=3.0),
            PlannedBout(pace="fast", duration_s=bout_s, speed_m_s=5.0),
        ),
    )


def _shift_laps(laps: Path, by_s: float) -> None:
    head, *rows = laps.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    moved = [[f"{float(c[0]) + by_s:.3f}", f"{float(c[1]) + by_s:.3f}", *c[2:]] for c in cells]
    laps.write_text("\n".join([head, *map(",".join, moved)]) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster in a process of its own."""

    address: str
    pids: tuple[int, ...]
    """Of the workers it began with."""
    _process: subprocess.Popen[str]

    def pids_now(self) -> tuple[int, ...]:
        """Return the workers it has now; a lost one is replaced."""
        return _asked(self._process)


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """Start a Dask cluster on the loopback address, without its dashboard."""
    command = [sys.executable, "-m", "tests.studies.scaling", "cluster", str(workers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as own:
        try:
            address = _line(own)
            yield Cluster(address, _asked(own), own)
        finally:
            _stdin(own).close()
            own.wait(timeout=30)


def _asked(process: subprocess.Popen[str]) -> tuple[int, ...]:
    _stdin(process).write("pids\n")
    _stdin(process).flush()
    return tuple(json.loads(_line(process)))


def _stdin(process: subprocess.Popen[str]) -> IO[str]:
    if process.stdin is None:
        raise AssertionError("started with a pipe")
    return process.stdin


def _line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise AssertionError("started with a pipe")
    return process.stdout.readline().strip()


def serve_cluster(workers: int) -> None:
    """Be the cluster until stdin ends; a line on stdin asks for the workers' processes."""
    import distributed

    dask: Any = distributed
    with (
        dask.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        print(cluster.scheduler_address, flush=True)
        for _ in sys.stdin:
            client.wait_for_workers(workers, timeout=30)
            print(json.dumps(sorted(client.run(os.getpid).values())), flush=True)


def batch(
    recordings: Path, out: Path, *options: object, kill_after: tuple[int, Sequence[int]] = (0, ())
) -> tuple[int, float]:
    """Run `hipimu batch`; return its exit code and how long it took, in seconds.

    `kill_after` tells after how many recordings which processes are killed.
    """
    many, victims = kill_after
    command = [HIPIMU, "batch", f"{recordings}/*", "--out", out, *options]
    began = time.monotonic()
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        for number, line in enumerate(running.stderr or (), start=1):
            if number == many:
                for pid in victims:
                    os.kill(pid, signal.SIGKILL)
            if not line.startswith("["):
                print(line, end="", file=sys.stderr)
    return running.returncode, time.monotonic() - began


def differing(first: Path, second: Path, names: Sequence[str]) -> list[str]:
    """Return the result files that are not the same, byte by byte, in two folders of results."""
    return [
        f"{name}/{file}"
        for name in names
        for file in RESULTS
        if not _same(first / name / file, second / name / file)
    ]


def _same(first: Path, second: Path) -> bool:
    return first.is_file() and second.is_file() and first.read_bytes() == second.read_bytes()


def states(out: Path) -> dict[str, int]:
    """Count the rows of a batch's table by what became of them."""
    document: dict[str, Any] = json.loads((out / "batch.json").read_text(encoding="utf-8"))
    found = [row["state"] for row in document["recordings"]]
    return {state: found.count(state) for state in sorted(set(found))}


def main() -> None:
    """Run the study."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paths = make_recordings(folder / "season", RECORDINGS, SEEDS, bout_s=40.0)
        names = [path.name for path in paths]
        print(
            f"{len(paths)} recordings, {SEEDS} of them simulated, the others copies with other laps"
        )
        took_s = {}
        for jobs in (1, 2):
            code, took_s[jobs] = batch(folder / "season", folder / f"local-{jobs}", "--jobs", jobs)
            said = f"{jobs} local workers: {took_s[jobs]:.1f} s, code {code}"
            print(f"{said}, {states(folder / f'local-{jobs}')}", flush=True)
        print(f"two workers are {took_s[1] / took_s[2]:.2f} times as fast as one")
        unlike = differing(folder / "local-1", folder / "local-2", names)
        print(f"files that differ between one and two workers: {len(unlike)}")
        _on_dask(folder, names)


def _on_dask(folder: Path, names: Sequence[str]) -> None:
    with cluster_of(2) as cluster:
        code, seconds = batch(
            folder / "season",
            folder / "dask",
            "--cluster",
            cluster.address,
            kill_after=(len(names) // 2, cluster.pids[:1]),
        )
        replaced = set(cluster.pids) - set(cluster.pids_now())
    print(f"Dask, 2 workers, {len(replaced)} killed midway: {seconds:.1f} s, code {code}")
    print(f"{states(folder / 'dask')}")
    unlike = differing(folder / "local-1", folder / "dask", names)
    print(f"files that differ between local and Dask: {len(unlike)} of {len(names) * len(RESULTS)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["cluster"]:
        serve_cluster(int(sys.argv[2]))
    else:
        main()
