"""What is kept of an analysed session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from hipimu.data import (
    Bout,
    Calibration,
    Pace,
    PaceSource,
    Segment,
    Session,
    SessionSummary,
    Stride,
    TrainingContext,
)


def summarise(
    session: Session, *, athlete: str = "", name: str = "", context: TrainingContext | None = None
) -> SessionSummary:
    """Keep everything of a session but its strides.

    Parameters
    ----------
    session : Session
    athlete : str
        Public name of the athlete; empty where it is not known.
    name : str
        Public name of the session; without it, the recording's.
    context : TrainingContext or None
        What a person says of it.

    Returns
    -------
    SessionSummary
    """
    calibration = session.calibration
    return SessionSummary(
        session=name or session.recording,
        athlete=athlete,
        recording=session.recording,
        started_at=_utc(session.started_at),
        duration_s=session.duration_s,
        simulated=session.simulated,
        method=session.method,
        filter=session.filter,
        neutral=session.neutral,
        hipimu_version=session.hipimu_version,
        segments=tuple(sensor.sensor for sensor in session.sensors),
        pace_source=_pace_source(session.bouts),
        calibration_quality=calibration.quality,
        mounting_wxyz=_mounting(calibration),
        standing_pelvis_tilt_rad=calibration.standing_pelvis_tilt_rad,
        loss={sensor.sensor: sensor.loss for sensor in session.sensors},
        usable_share=_usable_share(session.strides),
        strides=Counter(stride.side for stride in session.strides if stride.usable()),
        speed_m_s=_speeds(session.bouts),
        fatigue=session.fatigue,
        compensation=session.compensation,
        strength=session.strength,
        cycles=session.cycles,
        warnings=session.warnings,
        context=context or TrainingContext(),
    )


def _utc(moment: datetime | None) -> datetime | None:
    """A recording without a time zone is taken as UTC, as its reader takes it."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _pace_source(bouts: tuple[Bout, ...]) -> PaceSource:
    return bouts[0].pace_source if bouts else "none"


def _mounting(calibration: Calibration) -> dict[Segment, tuple[float, float, float, float]]:
    mounting: dict[Segment, tuple[float, float, float, float]] = {}
    for segment, quat_wxyz in calibration.quat_wxyz.items():
        w, x, y, z = (float(part) for part in quat_wxyz)
        mounting[segment] = (w, x, y, z)
    return mounting


def _usable_share(strides: Iterable[Stride]) -> float:
    running = [stride for stride in strides if stride.gait == "running"]
    return sum(stride.usable() for stride in running) / len(running) if running else 0.0


def _speeds(bouts: tuple[Bout, ...]) -> dict[Pace, float]:
    """Weighted by how long each bout lasted."""
    speeds: dict[Pace, float] = {}
    for pace in ("easy", "fast", "other"):
        known = [b for b in bouts if b.pace == pace and b.speed_m_s is not None]
        lasted_s = sum(bout.end_s - bout.start_s for bout in known)
        if lasted_s > 0:
            covered_m = sum((b.end_s - b.start_s) * (b.speed_m_s or 0.0) for b in known)
            speeds[pace] = covered_m / lasted_s
    return speeds
