"""What the report says of a session, as far as a summary knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hipimu.data import Calibration, SensorSummary, Session, SessionSummary
from hipimu.report.wording import doubt, finding, remarks

_PROXY: Final = "Pace was guessed from the pelvis: softer."


def as_session(summary: SessionSummary, sensors: Sequence[SensorSummary] = ()) -> Session:
    """Return a session without strides and bouts, for the report's words and tables.

    Parameters
    ----------
    summary : SessionSummary
    sensors : sequence of SensorSummary
        What each delivered, where it is known.
    """
    return Session(
        recording=summary.recording,
        simulated=summary.simulated,
        started_at=summary.started_at,
        athlete=summary.athlete or None,
        duration_s=summary.duration_s,
        method=summary.method,
        filter=summary.filter,
        neutral=summary.neutral,
        hipimu_version=summary.hipimu_version,
        parameters={},
        sensors=tuple(sensors),
        calibration=_calibration(summary),
        strides=(),
        bouts=(),
        cycles=summary.cycles,
        fatigue=summary.fatigue,
        compensation=summary.compensation,
        strength=summary.strength,
        warnings=summary.warnings,
    )


def _calibration(summary: SessionSummary) -> Calibration:
    return Calibration(
        quat_wxyz={},
        source="metadata",
        stand_s=None,
        gait_s=0.0,
        axis_ratio={},
        sign_margin={},
        standing_pelvis_tilt_rad=summary.standing_pelvis_tilt_rad,
        quality=summary.calibration_quality,
    )


def answer(session: Session, summary: SessionSummary) -> tuple[str, str]:
    """Return the sentence, and how sure it is with what else there is to say."""
    proxy = _PROXY if summary.pace_source == "pelvis" else ""
    rest = (doubt(session) or proxy, remarks(session))
    return finding(session), " ".join(part for part in rest if part)
