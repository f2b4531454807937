"""FIT activity with developer fields: what a watch's platform shows beside pace and heart rate.

Follows the FIT SDK 21 (https://developer.garmin.com/fit, "Encoding Activity Files" and "Developer
Data"). Developer fields are float32, in degrees, and left out of messages where nothing is known:

- records, once a second: median peak flexion and extension of the strides that ended in it;
- laps, one for each bout and each pause: medians, and the RFI as if the run had ended there;
- the session: RFI and the changes at easy and at fast pace, with the ends of the 95 % interval.

FIT counts time since 1989-12-31 in whole seconds and takes small numbers for a running time, so
that a recording must have begun after 1998. Without a date there is no file: inventing one would
put the run on a wrong day of somebody's calendar.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from hipimu.data import Session
from hipimu.errors import OutputError
from hipimu.export.formats.fit_seconds import (
    PEAKS,
    RunLap,
    Seconds,
    laps_of,
    seconds_of,
)
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.units import deg_from_rad

if TYPE_CHECKING:
    from fit_tool.fit_file_builder import FitFileBuilder

APPLICATION_ID: Final = uuid5(NAMESPACE_URL, "hipimu").bytes
_FROM = datetime(1998, 7, 5, tzinfo=UTC)
_UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
_FIT_EPOCH_S: Final = 631_065_600
"""1989-12-31 in seconds since 1970."""
_PACE_BYTES: Final = 8
_SAID: Final = {"peak_flexion": "flexion", "peak_extension": "extension"}


@dataclass(frozen=True, slots=True)
class Field:
    """A developer field."""

    number: int
    name: str
    message: str
    """``record``, ``lap`` or ``session``."""
    units: str = "deg"


def _fields() -> Iterator[tuple[str, str]]:
    """Yield message and name of every developer field; the order is part of the format."""
    for message, kind in (("record", "Peak hip"), ("lap", "Median peak hip")):
        for side, outcome in PEAKS:
            yield message, f"{kind} {_SAID[outcome]} {side}"
    yield "lap", "Pace"
    for side, outcome in PEAKS:
        yield "lap", f"RFI so far {_SAID[outcome]} {side}"
    for side, outcome in PEAKS:
        for quantity in ("RFI", "Change easy", "Change fast"):
            for end in ("", " low", " high"):
                yield "session", f"{quantity} {_SAID[outcome]} {side}{end}"


FIELDS: Final = {
    name: Field(number, name, message, "" if name == "Pace" else "deg")
    for number, (message, name) in enumerate(_fields())
}


def write_fit(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write an activity.

    Raises
    ------
    OutputError
        When nothing says when the recording began.
    """
    from fit_tool.fit_file_builder import FitFileBuilder

    start = started_at(conversion)
    seconds = seconds_of(conversion, start)
    laps = laps_of(conversion.session, start, seconds)
    builder = FitFileBuilder(auto_define=True, strict=True)
    _add_head(builder, conversion, start)
    _add_event(builder, seconds.utc_s[0], "START")
    for row in range(len(seconds.utc_s)):
        _add_record(builder, seconds, row)
    _add_event(builder, seconds.utc_s[-1], "STOP_ALL")
    for number, lap in enumerate(laps):
        _add_lap(builder, seconds, number, lap)
    _add_session(builder, conversion.session, seconds, len(laps))
    _add_activity(builder, start, seconds)
    out.write_bytes(builder.build_bytes())
    return (out,)


def started_at(conversion: Conversion) -> datetime:
    """Return what time it was at 0 on the recording's clock.

    Raises
    ------
    OutputError
        When neither the recording nor a watch says it, or it is no date that FIT knows.
    """
    recording = conversion.recording
    start = recording.metadata.started_at
    activity = recording.activity
    if start is None and activity is not None and activity.started_at is not None:
        watch = conversion.session.watch
        if watch is not None:
            start = activity.started_at - timedelta(seconds=watch.offset_s)
    remedy = "Say it by --start 2026-05-03T07:30:00+02:00, or as started_at in recording.toml."
    if start is None:
        raise OutputError(
            f"{recording.name} does not say when it began, and a FIT file needs a date.", remedy
        )
    if not _FROM <= start < _UNTIL:
        raise OutputError(
            f"{recording.name} began on {start:%Y-%m-%d}, a date that FIT cannot say.", remedy
        )
    return start


