"""`--pdf` through its real door: a file more, or one sentence and no work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REAL_RUN = ROOT / "recordings" / "isen-run"
NOT_ESTIMABLE = 3


def analyse(out: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hipimu", "analyse", str(REAL_RUN), "--out", str(out)]
    return subprocess.run(
        [*command, "--pdf"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | extra,
        timeout=180,
        check=False,
    )


def test_the_report_is_also_a_pdf(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint")
    run = analyse(tmp_path / "out")

    assert run.returncode == NOT_ESTIMABLE
    assert run.stderr == ""
    assert run.stdout.splitlines()[-1] == f"Report: {tmp_path / 'out' / 'report.html'}"
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF")


def test_without_weasyprint_nothing_is_analysed(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    missing.mkdir()
    (missing / "weasyprint.py").write_text("raise ImportError('no such module')")
    run = analyse(tmp_path / "out", PYTHONPATH=str(missing))

    assert run.returncode == 1
    assert run.stdout == ""
    what, remedy = run.stderr.splitlines()
    assert what.startswith("Error: The report cannot be made into a PDF")
    assert "pip install 'hipimu[pdf]'" in remedy
    assert not (tmp_path / "out").exists()
