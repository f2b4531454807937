"""The sign self-test: knee forward must be flexion.

A medio-lateral axis may point right or left; swapping it swaps flexion and extension. Each test
here looks at one thing that bodies do in gait and votes between −1 (points left) and +1 (points
right). Votes are averaged; how far they agree is reported as a margin.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import FloatArray
from hipimu.maths import quaternion
from hipimu.units import rad_from_deg

FURTHER_FORWARD = "the thigh comes further forward than back"
LEANS_FORWARD = "the pelvis leans forward in gait"
DROPS = "the pelvis drops on the swing side"
NEED_STANDING = (FURTHER_FORWARD, LEANS_FORWARD)
"""These count from the standing pose."""


def thigh_votes(
    quat_wxyz: FloatArray, rate_rad_s: FloatArray, acc_m_s2: FloatArray
) -> dict[str, float]:
    """Votes of one thigh.

    Parameters
    ----------
    quat_wxyz : (n, 4)
        Segment → earth during gait, with the axis as assumed.
    rate_rad_s : (n,)
        Low-passed angular rate about that axis.
    acc_m_s2 : (n, 3)
        Raw, for the foot's impact.
    """
    up = quaternion.vertical_in_frame(quat_wxyz)
    angle = np.arctan2(up[:, 0], up[:, 1])
    low, high = np.percentile(angle, [2, 98])
    spread = max(float(angle.std()), 1e-6)
    jolt = (np.diff(acc_m_s2, axis=0, prepend=acc_m_s2[:1]) ** 2).sum(axis=1)
    at_impact = float((jolt * angle).sum() / max(jolt.sum(), 1e-12))
    centred = rate_rad_s - rate_rad_s.mean()
    skewness = float((centred**3).mean() / max(rate_rad_s.std() ** 3, 1e-9))
    return {
        FURTHER_FORWARD: _limit(3 * (low + high) / (high - low)),
        "the thigh is in front when the foot lands": _limit((at_impact - angle.mean()) / spread),
        "the thigh swings forward faster than back": _limit(2 * skewness),
    }


def pelvis_votes(
    tilt_rad: FloatArray, right_up_rad: FloatArray, swinging_rad_s: FloatArray
) -> dict[str, float]:
    """Votes of the pelvis, all during gait, with the axis as assumed.

    Parameters
    ----------
    tilt_rad : (n,)
        Anterior tilt from standing.
    right_up_rad : (n,)
        Obliquity, windows centred.
    swinging_rad_s : (n,)
        How fast the right thigh swings forward against the left; or one of them, with its sign.
    """
    scale = max(float(right_up_rad.std() * swinging_rad_s.std()), 1e-9)
    stance_side_up = -float((right_up_rad * swinging_rad_s).mean()) / scale
    return {
        LEANS_FORWARD: _limit(float(tilt_rad.mean()) / rad_from_deg(8.0)),
        DROPS: _limit(1.5 * stance_side_up),
    }


def braking_vote(forward_m_s2: FloatArray, up_m_s2: FloatArray, stride_samples: float) -> float:
    """Vote of running: the foot brakes before it pushes.

    Parameters
    ----------
    forward_m_s2, up_m_s2 : (n,)
        Band-limited specific force along the pelvis's axes, as assumed.
    stride_samples : float
    """
    lag = max(round(0.1 * stride_samples), 1)
    later, bounce = forward_m_s2[lag:], up_m_s2[:-lag]
    scale = max(float(later.std() * bounce.std()), 1e-9)
    push = float(((later - later.mean()) * (bounce - bounce.mean())).mean()) / scale
    return _limit(1.5 * push)


def is_flight(acc_m_s2: FloatArray) -> bool:
    """Tell whether a window of pelvis samples (n, 3) has flight in it, as running does."""
    felt = np.sqrt((acc_m_s2**2).sum(axis=1))
    return float(np.percentile(felt, 5)) < 5.5


def decide(votes: dict[str, float]) -> tuple[float, float]:
    """Return the sign, ±1, and the margin: 0 undecided … 1 all votes agree."""
    values = np.array(list(votes.values()))
    total = float(values.sum())
    margin = abs(total) / max(float(np.abs(values).sum()), 1e-9)
    return (1.0 if total >= 0 else -1.0), margin


def _limit(vote: float) -> float:
    return float(np.clip(vote, -1.0, 1.0))
