"""When a cue is due, stride by stride; its laws; and what the study of it found."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import OUTCOMES, SIDES, Baseline, Cue, Pace, Reason, Side, Stride
from hipimu.fatigue import CueRule
from hipimu.fatigue.cues import IN_A_ROW
from tests.studies.live_cue_kinds import HOSTILE, LOSSES_DEG
from tests.studies.live_cue_page import BEGIN, END, tables
from tests.studies.live_cue_sessions import HOUR, Hour, Kind, Rule, drawn, listened, lost
from tests.unit.strides import STRIDE_S, stride

DOCS = Path(__file__).parents[3] / "docs"
FRESH = {"peak_flexion": 0.8, "peak_extension": 0.4}
STANDS_OUT = 0.04
FIRST = 5 + 4 + IN_A_ROW - 1
"""Strides before the first on which a cue can be: getting going, the median's, and in a row."""
OTHER_SIDE: Mapping[Side, Side] = {"left": "right", "right": "left"}

Pushed = tuple[Stride, Pace | None]


def complete(speed_m_s: float | None = None) -> tuple[Baseline, ...]:
    return tuple(
        Baseline(side, outcome, pace, 60, 60, FRESH[outcome], STANDS_OUT, speed_m_s)
        for side in SIDES
        for outcome in OUTCOMES
        for pace in ("easy", "fast")
    )


LEARNING = tuple(replace(b, value_rad=None, detectable_rad=None, strides=12) for b in complete())


def run(
    *flexions: float, pace: Pace | None = "fast", since: float = 0.0, **more: Any
) -> list[Pushed]:
    """Strides of the right leg, each at its distance from the baseline in detectable changes."""
    made = {"peak_extension_rad": FRESH["peak_extension"]} | more
    return [
        (
            stride(
                since + i * STRIDE_S,
                peak_flexion_rad=FRESH["peak_flexion"] + STANDS_OUT * flexion,
                **made,
            ),
            pace,
        )
        for i, flexion in enumerate(flexions)
    ]


def end_of(strides: Sequence[Pushed]) -> float:
    return strides[-1][0].t_peak_flexion_s + STRIDE_S


def heard(
    strides: Iterable[Pushed],
    baselines: Sequence[Baseline] = complete(),
    rule: CueRule | None = None,
) -> list[Cue]:
    rule = rule or CueRule()
    cues = (rule.push(one, pace, baselines) for one, pace in strides)
    return [cue for cue in cues if cue is not None]


def test_a_loss_is_told_on_the_first_stride_on_which_it_was_there_long_enough() -> None:
    strides = run(*[-1.1] * 60)
    (cue,) = heard(strides)

    assert cue == Cue(
        number=1,
        side="right",
        outcome="peak_flexion",
        kind="range_down",
        t_s=strides[FIRST][0].t_peak_flexion_s,
        change_rad=cue.change_rad,
    )
    assert cue.change_rad == pytest.approx(-1.1 * STANDS_OUT)


@pytest.mark.parametrize("flexion", [-0.9, 0.0, 1.1, 5.0])
def test_less_than_what_stands_out_is_no_loss_and_neither_is_a_gain(flexion: float) -> None:
    assert heard(run(*[flexion] * 200)) == []


@pytest.mark.parametrize("pace", ["easy", "other", None])
def test_only_fast_pace_is_listened_to(pace: Pace | None) -> None:
    assert heard(run(*[-5.0] * 200, pace=pace)) == []


def test_a_baseline_that_is_not_complete_is_none() -> None:
    rule = CueRule()
    before = run(*[-2.0] * 60)
    assert heard(before, LEARNING, rule) == []
    assert heard(before, (), CueRule()) == []

    after = run(*[-2.0] * 60, since=end_of(before))
    (cue,) = heard(after, complete(), rule)
    assert cue.t_s == after[IN_A_ROW - 1][0].t_peak_flexion_s  # nothing is counted from before


def test_two_good_strides_of_five_do_not_interrupt_and_three_do() -> None:
    (first,) = heard(run(*[-2.0] * 60))
    for good, delayed in ((2, 0), (3, IN_A_ROW)):
        flexions = [-2.0] * (FIRST - 6) + [0.0] * good + [-2.0] * 60
        (cue,) = heard(run(*flexions))
        assert (cue.t_s - first.t_s) / STRIDE_S >= delayed - 6
        assert (cue.t_s > first.t_s) == (delayed > 0)


