"""Checks the built site: links lead somewhere, pictures have words, nothing comes from elsewhere.

`mkdocs` looks at the links of Markdown; this looks at what came out of it, with the links of raw
HTML, of generated references and of the theme. Each complaint is a warning, which ends a strict
build.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

LOG = logging.getLogger("mkdocs.hooks.links")

LOADED = {"img", "script", "iframe", "source", "video", "audio", "embed"}
"""Elements whose ``src`` the browser fetches by itself."""
LOADED_RELATIONS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "modulepreload"}
FETCHED_BY_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\s\"')]+)")


class Page(HTMLParser):
    """What one page links to, loads and can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.anchors: set[str] = set()
        self.loaded: set[str] = set()
        self.undescribed: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element links to, loads, or is known by."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        if tag == "img" and not given.get("alt"):
            self.undescribed.append(given.get("src", "an image"))
        target = given.get("href", given.get("src"))
        if target is None:
            return
        self.targets.add(target)
        if tag in LOADED or LOADED_RELATIONS & set(given.get("rel", "").split()):
            self.loaded.add(target)


def on_post_build(config: MkDocsConfig, **_: object) -> None:
    """Warn of whatever does not hold; called by mkdocs when the site is written."""
    for complaint in complaints(Path(config.site_dir)):
        LOG.warning(complaint)


def complaints(site: Path) -> Iterator[str]:
    """Yield what is wrong with a built site, a sentence each."""
    pages = {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(site)
        yield from (f"{name}: a picture without words: {one}" for one in page.undescribed)
        yield from (f"{name} loads {one}" for one in sorted(page.loaded) if is_elsewhere(one))
        for target in sorted(page.targets):
            if not is_elsewhere(target) and not leads_somewhere(target, path, site, pages):
                yield f"{name} links to {target}, which is not there"
    for path in sorted(site.rglob("*.css")):
        found = FETCHED_BY_CSS.findall(path.read_text())
        yield from (f"{path.relative_to(site)} loads {one}" for one in found)


def is_elsewhere(target: str) -> bool:
    """Tell whether an address is of another host (or of none: mail, data in the address)."""
    parts = urlsplit(target)
    return bool(parts.scheme or parts.netloc)


def leads_somewhere(target: str, page: Path, site: Path, pages: dict[Path, Page]) -> bool:
    """Tell whether a link of a page leads to a file of the site, and to an anchor in it."""
    parts = urlsplit(target)
    path = unquote(parts.path)
    # The page for what is not found stands nowhere: its links begin at the root.
    start = site if path.startswith("/") else page.parent
    file = (start / path.lstrip("/")).resolve() if path else page
    if file.is_dir():
        file /= "index.html"
    if not file.is_file() or site.resolve() not in file.resolve().parents:
        return False
    anchor = unquote(parts.fragment)
    return not anchor or file not in pages or anchor in pages[file].anchors
