"""What a file of ``firmware_protocols/`` may say, checked key by key.

Each key is explained in docs/reference/protocol-files.md; the published JSON Schema is made from
these models.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from hipimu.protocol.commands import Template
from hipimu.protocol.layout import Layout as CompiledLayout
from hipimu.units import UNITS

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Hex = Annotated[str, Field(pattern=r"^[0-9A-Fa-f ]*$", max_length=4000)]
Positive = Annotated[float, Field(gt=0, lt=1e12)]


def _no_zero(value: float) -> float:
    if value == 0:
        raise ValueError("it must not be 0")
    return value


Scale = Annotated[float, Field(gt=-1e12, lt=1e12), AfterValidator(_no_zero)]
_SIG_BASE = "-0000-1000-8000-00805f9b34fb"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def full_uuid(text: str) -> str:
    """Return a UUID in full, lower case; four hex digits are one of the Bluetooth SIG's.

    Raises
    ------
    ValueError
    """
    low = text.lower()
    if re.fullmatch(r"[0-9a-f]{4}", low):
        return f"0000{low}{_SIG_BASE}"
    if _UUID.fullmatch(low) is None:
        raise ValueError("it must be a UUID: four hex digits, or 8-4-4-4-12")
    return low


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True
    )


class Document(_Strict):
    """Where the facts come from."""

    title: Text
    revision: str | None = None
    url: str | None = None


class Recognise(_Strict):
    """How to know the device by what it advertises; any one of these is enough."""

    names: list[Text] = []
    """Beginnings of the advertised name."""
    services: list[str] = []
    """Advertised service UUIDs."""
    company_ids: list[Annotated[int, Field(ge=0, le=0xFFFF)]] = []
    """Bluetooth SIG company identifiers, where the company makes nothing else."""

    @field_validator("services")
    @classmethod
    def _in_full(cls, services: list[str]) -> list[str]:
        return [full_uuid(text) for text in services]


class Characteristic(_Strict):
    """One GATT characteristic."""

    uuid: str
    service: str
    properties: Annotated[
        list[Literal["read", "write", "write-without-response", "notify", "indicate"]],
        Field(min_length=1),
    ]

    @field_validator("uuid", "service")
    @classmethod
    def _in_full(cls, uuid: str) -> str:
        return full_uuid(uuid)


class Setting(_Strict):
    """Something that can be chosen before the start."""

    choices: Annotated[list[Positive], Field(min_length=1)]
    default: Positive
    codes: dict[str, Annotated[int, Field(ge=0, le=0xFFFFFFFF)]] = {}
    """What commands write for each choice; without it, the choice itself."""
    about: str | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Setting:
        if self.default not in self.choices:
            raise ValueError("the default must be one of the choices")
        names = {key_of(choice) for choice in self.choices}
        if self.codes and set(self.codes) != names:
            raise ValueError(f"codes must be given for exactly {', '.join(sorted(names))}")
        return self


def key_of(value: float) -> str:
    """Return a setting's value as it is written as a TOML key: 100, 12.5."""
    return f"{value:.10g}"


class Reply(_Strict):
    """What a device answers to a command."""

    from_: Name = Field(alias="from")
    begins: Hex = ""
    example: Hex | None = None
    """A whole answer, which virtual sensors give; without it, `begins` alone."""


class Write(_Strict):
    """Bytes to write: hex, ``"text"`` and ``{setting:type}``."""

    to: Name
    bytes_: Annotated[str, Field(max_length=2000)] = Field(alias="bytes")
    wait_s: Annotated[float, Field(ge=0, le=10)] = 0.0
    reply: Reply | None = None
    about: str | None = None

    @field_validator("bytes_")
    @classmethod
    def _is_a_template(cls, text: str) -> str:
        Template(text)
        return text


class Mode(_Strict):
    """One way to measure."""

    subscribe: Annotated[list[Name], Field(min_length=1)]
    start: list[Write] = []
    stop: list[Write] = []
    about: str | None = None


class Framing(_Strict):
    """A named codec between the radio's payloads and the packets that layouts describe."""

    codec: Name
    on: Annotated[list[Name], Field(min_length=1)]
    """Characteristics whose payloads pass through it."""
    length: Annotated[int, Field(ge=1, le=512)] | None = None


