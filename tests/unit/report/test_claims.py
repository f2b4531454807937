"""What sensors on pelvis and thighs cannot know is not said, in no state of the report."""

from __future__ import annotations

import re

import pytest

from hipimu.report import lines
from hipimu.report.catalogue import DIMENSIONS, ENTRIES
from tests.unit.report.pages import PAGES, text_of
from tests.unit.report.sessions import VARIANTS

# Not even to deny it: a reader remembers the word.
FORBIDDEN = (
    r"femoral",
    r"femur",
    r"centr(?:ed|ing|ation)",
    r"muscle",
    r"muscular",
    r"psoas",
    r"glute",
    r"hamstring",
    r"activat",
    r"contact (?:force|load)",
    r"joint load",
    r"injur",
    r"weak",
    r"hip torque",
    r"max(?:imal|imum) (?:strength|force)",
    r"diagnos(?:e|es|ed|tic)\b",
    r"stronger|strongest",
    r"unable",
)
PATTERN = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})", re.IGNORECASE)


def test_the_pattern_finds_what_it_should() -> None:
    assert PATTERN.search("a weak psoas")
    assert PATTERN.search("Injury risk is raised")
    assert not PATTERN.search("The end of your range tires first; this is no diagnosis.")


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_page_claims_it(variant: str) -> None:
    found = PATTERN.search(text_of(PAGES[variant]))
    assert found is None, found


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_terminal_claims_it(variant: str) -> None:
    assert PATTERN.search(" ".join(lines(VARIANTS[variant]()))) is None


def test_no_word_of_the_catalogue_claims_it() -> None:
    words = [
        *(text for e in ENTRIES.values() for text in (e.title, e.what, e.may, e.may_not)),
        *(text for d in DIMENSIONS.values() for text in (d.title, d.question)),
    ]
    assert all(words)
    assert [text for text in words if PATTERN.search(text)] == []
