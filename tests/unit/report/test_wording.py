"""The sentence: right for each verdict, and never more than the numbers allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hipimu.data import Session
from hipimu.report import lines, sentence, verdict_words
from tests.unit.report.sessions import (
    LOSS,
    MIXED,
    NULL,
    REVERSED,
    VARIANTS,
    Effect,
    empty_session,
    interval_session,
    refused,
    short_session,
    simulated_session,
)

TIRES_FIRST = "The end of your range tires first."


def all_alike(effect: Effect) -> Session:
    return interval_session(dict.fromkeys(LOSS, effect), minutes=3)


def test_supported_names_the_loss_its_doubt_and_the_easy_pace() -> None:
    said = sentence(interval_session(LOSS, minutes=3))

    assert said.startswith(
        "At fast pace you lost 4.1° of left hip flexion over this run (2.8 to 5.4); "
        f"at easy pace 0.4°. {TIRES_FIRST}"
    )
    assert "hip extension on both sides shows no difference" in said


def test_supported_by_a_rising_easy_pace_is_not_called_tiring() -> None:
    said = sentence(all_alike(Effect(easy=4.0, fast=-0.3)))

    assert TIRES_FIRST not in said
    assert "you lost" not in said
    assert "cannot be told from no change" in said
    assert "it rose 4.0°" in said
    assert "no range was shown to be lost at fast pace" in said


def test_supported_with_both_paces_rising_says_so() -> None:
    said = sentence(all_alike(Effect(easy=6.0, fast=2.0)))

    assert "At fast pace left hip flexion rose 2.0°" in said
    assert TIRES_FIRST not in said


def test_an_easy_gain_beside_a_fast_loss_is_a_gain() -> None:
    assert "at easy pace you gained 1.0°" in sentence(all_alike(Effect(easy=1.0, fast=-4.0)))


def test_reversed_is_told_as_readily() -> None:
    said = sentence(interval_session(REVERSED, minutes=3))

    assert said == (
        "At fast pace your left hip flexed more as the run went on (2.6°, 1.5 to 3.7), "
        "while easy pace stayed the same (0.1°)."
    )


def test_reversed_by_an_easy_loss_does_not_claim_a_fast_gain() -> None:
    said = sentence(all_alike(Effect(easy=-4.0, fast=0.2)))

    assert said.startswith("At easy pace left hip flexion fell 4.0° over this run")
    assert "more as the run went on" not in said
    assert "the reverse" in said


def test_held_gives_the_widest_bound_of_all_comparisons() -> None:
    effects = {**NULL, ("right", "peak_extension"): Effect(0.0, 0.3, half=2.0)}

    assert sentence(interval_session(effects, minutes=3)) == (
        "Your range held: any extra loss at fast pace is smaller than this run can show "
        "(within ±2.9°)."
    )


def test_a_loss_at_both_paces_is_not_called_held() -> None:
    said = sentence(all_alike(Effect(easy=-5.0, fast=-5.3)))

    assert "held" not in said
    assert "you lost 5.0° of left hip flexion (3.8 to 6.2)" in said


def test_a_very_wide_interval_is_not_called_held() -> None:
    said = sentence(all_alike(Effect(easy=0.0, fast=-1.0, half=6.0)))

    assert "held" not in said
    assert "sees little" in said
    assert "±8.8°" in said


def test_refusal_gives_the_reason_and_where_to_look() -> None:
    base = interval_session(minutes=3)
    reason = "it has one fast bout, three are needed"
    session = replace(base, fatigue=refused(base, reason))

    assert sentence(session) == (
        "This run cannot answer: it has one fast bout, three are needed. "
        "Peaks and pelvis are below."
    )


def test_refusal_without_strides_points_nowhere() -> None:
    assert sentence(empty_session()) == "This run cannot answer: no strides were found."
    assert sentence(replace(empty_session(), fatigue=())) == sentence(empty_session())


def test_a_reason_that_holds_for_all_comes_without_the_others() -> None:
    base = interval_session(minutes=3)
    first, *rest = refused(base, "it has no fast bout")
    own = replace(first, reasons=("it has 12 easy strides", "it has no fast bout"))

    said = sentence(replace(base, fatigue=(own, *rest)))
    assert said.startswith("This run cannot answer: it has no fast bout.")


def test_disagreement_between_sides_is_said() -> None:
    said = sentence(interval_session(MIXED, minutes=3))

    assert said.startswith("At fast pace you lost 4.1° of left hip flexion")
    assert "right hip flexion shows the reverse" in said


def test_the_headline_is_the_clearest_not_the_largest() -> None:
    effects = {
        **NULL,
        ("left", "peak_flexion"): Effect(0.0, -9.0, half=5.0),
        ("right", "peak_flexion"): Effect(0.0, -4.0, half=0.8),
    }

    assert "4.0° of right hip flexion" in sentence(interval_session(effects, minutes=3))


def test_a_decided_estimate_comes_before_a_refused_one() -> None:
    base = interval_session(minutes=3)
    some = (*refused(base, "too few strides")[:3], base.fatigue[0])

    said = sentence(replace(base, fatigue=some))
    assert said.startswith("At fast pace you lost 4.1°")
    assert "cannot be told" in said


@pytest.mark.parametrize("variant", VARIANTS)
def test_lines_fit_a_terminal(variant: str) -> None:
    session = VARIANTS[variant]()
    said = lines(session)

    # One more line, the path of the report, makes the twelve that are allowed.
    assert len(said) <= 11
    assert all("\n" not in line for line in said)
    assert session.recording in said[0]
    assert "below" not in "".join(said)


def test_lines_hold_the_numbers_with_intervals() -> None:
    row = next(line for line in lines(interval_session()) if line.startswith("left hip flexion"))

    assert row.split("  ")[-1] == "more lost at fast"
    assert "−4.1 (−5.4 to −2.8)" in row
    assert "3.7 (2.1 to 5.3)" in row


def test_lines_say_simulated_and_warn() -> None:
    assert lines(simulated_session())[0].startswith("Read simulated recording")
    assert lines(short_session())[-1].startswith("Warning: The recording is 10 s long")


def test_each_verdict_has_its_own_words() -> None:
    words = {verdict_words(v) for v in ("supported", "reversed", "no_evidence", "not_estimable")}
    assert len(words) == 4