def test_a_stride_that_is_not_usable_neither_counts_nor_interrupts() -> None:
    strides = run(*[-2.0] * 80)
    odd = [
        (one._replace(quality=0.0, reasons=(Reason.GAP,), peak_flexion_rad=2.0), pace)
        if i % 2
        else (one, pace)
        for i, (one, pace) in enumerate(strides)
    ]
    (cue,) = heard(odd)

    assert cue.t_s == strides[2 * FIRST][0].t_peak_flexion_s


@given(peaks=st.lists(st.floats(-3.0, 3.0), max_size=100), walks=st.booleans())
def test_strides_of_which_none_is_usable_give_no_cue(peaks: list[float], walks: bool) -> None:
    aside: dict[str, Any] = {"gait": "walking"} if walks else {"quality": 0.0}
    assert heard(run(*peaks, *[-5.0] * 100, **aside)) == []


def test_getting_going_and_a_break_begin_anew() -> None:
    almost = run(*[-2.0] * FIRST)
    for since in (end_of(almost) + 6.0, end_of(almost)):
        between = [] if since > end_of(almost) else run(0.0, pace="easy", since=since)
        after = run(*[-2.0] * (FIRST + 1), since=since + STRIDE_S)
        (cue,) = heard([*almost, *between, *after])
        assert cue.t_s == after[-1][0].t_peak_flexion_s


def test_between_half_and_all_of_what_stands_out_nothing_is_said() -> None:
    """A peak that crosses the line again and again is told once."""
    waves = [-1.2] * 40 + ([-0.7] * 40 + [-1.2] * 40) * 5

    assert [cue.kind for cue in heard(run(*waves))] == ["range_down"]


def test_it_is_back_once_it_was_well_within_for_long_enough() -> None:
    strides = run(*[-1.5] * 60, *[-0.3] * 100, *[-1.5] * 100)
    down, back, again = heard(strides)

    assert [cue.kind for cue in (down, back, again)] == ["range_down", "range_back", "range_down"]
    assert [cue.number for cue in (down, back, again)] == [1, 2, 3]
    assert back.change_rad == pytest.approx(-0.3 * STANDS_OUT)
    assert back.t_s >= down.t_s + 60.0
    assert heard(run(*[0.0] * 300)) == []  # nothing is back that was not away


def test_two_peaks_at_once_are_told_a_minute_apart_the_larger_loss_first() -> None:
    strides = run(*[-1.5] * 200, peak_extension_rad=FRESH["peak_extension"] - 2.0 * STANDS_OUT)
    first, second = heard(strides)

    assert (first.outcome, second.outcome) == ("peak_extension", "peak_flexion")
    assert 60.0 <= second.t_s - first.t_s < 60.0 + STRIDE_S


@pytest.mark.parametrize(
    ("then_m_s", "now_m_s", "told"),
    [
        (5.0, 4.85, False),
        (5.0, 4.95, True),
        (5.0, 5.5, True),
        (5.0, None, True),
        (None, 4.0, True),
    ],
)
def test_who_is_slower_has_lost_nothing(
    then_m_s: float | None, now_m_s: float | None, told: bool
) -> None:
    assert bool(heard(run(*[-3.0] * 100, speed_m_s=now_m_s), complete(then_m_s))) == told


def easy_then_fast(easy: float, fast: float, easy_m_s: float | None = None) -> list[Pushed]:
    before = run(*[easy] * 60, pace="easy", speed_m_s=easy_m_s)
    return [*before, *run(*[fast] * 60, since=end_of(before))]


def test_what_easy_pace_has_lost_too_is_no_loss_at_fast_pace() -> None:
    """A strap that creeps takes the same from both."""
    assert heard(easy_then_fast(-2.0, -2.5)) == []
    assert len(heard(easy_then_fast(-2.0, -3.5))) == 1
    assert len(heard(easy_then_fast(0.0, -2.5))) == 1
    assert len(heard(easy_then_fast(-2.0, -2.5), rule=CueRule(heed_easy=False))) == 1
    learning = [b for b in complete() if b.pace == "fast"]
    assert len(heard(easy_then_fast(-2.0, -2.5), learning)) == 1


def test_easy_pace_is_told_by_the_median_of_its_last_25_strides_once_there_are_so_many() -> None:
    def told(*easy: float) -> bool:
        before = run(*easy, pace="easy")
        return bool(heard([*before, *run(*[-2.5] * 60, since=end_of(before))]))

    assert told(*[-2.0] * 29)  # less five to get going
    assert not told(*[-2.0] * 30)
    assert not told(*[0.0] * 60, *[-2.0] * 13, *[0.0] * 12)
    assert told(*[0.0] * 60, *[-2.0] * 12)


