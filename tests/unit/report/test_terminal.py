"""The few lines in a terminal: short, aligned, and nothing that says nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hipimu.data import Session
from hipimu.report import lines
from tests.unit.report.estimates import LOSS, Effect
from tests.unit.report.sessions import (
    VARIANTS,
    by_rhythm,
    interval_session,
    refused,
    short_session,
    simulated_session,
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_lines_fit_a_terminal(variant: str) -> None:
    session = VARIANTS[variant]()
    said = lines(session)

    # One more line, the path of the report, makes the twelve that are allowed.
    assert len(said) <= 11
    assert max(map(len, said)) <= 100
    assert all("\n" not in line for line in said)
    assert session.recording in said[0]
    assert "below" not in "".join(said)


def test_columns_do_not_touch_even_with_wide_numbers() -> None:
    effects = {**LOSS, ("left", "peak_flexion"): Effect(-10.4, -24.1, half=12.0)}
    table = [line for line in lines(interval_session(effects, minutes=3)) if " (" in line][-4:]

    cells = [re.split(r" {2,}", line) for line in table]
    assert {len(row) for row in cells} == {5}, "no room for the share of the reserve"
    assert cells[0][1] == "−10.4 (−22.4 to 1.6)"
    # Numbers stand under each other, closed by the same column.
    assert len({re.sub(r"\S", "x", line).rfind("x  x") for line in table}) == 1


def test_lines_hold_the_numbers_with_intervals() -> None:
    row = next(line for line in lines(interval_session()) if line.startswith("left flexion"))

    assert row.split("  ")[-1] == "more lost at fast"
    assert "−4.1 (−5.4 to −2.8)" in row
    assert "3.7 (2.1 to 5.3)" in row


def test_a_refusal_shows_peaks_instead_of_an_empty_table() -> None:
    text = "\n".join(lines(short_session()))

    assert "RFI" not in text
    assert "cannot be told" not in text
    assert re.search(r"Median peaks: left flexion 3\d\.\d°, extension 1\d\.\d°; right", text)


def test_one_refused_estimate_keeps_its_row() -> None:
    base = interval_session(minutes=3)
    session = replace(base, fatigue=(*base.fatigue[:3], refused(base, "too few strides")[3]))

    assert re.match(r"right extension +–  .*cannot be told$", lines(session)[-1])


def test_lines_say_simulated_and_warn_once() -> None:
    short = short_session()
    twice = replace(short.calibration, warnings=short.warnings)

    assert lines(simulated_session())[0].startswith("Read simulated recording")
    said = lines(replace(short, calibration=twice))
    assert said[-1].startswith("Warning: The recording is 10 s long")
    assert "more in the report" not in said[-1]


def test_the_share_of_the_reserve_where_there_is_room() -> None:
    said = lines(VARIANTS["reversed"]())

    assert "of reserve" in said[4]
    assert re.search(r"−16 %  reversed$", said[5])
    assert "of reserve" not in "".join(lines(VARIANTS["plain"]()))


def test_doubts_come_before_what_else_is_to_say() -> None:
    assert "Among 4 comparisons this may be chance: run again." in " ".join(lines(lonely()))
    assert "Pace was guessed from the pelvis: softer." in " ".join(
        lines(by_rhythm(VARIANTS["supported"]()))
    )


def test_remarks_give_way_to_the_twelfth_line() -> None:
    crowded = replace(lonely(), warnings=("a warning that needs a second line " * 4,))
    said = lines(crowded)

    assert len(said) <= 11
    assert "may be chance" in " ".join(said)
    assert "Not everything agrees" not in " ".join(said)
    assert "Not everything agrees" in " ".join(lines(lonely()))


def lonely() -> Session:
    return VARIANTS["lonely"]()


def test_what_is_held_back_says_so_in_its_row() -> None:
    rows = {line[:14].strip(): line for line in lines(VARIANTS["proxy"]())}

    assert rows["left flexion"].endswith("held back")
    assert rows["left extension"].endswith("no difference")
