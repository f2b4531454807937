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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hipimu.report.style import MUTED, TEXT, Sheet, look, whole_steps
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from tests.studies.questions import measure_questions

HIPIMU = Path(sys.executable).with_name("hipimu")
RECORDINGS = 200
SEEDS = 4
_UNDISTURBED = 0.9
"""Of a core, that one worker gets where nothing else runs."""
_MARKS = ("<!-- study-scaling -->", "<!-- /study-scaling -->")
_LOOKS: dict[str, dict[str, Any]] = {
    "1 local": {"color": MUTED, "linestyle": "solid", "va": "center"},
    "2 local": {"color": TEXT, "linestyle": "solid", "va": "bottom"},
    "2 Dask": {"color": TEXT, "linestyle": (0, (4, 2)), "va": "bottom"},
}
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


@dataclass(frozen=True)
class Ran:
    """A batch that has ended."""

    code: int
    done_s: tuple[float, ...]
    """When each recording was done, from the start of the command."""
    cpu_s: float = 0.0
    """Of the command and its workers; those of a cluster are not among them."""
    killed_s: float | None = None


def batch(
    recordings: Path, out: Path, *options: object, after: int = 0, kill: Sequence[int] = ()
) -> Ran:
    """Run `hipimu batch`; after so many recordings kill these processes."""
    command = [HIPIMU, "batch", f"{recordings}/*", "--out", out, *options]
    began, before_s = time.monotonic(), _cpu_of_children_s()
    done_s: list[float] = []
    killed_s = None
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        for line in running.stderr or ():
            if not line.startswith("["):
                print(line, end="", file=sys.stderr)
                continue
            done_s.append(time.monotonic() - began)
            if len(done_s) == after:
                killed_s = done_s[-1]
                for pid in kill:
                    os.kill(pid, signal.SIGKILL)
    return Ran(running.returncode, tuple(done_s), _cpu_of_children_s() - before_s, killed_s)


def _cpu_of_children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


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


def run(folder: Path) -> dict[str, Any]:
    """Run the study in an empty folder; return what was found."""
    paths = make_recordings(folder / "season", RECORDINGS, SEEDS, bout_s=40.0)
    names = [path.name for path in paths]
    runs = {}
    for jobs in (1, 2):
        ran = batch(folder / "season", folder / f"local-{jobs}", "--jobs", jobs)
        runs[f"{jobs} local"] = _told(ran, folder / f"local-{jobs}", folder / "local-1", names)
        print(runs[f"{jobs} local"] | {"done_s": "…"}, flush=True)
    with cluster_of(2) as cluster:
        options = ("--cluster", cluster.address)
        ran = batch(
            folder / "season",
            folder / "dask",
            *options,
            after=len(names) // 2,
            kill=cluster.pids[:1],
        )
        replaced = len(set(cluster.pids) - set(cluster.pids_now()))
    told = _told(ran, folder / "dask", folder / "local-1", names)
    runs["2 Dask"] = told | {"killed_s": round(ran.killed_s or 0.0, 1), "replaced": replaced}
    print(runs["2 Dask"] | {"done_s": "…"}, flush=True)
    asked = measure_questions(folder / "local-1" / names[0], folder / "questions")
    print(asked)
    return {
        "recordings": len(names),
        "simulated": SEEDS,
        "recorded_s": json.loads(_summary(folder / "local-1" / names[0]))["duration_s"],
        "cores": os.cpu_count(),
        "runs": runs,
        "query": asked,
    }


def _told(ran: Ran, out: Path, first: Path, names: Sequence[str]) -> dict[str, Any]:
    return {
        "code": ran.code,
        "seconds": round(ran.done_s[-1], 1),
        "cpu_seconds": round(ran.cpu_s, 1),
        "states": states(out),
        "files_compared": len(names) * len(RESULTS),
        "files_unlike": len(differing(first, out, names)),
        "done_s": [round(at_s, 1) for at_s in ran.done_s],
    }


def _summary(folder: Path) -> str:
    return (folder / "summary.json").read_text(encoding="utf-8")


