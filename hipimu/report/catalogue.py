"""What each measure of the four dimensions is called, what it is, may mean and does not mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hipimu.data import DimensionName, Measure
from hipimu.report.quantity import PERCENT, Display, display_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One measure in words."""

    title: str
    what: str
    """What was measured."""
    may: str
    """What a change may mean."""
    may_not: str
    """What it does not mean."""
    display: Display | None = None
    """Where it is not shown in the unit's usual way."""


@dataclass(frozen=True, slots=True)
class DimensionEntry:
    """One dimension in words."""

    title: str
    question: str


DIMENSIONS: Final[Mapping[DimensionName, DimensionEntry]] = {
    "force": DimensionEntry("Force", "How briskly is the thigh driven through its swing?"),
    "endurance": DimensionEntry("Endurance", "Does easy running keep its range to the end?"),
    "full_range": DimensionEntry(
        "Full range", "Is the far end of the range still reached with speed?"
    ),
    "control": DimensionEntry("Control", "How steadily do pelvis and thigh move together?"),
}

_SWING_DEMAND: Final = (
    "It is the demand that was met at this pace, not the most you could meet. The lower leg swings "
    "along unseen, so it is not the whole leg."
)
_TWO_WAYS: Final = (
    "More or less is neither good nor bad by itself: tiredness, shoes and slope all move it."
)
_BETWEEN: Final = "One side may be built or used differently; neither is the right one."

ENTRIES: Final[Mapping[str, Entry]] = {
    "peak_acceleration": Entry(
        "Thigh acceleration in the swing",
        "How quickly the thigh gains turning speed in its swing: the value that only one sample in "
        "twenty exceeds.",
        "If it falls at the same speed, the thigh is driven less briskly than when fresh.",
        _SWING_DEMAND,
    ),
    "swing_work": Entry(
        "Work on the thigh in the swing",
        "Energy given to the thigh alone, as a rigid rod of average build, from peak extension to "
        "peak flexion.",
        "If it falls at the same speed, less is put into each swing of the thigh.",
        _SWING_DEMAND,
    ),
    "peak_moment": Entry(
        "Turning moment on the thigh alone",
        "What turns the thigh as a rigid rod of average build: the value that only one sample in "
        "twenty of the swing exceeds.",
        "If it falls at the same speed, the thigh is turned less hard than when fresh.",
        _SWING_DEMAND,
    ),
    "delta_peak_flexion": Entry(
        "Change of peak flexion",
        "How far peak flexion at easy pace moved over the run.",
        "If it falls, the knee comes less far forward at easy pace as the run goes on.",
        "It does not say why. Posture, slope and shoes change it too.",
    ),
    "delta_peak_extension": Entry(
        "Change of peak extension",
        "How far peak extension at easy pace moved over the run.",
        "If it falls, the thigh comes less far behind at easy pace as the run goes on.",
        "It does not say why. Posture, slope and shoes change it too.",
    ),
    "entry_velocity": Entry(
        "Speed into the end of the range",
        "How fast the hip still flexes where the top fifth of its fresh range begins.",
        "If it falls, the thigh arrives there with less speed and gets less far.",
        "It does not say whether you could not or did not go further.",
    ),
    "reached_share": Entry(
        "Strides that reach the end of the range",
        "Share of strides that enter the top fifth of the fresh range.",
        "If it falls, the end of the range is visited less often.",
        "It does not say whether you could not or did not go there.",
        PERCENT,
    ),
    "zero_moment_angle": Entry(
        "Angle where driving turns into braking",
        "The hip angle at which the moment on the thigh alone changes from flexing to slowing.",
        "If it falls, the swing is braked earlier.",
        _SWING_DEMAND,
    ),
    "pelvis_tilt": Entry(
        "Pelvis tilt, from standing",
        "Mean forward lean of the pelvis over the stride; standing is 0°.",
        "If it rises, the pelvis tips forward: that adds to the thigh’s extension and takes from "
        "its flexion.",
        "It is not posture in daily life, and a belt that turns looks the same.",
    ),
    "pelvis_tilt_range": Entry(
        "Pelvis tilt range",
        "How far the pelvis tips forward and back within a stride.",
        "If it rises, the pelvis takes a larger part in each stride.",
        _TWO_WAYS,
    ),
    "pelvis_obliquity_range": Entry(
        "Pelvis obliquity range",
        "How far the pelvis leans sideways within a stride.",
        "If it rises, the pelvis drops further on the side of the free leg.",
        f"{_TWO_WAYS} Trust it within this run only.",
    ),
    "pelvis_rotation_range": Entry(
        "Pelvis rotation range",
        "How far the pelvis turns about the vertical within a stride.",
        "If it rises, the pelvis turns more with each stride.",
        f"{_TWO_WAYS} Trust it within this run only.",
    ),
    "relative_phase": Entry(
        "Timing of pelvis against thigh",
        "Mean relative phase of pelvis tilt and thigh: how far one runs ahead of the other, where "
        "one rocking of the pelvis, half a stride, is 360°.",
        "If it moves, pelvis and thigh follow each other differently than when fresh.",
        _TWO_WAYS,
    ),
    "relative_phase_variability": Entry(
        "Unsteadiness of that timing",
        "How much the relative phase differs from stride to stride.",
        "If it rises, pelvis and thigh are timed less alike from stride to stride.",
        _TWO_WAYS,
    ),
    "smoothness_sparc": Entry(
        "Smoothness of the swing (SPARC)",
        "How few ups and downs the swing’s speed has; always negative, nearer 0 is smoother.",
        "If it falls, the swing is made of more corrections.",
        "It depends on speed, and loose straps make any swing look rough.",
    ),
    "smoothness_ldlj": Entry(
        "Smoothness of the swing (jerk)",
        "Logarithm of how jerky the swing is; nearer 0 is smoother.",
        "If it falls, the swing is jerkier.",
        "It depends on speed, and loose straps make any swing look rough.",
    ),
    "peak_flexion_variability": Entry(
        "Stride-to-stride spread of peak flexion",
        "Standard deviation of peak flexion between neighbouring strides.",
        "If it rises, strides are less alike than when fresh.",
        _TWO_WAYS,
    ),
    "peak_extension_variability": Entry(
        "Stride-to-stride spread of peak extension",
        "Standard deviation of peak extension between neighbouring strides.",
        "If it rises, strides are less alike than when fresh.",
        _TWO_WAYS,
    ),
    "asymmetry_flexion": Entry(
        "Left minus right, peak flexion",
        "Left peak flexion minus right; 0° is alike.",
        "If it moves away from 0°, the sides grow apart over the run.",
        _BETWEEN,
    ),
    "asymmetry_extension": Entry(
        "Left minus right, peak extension",
        "Left peak extension minus right; 0° is alike.",
        "If it moves away from 0°, the sides grow apart over the run.",
        _BETWEEN,
    ),
}


def entry_of(name: str) -> Entry:
    """Return the words for a measure; one that is not known is called by its name.

    Parameters
    ----------
    name : str
        As in `Measure.name`.

    Returns
    -------
    Entry
    """
    return ENTRIES.get(name) or Entry(
        name.replace("_", " ").strip().capitalize() or "Unnamed",
        "",
        "A change says that this differs from when you were fresh.",
        "It does not say why.",
    )


def display_for(measure: Measure) -> Display:
    """How the numbers of a measure are shown."""
    return entry_of(measure.name).display or display_of(measure.unit)
