"""The sentence: right for each verdict, and never more than the numbers allow."""

from __future__ import annotations

from dataclasses import replace

from hipimu.data import Session
from hipimu.report import sentence, verdict_words
from tests.unit.report.estimates import LOSS, MIXED, NULL, REVERSED, Effect
from tests.unit.report.sessions import (
    VARIANTS,
    empty_session,
    interval_session,
    refused,
    short_session,
)

TIRES_FIRST = "The end of your range tires first."


def all_alike(effect: Effect) -> Session:
    return interval_session(dict.fromkeys(LOSS, effect), minutes=3)


def test_supported_names_the_loss_its_doubt_and_the_easy_pace() -> None:
    said = sentence(interval_session(LOSS, minutes=3))

    assert said.startswith(
        "At fast pace you lost 4.1° of left hip flexion over this run (2.8 to 5.4) "
        f"and 3.4° of right (2.1 to 4.7); at easy pace 0.4° and 0.6°. {TIRES_FIRST}"
    )
    assert said.endswith(" Hip extension shows no difference between the paces.")


def test_a_loss_on_one_side_names_that_side_only() -> None:
    effects = {**NULL, ("right", "peak_flexion"): LOSS["left", "peak_flexion"]}
    said = sentence(interval_session(effects, minutes=3))

    assert "4.1° of right hip flexion over this run (2.8 to 5.4); at easy pace 0.4°." in said
    assert "Not everything agrees: left hip flexion shows no difference" in said
    assert said.endswith(" Hip extension shows no difference between the paces.")


def test_another_peak_that_does_not_change_is_no_contradiction() -> None:
    assert "agree" not in sentence(interval_session(LOSS, minutes=3))


def test_the_reverse_at_another_peak_is_a_contradiction() -> None:
    effects = {**LOSS, ("left", "peak_extension"): Effect(0.0, 3.0)}

    said = sentence(interval_session(effects, minutes=3))
    assert "Not everything agrees: left hip extension shows the reverse." in said
    assert "Right hip extension shows no difference between the paces." in said


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
    effects = {**NULL, ("left", "peak_flexion"): Effect(easy=1.0, fast=-4.0)}

    assert "at easy pace you gained 1.0°" in sentence(interval_session(effects, minutes=3))
    both = sentence(all_alike(Effect(easy=1.4, fast=-4.0)))
    assert "at easy pace it rose 1.4° and rose 1.4°" in both


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


def test_what_is_held_back_tells_numbers_reason_and_remedy() -> None:
    assert sentence(VARIANTS["proxy"]()) == (
        "It looks as if left hip flexion lost more at fast pace (4.1°, 2.8 to 5.4) than at easy "
        "pace (changed by −0.4°), but this run cannot settle it: pace is known from the rhythm of "
        "the pelvis only, so a change of speed may pass for one of range. Mark laps, or record "
        "the speed. Hip extension shows no difference between the paces; right hip flexion is "
        "held back."
    )


def test_a_reverse_that_is_held_back_claims_no_loss() -> None:
    base = interval_session(REVERSED, minutes=3)
    doubted = tuple(replace(e, verdict="no_evidence", reasons=("why",)) for e in base.fatigue)

    said = sentence(replace(base, fatigue=doubted))
    assert said.startswith(
        "Left hip flexion rose 2.6° at fast pace (1.5 to 3.7) and changed by 0.1° at easy pace, "
        "but this run cannot settle it: why."
    )
    assert "lost" not in said


def test_a_held_back_side_beside_a_finding_is_no_contradiction() -> None:
    base = interval_session(LOSS, minutes=3)
    first, second, third, last = base.fatigue
    doubted = replace(third, verdict="no_evidence", reasons=("why",))

    said = sentence(replace(base, fatigue=(first, second, doubted, last)))
    assert "agree" not in said
    assert "right hip flexion is held back." in said.lower()


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


def test_a_remedy_becomes_a_sentence_of_its_own() -> None:
    base = interval_session(minutes=3)
    session = replace(base, fatigue=refused(base, "its pace is unknown: mark laps"))

    assert sentence(session).startswith(
        "This run cannot answer: its pace is unknown. Mark laps. Peaks"
    )


def test_a_run_too_short_for_any_answer_says_so_instead_of_a_remedy() -> None:
    base = short_session()
    session = replace(base, fatigue=refused(base, "its pace is unknown: mark laps"))

    assert sentence(session) == (
        "This run cannot answer: its pace is unknown, and it is too short (at most 12 usable "
        "strides a side, 30 at each pace are needed). Peaks and pelvis are below."
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


def test_each_verdict_has_its_own_words() -> None:
    words = {verdict_words(v) for v in ("supported", "reversed", "no_evidence", "not_estimable")}
    assert len(words) == 4
