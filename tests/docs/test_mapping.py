"""The page on mapping.toml names every key and value; its example is a mapping."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel

from hipimu.sources.mapping.model import (
    Acc,
    Gyr,
    Mag,
    Sensors,
    Table,
    TableMapping,
    Time,
    Worn,
    read_mapping,
)
from hipimu.sources.unit_names import KNOWN_UNITS
from tests.unit.sources.foreign.write_mapping import BARE, FILES, ONE_TABLE, ROWS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "mapping.md").read_text(encoding="utf-8")
MODELS: tuple[type[BaseModel], ...] = (TableMapping, Table, Time, Acc, Gyr, Mag, Worn)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_described(model: type[BaseModel]) -> None:
    tables = {"table", "time", "acc", "gyr", "mag", "sensors"}
    for key in model.model_fields.keys() - tables:
        assert f"| `{key}` |" in PAGE, key
    for key in tables:
        assert f"`[{key}" in PAGE


def test_every_sensor_and_value_is_described() -> None:
    for segment in Sensors.model_fields:
        assert f"`[sensors.{segment}]`" in PAGE
    values = re.findall(r'"const": "([^"]+)"|"enum": \[([^\]]+)\]', json.dumps(schema()))
    for const, listed in values:
        for value in [const] if const else json.loads(f"[{listed}]"):
            shown = {"\t": "\\t", "|": "&#124;"}.get(value, value)
            assert f'"{shown}"' in PAGE or value.strip("-") in "xyz", value
    for units in KNOWN_UNITS.values():
        assert all(f'"{unit}"' in PAGE for unit in units)


def schema() -> dict[str, object]:
    return TableMapping.model_json_schema()


def test_the_example_is_a_mapping(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.S)
    assert example is not None
    (tmp_path / "mapping.toml").write_text(example.group(1), encoding="utf-8")
    assert len(read_mapping(tmp_path / "mapping.toml").sensors.by_segment()) == 3


@pytest.mark.parametrize("text", [FILES, ONE_TABLE, ROWS, BARE])
def test_the_schema_accepts_what_the_reader_accepts(text: str) -> None:
    import tomllib

    keys = tomllib.loads(text)
    jsonschema.validate(keys, schema())
    keys["acc"]["unit"] = "stone"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(keys, schema())
