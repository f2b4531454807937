"""Publishes JSON Schemas beside the pages that describe them.

Those of `summary.json` and of MQTT messages are in the package, the one copy there is; those of
protocol files and of `mapping.toml` are made from the models that check them.
"""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PROTOCOL_SCHEMA = "reference/protocol.schema.json"
MAPPING_SCHEMA = "reference/mapping.schema.json"
PACKAGE = Path(__file__).parents[2] / "hipimu"
SCHEMAS = (
    PACKAGE / "export" / "summary.schema.json",
    PACKAGE / "publish" / "messages.schema.json",
)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the schemas to the files of the site; called by mkdocs."""
    for schema in SCHEMAS:
        published = f"reference/{schema.name}"
        files.append(File.generated(config, published, abs_src_path=str(schema)))
    files.append(File.generated(config, PROTOCOL_SCHEMA, content=protocol_schema()))
    files.append(File.generated(config, MAPPING_SCHEMA, content=mapping_schema()))
    return files


def protocol_schema() -> str:
    """Return the JSON Schema of protocol files."""
    from hipimu.protocol import Protocol

    return dumps(Protocol.model_json_schema(by_alias=True), indent=2, ensure_ascii=False)


def mapping_schema() -> str:
    """Return the JSON Schema of a ``mapping.toml``."""
    from hipimu.sources.mapping.model import TableMapping

    return dumps(TableMapping.model_json_schema(), indent=2, ensure_ascii=False)
