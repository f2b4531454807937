"""A watch's clock on the recording's: by when both say they started, and by cadence.

Both count the same steps. Where cadence changes, from walking to running or from easy to fast, it
does so on both clocks, and the lag at which the two series agree best is their offset.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np
from scipy.ndimage import median_filter

from hipimu.data import Activity, FloatArray, IntArray, WatchSummary
from hipimu.errors import RecordingError
from hipimu.maths.correlation import Moments, lagged_agreement
from hipimu.maths.peaks import local_maxima, parabola_vertices

_SEARCH_S = 600.0
"""Clocks set by hand are off by minutes, those set by satellite or network by a second."""
_GRID_S = 0.25
_AVERAGES_S = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0)
"""Over how long a watch may average its cadence."""
_TYPICAL_S = 6.0
"""What is assumed where records say little; half or twice as long is half a nat less likely."""
_LEAST_CONCORDANCE = 0.85
"""Concordance, not correlation: both count the same steps, so levels must agree as well."""
_LEAST_CONCORDANCE_NEAR_START = 0.7
"""Two runs of one kind agree as well as this; that they also do so at the start time is rare."""
_LEAST_SD_SPM = 2.0
"""Watches count whole strides a minute: what varies less is rounding."""
_LEAST_OVERLAP_S = 60.0
_LEAST_OVERLAP = 0.5
"""of the shorter series."""
_INDEPENDENT_S = 30.0
"""Errors of cadence hang together for some ten seconds; longer is on the safe side."""
_CLEAR = 8.0
"""Any other place must be e⁸ = 3,000 times less likely."""
_ONE_PLACE_S = 15.0
"""Lags closer than this are one place."""
_NEAR_START_S = 30.0
_WORTH_SAYING_S = 10.0
_LONGEST_STRIDE_S = 3.0

_OffsetSource = Literal["start time", "cadence", "start time and cadence"]


def align_watch(
    activity: Activity,
    recording_started_at: datetime | None,
    stride_t_s: FloatArray,
    cadence_spm: FloatArray,
) -> tuple[Activity, WatchSummary]:
    """Put a watch's activity on the recording's clock.

    First by start times: those of watch and recording differ by a known time, as good as both
    clocks are set. Then by cadence, within ten minutes of that, or anywhere where a start time is
    missing. Cadence decides if it agrees well (concordance 0.85, near the start time 0.7) at one
    place and clearly worse at all others; a cadence that hardly changes does not. Where it repeats
    itself, as intervals do, the place at the start time is taken, with a warning.

    A watch averages its cadence over several seconds before it writes it down, so that every
    change appears late, by half of that time. Moving the watch's cadence onto the sensors' would
    move its laps, which are marked at once, too early by as much. So the sensors' cadence is
    averaged backwards in time in the same way, over whichever time (1 to 20 s) agrees best, and
    the lag that is left is the offset of the clocks.

    How good that is: within 2 s on simulated watches that average over 1 to 12 s, evenly or
    fading, and on cadence of real watches. Where cadence changes by a few steps a minute only,
    noise of the sensors favours long averages, and the watch comes to lie up to 3 s late. Delay
    without averaging, such as that of a radio link, looks like an offset and stays in: the watch
    then lies early by it. A watch that smooths both ways lies late by half its window. Bouts lose
    more than that at their ends anyway.

    Offsets are constant: drift between a watch and a sensor (some 50 ppm) is 0.2 s an hour.

    Parameters
    ----------
    activity : Activity
        On its own clock, as read.
    recording_started_at : datetime or None
        The time of day at 0 on the recording's clock, with a time zone.
    stride_t_s : (n,)
        When each stride ended on the recording's clock, in any order; strides of one leg or both.
    cadence_spm : (n,)
        Steps per minute of each stride (120 ÷ stride time); NaN where unknown.

    Returns
    -------
    activity : Activity
        On the recording's clock.
    summary : WatchSummary

    Raises
    ------
    RecordingError
        When the activity lies before or after the recording, or there is no way to tell where it
        lies.
    """
    sensors = _Rhythm(*_known_strides(stride_t_s, cadence_spm))
    start_s = _by_start(activity, recording_started_at)
    place = _by_cadence(activity, sensors, start_s)
    offset_s = start_s if place.offset_s is None else place.offset_s
    if offset_s is None:
        raise _nowhere(activity, recording_started_at, place)
    _check_overlap(activity, sensors, offset_s, recording_started_at)
    summary = WatchSummary(
        name=activity.name,
        offset_s=offset_s,
        offset_source=_source(place, start_s),
        correlation=place.correlation,
        laps=len(activity.laps),
        warnings=(*activity.warnings, *_warnings(activity, place, start_s)),
    )
    return activity.shifted(offset_s), summary


class _Place(NamedTuple):
    """Where cadence puts the watch."""

    offset_s: float | None
    """None: cadence does not tell, and `why` says the reason."""
    correlation: float | None
    why: str = ""
    ambiguous: bool = False
    """Chosen among equals, because it is nearest to the start time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rhythm:
    """Cadence of the sensors: each stride's own from its start to its end."""

    end_s: FloatArray
    """(n,) ascending."""
    cadence_spm: FloatArray
    """(n,)"""

    def grid(self) -> FloatArray:
        """Times a quarter of a second apart, over all strides."""
        first, last = math.floor(self.end_s[0]), math.ceil(self.end_s[-1])
        return np.arange(first, last + _GRID_S, _GRID_S)

    def averaged(self, over_s: float) -> FloatArray:
        """Mean cadence of the last `over_s` at each time of `grid`; NaN where mostly unknown."""
        times = self.grid()
        at = np.minimum(np.searchsorted(self.end_s, times, side="left"), len(self.end_s) - 1)
        until_end_s = self.end_s[at] - times
        stride_s = np.minimum(120.0 / self.cadence_spm[at], _LONGEST_STRIDE_S)
        known = (until_end_s >= 0) & (until_end_s <= 1.1 * stride_s)
        cadence = np.where(known, self.cadence_spm[at], math.nan)
        return _trailing_mean(cadence, max(round(over_s / _GRID_S), 1))


