"""The page explains its own words as the site does, and links to them at their first use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hipimu.report.glossary import TERMS, Term, linked
from tests.unit.report.pages import PAGES
from tests.unit.report.sessions import VARIANTS

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"
SECTIONS = ("answer", "sides", "cycle", "dimensions", "symmetry", "pelvis", "quality", "how")


def written() -> dict[str, str]:
    """The site's glossary: word → text in one line, without marks."""
    page = GLOSSARY.read_text(encoding="utf-8")
    entries = re.findall(r"^(\S.*)\n:   (.*(?:\n    .*)*)", page, flags=re.M)
    return {word: " ".join(text.replace("`", "").split()) for word, text in entries}


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.anchor)
def test_each_word_means_here_what_it_means_on_the_site(term: Term) -> None:
    site = written()
    assert term.name in site
    assert site[term.name] == term.text


def test_words_are_in_order_and_have_anchors_of_their_own() -> None:
    names = [term.name.replace("δ", "delta").lower() for term in TERMS]
    assert names == sorted(names)
    assert len({term.anchor for term in TERMS}) == len(TERMS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_link_to_a_word_finds_it(variant: str) -> None:
    wanted = set(re.findall(r'href="#(term-[^"]*)"', PAGES[variant]))
    there = set(re.findall(r'<dt id="(term-[^"]*)"', PAGES[variant]))

    assert there == {term.anchor for term in TERMS}
    assert wanted <= there


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>A bout, two bouts</p>", "<p>A LINK(bout), two bouts</p>"),
        ("<p>Peak flexion and flexion</p>", "<p>LINK(Peak flexion) and LINK(flexion)</p>"),
        ("<h2>The reserve</h2><p>a reserve</p>", "<h2>The reserve</h2><p>a LINK(reserve)</p>"),
        ("<p>strides.csv, astride, re-stride</p>", "<p>strides.csv, astride, re-stride</p>"),
        ('<a href="#x">RFI</a><p title="RFI">RFI</p>', None),
        ("<svg><text>reserve</text></svg><i>reserve</i>", None),
        ("<p>it drifts; a drift</p>", "<p>it drifts; a drift</p>"),
    ],
)
def test_the_first_use_is_linked_and_nothing_else(html: str, expected: str | None) -> None:
    made = re.sub(r'<a class="term" href="#[\w-]+">(.*?)</a>', r"LINK(\1)", linked(html))
    assert made.count("LINK") == (1 if expected is None else expected.count("LINK"))
    if expected is not None:
        assert made == expected
    elif "svg" in html:
        assert made.endswith("<i>LINK(reserve)</i>")
    else:
        assert made.endswith('<p title="RFI">LINK(RFI)</p>')


@pytest.mark.parametrize("section", SECTIONS)
def test_a_word_is_linked_once_in_a_section(section: str) -> None:
    page = PAGES["compensated"]
    found = re.search(
        rf'<section[^>]*aria-labelledby="{section}">.*?</section>', page, flags=re.DOTALL
    )
    assert found is not None
    links = re.findall(r'class="term" href="#([^"]+)"', found[0])
    assert links
    assert len(links) == len(set(links))