def figure(document: Mapping[str, Any]) -> str:
    """Draw how many recordings are done, over time; an SVG file."""
    with look("wide"):
        sheet = Sheet("scaling", "wide", 260.0)
        axes = sheet.axes(48.0, 40.0, 700.0, 170.0)
        sheet.text(0.0, 16.0, "Recordings done, simulated", fontweight="bold")
        sheet.text(400.0, 252.0, "seconds", ha="center", color=MUTED)
        for name, ran in document["runs"].items():
            counts = range(1, len(ran["done_s"]) + 1)
            how = dict(_LOOKS[name])
            place = {"va": how.pop("va"), "color": how["color"]}
            axes.plot(ran["done_s"], counts, linewidth=2.0, **how)
            axes.text(ran["seconds"], counts[-1], f" {name}", **place)
            if "killed_s" in ran:
                half = len(counts) // 2
                axes.plot([ran["killed_s"]], [half], "o", color=TEXT)
                axes.text(
                    ran["killed_s"], half, "one killed  ", color=TEXT, ha="right", va="bottom"
                )
        longest_s = max(ran["seconds"] for ran in document["runs"].values())
        axes.set_xlim(0.0, 1.02 * longest_s)
        axes.set_ylim(0.0, 1.08 * document["recordings"])
        axes.xaxis.set_major_locator(whole_steps(8))
        axes.yaxis.set_major_locator(whole_steps(4))
        return sheet.file("Recordings done over time, for one and two workers, and on Dask")


def page(text: str, document: Mapping[str, Any]) -> str:
    """Put what was found between the marks of a page."""
    before, _, rest = text.partition(_MARKS[0])
    _, _, after = rest.partition(_MARKS[1])
    return "\n".join([before + _MARKS[0], *_words(document), _MARKS[1] + after])


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    runs, query = document["runs"], document["query"]
    one, two, dask = (runs[name] for name in ("1 local", "2 local", "2 Dask"))
    many = document["recordings"]
    yield ""
    yield (
        f"{many} recordings of {document['recorded_s'] / 60:.1f} min with three sensors – "
        f"{document['simulated']} simulated, the others copies with other laps – on a computer "
        f"with {document['cores']} cores:"
    )
    yield ""
    yield "| workers | seconds | CPU seconds | recordings a minute | files unlike the first run's |"
    yield "|---|---|---|---|---|"
    rows = (("1", one), ("2", two), ("2 on Dask, one killed at half", dask))
    for name, ran in rows:
        rate = 60 * many / ran["seconds"]
        unlike = f"{ran['files_unlike']} of {ran['files_compared']}"
        # What a cluster computes is not computed by the command.
        cpu = f"{ran['cpu_seconds']:.0f}" if ran is not dask else ""
        yield f"| {name} | {ran['seconds']:.0f} | {cpu} | {rate:.0f} | {unlike} |"
    yield ""
    got = one["cpu_seconds"] / one["seconds"]
    if got < _UNDISTURBED:
        share = f"{100 * got:.0f} % of a core"
        yield f"Other work ran on the computer meanwhile: one worker got {share}."
        yield ""
    yield "![Recordings done over time, for one and two workers, and on Dask](../img/scaling.svg)"
    yield ""
    yield (
        f"{query['sessions']} sessions of an hour ({query['strides'] / 1e6:.1f} million strides, "
        f"{query['megabytes']} MB) open in {query['open_seconds']:.1f} s; then"
    )
    yield ""
    yield "| question | seconds | million strides a second |"
    yield "|---|---|---|"
    for name, took in query["questions"].items():
        rate = query["strides"] / took["seconds"] / 1e6
        yield f"| {name} | {took['seconds']:.2f} | {rate:.0f} |"
    yield ""


def main(docs: Path) -> None:
    """Run the study and write what it found."""
    with tempfile.TemporaryDirectory() as place:
        document = run(Path(place))
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (docs / "scaling.json").write_text(text, encoding="utf-8")
    (docs / "img" / "scaling.svg").write_text(figure(document), encoding="utf-8")
    at = docs / "how-to" / "many-recordings.md"
    at.write_text(page(at.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "cluster":
        serve_cluster(int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
