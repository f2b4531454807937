"""The sections for the therapist: tables and charts in every state."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Measure, WatchSummary
from hipimu.report.fatigue_tables import checks_table, fatigue_table
from hipimu.report.missing import missing
from hipimu.report.pace_source import pace_table
from hipimu.report.profile_figure import profile_words
from hipimu.report.quality import stride_reasons, watch_pairs
from hipimu.report.symmetry import symmetry_table
from hipimu.report.symmetry_figure import spread
from tests.unit.report.estimates import LOSS, Effect
from tests.unit.report.pages import PAGES, section_of, text_of
from tests.unit.report.sessions import VARIANTS, interval_session
from tests.unit.report.strengths import strength_of

SESSION = interval_session(minutes=3)


def test_the_answer_stands_beside_its_reserve() -> None:
    table = fatigue_table(SESSION)
    row = dict(zip(table.head, table.rows[0], strict=True))

    assert row["Extra loss (RFI)"].replace("\u00a0", " ") == "3.7° (2.1 to 5.3)"
    assert row["Reserve"].replace("\u00a0", " ") == "16.0° (14.9 to 17.1)"
    assert row["RFI in % of reserve"] == "23 %"
    assert row["Detectable"] == "1.1°"
    assert "0.03 m/s slower at easy pace and 0.11 m/s slower at fast pace" in table.notes[1]


def test_a_row_that_may_be_chance_says_so() -> None:
    rows = {row[0]: row[-1] for row in fatigue_table(VARIANTS["lonely"]()).rows}

    assert rows["Right hip flexion"] == "more lost at fast, may be chance"
    assert rows["Left hip flexion"] == "no difference"


def test_a_reserve_within_the_detectable_change_gives_no_share() -> None:
    blurred = interval_session({key: Effect(0.0, -4.0, detectable=8.0) for key in LOSS}, minutes=3)
    shares = [row[5] for row in fatigue_table(blurred).rows]

    assert shares == ["25 %", "–", "25 %", "–"]


def test_without_reserve_and_speed_there_are_no_notes() -> None:
    table = fatigue_table(VARIANTS["plain"]())

    assert table.notes == ()
    assert {row[4] for row in table.rows} == {"–"}


def test_checks_say_whether_they_agree() -> None:
    first = SESSION.fatigue[0]
    other = replace(first.checks[1], rfi_rad=0.0, rfi_ci95_rad=(-0.05, 0.05))
    estimate = replace(first, checks=(first.checks[0], other, first.checks[2]))
    table = checks_table(replace(SESSION, fatigue=(estimate, *SESSION.fatigue[1:])))

    assert table is not None
    assert table.head[1:4] == ("Theil–Sen", "Cadence adjusted", "Speed not adjusted")
    assert table.rows[0][-1] == "not cadence adjusted"
    assert table.rows[1][-1] == "yes, all 3"
    assert checks_table(VARIANTS["plain"]()) is None


def test_checks_that_were_not_made_are_not_explained() -> None:
    table = checks_table(VARIANTS["proxy"]())

    assert table is not None
    assert "Speed not adjusted" not in table.head
    assert "Speed" not in table.notes[0]
    assert "There are no cross-checks." in text_of(section_of(PAGES["plain"], "sides"))


def test_left_and_right_stand_beside_each_other() -> None:
    table = symmetry_table(SESSION)

    assert table is not None
    rows = {row[0]: row for row in table.rows}
    assert rows["Peak flexion, fast pace"][3:] == (
        "−0.8° (−1.3\u00a0to\u00a0−0.3)",
        "−0.9° (−1.6\u00a0to\u00a0−0.2)",
        "left fell against right",
    )
    assert rows["Peak extension, easy pace"][-1] == "no clear change"


def test_one_side_cannot_be_compared_with_itself() -> None:
    text = text_of(section_of(PAGES["one_side"], "symmetry"))

    assert "The sides cannot be compared. Only the left thigh gave strides." in text
    assert symmetry_table(VARIANTS["one_side"]()) is None
    assert "The sides cannot be compared." in text_of(section_of(PAGES["empty"], "symmetry"))


def test_the_medians_stay_where_nothing_is_known_of_the_difference() -> None:
    table = symmetry_table(VARIANTS["plain"]())

    assert table is not None
    assert {row[3:] for row in table.rows} == {("–", "–", "–")}


def test_bins_that_stand_out_are_told_in_words() -> None:
    said = profile_words(SESSION)

    assert said.startswith("Stands out: left, fast pace, velocity less from ")
    assert "easy pace" not in said
    assert "Diamonds" in text_of(section_of(PAGES["supported"], "profile"))


def test_bins_of_which_none_stands_out() -> None:
    strength = strength_of()
    dull = tuple(replace(p, q_value=np.ones(len(p.delta))) for p in strength.profiles)
    session = replace(SESSION, strength=replace(strength, profiles=dull))

    assert profile_words(session) == "No bin stands out from chance."


def test_profiles_without_a_number_are_no_profiles() -> None:
    strength = strength_of()
    blank = tuple(replace(p, delta=np.full(len(p.delta), np.nan)) for p in strength.profiles)
    session = replace(SESSION, strength=replace(strength, profiles=blank))

    assert profile_words(session) == ""
    for variant in ("plain", "short", "empty"):
        assert "There is no range profile." in text_of(section_of(PAGES[variant], "profile"))


def test_a_watch_file_is_named_with_its_offset_and_its_warnings() -> None:
    text = text_of(section_of(PAGES["watch"], "quality"))

    assert "Watch file tuesday.fit" in text
    assert "put 12.4 s earlier to fit the sensors’" in text
    assert "its start time and its cadence against the sensors’" in text
    assert "correlation 0.94" in text
    assert "2 of 702 records have no speed" in text
    assert "laps of the watch file" in text
    assert "No watch file was used." in text_of(section_of(PAGES["supported"], "quality"))


def test_a_watch_without_cadence_claims_no_correlation() -> None:
    pairs = dict(watch_pairs(WatchSummary("run.gpx", 3.0, "start time")))

    assert "Cadence of watch and sensors" not in pairs
    assert pairs["Its clock"] == "put 3.0 s later to fit the sensors’"


def test_who_said_the_pace() -> None:
    table = pace_table(VARIANTS["proxy"]())

    assert table is not None
    assert [row[2:] for row in table.rows] == [
        ("unknown", "a proxy: the pelvis’s rhythm alone")
    ] * 2
    assert pace_table(VARIANTS["empty"]()) is None
    assert "No bout is known." in text_of(section_of(PAGES["empty"], "quality"))


def test_segments_are_named_as_people_do() -> None:
    text = text_of(PAGES["not_estimable"])

    assert "Left thigh slipped by 9° at 81 s" in text
    assert "thigh_" not in text


def test_every_reason_is_told_once() -> None:
    told = dict(missing(SESSION))

    assert told == {
        "Work on the thigh in the swing; Turning moment on the thigh alone; Angle where driving "
        "turns into braking": "Body mass is unknown: give athlete.mass_kg in recording.toml.",
        "Durability of right hip extension": "It has 80 easy strides after the baseline, 100 are "
        "needed.",
    }


def test_what_refused_to_be_estimated_is_missing() -> None:
    whats = [what for what, _ in missing(VARIANTS["not_estimable"]())]

    assert whats[0].startswith("Left hip flexion at easy and fast pace; left hip extension")
    assert "Shares of hip and pelvis" in whats


def test_a_verdict_that_is_held_back_is_missing_with_its_reason() -> None:
    told = dict(missing(VARIANTS["proxy"]()))
    sides = text_of(section_of(PAGES["proxy"], "sides"))

    assert "A verdict on left hip flexion; a verdict on right hip flexion" in told
    assert "Held back: Pace is known from the rhythm of the pelvis only" in sides
    assert fatigue_table(VARIANTS["proxy"]()).rows[0][-1] == "held back"


def test_a_whole_report_says_that_nothing_is_missing() -> None:
    strength = strength_of()
    known = Measure("peak_acceleration", "rad/s²", "left", "fast", 1.0, 0.0, (-1.0, 1.0))
    full = replace(
        strength,
        force=replace(strength.force, headline=known, measures=(known,)),
        full_range=replace(strength.full_range, measures=()),
        durability=(),
    )

    assert missing(replace(SESSION, strength=full)) == ()


def test_reasons_of_strides_are_counted_and_explained() -> None:
    told = dict(stride_reasons(SESSION))

    assert all(told.values())
    gaps = sum("gap" in stride.reasons for stride in SESSION.strides)
    assert f"Samples missing ({gaps})" in told


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.floats(0.1, 10))
def test_labels_move_apart_and_keep_their_order(heights: list[float], least: float) -> None:
    placed = spread(heights, least)
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    ranked = [placed[i] for i in order]

    assert all(b - a >= least - 1e-6 for a, b in pairwise(ranked))
    assert sum(placed) == pytest.approx(sum(heights), abs=1e-6)


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread([3.0, 1.0, 9.0], 1.5) == [3.0, 1.0, 9.0]


def test_the_strip_tells_speed_or_says_that_it_is_unknown() -> None:
    assert "Pace in min/km" in PAGES["supported"]
    assert "Pace: the bouts (speed unknown)" in PAGES["proxy"]
    assert "Pace in min/km" not in PAGES["short"]
    assert "speed unknown" not in PAGES["short"]