def test_what_easy_pace_has_gained_makes_no_loss() -> None:
    assert heard(easy_then_fast(3.0, -0.9)) == []


def test_easy_strides_that_were_slower_say_nothing() -> None:
    fresh = complete(3.0)
    assert len(heard(easy_then_fast(-2.0, -2.5, easy_m_s=2.7), fresh)) == 1
    assert heard(easy_then_fast(-2.0, -2.5, easy_m_s=3.0), fresh) == []


@cache
def an_hour(seed: int) -> Hour:
    """Fast flexion and extension come and go by several degrees, so that there is much to say."""
    return drawn(Kind("restless", change=partial(lost, degrees=4.0)), seed)


def pushed(hour: Hour) -> list[Pushed]:
    rows = zip(hour.strides, hour.labelled, strict=True)
    return [(one, label.pace) for one, label in rows]


@pytest.mark.parametrize("seed", [1, 2])
def test_mirrored_strides_give_mirrored_cues(seed: int) -> None:
    fresh = Rule().baselines(an_hour(seed).labelled, an_hour(seed).bouts)
    strides = pushed(an_hour(seed))
    mirrored = [(one._replace(side=OTHER_SIDE[one.side]), pace) for one, pace in strides]
    cues = heard(strides, fresh)

    assert cues
    other = heard(mirrored, [replace(b, side=OTHER_SIDE[b.side]) for b in fresh])
    assert other == [replace(cue, side=OTHER_SIDE[cue.side]) for cue in cues]


def eventful() -> list[Pushed]:
    """Both peaks down at once, back again, and everything that is remembered in between."""
    lost_too = {"peak_extension_rad": FRESH["peak_extension"] - 2.0 * STANDS_OUT}
    pieces: list[Pushed] = []
    for flexions, pace, more in (
        ([-2.0] * 40, "easy", {"speed_m_s": 3.0}),
        ([-3.5] * 150, "fast", lost_too),
        ([0.0] * 40, "easy", {"speed_m_s": 3.0}),
        ([-0.2] * 120, "fast", {"speed_m_s": 3.0}),
        ([-1.5] * 60, "fast", {}),
        ([-1.5] * 60, "fast", {"speed_m_s": 2.9}),
    ):
        since = end_of(pieces) if pieces else 0.0
        pieces += run(*flexions, pace=pace, since=since, **more)  # type: ignore[arg-type]
    return pieces


def test_stopping_and_going_on_at_every_stride_changes_nothing() -> None:
    """Through a file; and what happens to either rule afterwards does not reach the other."""
    fresh, strides, rule, found = complete(3.0), eventful(), CueRule(), []
    for number, one in enumerate(strides):
        saved = pickle.dumps(rule.state())
        kept = rule.state()
        heard(run(*[9.0] * 8, since=one[0].t_peak_flexion_s), fresh, rule)
        rule = CueRule()
        rule.restore(kept if number % 2 else pickle.loads(saved))  # noqa: S301 - our own
        rule.push(*one, fresh)
        rule.restore(kept)
        found += heard([one], fresh, rule)

    unbroken = heard(strides, fresh)
    assert found == unbroken
    assert [cue.number for cue in unbroken] == list(range(1, len(unbroken) + 1))
    assert len(unbroken) >= 4


@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=5))
def test_where_an_hour_is_cut_changes_nothing(cuts: list[int]) -> None:
    fresh = Rule().baselines(an_hour(1).labelled, an_hour(1).bouts)
    strides, found = pushed(an_hour(1)), []
    rule = CueRule()
    for start, stop in pairwise([0, *sorted(cuts), len(strides)]):
        state, rule = rule.state(), CueRule()
        rule.restore(state)
        found += heard(strides[start:stop], fresh, rule)

    assert found == heard(strides, fresh)


ANY = st.floats(allow_nan=True, allow_infinity=True)
TIMES = st.floats(0.0, 5.0) | st.floats(-100.0, 100.0)
STRIDES = st.tuples(
    st.sampled_from(SIDES),
    TIMES,
    st.sampled_from([-3.0, -1.5, -1.5, 0.0, 0.0, 2.0]) | ANY,
    st.sampled_from(["fast", "fast", "fast", "easy", "other", None]),
    st.none() | ANY,
)


