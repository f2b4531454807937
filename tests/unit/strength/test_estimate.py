"""Changes are exact where the data are, and every refusal says why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Bout, FloatArray, Pace, Stride
from hipimu.fatigue import estimate_fatigue
from hipimu.strength.columns import Run, run_of
from hipimu.strength.endurance import PEAK_SPEED_SD_RAD
from hipimu.strength.estimate import Answer, averaged, changes, combined
from tests.unit.fatigue.sessions import Design, session

EXACT = 1e-9


def run_from(design: Design) -> Run:
    strides, bouts = session(design)
    return run_of(strides, bouts, ["right"])


def answers(design: Design, **changed: bool) -> dict[Pace, Answer]:
    run = run_from(design)
    columns = run.sides["right"]
    observed = averaged(columns, columns.peak_flexion_rad)
    return changes(observed, run.paces, PEAK_SPEED_SD_RAD, **changed)


def value(answer: Answer) -> float:
    assert answer.change is not None
    return answer.change.value


@pytest.mark.parametrize("one_scatter", [False, True])
@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_straight_lines_are_found(one_scatter: bool, easy: float, fast: float) -> None:
    found = answers(Design(delta_easy_rad=easy, delta_fast_rad=fast), one_scatter=one_scatter)
    for pace, change, level in (("easy", easy, 0.65), ("fast", fast, 0.90)):
        answer = found[pace]  # type: ignore[index]
        assert value(answer) == pytest.approx(change, abs=EXACT)
        assert answer.level is not None
        assert answer.level.value == pytest.approx(level, abs=EXACT)
        assert answer.reasons == answer.caveats == ()


def test_peaks_change_as_the_fatigue_model_says() -> None:
    """One number in two places of a report must be one number."""
    design = Design(
        delta_easy_rad=-0.03,
        noise_rad=0.02,
        bout_rad=0.01,
        speed_effect_rad_s_m=0.05,
        speed=True,
        bouts_each=5,
        seed=4,
    )
    strides, bouts = session(design)
    fatigue = estimate_fatigue(strides, bouts, ["right"])[0]
    easy = answers(design, one_scatter=True)["easy"]
    assert value(easy) == pytest.approx(fatigue.delta_easy_rad)
    assert easy.change is not None
    assert easy.change.interval() == pytest.approx(fatigue.delta_easy_ci95_rad)


def test_speed_is_taken_out_also_of_a_single_pace() -> None:
    """1 m/s is worth 0.1 rad; easy bouts speed up by 0.4 m/s over the run."""
    strides, bouts = session(Design(bouts_each=8, noise_rad=0.005, speed=True))
    rising = [
        s._replace(
            speed_m_s=3.0 + 0.4 * (s.moving_fraction or 0.0) ** 2,
            peak_flexion_rad=s.peak_flexion_rad + 0.04 * (s.moving_fraction or 0.0) ** 2,
        )
        for s in strides
        if s.pace == "easy"
    ]
    run = run_of(rising, bouts, ["right"])
    columns = run.sides["right"]
    known = changes(averaged(columns, columns.peak_flexion_rad), ["easy"])["easy"]
    unknown = run_of([s._replace(speed_m_s=None) for s in rising], bouts, ["right"])
    bare = changes(averaged(unknown.sides["right"], columns.peak_flexion_rad), ["easy"])["easy"]
    assert known.change is not None
    low, high = known.change.interval()
    assert low < 0.0 < high
    assert abs(value(bare)) > 2 * abs(value(known))


def test_speed_that_drifts_with_time_is_said_and_doubted() -> None:
    strides, bouts = session(Design(bouts_each=6, noise_rad=0.005))
    slowing = [s._replace(speed_m_s=4.0 - 0.3 * (s.moving_fraction or 0.0)) for s in strides]
    said, plain = (
        changes(averaged(c, c.peak_flexion_rad), ["easy"])["easy"]
        for c in (run_of(row, bouts, ["right"]).sides["right"] for row in (slowing, strides))
    )
    assert said.caveats == (
        "its easy pace slowed by 0.3 m/s over the run: a change may be that of speed",
    )
    assert plain.caveats == ()
    assert said.change is not None
    assert plain.change is not None
    assert said.change.standard_error > 3 * plain.change.standard_error


def test_paces_that_scatter_differently_have_intervals_of_their_own() -> None:
    random = np.random.default_rng(5)
    run = run_from(Design(bouts_each=30, per_bout=30))
    columns = run.sides["right"]
    offset = random.normal(0.0, 1.0, 60)[columns.unit // 1000]
    values = 10.0 + offset * np.where(columns.group == 1, 2.0, 1.0)
    alone = changes(averaged(columns, values), run.paces)
    pooled = changes(averaged(columns, values), run.paces, one_scatter=True)
    doubts = [
        [a[p].change.standard_error for p in run.paces]  # type: ignore[union-attr]
        for a in (alone, pooled)
    ]
    assert doubts[0][1] / doubts[0][0] == pytest.approx(2.0, rel=0.4)
    assert doubts[1][1] / doubts[1][0] == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(
    ("design", "why"),
    [
        (Design(bouts_each=2), "it has two {} bouts of at least 30 s, three are needed"),
        (Design(bouts_each=1), "it has one {} bout of at least 30 s, three are needed"),
        (Design(bout_s=28.0), "it has no {} bouts of at least 30 s, three are needed"),
        (Design(per_bout=7), "it has 28 usable {} strides, 30 are needed"),
    ],
)
def test_too_little_is_refused(design: Design, why: str) -> None:
    for pace, answer in answers(design).items():
        assert answer.reasons == (why.format(pace),)
        assert answer.level is answer.change is None


def test_bouts_close_together_are_refused() -> None:
    strides, bouts = session(Design())
    squeezed = [s._replace(moving_fraction=0.4 * (s.moving_fraction or 0.0)) for s in strides]
    run = run_of(squeezed, bouts, ["right"])
    columns = run.sides["right"]
    found = changes(averaged(columns, columns.peak_flexion_rad), run.paces)
    assert found["fast"].reasons == (
        "its fast bouts lie too close together to show a change over the run",
    )


def test_one_pace_is_answered_without_the_other() -> None:
    strides, bouts = session(Design(delta_easy_rad=-0.02))
    kept = [s for s in strides if s.pace == "easy" or (s.bout or 0) < 4]
    run = run_of(kept, bouts, ["right"])
    columns = run.sides["right"]
    found = changes(averaged(columns, columns.peak_flexion_rad), run.paces, one_scatter=True)
    assert value(found["easy"]) == pytest.approx(-0.02, abs=EXACT)
    assert found["fast"].change is None


def test_too_few_bouts_to_take_speed_out_are_answered_without() -> None:
    design = Design(bouts_each=3, speed=True, speed_effect_rad_s_m=0.1, noise_rad=0.001)
    run = run_from(design)
    columns = run.sides["right"]
    wide = changes(averaged(columns, columns.peak_flexion_rad), ["easy"], 1e9)["easy"]
    assert np.isfinite(wide.change.interval() if wide.change else (np.nan,)).all()
    assert wide.caveats == ("its bouts are too few to take differences of speed and grade out",)


def test_what_is_only_rounding_is_nothing() -> None:
    run = run_from(Design(bouts_each=5))
    columns = run.sides["right"]
    third = np.full(len(columns.fraction), 1 / 3)
    for answer in changes(averaged(columns, third), run.paces).values():
        assert answer.change is not None
        assert answer.change.value == answer.change.standard_error == 0.0
        assert answer.change.p_value() == 1.0


def sided() -> tuple[list[Stride], list[Bout]]:
    right, bouts = session(Design(delta_fast_rad=-0.05, noise_rad=0.01, seed=1))
    left, _ = session(Design(delta_fast_rad=-0.01, noise_rad=0.01, seed=2, side="left"))
    return [*left, *right], bouts


def test_sides_are_combined_bout_by_bout() -> None:
    strides, bouts = sided()
    run = run_of(strides, bouts, ["left", "right"])
    parts = [averaged(c, c.peak_flexion_rad) for c in run.sides.values()]
    sides = [value(changes(part, ["fast"])["fast"]) for part in parts]
    both, apart = (combined(parts, w) for w in ((0.5, 0.5), (1.0, -1.0)))
    assert value(changes(both, ["fast"])["fast"]) == pytest.approx(np.mean(sides), rel=0.05)
    difference = value(changes(apart, ["fast"])["fast"])
    assert difference == pytest.approx(sides[0] - sides[1], rel=0.05)


def test_bouts_that_one_side_lacks_are_left_out() -> None:
    strides, bouts = sided()
    kept = [s for s in strides if s.side == "right" or (s.bout or 0) < 6]
    run = run_of(kept, bouts, ["left", "right"])
    parts = [averaged(c, c.peak_flexion_rad) for c in run.sides.values()]
    assert combined(parts, (0.5, 0.5)).means.bout.tolist() == [1000 * i for i in range(6)]


def test_strides_of_which_nothing_is_known_do_not_count() -> None:
    run = run_from(Design())
    columns = run.sides["right"]
    values: FloatArray = np.where(columns.unit == 3000, np.nan, 1.0)
    observed = averaged(columns, values)
    assert 3000 not in observed.means.bout
    nothing = changes(averaged(columns, np.full(len(values), np.nan)), run.paces)
    assert nothing["fast"].reasons == ("it has no fast bouts of at least 30 s, three are needed",)
