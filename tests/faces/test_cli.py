"""The command line through its real door: the installed command, its streams, files and codes."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from hipimu.export import schema

ROOT = Path(__file__).parents[2]
REAL_RUN = ROOT / "recordings" / "isen-run"
RESULTS = {"bouts.csv", "report.html", "strides.csv", "summary.json"}
SCRIPT = Path(sys.executable).with_name("hipimu")
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "hipimu"]
DONE, ERROR, USAGE, NOT_ESTIMABLE = 0, 1, 2, 3

no_terminals = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals need a POSIX system")


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


def environment(**extra: str) -> dict[str, str]:
    """The test's own, without what would colour or recode the output."""
    hidden = ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LANG")
    return {k: v for k, v in os.environ.items() if k not in hidden} | {"LANG": "C.UTF-8"} | extra


def hipimu(*arguments: object, cwd: Path | None = None, **extra: str) -> Run:
    """Run the command to its end, streams caught as UTF-8."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env=environment(**extra),
        timeout=120,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def assert_refused(run: Run, *words: str) -> None:
    """Two lines on stderr, what and what to do; nothing else anywhere."""
    assert run.code == ERROR
    assert run.out == ""
    first, second = run.err.splitlines()
    assert first.startswith("Error: ")
    assert second.endswith(".")
    assert all(word in run.err for word in words)


@dataclass(frozen=True)
class Finished:
    run: Run
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("demo") / "made"
    return Finished(hipimu("demo", "--out", folder), folder)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("real") / "deep" / "report"
    return Finished(hipimu("analyse", REAL_RUN, "--out", folder), folder)


def test_demo_finds_the_loss_that_was_built_in(demo: Finished) -> None:
    said = demo.run.out.splitlines()

    assert (demo.run.code, demo.run.err) == (DONE, "")
    assert len(said) <= 12
    assert max(map(len, said[:-1])) <= 100
    assert said[1].startswith("Read simulated recording")
    assert "The end of your range tires first." in " ".join(said)
    assert said[-1] == f"Report: {demo.folder / 'report' / 'report.html'}"
    assert names(demo.folder / "report") == RESULTS


def test_demo_says_simulated_wherever_it_is_read(demo: Finished) -> None:
    folder = demo.folder / "report"
    assert "Simulated." in (folder / "report.html").read_text(encoding="utf-8")
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["simulated"] is True


def test_no_escape_codes_where_no_terminal_is(real: Finished, demo: Finished) -> None:
    for run in (real.run, demo.run):
        assert "\x1b" not in run.out + run.err


def test_the_tutorial_shows_what_is_printed(demo: Finished, real: Finished) -> None:
    """Word by word; numbers may differ in the last digit from one processor to another.

    Where a number changed on purpose, docs/site/first_report.py writes the examples anew.
    """
    page = (ROOT / "docs" / "tutorial" / "first-report.md").read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)\nReport: ", page, re.DOTALL)
    number = re.compile(r"−?\d+\.\d")

    for block, run in zip(shown, (demo.run, real.run), strict=True):
        printed = run.out[: run.out.rindex("Report: ")]
        assert number.sub("#", block).split() == number.sub("#", printed).split()
        told, found = (
            [float(value.replace("−", "-")) for value in number.findall(text)]
            for text in (block, printed)
        )
        assert told == pytest.approx(found, abs=0.15)


def test_a_real_run_too_short_to_answer_still_gives_its_strides(real: Finished) -> None:
    assert (real.run.code, real.run.err) == (NOT_ESTIMABLE, "")
    assert "This run cannot answer: its pace is unknown, and it is too short" in real.run.out
    assert "RFI" not in real.run.out
    assert len(real.run.out.splitlines()) <= 12
    assert names(real.folder) == RESULTS

    strides = pd.read_csv(real.folder / "strides.csv")
    used = strides[strides["quality"] > 0]
    assert used.groupby("side").size().between(8, 20).all()
    page = (real.folder / "report.html").read_text(encoding="utf-8")
    assert "A real recording" in page
    assert "Simulated." not in page


def test_json_is_one_document_and_the_rest_goes_to_stderr(real: Finished, tmp_path: Path) -> None:
    run = hipimu("analyse", REAL_RUN, "--json", cwd=tmp_path)
    document = json.loads(run.out, parse_constant=pytest.fail)

    jsonschema.validate(document, schema())
    assert document == json.loads((real.folder / "summary.json").read_text(encoding="utf-8"))
    assert run.code == NOT_ESTIMABLE
    assert "Report: " in run.err
    assert "©" in run.out
    # Without --out the results lie here, named after the recording.
    assert names(tmp_path) == {"isen-run-report"}
    assert names(tmp_path / "isen-run-report") == RESULTS


def test_from_and_until_leave_out_the_ends(real: Finished, tmp_path: Path) -> None:
    run = hipimu("analyse", REAL_RUN, "--out", tmp_path, "--from", 3, "--until", 34)
    whole, cut = (pd.read_csv(at / "strides.csv") for at in (real.folder, tmp_path))
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))

    assert run.code == NOT_ESTIMABLE
    assert whole["t_peak_flexion_s"].max() > 35
    assert 32 < cut["t_peak_flexion_s"].max() < 34
    assert summary["duration_s"] == pytest.approx(31.0, abs=0.05)
    assert (summary["parameters"]["from_s"], summary["parameters"]["until_s"]) == (3.0, 34.0)


def test_two_runs_into_one_folder_leave_whole_files_and_keep_others(
    real: Finished, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "strides.csv").write_text("old", encoding="utf-8")
    command = [*COMMAND, "analyse", str(REAL_RUN), "--out", str(tmp_path)]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in both]

    assert [code for _, code in ended] == [NOT_ESTIMABLE] * 2
    assert [err for (_, err), _ in ended] == [b"", b""]
    assert names(tmp_path) == {*RESULTS, "notes.txt"}
    for name in RESULTS:
        assert (tmp_path / name).read_bytes() == (real.folder / name).read_bytes()


def test_a_missing_recording(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert_refused(hipimu("analyse", tmp_path / "nowhere", "--out", out), "nowhere")
    assert not out.exists()


def test_an_unknown_filter_names_the_known_ones(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = hipimu("analyse", REAL_RUN, "--out", out, "--filter", "kalmann")
    assert_refused(run, "'kalmann'", "vqf, madgwick")
    assert not out.exists()


def test_a_bad_line_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    recording, out = tmp_path / "bad", tmp_path / "out"
    shutil.copytree(REAL_RUN, recording)
    lines = (recording / "thigh_left.csv").read_text(encoding="utf-8").splitlines()
    lines[4000] = lines[4000].replace(",", ",oops", 1)
    (recording / "thigh_left.csv").write_text("\n".join(lines), encoding="utf-8")

    run = hipimu("analyse", recording, "--out", out)
    assert_refused(run, "thigh_left.csv", "4001")
    assert names(tmp_path) == {"bad"}


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_way_is_found_before_the_work(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    for command in (("demo",), ("analyse", REAL_RUN)):
        run = hipimu(*command, "--out", tmp_path / "taken" / below)
        assert_refused(run, "taken is a file", "--out")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="write protection does not bind this user"
)
def test_a_write_protected_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert_refused(hipimu("analyse", REAL_RUN, "--out", tmp_path / "out"), "write-protected")


@pytest.mark.parametrize(
    "arguments", [("analyse",), ("analyze", "x"), ("analyse", "x", "--nope"), ("simulate",)]
)
def test_wrong_usage(arguments: Sequence[str]) -> None:
    run = hipimu(*arguments)
    assert run.code == USAGE
    assert run.out == ""
    assert run.err.startswith("Usage: hipimu")


def test_help_and_version_are_quick() -> None:
    assert re.fullmatch(r"hipimu \d+\.\d+\.\d+\n", hipimu("--version").out)
    assert "analyse" in hipimu("--help").out
    assert hipimu("--help").code == DONE


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="CPU time of a child needs wait4")
def test_help_takes_less_than_a_third_of_a_second_of_cpu() -> None:
    used = []
    for _ in range(3):
        child = subprocess.Popen([*COMMAND, "--help"], stdout=subprocess.DEVNULL)
        _, status, spent = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        used.append(spent.ru_utime + spent.ru_stime)
    assert min(used) < 0.3


def test_python_m_is_the_same_command() -> None:
    command = [sys.executable, "-m", "hipimu", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == hipimu("--version").out


def test_the_locale_c_prints(tmp_path: Path) -> None:
    extra = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [*COMMAND, "analyse", str(REAL_RUN), "--out", str(tmp_path / "−6°"), "--json"]
    done = subprocess.run(command, capture_output=True, env=environment(**extra), timeout=120)

    assert done.returncode == NOT_ESTIMABLE
    assert b"Traceback" not in done.stderr
    assert re.search(rb"left flexion 4\d\.\d", done.stderr)
    # JSON is UTF-8, whatever the terminal can show.
    assert "©" in json.loads(done.stdout.decode("utf-8"))["notice"]
    assert names(tmp_path / "−6°") == RESULTS


class Watched:
    """A command whose stderr is a terminal."""

    def __init__(self, *arguments: object, **extra: str) -> None:
        import pty

        self._terminal, other = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=other,
            env=environment(TERM="xterm-256color", **extra),
        )
        os.close(other)
        self.seen = ""

    def read_until(self, word: str | None, patience_s: float = 60.0) -> str:
        """Read the terminal until a word shows, or to the end."""
        deadline = time.monotonic() + patience_s
        while (word is None or word not in self.seen) and time.monotonic() < deadline:
            if not select.select([self._terminal], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # Linux's way of saying that the other end is closed
                piece = b""
            if not piece:
                break
            self.seen += piece.decode(errors="replace")
        return self.seen

    def finish(self) -> str:
        """Wait for the end; returns standard output."""
        self.read_until(None)
        out, _ = self.process.communicate(timeout=60)
        os.close(self._terminal)
        return out.decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*\b(?:3[0-8]|9[0-7])(?:;[0-9;]*)?m")


@no_terminals
def test_a_watching_person_sees_a_progress_bar(tmp_path: Path) -> None:
    watched = Watched("analyse", REAL_RUN, "--out", tmp_path)
    out = watched.finish()

    assert watched.process.returncode == NOT_ESTIMABLE
    assert "Analysing isen-run" in watched.seen
    assert "━" in watched.seen
    assert COLOUR.search(watched.seen)
    assert "\x1b" not in out
    assert out.startswith("Read recording isen-run")


@no_terminals
def test_no_color_is_obeyed(tmp_path: Path) -> None:
    watched = Watched("analyse", REAL_RUN, "--out", tmp_path, NO_COLOR="1")
    watched.read_until("━")
    watched.process.send_signal(signal.SIGINT)
    watched.finish()

    assert "Analysing" in watched.seen
    assert not COLOUR.search(watched.seen)


@no_terminals
def test_interrupted_while_analysing_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    watched = Watched("analyse", REAL_RUN, "--out", out)
    watched.read_until("Analysing")
    watched.process.send_signal(signal.SIGINT)
    said = watched.finish()

    assert watched.process.returncode in (130, -signal.SIGINT)
    assert said == ""
    assert "Traceback" not in watched.seen
    assert names(tmp_path) == set()