def _add_head(builder: FitFileBuilder, conversion: Conversion, start: datetime) -> None:
    from fit_tool.profile.messages.developer_data_id_message import DeveloperDataIdMessage
    from fit_tool.profile.messages.file_creator_message import FileCreatorMessage
    from fit_tool.profile.messages.file_id_message import FileIdMessage
    from fit_tool.profile.profile_type import FileType, Manufacturer

    file_id = FileIdMessage(local_id=0)
    file_id.type = FileType.ACTIVITY
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 0
    # Platforms take a file of the same number and time for the same run.
    file_id.serial_number = zlib.crc32(conversion.title.encode()) or 1
    file_id.time_created = _ms(int(start.timestamp()))
    builder.add(file_id)
    major, minor = (int(part) for part in version("hipimu").split(".")[:2])
    creator = FileCreatorMessage(local_id=1)
    creator.software_version = 100 * major + minor
    builder.add(creator)
    developer = DeveloperDataIdMessage(local_id=2)
    developer.application_id = APPLICATION_ID
    developer.developer_data_index = 0
    developer.application_version = 100 * major + minor
    builder.add(developer)
    for field in FIELDS.values():
        builder.add(_description(field))


def _description(field: Field) -> Any:
    from fit_tool.base_type import BaseType
    from fit_tool.profile.messages.field_description_message import FieldDescriptionMessage
    from fit_tool.profile.profile_type import MesgNum

    text = field.name == "Pace"
    description = FieldDescriptionMessage(local_id=3)
    description.developer_data_index = 0
    description.field_definition_number = field.number
    description.fit_base_type_id = (BaseType.STRING if text else BaseType.FLOAT32).value
    description.field_name = field.name
    if field.units:
        description.units = field.units
    description.native_mesg_num = MesgNum[field.message.upper()].value
    return description


def _add_event(builder: FitFileBuilder, utc_s: int, kind: str) -> None:
    from fit_tool.profile.messages.event_message import EventMessage
    from fit_tool.profile.profile_type import Event, EventType

    event = EventMessage(local_id=4)
    event.timestamp = _ms(utc_s)
    event.event = Event.TIMER
    event.event_type = EventType[kind]
    builder.add(event)


def _add_record(builder: FitFileBuilder, seconds: Seconds, row: int) -> None:
    from fit_tool.profile.messages.record_message import RecordMessage

    peaks = {
        f"Peak hip {_SAID[peak[1]]} {peak[0]}": float(values[row])
        for peak, values in seconds.peak_deg.items()
    }
    record = RecordMessage(local_id=5, developer_fields=_developer(peaks))
    record.timestamp = _ms(seconds.utc_s[row])
    if np.isfinite(seconds.distance_m[row]):
        record.distance = float(seconds.distance_m[row])
    if np.isfinite(seconds.speed_m_s[row]):
        record.enhanced_speed = float(seconds.speed_m_s[row])
    if np.isfinite(seconds.heart_rate_bpm[row]):
        record.heart_rate = round(float(seconds.heart_rate_bpm[row]))
    if np.isfinite(seconds.cadence_spm[row]):
        record.cadence, record.fractional_cadence = divmod(
            0.5 * float(seconds.cadence_spm[row]), 1.0
        )
    # Each message comes with ninety fields, which would be kept until the file is written.
    record.fields = [field for field in record.fields if field.is_valid()]
    builder.add(record)


def _add_lap(builder: FitFileBuilder, seconds: Seconds, number: int, lap: RunLap) -> None:
    from fit_tool.profile.messages.lap_message import LapMessage
    from fit_tool.profile.profile_type import Event, EventType, Intensity, LapTrigger, Sport

    said: dict[str, float | str] = {}
    if lap.bout is not None:
        said["Pace"] = lap.bout.pace
    for title, values in (("Median peak hip", lap.peak_deg), ("RFI so far", lap.rfi_deg)):
        said |= {f"{title} {_SAID[o]} {side}": v for (side, o), v in (values or {}).items()}
    message = LapMessage(local_id=6, developer_fields=_developer(said))
    message.message_index = number
    message.event, message.event_type = Event.LAP, EventType.STOP
    message.sport = Sport.RUNNING
    message.lap_trigger = LapTrigger.MANUAL
    message.intensity = Intensity.OTHER if lap.bout is None else Intensity.ACTIVE
    _summarise(message, seconds, lap.start_s, lap.end_s)
    builder.add(message)


