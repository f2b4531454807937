"""Sensor axes → segment axes, for any mounting, from standing still and some gait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hipimu.data import (
    Calibration,
    FloatArray,
    OrientationBlock,
    Segment,
    SegmentBlock,
)
from hipimu.errors import CalibrationError
from hipimu.motion import gait_windows, neutral, roles
from hipimu.motion.axis_finder import GAIT_WINDOW_S, AxisFinder
from hipimu.motion.doubts import GAIT_S
from hipimu.motion.mounted import in_segment
from hipimu.stage import Stage, joined, part

_SECOND_S = 1.0
_STAND_S = 3.0


@dataclass(slots=True)
class _Scan:
    """How far the search for standing and gait has come; sample indices."""

    next_second: int = 0
    still_from: int | None = None
    stand: tuple[int, int] | None = None
    next_window: int = 0
    gait: tuple[tuple[int, float], ...] = ()
    """Start of each gait window and its stride time in seconds."""


class Calibrate(Stage[OrientationBlock, SegmentBlock]):
    """Hold everything back until the axes are found, then turn all samples into segment axes.

    Neutral is the last quiet standing of at least 3 s before 20 s of gait are complete; without
    one, the last of at least 1 s; without that, the mean pose in gait. Found once and kept for the
    session.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    mounting_wxyz : dict
        Segment → sensor quaternions (4,) that are known; the others are found.
    stand_s : tuple of float or None
        Where the runner stood still, in seconds on the recording's clock; None: found.
    height_m : float or None
        Body height, which the lever arms to the hip centre grow with; None: middle height.
    """

    state_names = ("calibration", "_held", "_held_samples", "_scan")

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        mounting_wxyz: Mapping[Segment, FloatArray] | None = None,
        stand_s: tuple[float, float] | None = None,
        *,
        height_m: float | None = None,
    ) -> None:
        self._segments = segments
        self._rate_hz = rate_hz
        self._mounting = dict(mounting_wxyz or {})
        self._stand_s = stand_s
        self._height_m = height_m
        self._held: list[OrientationBlock] = []
        self._held_samples = 0
        self._scan = _Scan()
        self.calibration: Calibration | None = None
        if all(segment in self._mounting for segment in segments):
            self.calibration = _from_metadata(self._mounting, segments)

    def push(self, block: OrientationBlock) -> list[SegmentBlock]:
        """Return segment motion once the axes are known."""
        if self.calibration is not None:
            return [segments_of(block, self.calibration)]
        self._held.append(block)
        self._held_samples += len(block.aligned.t_s)
        if self._held_samples < self._scan.next_window + int(GAIT_WINDOW_S * self._rate_hz):
            return []
        held = joined(self._held)
        self._held = [held]
        self._look(held)
        if not self._enough_gait():
            return []
        return self._calibrate(held)

    @property
    def gait_s(self) -> float:
        """Seconds of gait seen so far, of the `GAIT_S` that are needed."""
        return len(self._scan.gait) * GAIT_WINDOW_S

    def flush(self) -> list[SegmentBlock]:
        """Calibrate from what there is.

        Raises
        ------
        CalibrationError
            When there was no gait, or what there was cannot be trusted.
        """
        if self.calibration is not None or not self._held:
            return []
        return self._calibrate(joined(self._held))

    def _look(self, held: OrientationBlock) -> None:
        """Advance over every complete second and every complete gait window."""
        second, window = (int(s * self._rate_hz) for s in (_SECOND_S, GAIT_WINDOW_S))
        n, scan = len(held.aligned.t_s), self._scan
        while scan.next_window + window <= n and not self._enough_gait():
            while scan.next_second + second <= scan.next_window + window:
                self._look_for_standing(held, scan.next_second, second)
            self._look_for_gait(held, scan.next_window, window)

    def _enough_gait(self) -> bool:
        return len(self._scan.gait) * GAIT_WINDOW_S >= GAIT_S

    def _look_for_standing(self, held: OrientationBlock, start: int, length: int) -> None:
        scan, now = self._scan, slice(start, start + length)
        still = all(
            gait_windows.is_still(held.aligned.gyr_rad_s[s][now], held.aligned.acc_m_s2[s][now])
            for s in self._segments
        )
        if still and scan.still_from is None:
            scan.still_from = start
        if not still:
            scan.still_from = None
        elif start + length - (scan.still_from or 0) >= _STAND_S * self._rate_hz:
            scan.stand = (scan.still_from or 0, start + length)
        scan.next_second = start + length

    def _look_for_gait(self, held: OrientationBlock, start: int, length: int) -> None:
        thighs = [
            held.aligned.gyr_rad_s[s][start : start + length]
            for s in self._segments
            if s != "pelvis"
        ]
        time_s = gait_windows.stride_time_s(thighs, self._rate_hz)
        if time_s is not None:
            self._scan.gait = (*self._scan.gait, (start, time_s))
        self._scan.next_window = start + length

    def _calibrate(self, held: OrientationBlock) -> list[SegmentBlock]:
        self.calibration = self._found(held)
        self._held, self._held_samples = [], 0
        return [segments_of(held, self.calibration)]

    def _found(self, held: OrientationBlock) -> Calibration:
        if not self._scan.gait:
            self._refuse_without_gait(held)
        return self._find_axes(held, self._stand(held))

    def _find_axes(self, held: OrientationBlock, stand: slice | None) -> Calibration:
        seen = max(self._scan.next_window, stand.stop if stand else 0)
        return self._finder(part(held, 0, seen), stand, self._scan.gait).find(self._mounting)

    def _finder(
        self, held: OrientationBlock, stand: slice | None, gait: tuple[tuple[int, float], ...]
    ) -> AxisFinder:
        return AxisFinder(held, stand, gait, self._segments, self._rate_hz, height_m=self._height_m)

    def _refuse_without_gait(self, held: OrientationBlock) -> None:
        """Say why there is none: a pelvis called a thigh hides it."""
        gyr = {segment: held.aligned.gyr_rad_s[segment] for segment in self._segments}
        length = int(GAIT_WINDOW_S * self._rate_hz)
        windows = roles.windows_of_any(gyr, length, self._rate_hz)
        if windows:
            roles.refuse_exchanged(gyr, windows, self._rate_hz)
        raise CalibrationError(
            "No gait of at least 4 s was found, so the direction of the sensors' axes is unknown.",
            "Record some walking or running after standing still, or give the mounting in "
            "recording.toml.",
        )

    def _stand(self, held: OrientationBlock) -> slice | None:
        """Quiet standing that is named, or long, or at least short; None where there is none."""
        t_s = held.aligned.t_s
        if self._stand_s is not None:
            first, last = np.searchsorted(t_s, self._stand_s)
            if last - first >= _SECOND_S * self._rate_hz:
                return slice(int(first), int(last))
            raise CalibrationError(
                f"stand_s = [{self._stand_s[0]:g}, {self._stand_s[1]:g}] holds less than 1 s of "
                "samples.",
                "Name the seconds in which the runner stood still, or leave stand_s out.",
            )
        if self._scan.stand is not None:
            return slice(*self._scan.stand)
        aligned = held.aligned
        return gait_windows.last_short_stand(
            aligned.gyr_rad_s, aligned.acc_m_s2, self._scan.next_window, self._rate_hz
        )


def segments_of(block: OrientationBlock, calibration: Calibration) -> SegmentBlock:
    """Turn all samples into segment axes."""
    quats, gyr, acc = {}, {}, {}
    for segment in block.quat_wxyz:
        mount = calibration.quat_wxyz[segment]
        quats[segment], gyr[segment], acc[segment] = in_segment(block, segment, mount)
    aligned = block.aligned
    return SegmentBlock(aligned.t_s, aligned.rate_hz, quats, gyr, acc, aligned.flags)


def _from_metadata(
    mounting: Mapping[Segment, FloatArray], segments: tuple[Segment, ...]
) -> Calibration:
    return Calibration(
        quat_wxyz={segment: mounting[segment] for segment in segments},
        source="metadata",
        stand_s=None,
        gait_s=0.0,
        axis_ratio={},
        sign_margin={},
        standing_pelvis_tilt_rad=neutral.raw_tilt(mounting["pelvis"]),
    )
