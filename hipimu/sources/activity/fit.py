"""FIT, the binary format that watches write: read message by message with fitdecode.

Facts about the format are from Garmin's FIT SDK (Activity File; Profile). A FIT file may hold
several activities: files chained one after another, or sessions of a multisport.
"""

from __future__ import annotations

import io
import math
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import fitdecode
import numpy as np

from hipimu.data import WatchLap
from hipimu.sources.activity.laps import trigger_of
from hipimu.sources.activity.watch_file import (
    Row,
    WatchFile,
    column,
    columns_of,
    number,
    numbers,
    refusal,
)

_EPOCH_S = 631_065_600
"""Unix time of 31 December 1989, 00:00 UTC, from which FIT counts (FIT SDK, date_time)."""
_OLDEST_DATE = 0x1000_0000
"""Smaller times count from when the device was switched on (FIT SDK, date_time)."""
_SEMICIRCLE_RAD = math.pi / 2**31
_NO_DATE = "the watch had no date: when it started is not known"
_MOST_FRAMES = 1_000_000
"""A day of running has a tenth of it."""
_WANTED = frozenset(("file_id", "record", "lap", "session", "event", "sport"))
_SPEEDS: Final = ("enhanced_speed", "speed", "developer speed")
"""Enhanced speed has more digits; a developer field is what an app or foot pod adds."""
_NUMBERS: Final = {
    "distance": "distance_m",
    "altitude": "altitude_m",
    "enhanced_altitude": "altitude_m",
    "heart_rate": "heart_rate_bpm",
} | {name: name for name in _SPEEDS}
# What a damaged file makes fitdecode raise, besides its own errors: it trusts its input.
_BROKEN = (
    fitdecode.FitError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
    MemoryError,
)

_Message = dict[str, Any]


@dataclass(slots=True)
class _Messages:
    """The messages of one FIT file of a chain, by name."""

    of: defaultdict[str, list[_Message]] = field(default_factory=lambda: defaultdict(list))
    sound: bool = True
    """Whether its checksum fits, as far as it was reached."""

    @property
    def kind(self) -> str | None:
        """What the file says it is: activity, workout, settings and others."""
        said = [message.get("type") for message in self.of["file_id"]]
        return next((kind for kind in said if isinstance(kind, str)), None)


def read_fit(raw: bytes, path: Path) -> WatchFile:
    """Read a FIT file.

    Parameters
    ----------
    raw : bytes
    path : Path
        For messages.

    Returns
    -------
    WatchFile
        What could be read, with warnings of what could not.

    Raises
    ------
    RecordingError
        When there is no record and no lap of an activity in it.
    """
    chain, damage = _chain(_with_size(raw))
    chosen, others = _activity(chain, damage, path)
    session, more = _session(chosen.of["session"])
    records = [_row(message) for message in chosen.of["record"]]
    laps = [lap for message in chosen.of["lap"] for lap in _laps(message)]
    if more:
        start_s, end_s = _span(session)
        records = [row for row in records if start_s <= row.get("time_s", math.nan) <= end_s]
        laps = [lap for lap in laps if start_s <= lap.start_s < end_s]
    utc = _is_utc(chosen.of["record"])
    return WatchFile(
        **columns_of(records),
        speeds_m_s=tuple(column(records, name) for name in _SPEEDS),
        laps=tuple(laps),
        pauses_s=_pauses(chosen.of["event"]),
        started_s=_seconds(session.get("start_time")),
        utc=utc,
        sport=_sport(session, chosen.of["sport"]),
        warnings=(*damage, *others, *more, *(() if utc else (_NO_DATE,))),
    )


def _with_size(raw: bytes) -> bytes:
    """Fill in the size of the data, which a watch that stopped in mid-run left at zero."""
    header = raw[0]
    unfinished = raw[4:8] == bytes(4) and len(raw) > header + 2
    return raw[:4] + struct.pack("<I", len(raw) - header) + raw[8:] if unfinished else raw


def _chain(raw: bytes) -> tuple[list[_Messages], tuple[str, ...]]:
    """Read all messages up to the first damage, and say where that is."""
    stream = io.BytesIO(raw)
    chain: list[_Messages] = []
    try:
        _collect(stream, chain)
    except _BROKEN:
        return chain, (_damage(stream.tell(), len(raw)),)
    return chain, ()


def _damage(at: int, size: int) -> str:
    if at >= size:
        return "the file is cut off: its end is missing"
    return f"the file is damaged near byte {at:,} of {size:,}: nothing was read after it"


def _collect(stream: io.BytesIO, chain: list[_Messages]) -> None:
    """Append to `chain` as far as the stream can be read."""
    reader = fitdecode.FitReader(
        stream,
        # Raw times instead of dates: a damaged one is then only a number.
        processor=None,
        check_crc=fitdecode.CrcCheck.READONLY,
        error_handling=fitdecode.ErrorHandling.IGNORE,
    )
    for count, frame in enumerate(reader):
        if count == _MOST_FRAMES:
            raise ValueError("too many messages")
        if frame.frame_type == fitdecode.FIT_FRAME_HEADER:
            chain.append(_Messages())
        elif frame.frame_type == fitdecode.FIT_FRAME_DATA and frame.name in _WANTED:
            chain[-1].of[frame.name].append(_fields(frame))
        elif frame.frame_type == fitdecode.FIT_FRAME_CRC:
            chain[-1].sound = bool(frame.matched)


