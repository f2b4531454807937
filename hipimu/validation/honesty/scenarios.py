"""The sessions that are asked: without any effect, with known losses, and with everything amiss.

All are 6 × (2 min easy, 1 min fast) unless the scenario says otherwise. Angles in degrees here:
these are plans for the simulator, as in a plan file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from hipimu.data import SIDES, Outcome, Side

Expected = Literal["answer", "refusal"]
Key = tuple[Side, Outcome]
LOSSES_DEG: Final = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


@dataclass(frozen=True, slots=True)
class Loss:
    """Degrees lost over the session; a gain is negative."""

    easy_deg: float = 0.0
    fast_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of session; seeds make many of it."""

    name: str
    what: str
    """In a few words, for the table."""
    losses: Mapping[Key, Loss] = field(default_factory=dict)
    sides: tuple[Side, ...] = SIDES
    bouts: int = 6
    """Of each pace."""
    missing_fast: int = 0
    """Fast bouts that are not in the recording, drawn anew each time."""
    easy_m_s: tuple[float, float] = (3.0, 3.0)
    """Speed of the first and of the last easy bout; evenly in between."""
    fast_m_s: tuple[float, float] = (5.0, 5.0)
    lost_strides: float = 0.0
    """Share of the strides lost, in bursts."""
    bout_sd_deg: float = 0.5
    fast_bout_sd_deg: float | None = None
    """None: as at easy pace."""
    bout_memory: float = 0.0
    """Lag-one correlation of what neighbouring bouts lie above or below the trend."""
    heavy_tails: bool = False
    """One stride in fifty is off by ten degrees or so."""
    label_by: Literal["laps", "hip range"] = "laps"
    drawn_as: str = ""
    """Name of the scenario whose sessions these are; empty: its own."""
    expected: Expected = "answer"

    def rfi_deg(self, side: Side, outcome: Outcome) -> float:
        """Return the truth."""
        loss = self.losses.get((side, outcome), Loss())
        return loss.fast_deg - loss.easy_deg


def _flexion(loss: Loss, sides: tuple[Side, ...] = SIDES) -> dict[Key, Loss]:
    return {(side, "peak_flexion"): loss for side in sides}


def _both(loss: Loss) -> dict[Key, Loss]:
    return {(side, peak): loss for side in SIDES for peak in ("peak_flexion", "peak_extension")}


NULL: Final = Scenario("null", "no change at all")
_FIVE: Final = _flexion(Loss(fast_deg=5.0))

SCENARIOS: Final[tuple[Scenario, ...]] = (
    NULL,
    Scenario("both alike", "3° lost at both paces alike", _both(Loss(3.0, 3.0))),
    *(
        Scenario(f"fast {loss:g}°", f"{loss:g}° of flexion lost at fast pace only",
                 _flexion(Loss(fast_deg=loss)))
        for loss in LOSSES_DEG
    ),
    Scenario("reversed", "5° of flexion gained at fast pace", _flexion(Loss(fast_deg=-5.0))),
    Scenario("one side", "5° of flexion lost on the left only", _flexion(Loss(fast_deg=5.0),
                                                                       ("left",))),
    Scenario("one leg", "5° lost, one thigh sensor only", _FIVE, sides=("right",)),
    Scenario("three bouts", "no change, three bouts of each pace", bouts=3),
    Scenario("twelve bouts", "no change, twelve bouts of each pace", bouts=12),
    Scenario("missing bouts", "5° lost, two fast bouts missing", _FIVE, missing_fast=2),
    Scenario("two fast bouts", "5° lost, four fast bouts missing", _FIVE, missing_fast=4,
             expected="refusal"),
    Scenario("lost strides", "5° lost, 10 % of the strides missing in bursts", _FIVE,
             lost_strides=0.10),
    Scenario("slower, null", "no change, fast pace 5.0 → 4.8 m/s, easy 3.0 → 2.9",
             easy_m_s=(3.0, 2.9), fast_m_s=(5.0, 4.8)),
    Scenario("slower, 5°", "5° lost, fast pace 5.0 → 4.8 m/s, easy 3.0 → 2.9", _FIVE,
             easy_m_s=(3.0, 2.9), fast_m_s=(5.0, 4.8)),
    Scenario("much slower", "no change, fast pace 5.0 → 4.3 m/s", fast_m_s=(5.0, 4.3),
             expected="refusal"),
    Scenario("collapse", "no change, fast pace 5.0 → 3.4 m/s", fast_m_s=(5.0, 3.4),
             expected="refusal"),
    Scenario("loud fast", "no change, fast bouts scatter twice as much as easy ones",
             fast_bout_sd_deg=1.0),
    Scenario("wandering", "no change, neighbouring bouts resemble each other (0.5)",
             bout_memory=0.5),
    Scenario("stumbles", "no change, one stride in fifty far off", heavy_tails=True),
)  # fmt: skip

BY_LAPS: Final = Scenario(
    "by laps",
    "3° of flexion and of extension lost at one steady pace that laps call easy and fast in turn",
    _both(Loss(3.0, 3.0)),
    bouts=12,
    easy_m_s=(3.8, 3.8),
    fast_m_s=(3.8, 3.8),
)
BY_HIP_RANGE: Final = replace(
    BY_LAPS,
    name="by hip range",
    what="the same runs; a stride is called fast when the hip moves as far as in the wider half of "
    "the first third",
    label_by="hip range",
    drawn_as=BY_LAPS.name,
)
"""What must not be done: it puts the answer in with the question. As range is lost, ever fewer
strides are called fast, and those that are have lost least, since they were chosen for it."""
