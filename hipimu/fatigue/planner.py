"""What a session can show before it is run: the smallest loss it can see, or the bouts it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import optimize, stats

from hipimu.data import MIN_BOUTS, FloatArray, Pace, Variability
from hipimu.fatigue.series import PACES
from hipimu.units import rad_from_deg

MOST_BOUTS: Final = 60
_LARGEST_RAD: Final = rad_from_deg(90.0)
_BLOCK_STRIDES: Final = 25
_FLOOR_RAD: Final = rad_from_deg(0.5)
USUAL: Final = Variability(
    bout_sd_rad=rad_from_deg(0.5),
    stride_sd_rad={"easy": rad_from_deg(1.5), "fast": rad_from_deg(2.1)},
)
"""Of the simulated runner: strides vary by 2 % of their peak and resemble their neighbours (0.6).
A runner's own figures, from an analysed session, are better."""


@dataclass(frozen=True, slots=True)
class Design:
    """A session of easy and fast bouts in turn, as evenly as their numbers allow."""

    bouts: tuple[int, int]
    """Easy and fast."""
    bout_s: tuple[float, float]
    stride_s: tuple[float, float] = (0.74, 0.65)
    """Stride time at easy and fast pace."""
    set_aside: float = 0.1
    """Share of strides that will not count."""
    variability: Variability = USUAL
    power: float = 0.8
    """How often a loss is to be seen that is there."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a design can show."""

    design: Design
    smallest_rad: float
    """Extra loss at fast pace that is called one with the design's power."""
    half_width_rad: float
    """Of the 95 % interval of RFI."""
    detectable_rad: float
    """The detectable change to expect: less is never called a loss."""


def outlook(design: Design) -> Outlook:
    """Tell the smallest extra loss at fast pace that a session can show.

    The interval of RFI follows from where the bouts lie and how bouts and strides vary; the power
    from Student's noncentral t.

    Parameters
    ----------
    design : Design
        At least three bouts of each pace.

    Returns
    -------
    Outlook

    Raises
    ------
    ValueError
        With fewer bouts: such a session cannot answer.
    """
    if min(design.bouts) < MIN_BOUTS:
        raise ValueError("a session needs three bouts of each pace")
    error = _standard_error(design)
    freedom = sum(design.bouts) - 4
    quantile = float(stats.t.ppf(0.975, freedom))
    detectable = _detectable(design)

    def missing(loss: float) -> float:
        seen = float(stats.nct.sf(quantile, freedom, loss / error))
        large = float(stats.norm.sf(detectable, loss, error))
        return min(seen, large) - design.power

    smallest = float(optimize.brentq(missing, 0.0, _LARGEST_RAD, xtol=1e-6))
    return Outlook(design, smallest, quantile * error, detectable)


def bouts_needed(design: Design, loss_rad: float) -> Outlook | None:
    """Find the fewest bouts of each pace that show a loss of this size.

    Parameters
    ----------
    design : Design
        All but the number of bouts is kept.
    loss_rad : float
        Extra loss at fast pace.

    Returns
    -------
    Outlook or None
        None: not even `MOST_BOUTS` of each would.
    """
    for count in range(MIN_BOUTS, MOST_BOUTS + 1):
        found = outlook(replace(design, bouts=(count, count)))
        if found.smallest_rad <= loss_rad:
            return found
    return None


def _standard_error(design: Design) -> float:
    """Of RFI: for each pace, what a mean of a bout varies by over how far its bouts spread."""
    total = 0.0
    places = _places(design)
    for pace in PACES:
        tau = places[pace]
        total += _bout_variance(design, pace) / float(((tau - tau.mean()) ** 2).sum())
    return float(np.sqrt(total))


def _bout_variance(design: Design, pace: Pace) -> float:
    number = PACES.index(pace)
    strides = design.bout_s[number] / design.stride_s[number] * (1 - design.set_aside)
    own = design.variability
    return float(own.bout_sd_rad**2 + own.stride_sd_rad[pace] ** 2 / max(strides, 1.0))


def _detectable(design: Design) -> float:
    """As `hipimu.fatigue.estimate` will find it from 25-stride means of the first third."""
    own = design.variability
    variance = np.mean(
        [own.bout_sd_rad**2 + own.stride_sd_rad[pace] ** 2 / _BLOCK_STRIDES for pace in PACES]
    )
    return max(float(1.96 * np.sqrt(2 * variance)), _FLOOR_RAD)


def _places(design: Design) -> dict[Pace, FloatArray]:
    """Middle of each bout as a share of the moving time, spread evenly among each other."""
    order = sorted(
        ((i + 0.5) / count, number)
        for number, count in enumerate(design.bouts)
        for i in range(count)
    )
    lengths = np.array([design.bout_s[number] for _, number in order])
    middle = (np.cumsum(lengths) - 0.5 * lengths) / lengths.sum()
    numbers = np.array([number for _, number in order])
    return {pace: middle[numbers == number] for number, pace in enumerate(PACES)}
