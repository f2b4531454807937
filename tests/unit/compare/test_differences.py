"""Every judgement of a change between two sessions, from sessions that ask for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hipimu.compare import differences
from hipimu.data import Difference, Measure, SessionSummary
from hipimu.units import deg_from_rad
from tests.unit.compare.summaries import estimate, not_estimable, season, strength, summary

LOUD = [-4.0, -1.0, -6.0, -2.0, -7.0, -3.0, -5.5, -1.5]
BEFORE = [-40.0 + 3 * i for i in range(8)]
QUIET = [-4.0, -4.3, -3.8, -4.1, -3.9, -4.2, -4.0, -4.1]


def change(
    first: SessionSummary,
    second: SessionSummary,
    quantity: str = "delta_fast",
    repeated: list[SessionSummary] | None = None,
) -> Difference:
    found = differences(first, second, repeated or ())
    return next(one for one in found if one.quantity == quantity)


def pair(
    first_deg: float, second_deg: float, se_deg: float = 0.5
) -> tuple[SessionSummary, SessionSummary]:
    first, second = season([first_deg, second_deg], se_deg=se_deg)
    return first, second


def test_the_change_is_the_second_minus_the_first() -> None:
    found = change(*pair(-6.0, -2.0, se_deg=1.0))
    assert found.change_ci95 is not None
    half = 2.306 * 1.0 * 2**0.5  # t with 8 degrees of freedom, both sessions

    assert deg_from_rad(found.change) == pytest.approx(4.0)
    assert deg_from_rad(found.change_ci95[0]) == pytest.approx(4.0 - half, abs=0.01)
    assert deg_from_rad(found.change_ci95[1]) == pytest.approx(4.0 + half, abs=0.01)
    assert (found.unit, found.side, found.outcome, found.pace) == (
        "rad", "left", "peak_flexion", "fast",
    )  # fmt: skip


def test_without_own_sessions_the_default_and_both_doubts_decide() -> None:
    found = change(*pair(-6.0, -2.0, se_deg=1.0))
    assert found.detectable is not None
    assert deg_from_rad(found.detectable) == pytest.approx((4.0**2 + 2 * 1.96**2) ** 0.5, abs=0.01)


@pytest.mark.parametrize(
    ("first", "second", "se_deg", "judgement"),
    [
        (-8.0, -1.0, 0.5, "real"),
        (-1.0, -8.0, 0.5, "real"),
        (-4.0, -4.1, 0.5, "noise"),
        (-5.0, -2.0, 0.5, "cannot_tell"),  # apart, and no more than from day to day
        (-4.0, -3.0, 3.0, "cannot_tell"),
        (-9.0, -1.0, 3.5, "cannot_tell"),
    ],
)
def test_judgements(first: float, second: float, se_deg: float, judgement: str) -> None:
    found = change(*pair(first, second, se_deg))

    assert found.judgement == judgement
    assert bool(found.reasons) == (judgement == "cannot_tell")


def test_a_steady_athlete_shows_less_and_a_loud_one_needs_more() -> None:
    first, second = pair(-7.5, -2.5)
    default, quiet, loud = (
        change(
            first,
            second,
            repeated=season(values, [-40 + 3 * i for i in range(len(values))], se_deg=0.5),
        )
        for values in ([], QUIET, LOUD)
    )
    assert default.detectable is not None
    assert quiet.detectable is not None
    assert loud.detectable is not None
    assert quiet.detectable < default.detectable < loud.detectable
    assert (quiet.judgement, loud.judgement) == ("real", "cannot_tell")


def test_three_sessions_on_one_line_do_not_make_an_athlete_perfect() -> None:
    found = change(*pair(-6.0, -3.0), repeated=season([-4.0, -3.0, -2.0], se_deg=0.5))
    assert found.detectable is not None
    assert deg_from_rad(found.detectable) > 3.0


def test_what_cannot_be_compared_has_no_differences() -> None:
    first, second = pair(-8.0, -1.0)
    assert differences(replace(first, method="causal"), second) == ()
    assert all(one.side != "left" for one in differences(summary(0, [not_estimable()]), second))


def test_sessions_made_otherwise_say_nothing_of_scatter() -> None:
    first, second = pair(-7.5, -2.5)
    loud = [replace(s, method="causal") for s in season(LOUD, [-30 + 3 * i for i in range(8)])]
    assert differences(first, second, loud) == differences(first, second)


def test_levels_need_the_same_neutral_and_speed() -> None:
    first, second = pair(-4.0, -4.0)
    slower = replace(first, speed_m_s={"easy": 3.0, "fast": 4.5})
    guessed = replace(first, neutral="guessed from the mean pose in gait")

    assert change(first, second, "level_fast").reasons == (
        "a single run does not tell how sure this is",
    )
    assert "angles rise with speed" in change(slower, second, "level_fast").reasons[0]
    assert "neutral" in change(guessed, second, "level_fast").reasons[0]
    assert change(guessed, second, "delta_fast").judgement == "noise"


def test_a_level_far_from_an_athletes_own_is_real() -> None:
    own = season([-4.0] * 8, [-40 + 3 * i for i in range(8)])
    low, high = summary(0, [estimate(level_deg=40)]), summary(3, [estimate(level_deg=55)])

    assert change(low, high, "level_fast", own).judgement == "real"
    assert change(low, high, "level_fast").judgement == "cannot_tell"


def smooth(value: float, day: float = 0.0) -> SessionSummary:
    measure = Measure(
        "smoothness_sparc", "1", "left", "fast", value, -0.1, (-0.2, 0.0),
        fresh_ci95=(value - 0.1, value + 0.1),
    )  # fmt: skip
    return summary(day, strength=strength({"control": [measure]}))


def test_measures_without_a_default_need_own_sessions() -> None:
    name = "control/smoothness_sparc"
    own = [smooth(-4.0 + 0.05 * (-1) ** i, -30.0 + i) for i in range(6)]
    alone = change(smooth(-5.0), smooth(-3.0, 3.0), name)

    assert (alone.judgement, alone.detectable) == ("cannot_tell", None)
    assert alone.unit == "1"
    assert change(smooth(-5.0), smooth(-3.0, 3.0), name, own).judgement == "real"
    assert change(smooth(-4.0), smooth(-4.0, 3.0), f"{name}/change", own).judgement == "cannot_tell"


def test_one_of_many_is_taken_back() -> None:
    """A change that alone would be called real is none where seven others are quiet."""
    sides = [
        (side, peak) for side in ("left", "right") for peak in ("peak_flexion", "peak_extension")
    ]
    first, second = (
        summary(
            day,
            [
                estimate(fast if i == 0 else -4.0, side=side, outcome=peak, se_deg=0.5)  # type: ignore[arg-type]
                for i, (side, peak) in enumerate(sides)
            ],
        )
        for day, fast in ((0.0, -6.5), (3.0, -2.0))
    )
    alone = change(*pair(-6.5, -1.0))
    found = differences(first, second)
    among = next(one for one in found if one.quantity == "delta_fast")

    assert alone.judgement == "real"
    assert among.judgement == "cannot_tell"
    assert "among 8" in among.reasons[0]
