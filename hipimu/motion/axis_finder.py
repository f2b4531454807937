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
from hipimu.motion import axes, doubts, neutral, roles, sides, signs
from hipimu.motion.doubts import CLEAR_MARGIN, GAIT_S
from hipimu.motion.handedness import mirrored_share, turns_against
from hipimu.motion.hip_centre import Midway, levers_of, midway, specific_force_at
from hipimu.motion.mounted import in_segment
from hipimu.units import deg_from_rad, rad_from_deg

GAIT_WINDOW_S = 4.0
_THIGH_BAND_HZ = 5.0
_PELVIS_BAND_HZ = (0.5, 8.0)
_SAGITTAL = np.array([1.0, 1.0, 0.0])
_LARGEST_LEAN_RAD = rad_from_deg(40.0)
_MIRRORED = 0.95
_SHORT_STAND_S = 3.0
_SHORT_STAND_QUALITY = 0.8
_GAIT_ALONE_QUALITY = 0.5
_SWING_SIGN: Mapping[Side, float] = {"right": 1.0, "left": -1.0}
_HALF_TURN = quaternion.about_axis(np.array([0.0, 1.0, 0.0]), np.pi)


class AxisFinder:
    """One search for the axes over what was held back.

    Parameters
    ----------
    held : OrientationBlock
        From the first sample on.
    stand : slice or None
        The neutral pose; None: neutral from the mean pose in gait.
    gait : tuple of (int, float)
        First sample of each gait window, and its stride time in seconds.
    segments : tuple of Segment
    rate_hz : float
    height_m : float or None
        Body height, which the lever arms to the hip centre grow with; None: middle height.
    """

    def __init__(
        self,
        held: OrientationBlock,
        stand: slice | None,
        gait: tuple[tuple[int, float], ...],
        segments: tuple[Segment, ...],
        rate_hz: float,
        *,
        height_m: float | None = None,
    ) -> None:
        self._held = held
        self._stand = stand
        self._rate_hz = rate_hz
        self._segments = segments
        self._height_m = height_m
        self._levers = levers_of(height_m)
        self._windows = [slice(start, start + int(GAIT_WINDOW_S * rate_hz)) for start, _ in gait]
        self._stride_samples = [time_s * rate_hz for _, time_s in gait]

    def find(self, mounting: Mapping[Segment, FloatArray]) -> Calibration:
        """Find every axis that `mounting` does not give.

        Raises
        ------
        CalibrationError
            When a sensor was moved, is exchanged with another, or has left-handed axes.
        """
        gyr = {segment: self._held.aligned.gyr_rad_s[segment] for segment in self._segments}
        warnings = list(roles.refuse_exchanged(gyr, self._gait_windows(), self._rate_hz))
        quats, ratio, margin = self._axes(mounting)
        if not mounting:
            votes = self._in_calm_gait()._votes_on_sides(quats)
            warnings += sides.refuse_exchanged(*votes, self._worn()) if votes else ()
        warnings += doubts.about(ratio, margin, len(self._windows) * GAIT_WINDOW_S)
        return self._calibration(quats, ratio, margin, warnings)

    def votes_on_sides(self) -> tuple[float, float] | None:
        """Ask both witnesses of `hipimu.motion.sides` without refusing what they say.

        Returns
        -------
        tuple of float or None
            Votes of the lever and of the pelvis, −1 (the other side) to +1; None where it is not
            even clear which way the pelvis faces.

        Raises
        ------
        CalibrationError
            When a sensor was moved, or has left-handed axes.
        """
        return self._in_calm_gait()._votes_on_sides(self._axes({})[0])

    def _axes(
        self, mounting: Mapping[Segment, FloatArray]
    ) -> tuple[dict[Segment, FloatArray], dict[Segment, float], dict[Segment, float]]:
        """Segment → sensor rotations, how clearly each axis stands out, and its sign's margin."""
        ups = {s: self._up(s) for s in self._segments if s not in mounting}
        self._check_turning(ups)
        quats: dict[Segment, FloatArray] = {}
        ratio: dict[Segment, float] = {}
        margin: dict[Segment, float] = {}
        for segment in sorted(self._segments, key=lambda s: s == "pelvis"):  # thighs first
            if segment in mounting:
                quats[segment] = mounting[segment]
                ratio[segment], margin[segment] = np.inf, 1.0
                continue
            up = ups[segment]
            self._check_handedness(segment, up)
            direction = self._direction(segment, up)
            frame = axes.upright_frame(up, direction.axis)
            sign, margin[segment] = self._sign(segment, frame, quats)
            upright = axes.upright_frame(up, sign * direction.axis)
            quats[segment] = self._from_neutral(segment, upright)
            ratio[segment] = direction.ratio
        return quats, ratio, margin

    def _calibration(
        self,
        quats: dict[Segment, FloatArray],
        ratio: dict[Segment, float],
        margin: dict[Segment, float],
        warnings: list[str],
    ) -> Calibration:
        """Everything that was found, with what is to be said about neutral."""
        t_s, stand = self._held.aligned.t_s, self._stand
        gait_s = len(self._windows) * GAIT_WINDOW_S
        if stand is None:
            neutral.refuse_undecided(margin, CLEAR_MARGIN)
            said = (*warnings, neutral.guessed())
            return Calibration(
                quats, "gait alone", None, gait_s, ratio, margin, None, said, _GAIT_ALONE_QUALITY
            )
        stood_s = (float(t_s[stand.start]), float(t_s[stand.stop - 1]))
        short = (stand.stop - stand.start) / self._rate_hz < _SHORT_STAND_S
        return Calibration(
            quat_wxyz=quats,
            source="stand and gait",
            stand_s=stood_s,
            gait_s=gait_s,
            axis_ratio=ratio,
            sign_margin=margin,
            standing_pelvis_tilt_rad=neutral.raw_tilt(quats["pelvis"]),
            warnings=(*warnings, *((neutral.stood_short(stood_s),) if short else ())),
            quality=_SHORT_STAND_QUALITY if short else 1.0,
        )

    def _from_neutral(self, segment: Segment, upright: FloatArray) -> FloatArray:
        """Segment → sensor (4,) from a frame whose long axis is `_up`."""
        if self._stand is not None:
            return upright
        vertical = self._strides(quaternion.vertical_in_frame(self._held.quat_wxyz[segment]))
        running = signs.is_flight(self._gait(self._held.aligned.acc_m_s2["pelvis"]))
        return neutral.from_mean_pose(upright, segment, vertical, running)

    def _up(self, segment: Segment) -> FloatArray:
        """Vertical in sensor axes, (3,): while standing, or else on average over whole strides."""
        if self._stand is not None:
            return self._standing_up(segment, self._stand)
        vertical = quaternion.vertical_in_frame(self._held.quat_wxyz[segment])
        return neutral.mean_vertical(self._strides(vertical))

    def _standing_up(self, segment: Segment, stand: slice) -> FloatArray:
        """Vertical in sensor axes while standing, (3,); refuses a pose unlike that of gait."""
        felt = self._held.aligned.acc_m_s2[segment][stand].mean(axis=0)
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

    def _check_turning(self, ups: Mapping[Segment, FloatArray]) -> None:
        """Refuse a sensor that turns the other way in the runner's own turns."""
        gyr = self._held.aligned.gyr_rad_s
        wrong = turns_against(ups, gyr, self._windows, self._rate_hz)
        if wrong is not None:
            raise CalibrationError(
                f"The {wrong} sensor turns left when the others turn right: its axes are "
                "left-handed, or exchanged.",
                "Change the sign of one axis, or the order of the axes, of its gyroscope or its "
                "accelerometer as the maker's manual says.",
            )

    def _in_calm_gait(self) -> AxisFinder:
        """Look at the slowest gait only: it shakes straps and soft tissue least."""
        gait = [(w.start, n / self._rate_hz) for w, n in self._gait_windows()]
        slowest = sorted(gait, key=lambda window: window[1], reverse=True)
        calm = tuple(sorted(slowest[: round(GAIT_S / GAIT_WINDOW_S)]))
        return AxisFinder(
            self._held,
            self._stand,
            calm,
            self._segments,
            self._rate_hz,
            height_m=self._height_m,
        )

    def _gait_windows(self) -> list[roles.GaitWindow]:
        return list(zip(self._windows, self._stride_samples, strict=True))

    def _worn(self) -> tuple[Side, ...]:
        return tuple(side for side in SIDES if THIGHS[side] in self._segments)

    def _votes_on_sides(self, quats: Mapping[Segment, FloatArray]) -> tuple[float, float] | None:
        """Votes of lever and pelvis on how the thighs are called."""
        votes = self._pelvis_votes(quats["pelvis"], quats)
        drop = votes.pop(signs.DROPS)
        ahead, sure = signs.decide(votes)
        if sure < CLEAR_MARGIN:
            return None
        forward = quats["pelvis"]
        if ahead < 0:
            forward = quaternion.multiply(forward, _HALF_TURN)
        pelvis = self._midway("pelvis", forward)
        mid_hip_m = self._levers.pelvis_m["left"] * np.array([1.0, 1.0, 0.0])
        levers_m = {
            side: sides.lever_to_the_right_m(
                self._midway(THIGHS[side], quats[THIGHS[side]]),
                pelvis,
                mid_hip_m,
                self._windows,
                self._rate_hz,
            )
            for side in self._worn()
        }
        return sides.lever_vote(levers_m), ahead * drop

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

    def _sign(
        self, segment: Segment, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> tuple[float, float]:
        """Sign of the axis and its margin.

        A pelvis moves little, and soft tissue shaking on it can drown what running does: the
        calmest gait is asked as well, and the clearer answer taken.
        """
        decided = signs.decide(self._votes(segment, frame, found))
        if segment != "pelvis":
            return decided
        calm = signs.decide(self._in_calm_gait()._votes(segment, frame, found))
        return max(decided, calm, key=lambda answer: answer[1])

    def _votes(
        self, segment: Segment, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> dict[str, float]:
        if segment == "pelvis":
            return self._pelvis_votes(frame, found)
        quat, _, acc = in_segment(self._held, segment, frame)
        rate = self._swinging(segment, frame)
        return self._known(signs.thigh_votes(self._gait(quat), self._gait(rate), self._gait(acc)))

    def _known(self, votes: dict[str, float]) -> dict[str, float]:
        """Leave out the votes that count from standing where nobody stood."""
        unknown = signs.NEED_STANDING if self._stand is None else ()
        return {name: vote for name, vote in votes.items() if name not in unknown}

    def _pelvis_votes(
        self, frame: FloatArray, found: Mapping[Segment, FloatArray]
    ) -> dict[str, float]:
        quat, _, acc = in_segment(self._held, "pelvis", frame)
        up = quaternion.vertical_in_frame(quat)
        obliquity = quaternion.axis_in_earth(quat, 2)[:, 2]
        swinging = self._right_against_left(found)
        centred = [obliquity[w] - obliquity[w].mean() for w in self._windows]
        votes = self._known(
            signs.pelvis_votes(
                self._gait(-np.arctan2(up[:, 0], up[:, 1])),
                np.concatenate(centred),
                self._gait(swinging),
            )
        )
        if signs.is_flight(self._gait(acc)):
            slow = self._gait(self._band(acc))
            stride = float(np.median(self._stride_samples))
            vote = signs.braking_vote(slow[:, 0], slow[:, 1], stride)
            votes["the foot brakes before it pushes"] = vote
        back = quaternion.multiply(frame, _HALF_TURN)
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
        """Coherence of the hip centre's acceleration, signed, with medio-lateral axes parallel.

        Levers are taken in the sagittal plane: those to the side would change hands with the sign
        that is asked for, and a sensor called by the wrong side must not matter yet.
        """
        along = []
        parts: list[tuple[Segment, FloatArray, FloatArray]] = [
            ("pelvis", pelvis, _SAGITTAL * self._levers.pelvis_m[side]),
            (THIGHS[side], thigh, _SAGITTAL * self._levers.thigh_m[side]),
        ]
        for segment, mount, lever in parts:
            motion = self._midway(segment, mount)
            force = specific_force_at(lever, motion)
            # Seen from the medio-lateral axis of each segment, no common heading is needed
            across = self._gait(quaternion.axis_in_earth(motion.quat_wxyz, 2))
            along.append(_components(self._gait(self._band(force)), across))
        total = (along[0] * along[1]).sum()
        energy = np.sqrt((along[0] ** 2).sum() * (along[1] ** 2).sum())
        return float(total / max(energy, 1e-12))

    def _midway(self, segment: Segment, mount: FloatArray) -> Midway:
        quat, gyr, acc = in_segment(self._held, segment, mount)
        return midway(quat, gyr, acc, (gyr[0], acc[0]), self._rate_hz)

    def _band(self, values: FloatArray) -> FloatArray:
        sections = filters.butterworth(2, _PELVIS_BAND_HZ, self._rate_hz)
        return filters.run(sections, values, None)[0]

    def _slow_gyr(self, segment: Segment) -> FloatArray:
        sections = filters.butterworth(2, _THIGH_BAND_HZ, self._rate_hz)
        return filters.run(sections, self._held.aligned.gyr_rad_s[segment], None)[0]

    def _gait(self, values: FloatArray) -> FloatArray:
        return np.concatenate([values[window] for window in self._windows])

    def _strides(self, values: FloatArray) -> FloatArray:
        """As many whole strides of each window as it holds."""
        parts = []
        for window, samples in zip(self._windows, self._stride_samples, strict=True):
            whole = int(int((window.stop - window.start) / samples) * samples)
            parts.append(values[window.start : window.start + whole])
        return np.concatenate(parts)


def _components(force: FloatArray, across: FloatArray) -> FloatArray:
    """Horizontal force along and across a nearly horizontal axis, (n, 2)."""
    length = np.sqrt(across[:, 0] ** 2 + across[:, 1] ** 2)
    x, y = across[:, 0] / length, across[:, 1] / length
    return np.stack((force[:, 0] * x + force[:, 1] * y, force[:, 1] * x - force[:, 0] * y), axis=1)
