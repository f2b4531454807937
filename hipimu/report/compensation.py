"""Where the thigh's range came from, hip or pelvis, in words and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hipimu.data import Compensation, Outcome, Pace, Session, Side
from hipimu.report.numerals import degrees, span
from hipimu.report.quantity import ShownChange, deg_change, told_change
from hipimu.report.table import Table
from hipimu.units import deg_from_rad

# What the pelvis took over is not worth a sentence below this, even where it is clear.
_LEAST_DEG: Final = 1.0


@dataclass(frozen=True, slots=True)
class Split:
    """One side, peak and pace in degrees: thigh = hip + pelvis."""

    side: Side
    outcome: Outcome
    pace: Pace
    thigh_fresh_deg: float
    thigh: ShownChange
    hip: ShownChange
    pelvis: ShownChange

    @property
    def peak(self) -> str:
        """``flexion`` or ``extension``."""
        return self.outcome.removeprefix("peak_")

    @property
    def name(self) -> str:
        """For example ``left thigh extension, fast pace``."""
        return f"{self.side} thigh {self.peak}, {self.pace} pace"

    def kept_by_pelvis(self) -> bool:
        """Whether the thigh kept its range only because the pelvis made up for the hip.

        The hip must have lost and the pelvis gained, each with its whole interval; the thigh must
        not have lost, and the most it may have lost must be less than what the pelvis gave.
        """
        kept = self.thigh.ci95[1] >= 0 and -self.thigh.ci95[0] < self.pelvis.value
        matters = self.pelvis.value >= _LEAST_DEG
        return self.hip.lost() and self.pelvis.gained() and kept and matters

    def words(self) -> str:
        """What clearly moved."""
        if self.kept_by_pelvis():
            return "kept by the pelvis"
        parts = (("hip", self.hip), ("pelvis", self.pelvis), ("thigh", self.thigh))
        moved = [
            f"{name} {'fell' if change.lost() else 'rose'}"
            for name, change in parts
            if change.lost() or change.gained()
        ]
        return ", ".join(moved) or "no clear change"


def splits(session: Session) -> tuple[Split, ...]:
    """All splits of a session in degrees, in its order."""
    return tuple(_split(item) for item in session.compensation)


def compensation_sentences(session: Session) -> tuple[str, ...]:
    """Say where the pelvis made up for the hip, the clearest first; empty where it did not.

    Parameters
    ----------
    session : Session

    Returns
    -------
    tuple of str
        One sentence for each side, peak and pace whose intervals leave no other reading.
    """
    made = [item for item in splits(session) if item.kept_by_pelvis()]
    return tuple(map(_sentence, sorted(made, key=lambda item: -item.pelvis.clarity())))


def compensation_table(session: Session) -> Table | None:
    """Changes of thigh, hip and pelvis beside each other; None where they are unknown."""
    if not session.compensation:
        return None
    return Table(
        "Change of the thigh’s peaks over the run, and how much of it is hip and pelvis",
        ("Peak", "Thigh, fresh", "Thigh", "= Hip", "+ Pelvis", "In words"),
        tuple(
            (
                item.name.capitalize(),
                degrees(item.thigh_fresh_deg),
                told_change(item.thigh),
                told_change(item.hip),
                told_change(item.pelvis),
                item.words(),
            )
            for item in splits(session)
        ),
        (
            "Positive: more range in the direction of the peak. When the pelvis tips forward it "
            "adds to the thigh’s extension and takes from its flexion.",
        ),
    )


def _split(item: Compensation) -> Split:
    return Split(
        item.side,
        item.outcome,
        item.pace,
        deg_from_rad(item.thigh_rad.fresh),
        deg_change(item.thigh_rad),
        deg_change(item.hip_rad),
        deg_change(item.pelvis_rad),
    )


def _sentence(item: Split) -> str:
    now = item.thigh_fresh_deg + item.thigh.value
    return (
        f"You kept {degrees(now)} of {item.side} thigh {item.peak} at {item.pace} pace, but "
        f"{degrees(item.pelvis.value)} of it now comes from the pelvis instead of the hip "
        f"({span(item.pelvis.ci95)})."
    )