def _add_session(
    builder: FitFileBuilder, session: Session, seconds: Seconds, lap_count: int
) -> None:
    from fit_tool.profile.messages.session_message import SessionMessage
    from fit_tool.profile.profile_type import Event, EventType, SessionTrigger, Sport, SubSport

    message = SessionMessage(local_id=7, developer_fields=_developer(_fatigue(session)))
    message.message_index = 0
    message.event, message.event_type = Event.SESSION, EventType.STOP
    message.sport, message.sub_sport = Sport.RUNNING, SubSport.GENERIC
    message.trigger = SessionTrigger.ACTIVITY_END
    message.first_lap_index, message.num_laps = 0, lap_count
    _summarise(message, seconds, seconds.utc_s[0], seconds.utc_s[-1])
    builder.add(message)


def _add_activity(builder: FitFileBuilder, start: datetime, seconds: Seconds) -> None:
    from fit_tool.profile.messages.activity_message import ActivityMessage
    from fit_tool.profile.profile_type import Activity, Event, EventType

    first, last = seconds.utc_s[0], seconds.utc_s[-1]
    message = ActivityMessage(local_id=8)
    message.timestamp = _ms(last)
    offset = start.utcoffset() or timedelta(0)
    message.local_timestamp = last + int(offset.total_seconds()) - _FIT_EPOCH_S
    message.total_timer_time = float(last - first)
    message.num_sessions = 1
    message.type = Activity.MANUAL
    message.event, message.event_type = Event.ACTIVITY, EventType.STOP
    builder.add(message)


def _summarise(message: Any, seconds: Seconds, start_s: int, end_s: int) -> None:
    """Say what laps and sessions have in common."""
    message.timestamp = _ms(end_s)
    message.start_time = _ms(start_s)
    message.total_elapsed_time = message.total_timer_time = float(end_s - start_s)
    way_m = seconds.way_m(start_s, end_s)
    if way_m is not None:
        message.total_distance = way_m
    speed = seconds.mean(seconds.speed_m_s, start_s, end_s)
    if speed is not None:
        message.enhanced_avg_speed = speed
    heart_rate = seconds.mean(seconds.heart_rate_bpm, start_s, end_s)
    if heart_rate is not None:
        message.avg_heart_rate = round(heart_rate)
    cadence = seconds.mean(seconds.cadence_spm, start_s, end_s)
    if cadence is not None:
        message.avg_cadence, message.avg_fractional_cadence = divmod(0.5 * cadence, 1.0)


def _fatigue(session: Session) -> dict[str, float]:
    said: dict[str, float] = {}
    for estimate in session.fatigue:
        peak = f"{_SAID[estimate.outcome]} {estimate.side}"
        for quantity, value, interval in (
            ("RFI", estimate.rfi_rad, estimate.rfi_ci95_rad),
            ("Change easy", estimate.delta_easy_rad, estimate.delta_easy_ci95_rad),
            ("Change fast", estimate.delta_fast_rad, estimate.delta_fast_ci95_rad),
        ):
            if value is not None and interval is not None:
                ends = (("", value), (" low", interval[0]), (" high", interval[1]))
                said |= {f"{quantity} {peak}{end}": deg_from_rad(v) for end, v in ends}
    return said


def _developer(said: Mapping[str, float | str]) -> list[Any]:
    """Return developer fields with values, those that are not known left out."""
    from fit_tool.base_type import BaseType
    from fit_tool.developer_field import DeveloperField

    made = []
    for name, value in said.items():
        text = isinstance(value, str)
        if not text and not np.isfinite(value):
            continue
        field = DeveloperField(
            field_id=FIELDS[name].number,
            name=name,
            base_type=BaseType.STRING if text else BaseType.FLOAT32,
            size=_PACE_BYTES if text else 4,
            developer_data_index=0,
        )
        field.set_value(0, value)
        made.append(field)
    return made


def _ms(utc_s: int) -> int:
    return 1000 * utc_s


WRITER = Writer("fit", "FIT activity (.fit)", (".fit",), write_fit, extra="fit")
