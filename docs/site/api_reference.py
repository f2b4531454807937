"""Writes the table of the REST API's addresses from its OpenAPI document, and publishes that too.

`reference/api.md` holds the marker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

MARKER = "<!-- addresses -->"
PUBLISHED = "reference/openapi.json"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the document to the files of the site; called by mkdocs."""
    from hipimu.web.api.app import openapi_document

    content = dumps(openapi_document(), indent=1, ensure_ascii=False)
    files.append(File.generated(config, PUBLISHED, content=content))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fill the marker; called by mkdocs for every page."""
    return fill(markdown) if MARKER in markdown else markdown


def fill(markdown: str) -> str:
    """Put the table in place of the marker."""
    from hipimu.web.api.app import openapi_document

    return markdown.replace(MARKER, "\n".join(table(openapi_document())))


def table(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the Markdown lines of a table with every address, group by group."""
    found = [
        (operation["tags"][0], f"{method.upper()} {path}", operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    yield from ("| | address | what it does |", "|---|---|---|")
    for tag in [tag["name"] for tag in document["tags"]]:
        first = tag
        for own, address, operation in found:
            if own == tag:
                said = " ".join(operation["description"].split("\n\n")[0].split())
                yield f"| {first} | `{address}` | {said} |"
                first = ""
