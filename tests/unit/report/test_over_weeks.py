"""What a coach reads: every judgement in a sentence, what is not comparable first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hipimu.compare import comparable, differences, squad, trend, trends
from hipimu.data import Measure, SessionSummary
from hipimu.report.over_weeks import (
    MOST_LINES,
    comparison,
    comparison_lines,
    left_out,
    peak_words,
    quantity_words,
    squad_sentence,
    trend_lines,
    trend_sentence,
)
from tests.unit.compare.summaries import START, estimate, season, strength, summary

STEADY = [0.4, -0.3, 0.2, -0.5, 0.3, -0.1, 0.4, -0.4, 0.1, -0.1, 0.2, -0.2]
DAYS = [5.0 * i for i in range(12)]


def rising(per_session_deg: float) -> list[SessionSummary]:
    return season([-8 + per_session_deg * i + e for i, e in enumerate(STEADY)], DAYS)


@pytest.mark.parametrize(
    ("sessions", "quantity", "expected"),
    [
        (rising(0.4), "delta_fast",
         "Real change: over 8 weeks you keep 4.3° more left flexion at fast pace (3.6 to 5.0); "
         "your own scatter is ±1.0°."),
        (rising(-0.4), "delta_fast",
         "Real change: over 8 weeks you keep 4.5° less left flexion at fast pace (3.8 to 5.2); "
         "your own scatter is ±1.0°."),
        (rising(0.4), "rfi",
         "Real change: over 8 weeks you keep 4.3° more left flexion at fast pace, against easy "
         "pace (3.6 to 5.0); your own scatter is ±1.0°."),
        (rising(0.0), "delta_fast",
         "No real change: over 8 weeks the line moved −0.1° (−0.8 to 0.6), within your noise; "
         "your own scatter is ±1.0°."),
        (rising(0.4)[:2], "delta_fast",
         "Cannot tell yet: 2 comparable of the 4 sessions that a trend needs."),
        ([], "delta_fast",
         "Cannot tell yet: 0 comparable of the 4 sessions that a trend needs."),
    ],
)  # fmt: skip
def test_a_trend_in_a_sentence(
    sessions: list[SessionSummary], quantity: str, expected: str
) -> None:
    assert trend_sentence(trend(sessions, quantity, "left")) == expected


def test_what_cannot_be_told_says_why() -> None:
    told = trend_sentence(trend(season([-8.0, -2.0, -7.0, -3.0], [0.0, 7.0, 14.0, 21.0])))
    assert told.startswith("Cannot tell: over 3 weeks the line moved +")
    assert told.endswith("A change that matters may be there, and may not.")


def test_two_sessions_with_a_real_change() -> None:
    first, second = season([-9.0, -1.0], se_deg=0.5)
    told = comparison(first, second, comparable((first, second)), differences(first, second))
    assert told[0].startswith("Real change: extra loss at fast pace (RFI), left flexion, from 8.0°")
    assert told[1] == (
        "Real change: change at fast pace (δ fast), left flexion, from −9.0° to −1.0° (+8.0°, 6.4 "
        "to 9.6; less than 4.2° is scatter)."
    )


def test_what_is_not_comparable_comes_first() -> None:
    first, second = season([-4.0, -4.1], se_deg=0.3)
    first = replace(first, speed_m_s={"easy": 3.0, "fast": 4.5}, method="causal")
    told = comparison(first, second, comparable((first, second)), differences(first, second))

    assert told[0].startswith("Analysed in different ways: causal (run-0.0); refined (run-3.0)")
    assert "0.5 m/s apart" in told[1]
    assert told[2] == "run-0.0 and run-3.0 cannot be compared."


def test_nothing_changed() -> None:
    first, second = season([-4.0, -4.1], se_deg=0.3)
    (told,) = comparison(first, second, (), differences(first, second))
    assert told == "No real change: all of it lies within your own scatter (±4.1°)."


def test_left_out_sessions_are_told_by_reason() -> None:
    odd = [replace(s, filter="ekf", session=f"odd-{i}") for i, s in enumerate(rising(0.4)[:5])]
    (told,) = left_out(trend([*rising(0.4), *odd]))
    assert told == (
        "Left out: 5 sessions (odd-0, odd-1, odd-2 and 2 more): orientation comes from different "
        "filters."
    )


def many() -> list[SessionSummary]:
    measures = [
        Measure(f"m{i}", "rad/s", "left", "fast", 3.0 + i, 0.1, (0.0, 0.2)) for i in range(30)
    ]
    both = [estimate(), estimate(side="right")]
    return [summary(day, both, strength=strength({"control": measures})) for day in DAYS]


def test_tables_are_short_and_the_answer_is_in_them() -> None:
    first, second, *_ = many()
    found = differences(first, second)
    lines = comparison_lines([], found)

    assert len(found) > 60
    assert len(lines) <= MOST_LINES
    assert lines[1].startswith("extra loss at fast pace (RFI)")
    assert lines[-1] == f"and {len(found) - 18} more: --json has them all"
    assert max(map(len, lines)) < 140


def test_a_trend_has_a_row_for_each_side_and_peak() -> None:
    found = trends(many())
    lines = trend_lines(["A sentence."], found)
    assert lines[0] == "A sentence."
    assert len(lines) == 2 + len(found)
    assert "right flexion" in "\n".join(lines)


def test_names() -> None:
    assert quantity_words("control/pelvis_tilt_range") == "Pelvis tilt range"
    assert quantity_words("control/pelvis_tilt_range/change").endswith("change over the run")
    assert peak_words(None, "peak_extension") == "both sides extension"


def test_a_squad_in_a_sentence() -> None:
    made = {"Ada": rising(0.4), "Bo": rising(0.0)}
    told = squad_sentence(squad(made, START + timedelta(days=60)))
    assert told.startswith("Really changed: Ada. 2 athletes with a trend, 4 are needed")
