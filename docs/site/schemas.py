"""Publishes the JSON Schema of `summary.json` beside the page that describes it.

The package holds the one copy; the site takes it from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

SCHEMA = Path(__file__).parents[2] / "hipimu" / "export" / "summary.schema.json"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the schema to the files of the site; called by mkdocs."""
    published = f"reference/{SCHEMA.name}"
    files.append(File.generated(config, published, abs_src_path=str(SCHEMA)))
    return files
