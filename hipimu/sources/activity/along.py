"""Speed and grade from where the runner was: distance, position, altitude.

What a watch itself calls speed is taken as it is. Only where it says none is speed made here, and
then it is a mean over a stated time; grade likewise is a slope over a stated distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from hipimu.data import BoolArray, FloatArray, IntArray
from hipimu.sources.activity.plausible import FASTEST_M_S

DISTANCE_HALF_S: Final = 2.5
"""Speed from distance is the mean over five seconds: watches round distance to centimetres or
metres, and have smoothed it already."""
POSITION_HALF_S: Final = 5.0
"""Positions scatter by metres, which adds to the way between them: ten seconds."""
LONGEST_STEP_S: Final = 20.0
"""Watches that save memory write every few seconds, some up to a dozen apart; a longer silence is
a pause."""
GRADE_HALF_M: Final = 50.0
"""Barometers step by 0.2 m and follow within seconds: over 100 m that is 0.2 % of grade. Altitude
from satellites wanders by metres, so that such grades are off by several percent."""
_GRADE_LEAST_M = 20.0
_GRADE_LEAST_POINTS = 4
_STEEPEST_M_S = 5.0
"""Altitude that changes faster is the receiver finding its place."""
_EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""


def path_length(latitude_rad: FloatArray, longitude_rad: FloatArray) -> FloatArray:
    """Way along positions since the first known one, (n,) metres; NaN where unknown.

    Great circles on a sphere (haversine): within 0.5 % of the ellipsoid.
    """
    along = np.full(len(latitude_rad), math.nan)
    known = np.flatnonzero(~np.isnan(latitude_rad + longitude_rad))
    latitude, longitude = latitude_rad[known], longitude_rad[known]
    half_chord = (
        np.sin(0.5 * np.diff(latitude)) ** 2
        + np.cos(latitude[:-1]) * np.cos(latitude[1:]) * np.sin(0.5 * np.diff(longitude)) ** 2
    )
    steps = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(half_chord, 0.0, 1.0)))
    along[known] = np.concatenate(([0.0], np.cumsum(steps)))[: len(known)]
    return along


def mean_speed(t_s: FloatArray, along_m: FloatArray, part: IntArray, half_s: float) -> FloatArray:
    """Speed as way over time, from `half_s` before to `half_s` after, (n,).

    Windows end at pauses, at steps back and at steps too long to be run, and are shorter there.

    Parameters
    ----------
    t_s, along_m : (n,)
    part : (n,)
        Number of the uninterrupted part each row is in.
    half_s : float

    Returns
    -------
    (n,)
        NaN where a part has one known row only.
    """

    def speeds(rows: IntArray) -> FloatArray:
        t, along = t_s[rows], along_m[rows]
        start, end = np.maximum(t - half_s, t[0]), np.minimum(t + half_s, t[-1])
        return np.asarray((np.interp(end, t, along) - np.interp(start, t, along)) / (end - start))

    steps_m = np.diff(along_m)
    sound = (steps_m >= 0) & (steps_m <= FASTEST_M_S * np.diff(t_s))
    return _by_part(t_s, along_m, part, sound, speeds)


def grade(
    t_s: FloatArray, along_m: FloatArray, altitude_m: FloatArray, part: IntArray
) -> FloatArray:
    """Rise per distance, (n,): slope of the straight line through altitude over 100 m.

    Parameters
    ----------
    t_s, along_m, altitude_m : (n,)
    part : (n,)
        Number of the uninterrupted part each row is in.

    Returns
    -------
    (n,)
        NaN where less than 20 m or fewer than four points are within reach.
    """

    def slopes(rows: IntArray) -> FloatArray:
        return _slopes(along_m[rows], altitude_m[rows])

    known = along_m + 0.0 * altitude_m
    steps_m, rise_m, seconds = np.diff(along_m), np.diff(altitude_m), np.diff(t_s)
    sound = (steps_m >= 0) & (steps_m <= FASTEST_M_S * seconds)
    sound &= np.abs(rise_m) <= _STEEPEST_M_S * seconds
    return _by_part(t_s, known, part, sound, slopes)


def _by_part(
    t_s: FloatArray,
    known_m: FloatArray,
    part: IntArray,
    sound: BoolArray,
    function: Callable[[IntArray], FloatArray],
) -> FloatArray:
    """Apply a function to each run of known rows without a break between them."""
    result = np.full(len(t_s), math.nan)
    known = np.flatnonzero(~np.isnan(known_m))
    for rows in _runs(known, t_s, part, sound):
        if len(rows) > 1:
            result[rows] = function(rows)
    return result


def _runs(known: IntArray, t_s: FloatArray, part: IntArray, sound: BoolArray) -> Iterator[IntArray]:
    # Steps next to an unknown row are NaN, and so never sound: they are judged by time alone.
    neighbours = np.diff(known) == 1
    broken = np.diff(part[known]) != 0
    broken |= np.diff(t_s[known]) > LONGEST_STEP_S
    broken[neighbours] |= ~sound[known[:-1][neighbours]]
    bounds = [0, *(np.flatnonzero(broken) + 1).tolist(), len(known)]
    for start, stop in pairwise(bounds):
        yield known[start:stop]


def _slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Least-squares slope of y over x within `GRADE_HALF_M` of each point; x never decreases."""
    first = np.searchsorted(x, x - GRADE_HALF_M, side="left")
    last = np.searchsorted(x, x + GRADE_HALF_M, side="right")
    x, y = x - x.mean(), y - y.mean()

    def total(values: FloatArray) -> FloatArray:
        sums = np.concatenate(([0.0], np.cumsum(values)))
        return np.asarray(sums[last] - sums[first])

    count = last - first
    spread = total(x * x) - total(x) ** 2 / count
    common = total(x * y) - total(x) * total(y) / count
    enough = (x[last - 1] - x[first] >= _GRADE_LEAST_M) & (count >= _GRADE_LEAST_POINTS)
    slope = common / np.where(enough, spread, 1.0)
    return np.where(enough, slope, math.nan)
