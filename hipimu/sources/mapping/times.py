"""A column of times as seconds: numbers in any unit, sample numbers, dates, times of day."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.mapping.model import Time
from hipimu.sources.mapping.text import Cut

_PER_S: Final = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9, "iso": 1e6, "clock": 1e6}
_SINCE_1970_S: Final = 1e8
"""From here on numbers are dates: three years after a start, or March 1973."""
_LATEST_S: Final = 4e9
_DAY_US: Final = 86_400_000_000
_WHOLE: Final = re.compile(r"[-+]?\d{1,19}")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(?:[.,:](\d{1,9}))?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Times as the file counts them."""

    counts: IntArray | FloatArray
    """Whole numbers where they all are, so that dates lose nothing."""
    per_s: float
    in_zone: bool
    """Whether counts since 1970 are UTC."""

    @property
    def are_dates(self) -> bool:
        """Whether they count since 1970."""
        first = float(self.counts[0]) / self.per_s
        return _SINCE_1970_S <= abs(first) <= _LATEST_S

    def started_at(self) -> datetime | None:
        """Return the date of the first, where its zone is known."""
        if not (self.are_dates and self.in_zone):
            return None
        return datetime.fromtimestamp(float(self.counts[0]) / self.per_s, tz=UTC)

    def seconds(self, zero: float) -> FloatArray:
        """Return seconds since a count, which is whole where all counts are."""
        since: FloatArray = np.asarray(self.counts - zero, dtype=np.float64)
        return since / self.per_s


def counted(cut: Cut, time: Time, rows: IntArray | None, texts: Sequence[str]) -> Counted:
    """Read a column of times.

    Parameters
    ----------
    cut : Cut
        The table, for errors' lines.
    time : Time
        What the mapping says of it.
    rows : int array or None
        Which rows of the table `texts` are; None: all.
    texts : sequence of str
        The cells.

    Raises
    ------
    RecordingError
        Naming the line that is no time.
    """
    if time.unit == "iso":
        return _dates(cut, time, rows, texts)
    if time.unit == "clock":
        return _clock(cut, rows, texts)
    counts = _numbers(cut, rows, texts)
    if time.wraps_at is not None:
        counts = _unwrapped(counts, time.wraps_at)
    per_s = float(time.rate_hz or 1.0) if time.unit == "sample" else _PER_S[time.unit]
    return Counted(counts, per_s, in_zone=time.unit != "sample")


def uniform(count: int, rate_hz: float) -> Counted:
    """Return times of rows that follow each other at a rate."""
    return Counted(np.arange(count, dtype=np.int64), rate_hz, in_zone=False)


def _numbers(cut: Cut, rows: IntArray | None, texts: Sequence[str]) -> IntArray | FloatArray:
    if all(map(_WHOLE.fullmatch, texts)):
        with suppress(OverflowError, ValueError):
            return np.array(texts, dtype=np.int64)
    try:
        plain = [text.replace(cut.decimal, ".") for text in texts] if cut.decimal != "." else texts
        return np.array([float(text) for text in plain])
    except ValueError:
        raise _no_time(cut, rows, texts, _is_number, "a number") from None


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _unwrapped(counts: IntArray | FloatArray, wraps_at: float) -> IntArray | FloatArray:
    # Counters have 64 bits at most; those of so many do not wrap within a run.
    if wraps_at > 2.0**62:
        return counts
    back = np.diff(counts, prepend=counts[:1]) < -wraps_at / 2.0
    turns = np.cumsum(back)
    if counts.dtype.kind == "i":
        return counts + turns * np.int64(wraps_at)
    return counts + turns * wraps_at


def _dates(cut: Cut, time: Time, rows: IntArray | None, texts: Sequence[str]) -> Counted:
    zone = time.timezone
    try:
        dates = [datetime.fromisoformat(text) for text in texts]
    except ValueError:
        raise _no_time(cut, rows, texts, _is_date, "a date and time (ISO 8601)") from None
    known = zone is not None or dates[0].utcoffset() is not None
    try:
        counts = [_since_1970_us(date.replace(tzinfo=date.tzinfo or zone or UTC)) for date in dates]
    except OverflowError:
        counts = [0] * len(dates)
    return Counted(np.array(counts, dtype=np.int64), _PER_S["iso"], in_zone=known)


def _since_1970_us(date: datetime) -> int:
    since = date - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _clock(cut: Cut, rows: IntArray | None, texts: Sequence[str]) -> Counted:
    found = [_CLOCK.fullmatch(text) for text in texts]
    if not all(found):
        raise _no_time(cut, rows, texts, lambda text: bool(_CLOCK.fullmatch(text)), "a time of day")
    counts = np.array([_since_midnight_us(match) for match in found if match], dtype=np.int64)
    return Counted(_unwrapped(counts, float(_DAY_US)), _PER_S["clock"], in_zone=False)


def _since_midnight_us(match: re.Match[str]) -> int:
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def _no_time(
    cut: Cut, rows: IntArray | None, texts: Sequence[str], fits: Callable[[str], bool], what: str
) -> RecordingError:
    at = next((i for i, text in enumerate(texts) if not fits(text)), 0)
    line = cut.lines[at if rows is None else int(rows[at])]
    return RecordingError(
        f"{cut.path.name}, line {line}: the time is {texts[at]!r:.40}, which is not {what}.",
        "Correct or delete the line; or check column and unit of [time] in mapping.toml.",
        path=cut.path,
        line=line,
    )
