"""What `hipimu analyse` really writes is what the reference says."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from hipimu.compare import comparable, differences, trend
from hipimu.data import About, SessionSummary
from hipimu.export.over_weeks import comparison_document, trend_document
from hipimu.export.summary import schema
from tests.unit.compare.summaries import season

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


def table(heading: str, before: str) -> list[str]:
    """Return the names in the first column of the table that a sentence below a heading begins."""
    page = (REFERENCE / "outputs.md").read_text(encoding="utf-8")
    rest = page.split(f"## {heading}\n")[1].split("\n## ")[0].split(before, 1)[1]
    rows = re.search(r"(?:^\|.*\n)+", rest, re.M)
    assert rows is not None
    cells = re.findall(r"^\| (`[^|]*`) \|", rows[0], re.M)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


COMPARED = "Comparison of sessions"
FOLLOWED = "Trend over weeks"


@pytest.fixture(scope="module")
def runs() -> list[SessionSummary]:
    return season([-4.0 + week for week in range(6)], [7.0 * week for week in range(6)])


def test_keys_of_a_comparison(runs: list[SessionSummary]) -> None:
    first, *_, last = runs
    other = replace(last, method="causal")
    pair = (first.session, last.session, differences(first, last, runs))
    told = comparison_document(["a", "b"], comparable((first, other)), [pair])
    (difference, *_) = told["pairs"][0]["differences"]

    assert table(COMPARED, "prints one JSON object") == list(told)
    assert table(COMPARED, "Each entry of `incomparable`") == list(told["incomparable"][0])
    assert list(told["pairs"][0]) == ["first", "second", "differences"]
    assert table(COMPARED, "Each of those:") == list(difference)
    assert told["schema"] in (REFERENCE / "outputs.md").read_text(encoding="utf-8")


def test_keys_of_a_trend(runs: list[SessionSummary]) -> None:
    told = trend_document("Ada", [trend(runs, side="left")])
    (followed,) = told["trends"]

    assert followed["change"] is not None
    assert table(FOLLOWED, "prints one JSON object") == list(told)
    assert table(FOLLOWED, "Each entry of `trends`:") == list(followed)
    assert table(FOLLOWED, "Each entry of `points`:") == list(followed["points"][0])
    assert told["schema"] in (REFERENCE / "outputs.md").read_text(encoding="utf-8")


def test_what_stands_between_sessions_is_listed() -> None:
    """All that there can be, not only what one comparison met."""
    page = (REFERENCE / "outputs.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `about` \| (.*) \|$", page, re.M)
    assert set(re.findall(r"`(\w+)`", row)) == set(get_args(About))


def test_files_written(results: Path) -> None:
    page = (REFERENCE / "outputs.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (\S+\.\w+)$", page, re.M))
    assert headings == {path.name for path in results.iterdir()}
