"""The pelvis is said to pay for the hip only where the intervals leave no other reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hipimu.data import Change, Compensation
from hipimu.report.compensation import compensation_sentences, compensation_table, splits
from tests.unit.report.pages import PAGES, section_of, text_of
from tests.unit.report.sessions import VARIANTS, interval_session
from tests.unit.report.strengths import change

SESSION = interval_session(minutes=3)
KEPT = (change(30.0, -0.3, 1.3), change(23.0, -5.9, 1.2), change(7.0, 5.6, 0.8))


def said_of(thigh: Change, hip: Change, pelvis: Change) -> tuple[tuple[str, ...], str]:
    """The sentences, and the words of the table."""
    own = Compensation("left", "peak_extension", "fast", thigh, hip, pelvis)
    session = replace(SESSION, compensation=(own,))
    return compensation_sentences(session), splits(session)[0].words()


def test_the_sentence() -> None:
    sentences, words = said_of(*KEPT)

    assert sentences == (
        "You kept 29.7° of left thigh extension at fast pace, but 5.6° of it now comes from the "
        "pelvis instead of the hip (4.8 to 6.4).",
    )
    assert words == "kept by the pelvis"


@pytest.mark.parametrize(
    ("place", "changed", "words"),
    [
        (0, change(30.0, -2.3, 1.3), "hip fell, pelvis rose, thigh fell"),  # the thigh lost
        (0, change(30.0, -1.0, 7.0), "hip fell, pelvis rose"),  # it may have lost all of it
        (1, change(23.0, -1.0, 1.2), "pelvis rose"),  # the hip's interval holds 0
        (2, change(7.0, 5.6, 5.8), "hip fell"),  # the pelvis's interval holds 0
        (2, change(7.0, 0.6, 0.2), "hip fell, pelvis rose"),  # clear, but too little to matter
    ],
)
def test_no_sentence_where_an_interval_allows_another_reading(
    place: int, changed: Change, words: str
) -> None:
    parts = [*KEPT]
    parts[place] = changed

    assert said_of(*parts) == ((), words)


def test_the_clearest_comes_first() -> None:
    blurred = replace(KEPT[2], delta_ci95=(0.02, 0.17))
    session = replace(
        SESSION,
        compensation=(
            Compensation("left", "peak_extension", "fast", KEPT[0], KEPT[1], blurred),
            Compensation("right", "peak_flexion", "easy", *KEPT),
        ),
    )

    first, second = compensation_sentences(session)
    assert "right thigh flexion at easy pace" in first
    assert "left thigh extension" in second


def test_the_table_holds_all_and_adds_up() -> None:
    session = VARIANTS["compensated"]()
    table = compensation_table(session)

    assert table is not None
    assert len(table.rows) == len(session.compensation)
    for item in splits(session):
        assert item.thigh.value == pytest.approx(item.hip.value + item.pelvis.value)


def test_the_page_tells_it_at_the_top_and_with_the_pelvis() -> None:
    page = PAGES["compensated"]
    (first, _second) = compensation_sentences(VARIANTS["compensated"]())

    assert first in text_of(section_of(page, "answer"))
    assert first in text_of(section_of(page, "pelvis"))
    assert "You kept" not in text_of(PAGES["supported"])
    assert "Nowhere did the intervals show" in text_of(section_of(PAGES["supported"], "pelvis"))


def test_a_page_without_splits_says_why() -> None:
    text = text_of(section_of(PAGES["not_estimable"], "pelvis"))

    assert "What hip and pelvis share of the thigh’s range is not known." in text
    assert "It needs easy and fast bouts that can be compared." in text
    assert compensation_table(VARIANTS["not_estimable"]()) is None
