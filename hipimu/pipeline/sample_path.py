"""The order of the stages that samples pass, said once: from aligning to strides."""

from __future__ import annotations

from typing import NamedTuple

from hipimu.data import Calibration, FloatArray, Method, Segment, SensorSummary
from hipimu.gait import FINDERS, USUAL_FINDER
from hipimu.motion import (
    Calibrate,
    CalibrateSession,
    Fuse,
    FuseSession,
    HipAngles,
    MatchHeading,
    MatchHeadingSession,
    SteadySegments,
)
from hipimu.sources import Recording
from hipimu.stage import Chain
from hipimu.timing import LOOK_AHEAD_S, TWO_SIDED_S, Align, BridgeGaps


class _Steps(NamedTuple):
    """The steps in which the two methods differ."""

    look_ahead_s: float
    """How far a gap's filling may look beyond it."""
    fuse: type[Fuse] | type[FuseSession]
    calibrate: type[Calibrate]
    match_heading: type[MatchHeading] | type[MatchHeadingSession]


_STEPS: dict[Method, _Steps] = {
    "causal": _Steps(LOOK_AHEAD_S, Fuse, Calibrate, MatchHeading),
    "refined": _Steps(TWO_SIDED_S, FuseSession, CalibrateSession, MatchHeadingSession),
}


class SamplePath:
    """Samples in, angles and strides out: from aligning and bridging gaps to hip angles.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
        Of the common time base.
    filter_name : str
    sensor_rate_hz : dict
        Declared rate of each sensor.
    mounting_wxyz : dict
        Known segment → sensor quaternions.
    stand_s : tuple of float or None
    height_m : float or None
        Body height.
    method : {"causal", "refined"}
        Causal steps need nothing later than a fraction of a second and suit a live readout.
        Refined ones look both ways, and give everything out at the end.
    poorly_timed : frozenset of Segment
        Sensors whose clock is in doubt.
    finder : str
        Of strides, by its name in `hipimu.gait.FINDERS`.
    """

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        filter_name: str = "vqf",
        *,
        method: Method = "causal",
        sensor_rate_hz: dict[Segment, float] | None = None,
        mounting_wxyz: dict[Segment, FloatArray] | None = None,
        stand_s: tuple[float, float] | None = None,
        height_m: float | None = None,
        poorly_timed: frozenset[Segment] = frozenset(),
        finder: str = USUAL_FINDER,
    ) -> None:
        self._align = Align(segments, rate_hz, sensor_rate_hz, poorly_timed)
        steps = _STEPS[method]
        self._calibrate = steps.calibrate(
            segments, rate_hz, mounting_wxyz, stand_s, height_m=height_m
        )
        self._match_heading = steps.match_heading(segments, rate_hz, height_m=height_m)
        self.angles = Chain(
            [
                self._align,
                BridgeGaps(segments, rate_hz, steps.look_ahead_s),
                steps.fuse(segments, rate_hz, filter_name),
                self._calibrate,
                self._match_heading,
                SteadySegments(segments, rate_hz),
                HipAngles(segments),
            ]
        )
        *to_segments, self.hip_angles = self.angles.stages
        self.segments = Chain(to_segments)
        """The same stages as in `angles` but the last, for whom segments matter too."""
        self.strides = FINDERS.get(finder)()

    @property
    def calibration(self) -> Calibration | None:
        """The axes, once they are found."""
        return self._calibrate.calibration

    @property
    def gait_s(self) -> float:
        """Seconds of gait seen so far, in which the axes are to be found."""
        return self._calibrate.gait_s

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to read before trusting the angles."""
        found = () if self.calibration is None else self.calibration.warnings
        return (*found, *self._match_heading.warnings, *self._ended())

    def _ended(self) -> tuple[str, ...]:
        return tuple(
            f"the {segment} sensor delivered nothing after {end_s:.0f} s: from there on its side "
            "is missing"
            for segment, end_s in self._align.ended_s().items()
        )

    @property
    def overdue(self) -> tuple[Segment, float] | None:
        """The sensor that the others should go on without, and until when, in seconds."""
        return self._align.overdue()

    @property
    def absent(self) -> frozenset[Segment]:
        """The sensors that the others go on without."""
        return self._align.absent()

    def sensors(self) -> tuple[SensorSummary, ...]:
        """What each sensor has delivered so far."""
        return self._align.summaries()


def sample_path_for(
    recording: Recording,
    filter_name: str = "vqf",
    method: Method = "causal",
    *,
    poorly_timed: frozenset[Segment] = frozenset(),
    finder: str = USUAL_FINDER,
) -> SamplePath:
    """Set up the sample path a recording needs."""
    known = {s: recording.mounting(s) for s in recording.segments}
    return SamplePath(
        recording.segments,
        recording.rate_hz,
        filter_name,
        method=method,
        sensor_rate_hz={file.segment: file.rate_hz for file in recording.files},
        mounting_wxyz={s: quat for s, quat in known.items() if quat is not None},
        stand_s=recording.stand_s,
        height_m=recording.metadata.athlete.height_m,
        poorly_timed=poorly_timed,
        finder=finder,
    )
