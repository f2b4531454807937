"""The four dimensions: one figure each with its doubt, and a reason for every gap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hipimu.data import Durability, Measure, Session, Strength
from hipimu.report import render
from hipimu.report.cards import Card, cards, durability_table
from tests.unit.report.pages import PAGES, section_of, text_of
from tests.unit.report.sessions import VARIANTS, interval_session, one_side_session
from tests.unit.report.strengths import NO_MASS, measure, strength_of

SESSION = interval_session(minutes=3)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def with_strength(strength: Strength) -> Session:
    return replace(SESSION, strength=strength)


def force_card(headline: Measure, *others: Measure) -> Card:
    own = replace(strength_of().force, headline=headline, measures=(headline, *others))
    return cards(with_strength(replace(strength_of(), force=own)))[0]


def test_a_card_each_with_change_interval_and_what_it_is_of() -> None:
    made = cards(SESSION)

    assert [card.title for card in made] == ["Force", "Endurance", "Full range", "Control"]
    assert plain(made[0].figure) == "−640 °/s² (−900 to −380)"
    assert (
        plain(made[0].of)
        == "Thigh acceleration in the swing, both sides together, fast pace; 7300 °/s² when fresh"
    )
    assert [card.trend for card in made] == [
        "fell over the run",
        "no clear change",
        "fell over the run",
        "rose over the run",
    ]
    assert [card.mark for card in made] == ["▼", "○", "▼", "▲"]


def test_a_headline_of_the_pelvis_is_not_called_both_sides() -> None:
    assert cards(SESSION)[3].of.startswith("Pelvis tilt, from standing, fast pace;")
    assert cards(SESSION)[2].of.startswith("Speed into the end of the range, left side,")


def test_what_is_to_be_read_with_care_says_so() -> None:
    card = cards(SESSION)[2]

    assert card.caveats == ("Speed is not known: a change of speed may pass for one of this.",)
    assert card.table is not None
    assert card.table.notes[1] == (
        "With care: Speed into the end of the range; Strides that reach the end of the range. "
        "Speed is not known: a change of speed may pass for one of this."
    )
    assert "With care: Speed is not known" in text_of(section_of(PAGES["supported"], "dimensions"))


def test_many_figures_with_one_caveat_are_counted() -> None:
    control = strength_of().control
    careful = tuple(replace(m, caveats=("it is a guess",)) for m in control.measures)
    own = replace(control, measures=careful)
    table = cards(with_strength(replace(strength_of(), control=own)))[3].table

    assert table is not None
    assert table.notes == ("With care: 12 of these figures. It is a guess.",)


def test_a_value_that_does_not_change_is_shown_without_a_trend() -> None:
    card = force_card(Measure("swing_work", "J", "left", None, fresh=21.34))

    assert plain(card.figure) == "21.3 J"
    assert (card.mark, card.trend, card.why_not) == ("", "", ())
    assert plain(card.of) == "Work on the thigh in the swing, left side"


def test_a_missing_headline_says_why() -> None:
    card = force_card(Measure("swing_work", "J", reasons=(NO_MASS,)))

    assert card.figure == ""
    assert card.why_not == ("Body mass is unknown: give athlete.mass_kg in recording.toml.",)
    assert card.table is None


def test_a_missing_headline_without_a_reason_still_says_something() -> None:
    assert force_card(Measure("swing_work", "J")).why_not == ("It was not measured.",)


def test_a_name_nobody_knows_is_still_shown() -> None:
    odd = measure("knee_lift_zeal", "W/kg", "right", "fast", 4.0, -0.5, 0.2)
    own = replace(strength_of().control, headline=odd, measures=(odd,))
    text = text_of(render(with_strength(replace(strength_of(), control=own))))

    assert "Knee lift zeal, right side, fast pace; 4.00 W/kg when fresh." in text
    assert "−0.50 W/kg (−0.70 to −0.30)" in text


def test_the_table_has_a_row_a_side_and_columns_for_each_pace() -> None:
    table = cards(SESSION)[0].table

    assert table is not None
    assert table.head == ("Figure", "Easy, fresh", "Easy, change", "Fast, fresh", "Fast, change")
    assert [row[0] for row in table.rows] == [
        "Thigh acceleration in the swing, left",
        "Thigh acceleration in the swing, right",
    ]
    assert plain(table.rows[0][1]) == "3900 °/s²"
    (note,) = table.notes
    assert note == (
        "Missing: Work on the thigh in the swing; Turning moment on the thigh alone. "
        "Body mass is unknown: give athlete.mass_kg in recording.toml."
    )


def test_a_share_changes_by_percentage_points() -> None:
    table = cards(SESSION)[2].table

    assert table is not None
    row = next(row for row in table.rows if row[0].startswith("Strides that reach"))
    assert [plain(cell) for cell in row[1:]] == ["96 %", "−31 percentage points (−43 to −19)"]


@pytest.mark.parametrize("variant", ["short", "plain", "empty"])
def test_without_figures_the_page_says_what_and_why(variant: str) -> None:
    text = text_of(section_of(PAGES[variant], "dimensions"))
    expected = {
        "short": "not measured It has 12 strides a side, 30 at one pace are needed.",
        "plain": "Nothing is said of the four dimensions. This analysis did not compute it.",
        "empty": "Nothing is said of the four dimensions. There are no strides",
    }

    assert expected[variant] in text


def test_durability_is_a_time_or_never_or_a_reason() -> None:
    table = durability_table(SESSION)

    assert table is not None
    assert [(row[0], row[3]) for row in table.rows] == [
        ("Left hip flexion", "never, in 10:12 of running"),
        ("Right hip flexion", "never, in 10:12 of running"),
        ("Left hip extension", "at 7:11, after 6:42 of running"),
        (
            "Right hip extension",
            "cannot be told: it has 80 easy strides after the baseline, 100 are needed",
        ),
    ]


def test_durability_of_which_nothing_is_known() -> None:
    bare = Durability("left", "peak_flexion", None, None, None, None)
    table = durability_table(with_strength(replace(strength_of(), durability=(bare,))))

    assert table is not None
    assert table.rows == (("Left hip flexion", "–", "–", "cannot be told"),)
    assert durability_table(with_strength(replace(strength_of(), durability=()))) is None


def test_one_side_has_rows_of_that_side_only() -> None:
    for card in cards(one_side_session()):
        assert card.table is not None
        assert not any(", right" in row[0] for row in card.table.rows)


def test_every_card_tells_what_it_may_and_may_not_mean() -> None:
    for variant in VARIANTS:
        text = text_of(section_of(PAGES[variant], "dimensions"))
        shown = len(cards(VARIANTS[variant]()))
        assert text.count("What it may mean") == text.count("What it does not mean") == shown
