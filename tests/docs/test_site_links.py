"""What the site's own check of links would complain of, and what not."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

HOOK = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "site" / "links.py"))

HOME = """<link rel="stylesheet" href="look.css"><link rel="canonical" href="https://example.org/">
<img src="img/sign%20s.svg" alt="signs"> <a href="https://example.org/">elsewhere</a>
<a href="mailto:me@example.org">write</a> <a href="guide/">guide</a> <a href="#here">here</a>
<h1 id="here"></h1>"""
GUIDE = '<a name="start"></a> <a href="../">home</a> <a href="../#here">there</a> <a href="#start">'
LOST = '<a href="/guide/">of the root</a>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "guide").mkdir()
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "sign s.svg").touch()
    (tmp_path / "look.css").write_text('a {background: url("img/x.svg")}')
    (tmp_path / "index.html").write_text(HOME)
    (tmp_path / "guide" / "index.html").write_text(GUIDE)
    (tmp_path / "404.html").write_text(LOST)
    return tmp_path


def complaints(site: Path) -> list[str]:
    return list(HOOK["complaints"](site))


def test_a_sound_site_has_nothing_to_complain_of(site: Path) -> None:
    assert complaints(site) == []


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        ('<a href="gone/">', "index.html links to gone/, which is not there"),
        ('<a href="guide/#gone">', "index.html links to guide/#gone, which is not there"),
        ('<a href="#gone">', "index.html links to #gone, which is not there"),
        ('<a href="../beside.html">', "index.html links to ../beside.html, which is not there"),
        ('<img alt="x" src="gone.png">', "index.html links to gone.png, which is not there"),
        ('<img src="look.css">', "index.html: a picture without words: look.css"),
        ('<script src="//example.org/x.js">', "index.html loads //example.org/x.js"),
        (
            '<link rel="stylesheet" href="https://example.org/x.css">',
            "index.html loads https://example.org/x.css",
        ),
    ],
)
def test_what_does_not_hold_is_told(site: Path, added: str, complaint: str) -> None:
    (site.parent / "beside.html").touch()
    (site / "index.html").write_text(HOME + added)
    assert complaints(site) == [complaint]


def test_what_styles_fetch_is_told(site: Path) -> None:
    (site / "look.css").write_text('@import "https://example.org/fonts.css";')
    assert complaints(site) == ["look.css loads https://example.org/fonts.css"]
