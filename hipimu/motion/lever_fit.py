"""Lever arms to the hip centre from the motion itself.

Pelvis and thigh feel the same at the hip centre they share, and along the vertical that can be said
before their headings are known. What is felt there is linear in both lever arms, so least squares
finds them, drawn towards the usual ones where the motion says little.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import THIGHS, Flag, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import filters, quaternion
from hipimu.maths.filters import cross
from hipimu.motion.hip_centre import Levers, Midway, midway
from hipimu.stage import part

_EXCERPTS = 12
_EXCERPT_S = 10.0
_SETTLE_S = 2.0
"""of each excerpt, for the filter."""
_BAND_HZ = (0.5, 8.0)
_MOVING_RAD_S = 1.0
_LEVER_SD_M = np.array([0.01, 0.04, 0.01, 0.01, 0.02, 0.005])
"""How far a sensor may sit from its usual place, thigh and pelvis x, y, z. Straps go higher or
lower on the thigh, and bodies are taller or shorter; across the limb the wobble of soft tissue
would pass for a shorter lever."""
_SHAPES = 40.0
"""Independent pieces of evidence in any length of gait: what straps add repeats every stride."""


def fitted_levers(session: SegmentBlock, sides: tuple[Side, ...], usual: Levers) -> Levers:
    """Fit the lever arms of each side to a session.

    Parameters
    ----------
    session : SegmentBlock
        In segment axes, headings unknown.
    sides : tuple of Side
    usual : Levers

    Returns
    -------
    Levers
        The usual ones where there is no gait.
    """
    pieces = _excerpts(session, sides)
    if not pieces:
        return usual
    pelvis, thigh = dict(usual.pelvis_m), dict(usual.thigh_m)
    for side in sides:
        prior = np.concatenate((usual.thigh_m[side], -usual.pelvis_m[side]))
        found = _fit([_equations(piece, side) for piece in pieces], prior)
        thigh[side], pelvis[side] = found[:3], -found[3:]
    return Levers(pelvis, thigh)


def _excerpts(session: SegmentBlock, sides: tuple[Side, ...]) -> list[SegmentBlock]:
    """Evenly spread pieces in which all thighs swing and nothing is missing."""
    length = round(_EXCERPT_S * session.rate_hz)
    starts = np.arange(0, len(session.t_s) - length + 1, length)
    good = [start for start in starts.tolist() if _is_gait(session, sides, start, start + length)]
    if len(good) > _EXCERPTS:
        good = [good[i] for i in np.linspace(0, len(good) - 1, _EXCERPTS).round().astype(int)]
    return [part(session, start, start + length) for start in good]


def _is_gait(session: SegmentBlock, sides: tuple[Side, ...], start: int, stop: int) -> bool:
    swings = [
        np.sqrt((session.gyr_rad_s[THIGHS[side]][start:stop] ** 2).sum(axis=1).mean())
        for side in sides
    ]
    missing = any((flags[start:stop] & Flag.GAP).any() for flags in session.flags.values())
    return min(swings) > _MOVING_RAD_S and not missing


def _equations(piece: SegmentBlock, side: Side) -> tuple[FloatArray, FloatArray]:
    """Rows (n, 6) for thigh and pelvis lever arms, and what they must explain, (n,)."""
    thigh, pelvis = (_vertical(piece, segment) for segment in (THIGHS[side], "pelvis"))
    columns = np.concatenate((thigh, pelvis), axis=1)
    sections = filters.butterworth(2, _BAND_HZ, piece.rate_hz)
    kept = filters.run(sections, columns, None)[0][round(_SETTLE_S * piece.rate_hz) :]
    rows = np.concatenate((kept[:, :3], kept[:, 4:7]), axis=1)
    return rows, kept[:, 7] - kept[:, 3]


def _vertical(piece: SegmentBlock, segment: Segment) -> FloatArray:
    """What each metre of lever arm adds to the vertical (n, 3), and what is felt there (n,)."""
    gyr, acc = piece.gyr_rad_s[segment], piece.acc_m_s2[segment]
    motion = midway(piece.quat_wxyz[segment], gyr, acc, (gyr[0], acc[0]), piece.rate_hz)
    up = quaternion.vertical_in_frame(motion.quat_wxyz)
    return np.concatenate((_per_metre(motion, up), (up * motion.acc_m_s2).sum(1)[:, None]), axis=1)


def _per_metre(motion: Midway, up: FloatArray) -> FloatArray:
    """Rows l of (ω̇ × r + ω × (ω × r))·u = l·r, (n, 3)."""
    rate = motion.rate_rad_s
    along = (rate * up).sum(axis=1)[:, None]
    squared = (rate * rate).sum(axis=1)[:, None]
    return np.asarray(cross(up, motion.speeding_rad_s2) + rate * along - squared * up)


def _fit(equations: list[tuple[FloatArray, FloatArray]], prior: FloatArray) -> FloatArray:
    """Ridge regression towards `prior`, the misfit's size taken from the data, (6,)."""
    rows = np.concatenate([left for left, _ in equations])
    wanted = np.concatenate([right for _, right in equations]) - rows @ prior
    share = _SHAPES / len(wanted)
    normal, right = share * (rows.T @ rows), share * (rows.T @ wanted)
    variance = float((wanted**2).mean())
    for _ in range(3):  # the misfit is smaller once the levers fit
        step = np.linalg.solve(normal + np.diag(variance / _LEVER_SD_M**2), right)
        variance = float(((wanted - rows @ step) ** 2).mean())
    return np.asarray(prior + step)
