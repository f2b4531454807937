"""What the study of live cues asks: sessions with a loss, without one, and other rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from hipimu.data import Outcome, Side
from hipimu.validation.honesty.scenarios import Scenario
from tests.studies.live_cue_sessions import (
    HOUR,
    NAMED,
    Kind,
    Rule,
    first_bout_off,
    hot_start,
    lost,
    lost_at_both,
    lost_extension,
    slipping,
    uneven,
    warming_up,
)

LOSSES_DEG: Final = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
HALF: Final = 0.5

NULL: Final = Kind("null", "no change")


_ONE_LEG: Final = replace(HOUR, name="one leg", sides=("right",))


def _slower(to_m_s: float) -> Scenario:
    return replace(HOUR, name=f"slower {to_m_s:g}", fast_m_s=(5.0, to_m_s))


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of session and what should be heard in it."""

    kind: Kind
    degrees: float = 0.0
    """Lost in the end."""
    since: float = 0.0
    """τ at which the loss begins."""
    outcome: Outcome = "peak_flexion"
    sides: tuple[Side, ...] = ("left", "right")


STEPS: Final = tuple(
    Asked(
        Kind(f"step {d:g}", f"{d:g}° at once", change=partial(lost, degrees=d, since=HALF)),
        d,
        HALF,
    )
    for d in LOSSES_DEG
)
SLOPES: Final = tuple(
    Asked(Kind(f"slope {d:g}", f"{d:g}° over the hour", change=partial(lost, degrees=d)), d)
    for d in LOSSES_DEG
)
OTHER_LOSSES: Final = (
    Asked(
        Kind("left", "4° on the left only", change=partial(lost, degrees=4.0, left_only=True)),
        4.0,
        sides=("left",),
    ),
    Asked(
        Kind("one sensor", "4°, one thigh sensor only", _ONE_LEG, partial(lost, degrees=4.0)),
        4.0,
        sides=("right",),
    ),
    Asked(
        Kind("extension", "3° of extension", change=partial(lost_extension, degrees=3.0)),
        3.0,
        outcome="peak_extension",
    ),
    Asked(
        Kind("slower 4.8, 4°", "4°, and 5.0 → 4.8 m/s", _slower(4.8), partial(lost, degrees=4.0)),
        4.0,
    ),
    Asked(
        Kind("slower 4.5, 4°", "4°, and 5.0 → 4.5 m/s", _slower(4.5), partial(lost, degrees=4.0)),
        4.0,
    ),
    Asked(
        Kind(
            "easy slower, 4°",
            "4°, and easy pace 3.0 → 2.7 m/s",
            replace(HOUR, name="easy slower", easy_m_s=(3.0, 2.7)),
            partial(lost, degrees=4.0),
        ),
        4.0,
    ),
    Asked(Kind("both paces", "4° at both paces", change=partial(lost_at_both, degrees=4.0)), 4.0),
)
HOSTILE: Final = (
    Kind("one sensor", "one thigh sensor only", _ONE_LEG),
    Kind("no speed", "speed not known", pod=False),
    Kind("loud", "fast bouts scatter twice as much (1°)", NAMED["loud fast"]),
    Kind("wandering", "neighbouring bouts resemble each other (0.5)", NAMED["wandering"]),
    Kind("stumbles", "one stride in fifty far off", NAMED["stumbles"]),
    Kind(
        "gaps",
        "10 % of the strides missing in bursts",
        replace(HOUR, name="gaps", lost_strides=0.1),
    ),
    Kind(
        "first bout", "the first fast bout 2° larger", change=partial(first_bout_off, degrees=2.0)
    ),
    Kind(
        "warming up",
        "peaks 3° larger at the start of the run",
        change=partial(warming_up, degrees=3.0),
    ),
    Kind("slower", "5.0 → 4.7 m/s at fast pace", _slower(4.7)),
    Kind("slower, no speed", "the same, speed not known", _slower(4.7), pod=False),
    Kind("uneven", "fast bouts differ in speed by 2 %", change=partial(uneven, sd_m_s=0.1)),
    Kind(
        "uneven, no speed",
        "the same, speed not known",
        change=partial(uneven, sd_m_s=0.1),
        pod=False,
    ),
    Kind(
        "hot start",
        "each fast bout begins 6 % quicker than it ends",
        change=partial(hot_start, by_m_s=0.3),
    ),
    Kind(
        "hot start, no speed",
        "the same, speed not known",
        change=partial(hot_start, by_m_s=0.3),
        pod=False,
    ),
    Kind(
        "slip at easy",
        "the left strap slips 5° at easy pace",
        change=partial(slipping, degrees=5.0, fast=False),
    ),
    Kind(
        "slip at fast",
        "the left strap slips 5° at fast pace",
        change=partial(slipping, degrees=5.0, fast=True),
    ),
    Kind("no easy pace", "nothing is marked easy", easy=False),
    Kind("5 s late", "lap buttons pressed 5 s late, speed not known", late_s=5.0, pod=False),
    Kind("15 s late", "lap buttons pressed 15 s late, speed not known", late_s=15.0, pod=False),
)
CHOICES: Final = (
    *(Rule(in_a_row=count) for count in (10, 15, 20, 25, 30)),
    *(Rule(fresh_bouts=bouts) for bouts in (1, 3)),
    Rule(heed_easy=False),
)
