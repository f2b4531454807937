"""The search for the axes in what was held back: standing gives up, gait gives right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    Calibration,
    FloatArray,
    OrientationBlock,
    Segment,
    Side,
)
from hipimu.errors import CalibrationError
from hipimu.maths import filters, quaternion
from hipimu.motion import axes, signs
from hipimu.motion.handedness import mirrored_share
from hipimu.motion.hip_centre import PELVIS_LEVER_M, THIGH_LEVER_M, midway, specific_force_at
from hipimu.units import deg_from_rad, rad_from_deg

GAIT_WINDOW_S = 4.0
GAIT_S = 20.0
_THIGH_BAND_HZ = 5.0
_PELVIS_BAND_HZ = (0.5, 8.0)
_LARGEST_LEAN_RAD = rad_from_deg(40.0)
_CLEAR_RATIO = 1.5
_MIRRORED = 0.95
_CLEAR_MARGIN = 0.3
_SWING_SIGN: Mapping[Side, float] = {"right": 1.0, "left": -1.0}


class AxisFinder:
    """One search for the axes over what was held back.

    Parameters
    ----------
    held : OrientationBlock
        From the first sample on.
    stand : slice
        The neutral pose.
    gait : tuple of (int, float)
        First sample of each gait window, and its stride time in seconds.
    segments : tuple of Segment
    rate_hz : float
    """

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
        self._windows = [slice(start, start + int(GAIT_WINDOW_S * rate_hz)) for start, _ in gait]
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
            self._check_handedness(segment, up)
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
            gait_s=len(self._windows) * GAIT_WINDOW_S,
            axis_ratio=ratio,
            sign_margin=margin,
            standing_pelvis_tilt_rad=raw_tilt(quats["pelvis"]),
            warnings=tuple(_doubts(ratio, margin, len(self._windows) * GAIT_WINDOW_S)),
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

    def _check_handedness(self, segment: Segment, up: FloatArray) -> None:
        """Refuse a thigh whose rotations fit its accelerations better when reversed."""
        if segment == "pelvis":  # tilts too little in gait to tell
            return
        aligned = self._held.aligned
        gyr, acc = aligned.gyr_rad_s[segment], aligned.acc_m_s2[segment]
        if mirrored_share(up, gyr, acc, self._windows, self._rate_hz) < _MIRRORED:
            raise CalibrationError(
                f"The {segment} sensor's gyroscope and accelerometer disagree about which way it "
                "turns: its axes are left-handed, or exchanged.",
                "Change the sign of one axis, or the order of the axes, in one of the two as the "
                "maker's manual says; then check the pelvis sensor for the same.",
            )

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
        quat, _, acc = in_segment(self._held, segment, frame)
        rate = self._swinging(segment, frame)
        return signs.thigh_votes(self._gait(quat), self._gait(rate), self._gait(acc))

    def _pelvis_votes(
        self, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> dict[str, float]:
        quat, _, acc = in_segment(self._held, "pelvis", frame)
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
            quat, gyr, acc = in_segment(self._held, segment, mount)
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


def in_segment(
    block: OrientationBlock, segment: Segment, mount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return orientation (n, 4), angular rate and specific force (n, 3) in segment axes."""
    back = quaternion.conjugate(mount)
    return (
        quaternion.multiply(block.quat_wxyz[segment], mount),
        quaternion.rotate(back, block.aligned.gyr_rad_s[segment]),
        quaternion.rotate(back, block.aligned.acc_m_s2[segment]),
    )


def raw_tilt(pelvis_wxyz: FloatArray) -> float:
    """Tilt of the pelvis sensor itself: its axis nearest to forward, upwards positive."""
    forward = quaternion.rotate(pelvis_wxyz, np.array([1.0, 0.0, 0.0]))
    up = quaternion.rotate(pelvis_wxyz, np.array([0.0, 1.0, 0.0]))
    nearest = int(np.argmax(np.abs(forward)))
    return float(np.arcsin(np.clip(up[nearest] * np.sign(forward[nearest]), -1, 1)))


def _doubts(
    ratio: Mapping[Segment, float], margin: Mapping[Segment, float], gait_s: float
) -> list[str]:
    doubts = []
    if gait_s < GAIT_S:
        doubts.append(
            f"only {gait_s:.0f} s of gait were there to find the axes in, {GAIT_S:.0f} s are better"
        )
    for segment, value in ratio.items():
        if value < _CLEAR_RATIO:
            doubts.append(f"the {segment}'s medio-lateral axis does not stand out clearly")
    for segment, value in margin.items():
        if value < _CLEAR_MARGIN:
            doubts.append(f"the {segment}'s sign self-test is undecided: flexion may be reversed")
    return doubts
