"""Every code, error and verdict is in its catalogue, and the catalogues hold nothing else."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from packaging.requirements import Requirement
from pydantic import BaseModel

from hipimu import errors
from hipimu.data import SEGMENTS, Outcome, Pace, Reason, Verdict
from hipimu.pipeline.doctor import PARTS
from hipimu.sources.metadata import Metadata
from hipimu.sources.simulate.plan import Plan

DOCS = Path(__file__).parents[2] / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def first_column(page: str) -> set[str]:
    """Return the names between backticks in the first column of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*`) \|", page, re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_reasons() -> None:
    assert first_column(read("reference/reasons.md")) == {reason.value for reason in Reason}


def test_errors() -> None:
    classes = {
        name
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == errors.__name__
    }
    assert first_column(read("reference/errors.md")) == classes


@pytest.mark.parametrize("word", [*get_args(Verdict), *get_args(Outcome), *get_args(Pace)])
def test_result_words(word: str) -> None:
    assert f"`{word}`" in read("reference/outputs.md")


@pytest.mark.parametrize("segment", SEGMENTS)
def test_segments(segment: str) -> None:
    assert f"`{segment}`" in read("reference/recording-folder.md")


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Return the names of all values that a configuration model accepts, with dots."""
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        parts = models_in(field.annotation)
        keys |= {key for part in parts for key in keys_of(part, f"{prefix}{name}.")}
        keys |= set() if parts and isinstance(field.annotation, type) else {prefix + name}
    return keys


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return list(dict.fromkeys(m for part in get_args(annotation) for m in models_in(part)))


def test_keys_of_a_recording() -> None:
    keys = keys_of(Metadata)
    segments = {f"sensors.{segment}" for segment in SEGMENTS}
    told = re.sub(rf"sensors\.({'|'.join(SEGMENTS)})\.", "sensors.SEGMENT.", "\n".join(keys))
    section = read("reference/recording-folder.md").split("## Sensor tables")[0]
    assert first_column(section) == set(told.splitlines()) - segments


def test_keys_of_a_plan() -> None:
    keys = {key for key in keys_of(Plan) if not key.startswith("warm_up.")}
    assert first_column(read("how-to/simulate.md")) == keys


def test_optional_parts() -> None:
    """The page names each with what it brings, and `hipimu doctor` asks for each."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = re.findall(r"^\| `(\w+)` \|.*\| ([\w-]+)[^|]*\|$", read("how-to/install.md"), re.M)
    assert dict(brought) == {
        name: Requirement(parts[0]).name for name, parts in project["optional-dependencies"].items()
    }
    assert {name for name, *_ in PARTS} == set(project["optional-dependencies"])


def test_glossary_is_sorted_and_says_each_word_once() -> None:
    words = re.findall(r"^(\S.*)\n:   ", read("glossary.md"), re.M)
    sortable = [word.replace("δ", "delta").lower() for word in words]
    assert len(words) > 30
    assert sortable == sorted(set(sortable))
