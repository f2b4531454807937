"""The traffic light: green only where nothing was missed, and doubts said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hipimu.data import Outcome, Session, Side
from hipimu.report.light import SHAPES, light
from tests.unit.report.estimates import LONELY, LOSS, MIXED, NULL, REVERSED, WIDE, Effect
from tests.unit.report.pages import PAGES, section_of, text_of
from tests.unit.report.sessions import VARIANTS, by_rhythm, held_back, interval_session

Effects = Mapping[tuple[Side, Outcome], Effect]

STATES = {
    "supported": ("lost", "Range lost at fast pace"),
    "no_evidence": ("held", "Range held"),
    "reversed": ("reversed", "Reversed: more range at fast pace"),
    "short": ("unknown", "Cannot be told from this run"),
    "empty": ("unknown", "Cannot be told from this run"),
    "not_estimable": ("unknown", "Cannot be told from this run"),
    "wide": ("open", "Too uncertain to say"),
    "lonely": ("lost", "Range lost at fast pace"),
}


def session_of(effects: Effects) -> Session:
    return interval_session(effects, minutes=3)


@pytest.mark.parametrize(("variant", "told"), STATES.items())
def test_each_state_has_its_words_and_shape(variant: str, told: tuple[str, str]) -> None:
    shown = light(VARIANTS[variant]())
    answer = section_of(PAGES[variant], "answer")

    assert (shown.state, shown.words) == told
    assert f'd="{SHAPES[shown.state][1]}"' in answer
    assert told[1] in text_of(answer)


def test_no_two_states_share_a_shape() -> None:
    assert len({path for _, path in SHAPES.values()}) == len(SHAPES)


@pytest.mark.parametrize(
    "effects",
    [
        WIDE,
        dict.fromkeys(NULL, Effect(0.0, -0.2, half=3.2)),  # ±4.2° around nothing
        {**NULL, ("left", "peak_extension"): Effect(0.0, 0.0, half=2.8)},  # over half its reserve
        dict.fromkeys(NULL, Effect(-5.0, -5.2)),  # lost at both paces
    ],
)
def test_nothing_shown_is_not_green_unless_the_interval_is_narrow(effects: Effects) -> None:
    shown = light(session_of(effects))

    assert shown.state == "open"
    assert "held" not in shown.words
    assert shown.sure == "not sure"


def test_a_loss_at_easy_pace_is_not_called_a_loss_at_fast_pace() -> None:
    fell_behind = light(session_of(dict.fromkeys(NULL, Effect(easy=4.0, fast=-0.3))))
    easy_lost = light(session_of(dict.fromkeys(NULL, Effect(easy=-4.0, fast=0.2))))

    assert fell_behind.words == "Fast pace fell behind easy pace"
    assert easy_lost.words == "Reversed: more range lost at easy pace"


def test_a_lone_finding_among_many_may_be_chance() -> None:
    shown = light(session_of(LONELY))
    why = " ".join(shown.why_sure)

    assert shown.sure == "may be chance"
    assert "It stands alone among 4 comparisons and may be chance (corrected p 0.1" in why
    assert "Run again" in why
    assert "may be chance" in text_of(section_of(PAGES["lonely"], "answer"))


def test_several_findings_of_which_none_is_clear_are_not_called_alone() -> None:
    session = session_of(LOSS)
    doubtful = tuple(replace(e, p_holm=0.07) for e in session.fatigue)
    why = " ".join(light(replace(session, fatigue=doubtful)).why_sure)

    assert "stands alone" not in why
    assert "None stays clear when all of 4 comparisons are counted" in why


def test_a_clear_finding_says_that_it_stays_clear() -> None:
    shown = light(session_of(LOSS))

    assert "It stays clear among 4 comparisons (corrected p < 0.001)." in shown.why_sure
    assert "Asked in 3 other ways, the answer is the same." in shown.why_sure
    assert shown.sure == "as sure as one run can be"


def test_without_corrected_p_nothing_is_said_of_chance() -> None:
    shown = light(VARIANTS["plain"]())

    assert "among" not in " ".join(shown.why_sure)
    assert shown.sure == "one run’s word"


def test_a_check_that_would_say_otherwise_is_counted() -> None:
    session = session_of(LOSS)
    other = tuple(
        replace(e, checks=(replace(e.checks[0], rfi_ci95_rad=(-0.1, 0.1)), *e.checks[1:]))
        for e in session.fatigue
    )
    shown = light(replace(session, fatigue=other))

    assert shown.sure == "fairly sure, not every check agrees"
    assert "Asked in 3 other ways, 1 would not have said so." in shown.why_sure


def test_opposite_sides_lower_the_trust() -> None:
    assert light(session_of(MIXED)).sure == "the sides disagree"
    assert light(session_of(REVERSED)).sure == "as sure as one run can be"


def test_a_guessed_pace_makes_every_answer_softer() -> None:
    answer = text_of(section_of(PAGES["proxy"], "answer"))

    assert light(by_rhythm(session_of(LOSS))).sure == "softer, the pace is a guess"
    assert "Pace is a proxy here." in answer
    assert "Pace is a proxy here." not in text_of(PAGES["supported"])


def test_a_proxy_only_for_what_is_not_compared_softens_nothing() -> None:
    session = session_of(LOSS)
    other = replace(session.bouts[0], bout=99, pace="other", pace_source="pelvis")

    assert "softer" not in light(replace(session, bouts=(*session.bouts, other))).sure


def test_a_finding_that_is_held_back_is_neither_told_as_one_nor_as_nothing() -> None:
    shown = light(VARIANTS["proxy"]())

    assert (shown.state, shown.words) == ("open", "Perhaps range lost at fast pace")
    assert shown.sure == "not sure, held back"
    assert shown.share == "2 of 4 comparisons"
    assert "Asked in 2 other ways, the answer is the same." in shown.why_sure


def test_a_reverse_that_is_held_back() -> None:
    session = session_of(REVERSED)
    doubted = tuple(map(held_back, session.fatigue))

    assert light(replace(session, fatigue=doubted)).words == "Perhaps the paces differ"


def test_a_held_back_finding_is_never_green_however_narrow() -> None:
    session = session_of(dict.fromkeys(NULL, Effect(0.1, -0.9, half=0.5, detectable=0.5)))
    doubted = tuple(map(held_back, session.fatigue))

    assert {e.verdict for e in session.fatigue} == {"supported"}
    assert light(replace(session, fatigue=doubted)).state == "open"


def test_a_decided_finding_comes_before_one_held_back() -> None:
    session = session_of(LOSS)
    first, *others = session.fatigue
    mixed = replace(session, fatigue=(held_back(first), *others))

    assert light(mixed).state == "lost"
    assert "right hip flexion" in light(mixed).why_sure[0].lower()
