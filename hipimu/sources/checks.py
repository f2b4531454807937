"""Row checks: is every time and value there, in order and possible? Vectorised, one piece at once.

What a sensor as a whole must satisfy (units, rate, range) is in `plausibility` and `clipping`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hipimu.data import THIGHS, BoolArray, FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources.samples import SampleFile, Samples

_LATEST_S = 1e11
"""Larger times are milliseconds or nanoseconds since 1970."""
_LONGEST_GAP_S = 1800.0
_LARGEST_VALUE = 1e7
"""Larger than raw counts: not a measurement, and its square must not overflow."""
_SPAN_TOLERANCE_S = 2.0
_SHORTEST_COMMON_S = 5.0


def check_times(
    file: SampleFile, piece: Samples, last_s: float | None, from_s: float | None = None
) -> None:
    """Refuse times that are not numbers, stand still or run backwards.

    Parameters
    ----------
    file : SampleFile
        Where the piece is from.
    piece : Samples
        The rows.
    last_s : float or None
        Time of the row before; None for the first piece.
    from_s : float or None
        Start of the part in use; a gap that begins before it is left alone.

    Raises
    ------
    RecordingError
        Naming line and time.
    """
    t_s = piece.t_s
    if (bad := _first(~(np.abs(t_s) <= _LATEST_S))) is not None:
        raise _impossible_time(file, piece.first_row + bad, float(t_s[bad]))
    before_s = np.concatenate([[-np.inf if last_s is None else last_s], t_s[:-1]])
    step_s = t_s - before_s
    if (bad := _first(step_s <= 0.0)) is not None:
        raise _wrong_order(file, piece.first_row + bad, float(before_s[bad]), float(t_s[bad]))
    step_s[before_s < (-_LATEST_S if from_s is None else from_s)] = 0.0
    if (bad := _first(step_s > _LONGEST_GAP_S)) is not None:
        raise RecordingError(
            f"{file.place(piece.first_row + bad)}: {step_s[bad]:.0f} s are missing after "
            f"{before_s[bad]:.3f} s, too long for one run.",
            f"If these are two recordings, analyse one with --until {_down(before_s[bad])} "
            f"or --from {_up(t_s[bad])}.",
            path=file.path,
            line=file.line_of(piece.first_row + bad),
            time_s=float(before_s[bad]),
            sensor=file.segment,
        )


def _impossible_time(file: SampleFile, row: int, t_s: float) -> RecordingError:
    if math.isfinite(t_s):
        said, remedy = f"{t_s:g}, too large for seconds", "Give the time in seconds."
    else:
        said, remedy = "missing or not a number", "Correct or delete the line."
    return RecordingError(
        f"{file.place(row)}: {file.time_channel} is {said}.",
        remedy,
        path=file.path,
        line=file.line_of(row),
        sensor=file.segment,
    )


def _wrong_order(file: SampleFile, row: int, before_s: float, t_s: float) -> RecordingError:
    if t_s == before_s:
        what = f"the time {t_s:.6g} s occurs twice"
        remedy = "Delete the duplicate, or give each sample its own time with more digits."
    else:
        what = f"time runs backwards, from {before_s:.6g} s to {t_s:.6g} s"
        remedy = "Sort the rows by time, or split the file where the clock restarts."
    return RecordingError(
        f"{file.place(row)}: {what}.",
        remedy,
        path=file.path,
        line=file.line_of(row),
        time_s=t_s,
        sensor=file.segment,
    )


def check_values(file: SampleFile, piece: Samples) -> None:
    """Refuse values that are missing, not finite or beyond any sensor.

    Parameters
    ----------
    file : SampleFile
        Where the piece is from.
    piece : Samples
        Rows whose times are in order.

    Raises
    ------
    RecordingError
        Naming line, time and channel.
    """
    for offset, values in ((0, piece.acc_m_s2), (3, piece.gyr_rad_s)):
        if np.max(np.abs(values)) <= _LARGEST_VALUE:  # not so with NaN
            continue
        wrong: BoolArray = ~(np.abs(values) <= _LARGEST_VALUE)
        bad = int(np.argmax(np.logical_or.reduce(wrong, axis=1)))
        axis = int(np.argmax(wrong[bad]))
        value, row = float(values[bad, axis]), piece.first_row + bad
        said = "not a number" if math.isnan(value) else f"{value:g}, beyond any sensor"
        channel = file.channels[offset + axis]
        raise RecordingError(
            f"{file.place(row)} ({piece.t_s[bad]:.3f} s): {channel} is {said}.",
            "Delete the row: missing rows count as losses.",
            path=file.path,
            line=file.line_of(row),
            time_s=float(piece.t_s[bad]),
            sensor=file.segment,
        )


def check_spans(
    files: Mapping[Segment, SampleFile],
    spans_s: Mapping[Segment, tuple[float, float]],
    *,
    start_together: bool = True,
    thigh_may_end: bool = False,
) -> None:
    """Refuse sensors that start or end more than two seconds apart.

    Parameters
    ----------
    files : mapping of segment to SampleFile
        For their names.
    spans_s : mapping of segment to (float, float)
        First and last time of each sensor on the common clock.
    start_together : bool
        False where sensors are known to start one after the other, as they are connected.
    thigh_may_end : bool
        Whether one of two thighs may end earlier, as a sensor whose battery is empty does: the
        other side goes on.

    Raises
    ------
    RecordingError
        Naming the two files and the part that all sensors share.
    """
    _, early = min((start, segment) for segment, (start, _) in spans_s.items())
    start_s, late = max((start, segment) for segment, (start, _) in spans_s.items())
    end_s, short = min((end, segment) for segment, (_, end) in spans_s.items())
    _, long = max((end, segment) for segment, (_, end) in spans_s.items())
    if thigh_may_end and len(spans_s) > len(THIGHS):
        thighs = {s: spans_s[s] for s in THIGHS.values()}
        gone = min(thighs, key=lambda segment: thighs[segment][1])
        left = {s: span for s, span in spans_s.items() if s != gone}
        end_s, short = min((end, segment) for segment, (_, end) in left.items())
    starts_apart = start_together and start_s - spans_s[early][0] > _SPAN_TOLERANCE_S
    ends_apart = spans_s[long][1] - end_s > _SPAN_TOLERANCE_S
    if not (starts_apart or ends_apart):
        return
    parts = []
    if starts_apart:
        parts.append(_apart(files, late, early, "starts", (start_s, spans_s[early][0])))
    if ends_apart:
        parts.append(_apart(files, short, long, "ends", (end_s, spans_s[long][1])))
    cut = [f"--from {_up(start_s)}"] * starts_apart + [f"--until {_down(end_s)}"] * ends_apart
    remedy = f"Analyse the part that all sensors share with {' '.join(cut)}."
    if end_s - start_s < _SHORTEST_COMMON_S:
        remedy = (
            "The sensors share too little time: check that the files are of the same run and the "
            "same clock (synchronised)."
        )
    guilty = late if starts_apart else short
    raise RecordingError(
        f"{' and '.join(parts)}.",
        remedy,
        path=files[guilty].path,
        time_s=start_s if starts_apart else end_s,
        sensor=guilty,
    )


def _apart(
    files: Mapping[Segment, SampleFile],
    guilty: Segment,
    other: Segment,
    verb: str,
    times_s: tuple[float, float],
) -> str:
    here, there = (files[segment].path.name for segment in (guilty, other))
    return f"{here} {verb} at {times_s[0]:.1f} s but {there} at {times_s[1]:.1f} s"


def _first(wrong: BoolArray) -> int | None:
    return int(np.argmax(wrong)) if wrong.any() else None


def _up(t_s: float) -> str:
    return f"{math.ceil(t_s * 10.0) / 10.0:.1f}"


def _down(t_s: float | FloatArray) -> str:
    return f"{math.floor(float(t_s) * 10.0) / 10.0:.1f}"