class Layout(_Strict):
    """What a kind of packet holds."""

    from_: Name = Field(alias="from")
    begins: Hex = ""
    head: list[str] = []
    samples: list[str] = []
    planar: bool = False
    count: Annotated[int, Field(ge=1, le=512)] | None = None
    """Samples in each packet, where fixed."""
    padded: bool = False
    about: str | None = None

    def compiled(self) -> CompiledLayout:
        """Return the layout ready for use."""
        return CompiledLayout(
            bytes.fromhex(self.begins),
            self.head,
            self.samples,
            planar=self.planar,
            count=self.count,
            padded=self.padded,
        )

    @model_validator(mode="after")
    def _compiles(self) -> Layout:
        if not self.head and not self.samples:
            raise ValueError("it needs fields: head, samples or both")
        names = self.compiled().names
        plain = [f for f in names if names.count(f) > 1]
        if plain and not self._alternatives(plain):
            raise ValueError(f"the field {plain[0]} is there twice")
        return self

    def _alternatives(self, names: list[str]) -> bool:
        """Whether fields of one name exclude each other, by opposite conditions."""
        fields = self.compiled().head
        return all(
            len({f.condition and f.condition.wanted for f in fields if f.name == name}) == 2
            and names.count(name) == 2
            for name in names
        )


class Signal(_Strict):
    """What a field's numbers mean."""

    unit: str
    counts_per_unit: Scale | dict[Name, dict[str, Scale]] = 1.0
    """A number; or by setting: ``{acc_range_g = {"8" = 4096, "16" = 2048}}``. Negative where the
    device's axis points the other way."""
    limit: Positive | Name | None = None
    """End of the range, in `unit`; or the setting that says it."""
    about: str | None = None

    @field_validator("unit")
    @classmethod
    def _is_known(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"known units are {', '.join(UNITS)}")
        return unit

    @field_validator("counts_per_unit")
    @classmethod
    def _by_one_setting(cls, counts: Any) -> Any:
        if isinstance(counts, dict) and len(counts) != 1:
            raise ValueError("counts can depend on one setting only")
        return counts


class Clock(_Strict):
    """The device's own clock."""

    field: Name
    tick_s: Annotated[float, Field(gt=1e-10, le=0.1)]
    wrap: Annotated[int, Field(ge=256, le=2**63 - 1)]
    """Ticks after which it starts from zero."""
    stamps: Literal["first", "last"] = "first"
    """Which sample of a packet it stamps."""
    epoch: datetime | Literal["power on", "start"] = "power on"


class Counter(_Strict):
    """The device's own count of the packets it made."""

    field: Name
    wrap: Annotated[int, Field(ge=4, le=2**32)]


class Limits(_Strict):
    """What the device cannot do, whatever is set."""

    rate_hz: Positive | None = None
    """Highest sampling rate over the radio."""
    gyr_deg_s: Positive | None = None
    acc_g: Positive | None = None
    bandwidth_hz: Positive | None = None
    """Of the factory's low-pass filter, where no command here widens it."""


class Example(_Strict):
    """Bytes and what they mean."""

    about: Text
    source: Text
    settings: dict[Name, Positive] = {}
    packets: Annotated[list[dict[Name, Hex]], Field(min_length=1)]
    """In order, each ``{CHARACTERISTIC = "hex"}``."""
    gives: dict[Name, Any] = {}
    """Signal or field → values, one a sample, in the signal's unit."""
    within: Positive = 1e-6


class Protocol(_Strict):
    """All of a protocol file."""

    schema_: Literal[1] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    vendor: Text
    model: Text
    kind: Literal["imu", "heart_rate", "foot_pod", "battery"] = "imu"
    about: str | None = None
    refusal: Text | None = None
    """Why this sensor is not used."""
    documents: Annotated[list[Document], Field(min_length=1)]
    recognise: Recognise = Recognise()
    characteristics: dict[Name, Characteristic] = {}
    settings: dict[Name, Setting] = {}
    configure: list[Write] = []
    modes: dict[Name, Mode] = {}
    default_mode: Name | None = None
    framing: Framing | None = None
    layouts: dict[Name, Layout] = {}
    signals: dict[Name, Signal] = {}
    clock: Clock | None = None
    counter: Counter | None = None
    battery: Name | None = None
    """Characteristic whose first byte is the charge in percent."""
    limits: Limits = Limits()
    warnings: list[Text] = []
    examples: list[Example] = []

    @property
    def usable_for_angles(self) -> bool:
        """Whether it measures both acceleration and angular rate, and is not refused."""
        return self.refusal is None and self.kind == "imu" and {"acc", "gyr"} <= set(self.signals)