def _fields(message: Any) -> _Message:
    """Values by name; names of developer fields, which may be any, get a prefix."""
    values: _Message = {}
    for item in message.fields:
        if item.value is not None:
            own = item.field_def is not None and item.field_def.is_dev
            values.setdefault(f"developer {item.name}".lower() if own else item.name, item.value)
    return values


def _activity(
    chain: Sequence[_Messages], damage: Sequence[str], path: Path
) -> tuple[_Messages, tuple[str, ...]]:
    """Choose the file of the chain that holds the longest activity."""
    usable = [m for m in chain if m.kind in ("activity", None) and (m.of["record"] or m.of["lap"])]
    if not usable:
        kinds = {m.kind for m in chain} - {"activity", None}
        found = f"is of the kind {'and '.join(map(str, kinds))}" if kinds else "holds no records"
        why = "".join(f": {sentence}" for sentence in damage)
        raise refusal(path, f"{found}{why}", "Copy or export the activity itself again, as FIT.")
    chosen = max(usable, key=lambda m: (len(m.of["record"]), len(m.of["lap"])))
    warnings: list[str] = []
    if len(usable) > 1:
        warnings.append(f"it holds {len(usable)} activities one after another: one is used")
    if not chosen.sound:
        warnings.append("its checksum does not fit: some values may be wrong")
    return chosen, tuple(warnings)


def _session(sessions: Sequence[_Message]) -> tuple[_Message, tuple[str, ...]]:
    """Choose the longest run among the sessions, and say so where there are several."""
    if len(sessions) < 2:
        return (sessions[0] if sessions else {}), ()

    def rank(session: _Message) -> tuple[bool, float]:
        length_s = number(session.get("total_elapsed_time"))
        return session.get("sport") == "running", 0.0 if math.isnan(length_s) else length_s

    chosen = max(sessions, key=rank)
    if math.isnan(sum(_span(chosen))):
        return chosen, ()
    sports = ", ".join(str(session.get("sport", "unknown")) for session in sessions)
    return chosen, (f"it holds {len(sessions)} sessions ({sports}): only the longest run is used",)


def _span(session: Mapping[str, Any]) -> tuple[float, float]:
    start_s = _seconds(session.get("start_time"))
    # Fractions of a second are cut off the start, so the end may be one later.
    return start_s, start_s + number(session.get("total_elapsed_time")) + 1.0


def _row(message: _Message) -> Row:
    row = numbers(message, _NUMBERS)
    return row | {
        "time_s": _seconds(message.get("timestamp")),
        "latitude_rad": number(message.get("position_lat")) * _SEMICIRCLE_RAD,
        "longitude_rad": number(message.get("position_long")) * _SEMICIRCLE_RAD,
        "grade": number(message.get("grade")) / 100.0,
        "cadence_per_min": number(message.get("cadence"))
        + number(message.get("fractional_cadence", 0.0)),
    }


def _seconds(value: object) -> float:
    """Unix time of a FIT time; NaN where it is none. Times without a date keep their own zero."""
    raw = number(value)
    return raw + _EPOCH_S if raw >= _OLDEST_DATE else raw


def _is_utc(records: Sequence[_Message]) -> bool:
    times = [number(message.get("timestamp")) for message in records]
    known = [time for time in times if not math.isnan(time)]
    return not known or float(np.median(known)) >= _OLDEST_DATE


def _laps(message: _Message) -> Iterator[WatchLap]:
    """One lap, if its start and end are known.

    The end is start plus elapsed time: the message's own timestamp says when it was written,
    which may be at the end of the activity (Garmin, FIT SDK forum, "Important FIT activity file
    message change").
    """
    start_s = _seconds(message.get("start_time"))
    end_s = start_s + number(message.get("total_elapsed_time"))
    if math.isnan(end_s):
        end_s = _seconds(message.get("timestamp"))
    if math.isnan(start_s) or math.isnan(end_s):
        return
    distance_m = number(message.get("total_distance"))
    timer_s = number(message.get("total_timer_time"))
    said_m_s = number(message.get("enhanced_avg_speed", message.get("avg_speed")))
    speed_m_s = distance_m / timer_s if timer_s > 0 else said_m_s
    intensity = message.get("intensity")
    yield WatchLap(
        start_s=start_s,
        end_s=end_s,
        trigger=trigger_of(message.get("lap_trigger")),
        intensity=intensity if isinstance(intensity, str) else None,
        distance_m=None if math.isnan(distance_m) else distance_m,
        speed_m_s=speed_m_s if not math.isnan(speed_m_s) else None,
    )


def _pauses(events: Sequence[_Message]) -> tuple[tuple[float, float], ...]:
    """Find when the timer stood still: from a stop to the next start."""
    timer = [(_seconds(e.get("timestamp")), e.get("event_type")) for e in events if _is_timer(e)]
    pauses: list[tuple[float, float]] = []
    stopped_s: float | None = None
    for time_s, kind in sorted(item for item in timer if not math.isnan(item[0])):
        if kind == "start" and stopped_s is not None:
            pauses.append((stopped_s, time_s))
            stopped_s = None
        elif str(kind).startswith("stop") and stopped_s is None:
            stopped_s = time_s
    return (*pauses, *(() if stopped_s is None else ((stopped_s, math.inf),)))


def _is_timer(event: _Message) -> bool:
    return event.get("event") == "timer" and isinstance(event.get("event_type"), str)


def _sport(session: _Message, sports: Sequence[_Message]) -> str | None:
    said = [session.get("sport"), *(message.get("sport") for message in sports)]
    return next((name for name in said if isinstance(name, str)), None)
