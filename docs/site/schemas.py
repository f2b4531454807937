"""Publishes JSON Schemas beside the pages that describe them.

Those of `summary.json` and of MQTT messages are in the package, the one copy there is; those of
TOML files are made from the models that check them.
"""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from pydantic import BaseModel

PACKAGE = Path(__file__).parents[2] / "hipimu"
STORED = (
    PACKAGE / "export" / "summary.schema.json",
    PACKAGE / "publish" / "messages.schema.json",
)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the schemas to the files of the site; called by mkdocs."""
    for schema in STORED:
        published = f"reference/{schema.name}"
        files.append(File.generated(config, published, abs_src_path=str(schema)))
    for name, model in models().items():
        published = f"reference/{name}.schema.json"
        files.append(File.generated(config, published, content=schema_of(model)))
    return files


def models() -> dict[str, type[BaseModel]]:
    """Return what checks each kind of TOML file that people write."""
    from hipimu.protocol import Protocol
    from hipimu.sources.mapping.model import TableMapping
    from hipimu.sources.metadata import Metadata
    from hipimu.sources.simulate.plan import Plan

    return {"protocol": Protocol, "mapping": TableMapping, "recording": Metadata, "plan": Plan}


def schema_of(model: type[BaseModel]) -> str:
    """Return the JSON Schema of a kind of file."""
    return dumps(model.model_json_schema(by_alias=True), indent=2, ensure_ascii=False)
