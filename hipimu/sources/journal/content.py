"""What a journal says in words: who recorded what with which sensors, and how it ended."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from hipimu.data import Absence, LinkEvent, Mark, MarkKind
from hipimu.sources.metadata import Athlete

FORMAT = "hipimu-journal/1"
MOST_STREAMS = 64
LONGEST_METADATA = 500_000
"""Bytes of JSON, streams not counted."""
_MOST_SENSORS = 64


def _utf8(text: object) -> object:
    """Replace what no UTF-8 can hold: names of devices are hostile bytes."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


_Text = Annotated[str, BeforeValidator(_utf8), Field(max_length=1000)]
_Name = Annotated[str, BeforeValidator(_utf8), Field(max_length=100)]
_Value = bool | int | float | _Text


class _Strict(BaseModel):
    # Later versions of the same format may say more; what they add is not needed here.
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)


class JournalSensor(_Strict):
    """One sensor of a recording: its role, and the device that plays it."""

    sensor: _Name
    """The segment it is worn on, or ``heart_rate`` or ``foot_pod``."""
    protocol: _Text
    """Id of the protocol that decodes its packets."""
    settings: Annotated[dict[_Text, _Value], Field(max_length=100)] = {}
    """What was asked of the device, such as rate and ranges."""
    rate_hz: Annotated[float, Field(gt=0.0, le=10_000.0)] | None = None
    """Samples per second."""
    device: _Text = ""
    """The name it advertises."""
    address: _Text = ""
    serial: _Text | None = None


class Stream(_Strict):
    """Where packets of one number come from."""

    sensor: _Name
    characteristic: _Name


class JournalMetadata(_Strict):
    """All that is needed to decode a journal."""

    format: Literal["hipimu-journal/1"] = "hipimu-journal/1"
    hipimu: _Text = ""
    """Version that recorded; the writer fills it in."""
    started_at: AwareDatetime
    """UTC when host time was zero."""
    athlete: Athlete | None = None
    simulated: bool = False
    """Whether no runner is behind it."""
    sensors: Annotated[tuple[JournalSensor, ...], Field(max_length=_MOST_SENSORS)]
    streams: Annotated[tuple[Stream, ...], Field(max_length=MOST_STREAMS)] = ()
    """By number; the writer appends them as they turn up, and never changes one."""

    @model_validator(mode="after")
    def _name_each_sensor_once(self) -> JournalMetadata:
        names = [entry.sensor for entry in self.sensors]
        if len(set(names)) < len(names):
            raise ValueError("a sensor is named twice")
        return self


class Totals(_Strict):
    """What a finished journal holds, by its own account."""

    packets: Annotated[int, Field(ge=0)]
    link_events: Annotated[int, Field(ge=0)]


_HostNs = Annotated[int, Field(ge=0, lt=2**64)]


class _Link(_Strict):
    sensor: _Text
    state: Literal["up", "down"]
    t_host_ns: _HostNs
    why: _Text = ""


class _Mark(_Strict):
    mark: MarkKind
    t_host_ns: _HostNs


class _Absence(_Strict):
    sensor: _Text
    until_ns: _HostNs
    t_host_ns: _HostNs


def metadata_from(payload: bytes) -> JournalMetadata | None:
    """Read the payload of a metadata frame; None where it makes no sense."""
    try:
        return JournalMetadata.model_validate_json(payload)
    except ValidationError:
        return None


def link_payload(event: LinkEvent) -> bytes:
    """Return the payload of a link frame.

    Raises
    ------
    ValueError
        When the time is negative or beyond 64 bits.
    """
    return (
        _Link(
            sensor=event.sensor[:1000],
            state=event.state,
            t_host_ns=event.t_host_ns,
            why=event.why[:1000],
        )
        .model_dump_json()
        .encode()
    )


def link_from(payload: bytes) -> LinkEvent | None:
    """Read the payload of a link frame; None where it makes no sense."""
    try:
        link = _Link.model_validate_json(payload)
    except ValidationError:
        return None
    return LinkEvent(link.sensor, link.state, link.t_host_ns, link.why)


def mark_payload(mark: Mark) -> bytes:
    """Return the payload of a mark's frame.

    Raises
    ------
    ValueError
        When it is none of `MARKS`, or the time is negative or beyond 64 bits.
    """
    return _Mark(mark=mark.mark, t_host_ns=mark.t_host_ns).model_dump_json().encode()


def mark_from(payload: bytes) -> Mark | None:
    """Read the payload of a mark's frame; None where it makes no sense."""
    try:
        read = _Mark.model_validate_json(payload)
    except ValidationError:
        return None
    return Mark(read.mark, read.t_host_ns)


def absence_payload(absence: Absence) -> bytes:
    """Return the payload of an absence's frame.

    Raises
    ------
    ValueError
        When a time is negative or beyond 64 bits.
    """
    read = _Absence(
        sensor=absence.sensor[:1000], until_ns=absence.until_ns, t_host_ns=absence.t_host_ns
    )
    return read.model_dump_json().encode()


def absence_from(payload: bytes) -> Absence | None:
    """Read the payload of an absence's frame; None where it makes no sense."""
    try:
        read = _Absence.model_validate_json(payload)
    except ValidationError:
        return None
    return Absence(read.sensor, read.until_ns, read.t_host_ns)


def totals_from(payload: bytes) -> Totals | None:
    """Read the payload of an end frame; None where it makes no sense."""
    try:
        return Totals.model_validate_json(payload)
    except ValidationError:
        return None
