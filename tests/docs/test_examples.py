"""The examples in the README and on the pages run as they stand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hipimu.protocol import failures
from hipimu.protocol.load import parse_protocol
from hipimu.sources.mapping.model import read_mapping
from hipimu.sources.metadata import read_metadata
from hipimu.sources.simulate.plan import read_plan

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str, pages: list[Path]) -> list[str]:
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.M | re.S)
    return [code for page in pages for code in pattern.findall(page.read_text(encoding="utf-8"))]


def run(code: str) -> str:
    """Run Python code as a reader would: in the project's folder, in a fresh interpreter."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_readme_example_prints_an_honest_answer() -> None:
    (code,) = blocks("python", PAGES[:1])
    lines = run(code).splitlines()
    starts = {" ".join(line.split()[:3]) for line in lines}
    assert starts == {
        f"{side} {outcome} not_estimable"
        for side in ("left", "right")
        for outcome in ("peak_flexion", "peak_extension")
    }
    assert all(len(line.split()) > 3 for line in lines), "a reason belongs to every refusal"


def test_there_are_python_examples_on_the_pages() -> None:
    assert blocks("python", PAGES[1:])


@pytest.mark.parametrize("code", blocks("python", PAGES[1:]))
def test_page_example_runs(code: str) -> None:
    run(code)


def test_the_streaming_example_is_short_and_shows_strides() -> None:
    (code,) = (code for code in blocks("python", PAGES) if "hipimu.Stream(" in code)

    assert sum(bool(line.strip()) for line in code.splitlines()) <= 15
    assert len(re.findall(r"^ *[\d.]+ s  (?:left|right) +[\d.]+°$", run(code), re.M)) > 20


def test_the_notebook_runs() -> None:
    """Cell by cell, in one namespace, as it would in Jupyter; what it shows stays undrawn."""
    notebook = json.loads((EXAMPLES / "first-look.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]

    assert all(not c.get("outputs") for c in notebook["cells"]), "clear the outputs before keeping"
    printed = run("\n".join(cells))
    assert "fast pace" in printed
    assert re.search(r"half of them within 0\.\d°", printed)


@pytest.mark.parametrize("text", blocks("toml", PAGES))
def test_toml_example_is_accepted(text: str, tmp_path: Path) -> None:
    keys = tomllib.loads(text)
    if "format" not in keys:
        assert failures(parse_protocol(text, Path("mine.toml"))) == []
        return
    kind = keys["format"].partition("/")[0]
    read = {"hipimu-plan": read_plan, "hipimu-mapping": read_mapping}.get(kind, read_metadata)
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    assert read(path)
