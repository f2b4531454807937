"""Publishes the site's own script and style, which `mkdocs.yml` names.

The script lets the search work where the site is opened from a disk, from which browsers start no
worker. The theme's offline plugin would have every page fetch such a stand-in from another host.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PUBLISHED = {"iframe-worker.js": "assets/javascripts", "hipimu.css": "assets/stylesheets"}


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add them to the files of the site; called by mkdocs."""
    for name, folder in PUBLISHED.items():
        path = Path(__file__).with_name(name)
        files.append(File.generated(config, f"{folder}/{name}", abs_src_path=str(path)))
    return files
