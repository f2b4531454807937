"""Sensor axes → segment axes, for any mounting, from standing still and some gait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    Calibration,
    FloatArray,
    OrientationBlock,
    Segment,
    SegmentBlock,
    Side,
)
from hipimu.errors import CalibrationError
from hipimu.maths import filters, quaternion
from hipimu.motion import axes, gait_windows, signs
from hipimu.motion.hip_centre import PELVIS_LEVER_M, THIGH_LEVER_M, midway, specific_force_at
from hipimu.stage import Stage, joined
from hipimu.units import deg_from_rad, rad_from_deg

_SECOND_S = 1.0
_STAND_S = 3.0
_GAIT_WINDOW_S = 4.0
_GAIT_S = 20.0
_THIGH_BAND_HZ = 5.0
_PELVIS_BAND_HZ = (0.5, 8.0)
_LARGEST_LEAN_RAD = rad_from_deg(40.0)
_CLEAR_RATIO = 1.5
_CLEAR_MARGIN = 0.3
_SWING_SIGN: Mapping[Side, float] = {"right": 1.0, "left": -1.0}


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

    Neutral is the last quiet standing of at least 3 s before 20 s of gait are complete. Found
    once and kept for the session.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    mounting_wxyz : dict
        Segment → sensor quaternions (4,) that are known; the others are found.
    stand_s : tuple of float or None
        Where the runner stood still, in seconds on the recording's clock; None: found.
    """

    state_names = ("calibration", "_held", "_scan")

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        mounting_wxyz: Mapping[Segment, FloatArray] | None = None,
        stand_s: tuple[float, float] | None = None,
    ) -> None:
        self._segments = segments
        self._rate_hz = rate_hz
        self._mounting = dict(mounting_wxyz or {})
        self._stand_s = stand_s
        self._held: list[OrientationBlock] = []
        self._scan = _Scan()
        self.calibration: Calibration | None = None
        if all(segment in self._mounting for segment in segments):
            self.calibration = _from_metadata(self._mounting, segments)

    def push(self, block: OrientationBlock) -> list[SegmentBlock]:
        """Return segment motion once the axes are known."""
        if self.calibration is not None:
            return [_segments(block, self.calibration)]
        self._held.append(block)
        held = joined(self._held)
        self._held = [held]
        self._look(held)
        if len(self._scan.gait) * _GAIT_WINDOW_S < _GAIT_S:
            return []
        return self._calibrate(held)

    def flush(self) -> list[SegmentBlock]:
        """Calibrate from what there is.

        Raises
        ------
        CalibrationError
            When there was no quiet standing or no gait.
        """
        if self.calibration is not None or not self._held:
            return []
        return self._calibrate(joined(self._held))

    def _look(self, held: OrientationBlock) -> None:
        """Advance over every complete second and every complete gait window."""
        second, window = (int(s * self._rate_hz) for s in (_SECOND_S, _GAIT_WINDOW_S))
        n, scan = len(held.aligned.t_s), self._scan
        while scan.next_window + window <= n and len(scan.gait) * _GAIT_WINDOW_S < _GAIT_S:
            while scan.next_second + second <= scan.next_window + window:
                self._look_for_standing(held, scan.next_second, second)
            self._look_for_gait(held, scan.next_window, window)

    def _look_for_standing(self, held: OrientationBlock, start: int, length: int) -> None:
        scan, part = self._scan, slice(start, start + length)
        still = all(
            gait_windows.is_still(held.aligned.gyr_rad_s[s][part], held.aligned.acc_m_s2[s][part])
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
        stand = self._stand(held)
        if not self._scan.gait:
            raise CalibrationError(
                "No gait of at least 4 s was found, so the direction of the sensors' axes is "
                "unknown.",
                "Record some walking or running after standing still, or give the mounting in "
                "recording.toml.",
            )
        finder = _AxisFinder(held, stand, self._scan.gait, self._segments, self._rate_hz)
        self.calibration = finder.find(self._mounting)
        self._held = []
        return [_segments(held, self.calibration)]

    def _stand(self, held: OrientationBlock) -> slice:
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
        if self._scan.stand is None:
            raise CalibrationError(
                f"No quiet standing of {_STAND_S:g} s was found before the gait, so there is no "
                "neutral pose.",
                "Stand still for 5–10 s with the sensors on before walking, or name the time as "
                "stand_s under [calibration] in recording.toml.",
            )
        return slice(*self._scan.stand)


class _AxisFinder:
    """One search for the axes over what was held back."""

    def __init__(
        self,
        held: OrientationBlock,
        stand: slice,
        gait: tuple[tuple[int, float], ...],
        segments: tuple[Segment, ...],
        rate_hz: float,
    ) -> None:
        self._held = held
        self._stand = stand
        self._rate_hz = rate_hz
        self._segments = segments
        self._windows = [slice(start, start + int(_GAIT_WINDOW_S * rate_hz)) for start, _ in gait]
        self._stride_samples = [time_s * rate_hz for _, time_s in gait]

    def find(self, mounting: Mapping[Segment, FloatArray]) -> Calibration:
        """Find every axis that `mounting` does not give."""
        quats: dict[Segment, FloatArray] = {}
        ratio: dict[Segment, float] = {}
        margin: dict[Segment, float] = {}
        for segment in sorted(self._segments, key=lambda s: s == "pelvis"):  # thighs first
            if segment in mounting:
                quats[segment] = mounting[segment]
                ratio[segment], margin[segment] = np.inf, 1.0
                continue
            up = self._standing_up(segment)
            direction = self._direction(segment, up)
            frame = axes.upright_frame(up, direction.axis)
            votes = self._votes(segment, frame, quats)
            sign, margin[segment] = signs.decide(votes)
            quats[segment] = axes.upright_frame(up, sign * direction.axis)
            ratio[segment] = direction.ratio
        t_s = self._held.aligned.t_s
        return Calibration(
            quat_wxyz=quats,
            source="stand and gait",
            stand_s=(float(t_s[self._stand.start]), float(t_s[self._stand.stop - 1])),
            gait_s=len(self._windows) * _GAIT_WINDOW_S,
            axis_ratio=ratio,
            sign_margin=margin,
            standing_pelvis_tilt_rad=_raw_tilt(quats["pelvis"]),
            warnings=tuple(_doubts(ratio, margin, len(self._windows) * _GAIT_WINDOW_S)),
        )

    def _standing_up(self, segment: Segment) -> FloatArray:
        """Vertical in sensor axes while standing, (3,); refuses a pose unlike that of gait."""
        felt = self._held.aligned.acc_m_s2[segment][self._stand].mean(axis=0)
        up = felt / np.sqrt((felt**2).sum())
        moving = self._gait(quaternion.vertical_in_frame(self._held.quat_wxyz[segment]))
        mean = moving.mean(axis=0)
        lean = np.arccos(np.clip((up * mean).sum() / np.sqrt((mean**2).sum()), -1, 1))
        if lean > _LARGEST_LEAN_RAD:
            raise CalibrationError(
                f"The {segment} sensor stood {deg_from_rad(float(lean)):.0f}° away from its mean "
                "pose in gait: it was moved after standing, lay on a table, or the orientation "
                "filter lost it.",
                "Stand still with all sensors on, name the time as stand_s under [calibration] in "
                "recording.toml, or use the filter vqf.",
            )
        return np.asarray(up)

    def _direction(self, segment: Segment, up: FloatArray) -> axes.Direction:
        if segment != "pelvis":
            return axes.thigh_axis(up, self._gait(self._slow_gyr(segment)))
        gyr = self._band(self._held.aligned.gyr_rad_s[segment])
        acc = self._band(self._held.aligned.acc_m_s2[segment])
        windows = [
            (gyr[window], acc[window], 0.5 * samples)
            for window, samples in zip(self._windows, self._stride_samples, strict=True)
        ]
        return axes.pelvis_axis(up, windows)

    def _votes(
        self, segment: Segment, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> dict[str, float]:
        if segment == "pelvis":
            return self._pelvis_votes(frame, found)
        quat, _, acc = _in_segment(self._held, segment, frame)
        rate = self._swinging(segment, frame)
        return signs.thigh_votes(self._gait(quat), self._gait(rate), self._gait(acc))

    def _pelvis_votes(
        self, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> dict[str, float]:
        quat, _, acc = _in_segment(self._held, "pelvis", frame)
        up = quaternion.vertical_in_frame(quat)
        obliquity = quaternion.axis_in_earth(quat, 2)[:, 2]
        swinging = self._right_against_left(found)
        centred = [obliquity[w] - obliquity[w].mean() for w in self._windows]
        votes = signs.pelvis_votes(
            self._gait(-np.arctan2(up[:, 0], up[:, 1])),
            np.concatenate(centred),
            self._gait(swinging),
        )
        if signs.is_flight(self._gait(acc)):
            slow = self._gait(self._band(acc))
            stride = float(np.median(self._stride_samples))
            vote = signs.braking_vote(slow[:, 0], slow[:, 1], stride)
            votes["the foot brakes before it pushes"] = vote
        back = quaternion.multiply(frame, quaternion.about_axis(np.array([0.0, 1.0, 0.0]), np.pi))
        for side in SIDES:
            if THIGHS[side] in found:
                thigh = found[THIGHS[side]]
                ahead, behind = (self._together(side, mount, thigh) for mount in (frame, back))
                votes[f"pelvis and {side} hip move together"] = float(
                    np.clip(2 * (ahead - behind), -1, 1)
                )
        return votes

    def _right_against_left(self, found: Mapping[Segment, FloatArray]) -> FloatArray:
        total = np.zeros(len(self._held.aligned.t_s))
        for side, sign in _SWING_SIGN.items():
            segment = THIGHS[side]
            if segment in found:
                total += sign * self._swinging(segment, found[segment])
        return total

    def _swinging(self, segment: Segment, frame: FloatArray) -> FloatArray:
        """Angular rate about the medio-lateral axis, knee forward positive, (n,)."""
        return quaternion.rotate(quaternion.conjugate(frame), self._slow_gyr(segment))[:, 2]

    def _together(self, side: Side, pelvis: FloatArray, thigh: FloatArray) -> float:
        """Coherence of the hip centre's acceleration, signed, with medio-lateral axes parallel."""
        along = []
        parts: list[tuple[Segment, FloatArray, FloatArray]] = [
            ("pelvis", pelvis, PELVIS_LEVER_M[side]),
            (THIGHS[side], thigh, THIGH_LEVER_M[side]),
        ]
        for segment, mount, lever in parts:
            quat, gyr, acc = _in_segment(self._held, segment, mount)
            motion = midway(quat, gyr, acc, (gyr[0], acc[0]), self._rate_hz)
            force = specific_force_at(lever, motion)
            # Seen from the medio-lateral axis of each segment, no common heading is needed
            across = self._gait(quaternion.axis_in_earth(quat, 2))
            along.append(_components(self._gait(self._band(force)), across))
        total = (along[0] * along[1]).sum()
        energy = np.sqrt((along[0] ** 2).sum() * (along[1] ** 2).sum())
        return float(total / max(energy, 1e-12))

    def _band(self, values: FloatArray) -> FloatArray:
        sections = filters.butterworth(2, _PELVIS_BAND_HZ, self._rate_hz)
        return filters.run(sections, values, None)[0]

    def _slow_gyr(self, segment: Segment) -> FloatArray:
        sections = filters.butterworth(2, _THIGH_BAND_HZ, self._rate_hz)
        return filters.run(sections, self._held.aligned.gyr_rad_s[segment], None)[0]

    def _gait(self, values: FloatArray) -> FloatArray:
        return np.concatenate([values[window] for window in self._windows])


def _components(force: FloatArray, across: FloatArray) -> FloatArray:
    """Horizontal force along and across a nearly horizontal axis, (n, 2)."""
    length = np.sqrt(across[:, 0] ** 2 + across[:, 1] ** 2)
    x, y = across[:, 0] / length, across[:, 1] / length
    return np.stack((force[:, 0] * x + force[:, 1] * y, force[:, 1] * x - force[:, 0] * y), axis=1)


def _in_segment(
    block: OrientationBlock, segment: Segment, mount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    back = quaternion.conjugate(mount)
    return (
        quaternion.multiply(block.quat_wxyz[segment], mount),
        quaternion.rotate(back, block.aligned.gyr_rad_s[segment]),
        quaternion.rotate(back, block.aligned.acc_m_s2[segment]),
    )


def _segments(block: OrientationBlock, calibration: Calibration) -> SegmentBlock:
    quats, gyr, acc = {}, {}, {}
    for segment in block.quat_wxyz:
        mount = calibration.quat_wxyz[segment]
        quats[segment], gyr[segment], acc[segment] = _in_segment(block, segment, mount)
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
        standing_pelvis_tilt_rad=_raw_tilt(mounting["pelvis"]),
    )


def _raw_tilt(pelvis_wxyz: FloatArray) -> float:
    """Tilt of the pelvis sensor itself: its axis nearest to forward, upwards positive."""
    forward = quaternion.rotate(pelvis_wxyz, np.array([1.0, 0.0, 0.0]))
    up = quaternion.rotate(pelvis_wxyz, np.array([0.0, 1.0, 0.0]))
    nearest = int(np.argmax(np.abs(forward)))
    return float(np.arcsin(np.clip(up[nearest] * np.sign(forward[nearest]), -1, 1)))


def _doubts(
    ratio: Mapping[Segment, float], margin: Mapping[Segment, float], gait_s: float
) -> list[str]:
    doubts = []
    if gait_s < _GAIT_S:
        doubts.append(
            f"only {gait_s:.0f} s of gait were there to find the axes in, {_GAIT_S:.0f} s are "
            "better"
        )
    for segment, value in ratio.items():
        if value < _CLEAR_RATIO:
            doubts.append(f"the {segment}'s medio-lateral axis does not stand out clearly")
    for segment, value in margin.items():
        if value < _CLEAR_MARGIN:
            doubts.append(f"the {segment}'s sign self-test is undecided: flexion may be reversed")
    return doubts