@settings(max_examples=200)
@given(
    drawn_strides=st.lists(STRIDES, max_size=60), times=st.integers(1, 12), row=st.integers(1, 3)
)
def test_there_is_at_most_one_cue_a_minute_whatever_comes(
    drawn_strides: list[tuple[Side, float, float, Pace | None, float | None]], times: int, row: int
) -> None:
    t_s, strides = 0.0, []
    for side, step_s, flexion, pace, speed_m_s in drawn_strides * times:
        t_s += step_s
        peak = FRESH["peak_flexion"] + STANDS_OUT * flexion
        extension = FRESH["peak_extension"] + STANDS_OUT * flexion
        more = {"peak_extension_rad": extension, "speed_m_s": speed_m_s}
        strides.append((stride(t_s, side=side, peak_flexion_rad=peak, **more), pace))
    cues = heard(strides, complete(3.0), CueRule(row))

    assert all(later.t_s - cue.t_s >= 60.0 for cue, later in pairwise(cues))
    assert [cue.number for cue in cues] == list(range(1, len(cues) + 1))


def test_no_time_but_that_of_the_strides_counts() -> None:
    """A run that begins at noon of another day is heard alike."""
    late = [
        (s._replace(t_peak_flexion_s=s.t_peak_flexion_s + 1e5), p) for s, p in run(*[-2.0] * 60)
    ]

    assert len(heard(late)) == 1


def rate(hours: Sequence[Hour], rule: Rule) -> float:
    return sum(len(listened(hour, rule)) for hour in hours) / sum(h.hours() for h in hours)


def test_a_quick_part_of_the_study() -> None:
    """Twenty hours without a change: a rule that is too quick must be found out by the same."""
    half = replace(HOUR, bouts=10)
    hours = [drawn(Kind("null", scenario=half), seed) for seed in range(1001, 1041)]

    assert rate(hours, Rule()) <= 1.0
    assert rate(hours[:20], Rule(in_a_row=8, heed_easy=False)) > 1.5


def test_a_loss_is_heard() -> None:
    """Six degrees at once, in the middle of the hour: within a minute of fast running."""
    kind = Kind("step", change=partial(lost, degrees=6.0, since=0.5))
    for seed in range(8):
        hour = drawn(kind, seed)
        later = [one for one in listened(hour, Rule()) if one.tau >= 0.5]
        first = next(one for one in later if one.cue.kind == "range_down")
        assert first.cue.outcome == "peak_flexion"
        assert hour.fast_strides(first.cue.side, 0.5, first.tau) <= 92


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCS / "live-cues.json").read_text(encoding="utf-8"))
    return loaded


def test_the_page_is_made_of_what_was_found(stored: dict[str, Any]) -> None:
    text = (DOCS / "explanation" / "live-cues.md").read_text(encoding="utf-8")
    made = text.partition(BEGIN)[2].partition(END)[0].strip()

    assert made == tables(stored)


def test_what_was_found_is_of_this_rule(stored: dict[str, Any]) -> None:
    assert stored["rule"]["in_a_row"] == IN_A_ROW
    assert stored["null"]["sessions"] >= 400
    assert [row["what"] for row in stored["hostile"]] == [kind.what for kind in HOSTILE]


def test_false_alarms_are_at_most_one_an_hour(stored: dict[str, Any]) -> None:
    """With the upper end of the interval, which is known to a tenth; and as signals."""
    assert stored["null"]["cues_per_hour_ci95"][1] <= 1.0
    assert stored["signal"][0]["cues_per_hour"] <= 1.0


def test_losses_are_heard_the_larger_the_likelier(stored: dict[str, Any]) -> None:
    for rows in (stored["slopes"], stored["steps"]):
        heard_of = dict(zip(LOSSES_DEG, (row["hit"] for row in rows), strict=True))
        assert heard_of[4.0] >= 0.85
        assert heard_of[8.0] >= 0.98
        for smaller, larger in pairwise(LOSSES_DEG):
            assert heard_of[larger] >= heard_of[smaller] - 0.05


def test_strides_of_the_study_vary_as_measured_ones_do(stored: dict[str, Any]) -> None:
    simulated, measured = stored["noise"]["strides"], stored["noise"]["signals"]
    for name in ("stride_sd_deg", "few_sd_deg", "detectable_deg"):
        assert np.isclose(simulated[name], measured[name], rtol=0.25), name
    assert simulated["memory"] == pytest.approx(measured["memory"], abs=0.1)
