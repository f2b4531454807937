"""Every protocol file is sound, and its bytes mean what it says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel

from hipimu.protocol import Protocol, failures, folder, read_protocol
from hipimu.protocol import schema as models

FILES = sorted(folder().glob("*.toml"))
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "protocol-files.md"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_come_out(path: Path) -> None:
    protocol = read_protocol(path)
    assert protocol.id == path.stem
    assert failures(protocol) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_obey_the_published_schema(path: Path) -> None:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    schema = Protocol.model_json_schema(by_alias=True)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(document, default=str)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"kind": "toaster"}, schema)


def test_every_key_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = set(re.findall(r"`\[*([a-z_]+)[.\]`]", page))
    classes = [m for m in vars(models).values() if isinstance(m, type)]
    used = [m for m in classes if issubclass(m, BaseModel) and m.__module__ == models.__name__]
    keys = {field.alias or name for m in used for name, field in m.model_fields.items()}
    assert keys - explained == set()
