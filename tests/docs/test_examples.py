"""The examples in the README and on the pages run as they stand."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hipimu.protocol import failures
from hipimu.protocol.load import parse_protocol
from hipimu.sources.mapping.model import read_mapping
from hipimu.sources.metadata import read_metadata
from hipimu.sources.simulate.plan import read_plan

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SCHEMAS = runpy.run_path(str(ROOT / "docs" / "site" / "schemas.py"))
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
    kind = kind_of(keys)
    if kind == "protocol":
        assert failures(parse_protocol(text, Path("mine.toml"))) == []
        return
    read = {"plan": read_plan, "mapping": read_mapping, "recording": read_metadata}[kind]
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    assert read(path)


@pytest.mark.parametrize("text", blocks("toml", PAGES))
def test_toml_example_obeys_the_published_schema(text: str) -> None:
    keys = tomllib.loads(text)
    schema = json.loads(SCHEMAS["schema_of"](SCHEMAS["models"]()[kind_of(keys)]))
    # In JSON a time is a text.
    keys = json.loads(json.dumps(keys, default=str))
    jsonschema.validate(keys, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**keys, "misspelt": 1}, schema)


def kind_of(keys: dict[str, Any]) -> str:
    if "format" not in keys:
        return "protocol"
    kind = keys["format"].partition("/")[0]
    return {"hipimu-plan": "plan", "hipimu-mapping": "mapping"}.get(kind, "recording")
