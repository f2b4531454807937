"""What `hipimu analyse` really writes is what the reference says."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hipimu.export.summary import schema

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
HIPIMU = Path(sys.executable).with_name("hipimu")
NOT_ESTIMABLE = 3


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "out"
    command = [str(HIPIMU), "analyse", "recordings/isen-run", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == NOT_ESTIMABLE, done.stderr
    return folder


@pytest.fixture(scope="module")
def summary(results: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((results / "summary.json").read_text(encoding="utf-8"))
    return loaded


def documented(file: str) -> list[str]:
    """Return the names in the first column of the table below a file's heading, in order."""
    page = (REFERENCE / "outputs.md").read_text(encoding="utf-8")
    section = page.split(f"## {file}\n")[1].split("\n## ")[0].split("\nEach entry")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.M)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("file", ["strides.csv", "bouts.csv"])
def test_columns(file: str, results: Path) -> None:
    with (results / file).open(encoding="utf-8", newline="") as lines:
        assert documented(file) == next(csv.reader(lines))


def test_summary_keys(summary: dict[str, Any]) -> None:
    assert sorted(documented("summary.json")) == sorted(summary)


def test_summary_obeys_its_schema(summary: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(summary, schema())


def test_files_written(results: Path) -> None:
    page = (REFERENCE / "outputs.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (\S+\.\w+)$", page, re.M))
    assert headings == {path.name for path in results.iterdir()}