def _trailing_mean(values: FloatArray, width: int) -> FloatArray:
    """Mean of each value and those before it, NaN where it or half of them are unknown."""
    known = ~np.isnan(values)

    def total(series: FloatArray) -> FloatArray:
        sums = np.concatenate((np.zeros(width), np.cumsum(series)))
        return np.asarray(sums[width:] - sums[:-width])

    count = total(known.astype(np.float64))
    mean = total(np.where(known, values, 0.0)) / np.maximum(count, 1.0)
    return np.where(known & (count >= 0.5 * width), mean, math.nan)


def _known_strides(
    stride_t_s: FloatArray, cadence_spm: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Strides in order, single outliers (a stride missed or counted twice) taken out."""
    known = np.isfinite(stride_t_s) & (cadence_spm > 20) & (cadence_spm < 300)
    order = np.argsort(stride_t_s[known], kind="stable")
    cadence = median_filter(cadence_spm[known][order], size=5, mode="nearest")
    return stride_t_s[known][order], np.asarray(cadence, dtype=np.float64)


def _by_start(activity: Activity, recording_started_at: datetime | None) -> float | None:
    if activity.started_at is None or recording_started_at is None:
        return None
    return (activity.started_at - recording_started_at).total_seconds()


class _Agreement(NamedTuple):
    """How the cadences agree at each offset, (k,) each; NaN where too little overlaps or varies."""

    offset_s: FloatArray
    r: FloatArray
    concordance: FloatArray
    evidence: FloatArray
    """Of one signal in both, with an independent value every half minute."""

    def r_at(self, offset_s: float | None) -> float | None:
        """Correlation at one offset, where it is known."""
        if offset_s is None:
            return None
        at = int(np.abs(self.offset_s - offset_s).argmin())
        missing = abs(self.offset_s[at] - offset_s) > 1.0 or np.isnan(self.r[at])
        return None if missing else float(self.r[at])


def _by_cadence(activity: Activity, sensors: _Rhythm, start_s: float | None) -> _Place:
    """Find the offset at which the watch's cadence agrees with the sensors'."""
    if not np.isfinite(activity.cadence_spm).sum() > 1:
        return _Place(None, None, "it holds no cadence")
    if len(sensors.end_s) < 2:
        return _Place(None, None, "the sensors show no strides")
    found = _agreement(activity, sensors, start_s)
    if np.isnan(found.evidence).all():
        return _Place(None, None, "cadence hardly changes while both were running")
    best = int(np.nanargmax(found.evidence))
    at_start = found.r_at(start_s)
    if found.evidence[best] < _CLEAR:
        return _Place(None, at_start, "its cadence agrees with the sensors' nowhere")
    rivals = _places(found.offset_s, found.evidence, best)
    chosen = best if len(rivals) == 1 else _nearest(found.offset_s[rivals], rivals, start_s)
    if chosen is None:
        return _Place(None, at_start, "its cadence fits the sensors' at more than one place")
    offset_s, r, concordance = _refined(activity, sensors, float(found.offset_s[chosen]))
    near = start_s is not None and abs(offset_s - start_s) <= _NEAR_START_S
    if concordance < (_LEAST_CONCORDANCE_NEAR_START if near else _LEAST_CONCORDANCE):
        return _Place(None, at_start, "its cadence agrees with the sensors' nowhere")
    return _Place(offset_s, r, ambiguous=len(rivals) > 1)


def _agreement(activity: Activity, sensors: _Rhythm, start_s: float | None) -> _Agreement:
    """Compare cadences at offsets a second apart."""
    per_s = round(1.0 / _GRID_S)
    sensor = sensors.averaged(_TYPICAL_S)[::per_s]
    first_s = math.ceil(activity.t_s[0])
    watch = np.interp(
        np.arange(first_s, activity.t_s[-1] + 1e-9), activity.t_s, activity.cadence_spm
    )
    found = lagged_agreement(watch, sensor, _LEAST_SD_SPM)
    offsets = found.lag + float(sensors.grid()[0]) - first_s
    known = [float(np.isfinite(series).sum()) for series in (watch, sensor)]
    usable = found.known >= max(_LEAST_OVERLAP_S, _LEAST_OVERLAP * min(known))
    if start_s is not None:
        usable &= np.abs(offsets - start_s) <= _SEARCH_S
    alike = np.where(usable, found.concordance, math.nan)
    evidence = _evidence(alike, found.known / _INDEPENDENT_S)
    return _Agreement(offsets, np.where(usable, found.r, math.nan), alike, evidence)


def _evidence(alike: FloatArray, independent: FloatArray | float) -> FloatArray:
    """Log-likelihood of one signal in both series against none, −½ n ln(1 − c²)."""
    return -0.5 * independent * np.log1p(-(np.clip(alike, 0.0, 1.0 - 1e-9) ** 2))


def _places(offsets: FloatArray, evidence: FloatArray, best: int) -> list[int]:
    """Places about as likely as the best, which comes first."""
    likely = np.nan_to_num(evidence, nan=-math.inf) > evidence[best] - _CLEAR
    peaks = set(local_maxima(np.where(likely, evidence, -math.inf)).tolist())
    # The flank of a broad peak counts too: it says how little is known of the place.
    flank = likely & (np.abs(offsets - offsets[best]) > _ONE_PLACE_S)
    peaks |= {int(i) for i in np.flatnonzero(flank)[[0, -1]]} if flank.any() else set()
    return [best, *_apart(offsets, evidence, sorted(peaks - {best}), best)]


def _apart(offsets: FloatArray, evidence: FloatArray, peaks: list[int], best: int) -> Iterator[int]:
    taken = [best]
    for peak in sorted(peaks, key=lambda at: -evidence[at]):
        if all(abs(offsets[peak] - offsets[other]) > _ONE_PLACE_S for other in taken):
            taken.append(peak)
            yield peak


def _nearest(at_s: FloatArray, places: list[int], start_s: float | None) -> int | None:
    """Choose the place at the start time, if it is the only one anywhere near."""
    if start_s is None:
        return None
    far = np.abs(at_s - start_s)
    order = np.argsort(far)
    only = far[order[0]] <= _NEAR_START_S and far[order[1]] >= 2 * _NEAR_START_S
    return places[int(order[0])] if only else None


def _refined(activity: Activity, sensors: _Rhythm, offset_s: float) -> tuple[float, float, float]:
    """Offset at the average that fits best, correlation and concordance there."""
    known = np.isfinite(activity.cadence_spm)
    t_s, watch = activity.t_s[known], activity.cadence_spm[known]
    steps = np.arange(-round(_ONE_PLACE_S / _GRID_S), round(_ONE_PLACE_S / _GRID_S) + 1)
    first_s = float(sensors.grid()[0])
    at = np.rint((t_s + offset_s - first_s) / _GRID_S).astype(np.int64)[None, :] + steps[:, None]
    scores = np.array([_scores(sensors.averaged(s), watch, at) for s in _AVERAGES_S])
    r, concordance = scores[:, 0], scores[:, 1]
    independent = len(watch) * float(np.median(np.diff(t_s))) / _INDEPENDENT_S
    likely = _evidence(r.max(axis=1), independent)
    likely -= 0.5 * np.log2(np.array(_AVERAGES_S) / _TYPICAL_S) ** 2
    best = int(likely.argmax())
    peak = int(np.clip(r[best].argmax(), 1, len(steps) - 2))
    fraction, value = parabola_vertices(*(r[best, peak + i : peak + i + 1] for i in (-1, 0, 1)))
    moved_s = (float(steps[peak]) + float(fraction[0])) * _GRID_S
    return offset_s + moved_s, float(value[0]), float(concordance[best, peak])


def _scores(sensor: FloatArray, watch: FloatArray, at: IntArray) -> FloatArray:
    """Correlation and concordance of the watch with the sensors at each row of indices, (2, k)."""
    inside = (at >= 0) & (at < len(sensor))
    beside = np.where(inside, sensor[np.clip(at, 0, len(sensor) - 1)], math.nan)
    known = np.isfinite(beside)
    x, y = np.where(known, beside, 0.0), np.where(known, watch, 0.0)
    each = np.maximum(known.sum(axis=1), 1)
    means = (product.sum(axis=1) / each for product in (x, y, x * x, y * y, x * y))
    return np.nan_to_num(np.stack(Moments(*means).agreement(0.0)))


def _source(place: _Place, start_s: float | None) -> _OffsetSource:
    if place.offset_s is None:
        return "start time"
    return "cadence" if start_s is None else "start time and cadence"


def _warnings(activity: Activity, place: _Place, start_s: float | None) -> Iterator[str]:
    name = activity.name
    if place.offset_s is None:
        yield (
            f"{name}: placed by its start time alone, which is only as good as both clocks are "
            f"set: {place.why}"
        )
        return
    if place.ambiguous:
        yield (
            f"{name}: its cadence fits the sensors' at more than one place; the one at its start "
            "time is used"
        )
    if start_s is not None and abs(place.offset_s - start_s) > _WORTH_SAYING_S:
        yield (
            f"{name}: by its start time it lies {abs(place.offset_s - start_s):.0f} s "
            f"{'earlier' if start_s < place.offset_s else 'later'} than by its cadence, which is "
            "followed"
        )


def _nowhere(
    activity: Activity, recording_started_at: datetime | None, place: _Place
) -> RecordingError:
    missing = []
    if recording_started_at is None:
        missing.append("the recording does not say when it started")
    if activity.started_at is None:
        missing.append("the watch had no date")
    remedy = "Mark the paces in laps.csv instead."
    if activity.started_at is not None:
        remedy = "Add started_at to recording.toml, like started_at = 2026-05-03T07:30:00Z."
    return RecordingError(
        f"{activity.name} cannot be placed on the recording's clock: {' and '.join(missing)}, and "
        f"{place.why}.",
        remedy,
    )


def _check_overlap(
    activity: Activity,
    sensors: _Rhythm,
    offset_s: float,
    recording_started_at: datetime | None,
) -> None:
    if len(sensors.end_s) == 0:
        return
    watch = float(activity.t_s[0]) + offset_s, float(activity.t_s[-1]) + offset_s
    strides = float(sensors.end_s[0]), float(sensors.end_s[-1])
    if watch[0] < strides[1] and watch[1] > strides[0]:
        return
    spans = [_times_of_day(span, recording_started_at) for span in (watch, strides)]
    raise RecordingError(
        f"{activity.name} does not overlap the recording: the watch ran {spans[0]}, the strides "
        f"{spans[1]}.",
        "Choose the activity of this run, or correct started_at in recording.toml: mind its time "
        "zone.",
    )


def _times_of_day(span: tuple[float, float], started_at: datetime | None) -> str:
    if started_at is None:
        return f"from {span[0]:.0f} to {span[1]:.0f} s"
    first, last = (started_at + timedelta(seconds=time) for time in span)
    utc = [time.astimezone(UTC) for time in (first, last)]
    return f"from {utc[0]:%Y-%m-%d %H:%M} to {utc[1]:%H:%M} UTC"
