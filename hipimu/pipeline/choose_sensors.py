"""Who plays which role: what was asked for, what is remembered, and what is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hipimu.data import SEGMENTS, Advertisement
from hipimu.errors import SensorError, UnknownNameError
from hipimu.pipeline.assigned import Assigned
from hipimu.pipeline.radio import Wanted
from hipimu.protocol import Protocol, known, own_file, protocol_named, recognise
from hipimu.protocol.schema import key_of
from hipimu.sources.ble import Heard

BESIDE = ("heart_rate", "foot_pod")
ROLES = (*SEGMENTS, *BESIDE)


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """A role and the device that shall play it."""

    role: str
    device: str
    """Its address, or its name."""
    protocol: str | None = None
    """Id or file, where the device does not tell what it speaks."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device that was heard, and what it speaks."""

    heard: Heard
    protocol: Protocol | None
    role: str | None = None
    """Suggested: the one that it had last."""


def read_request(text: str) -> RoleRequest:
    """Return what ``ROLE=DEVICE`` or ``ROLE=DEVICE@PROTOCOL`` asks for.

    Raises
    ------
    UnknownNameError
        When there is no such role.
    SensorError
        When it is nothing of the kind.
    """
    role, _, rest = text.partition("=")
    if role not in ROLES:
        raise UnknownNameError("role", role, ROLES)
    device, _, protocol = rest.partition("@")
    if not device:
        raise SensorError(
            f"--role {text} names no device.",
            f"Write --role {role}=ADDRESS; hipimu sensors lists addresses.",
            reason="not_found",
            sensor=role,
        )
    return RoleRequest(role, device, protocol or None)


def recognised(heard: Sequence[Heard], roles: Mapping[str, str]) -> list[Recognised]:
    """Return devices with the protocol that each speaks.

    Parameters
    ----------
    heard : sequence of Heard
    roles : mapping
        Address → role, where one is remembered.
    """
    return [
        Recognised(h, recognise(h.advertisement), roles.get(h.advertisement.address)) for h in heard
    ]


def find(devices: Sequence[Recognised], request: RoleRequest) -> Recognised | None:
    """Return the device that a request names by its address, or by a name that only it bears."""
    wanted = request.device.lower()
    by_address = [d for d in devices if d.heard.advertisement.address.lower() == wanted]
    by_name = [d for d in devices if d.heard.advertisement.name.lower() == wanted]
    found = by_address or by_name
    if len(found) > 1:
        raise SensorError(
            f"{len(found)} devices are called {request.device!r}.",
            "Give the address: hipimu sensors lists them.",
            reason="not_found",
            sensor=request.role,
        )
    return found[0] if found else None


def all_found(devices: Sequence[Recognised], requests: Sequence[RoleRequest]) -> bool:
    """Tell whether every device that is asked for was heard and, where needed, recognised."""
    found = [find(devices, request) for request in requests]
    return all(
        device is not None and (device.protocol is not None or request.protocol is not None)
        for device, request in zip(found, requests, strict=True)
    )


def spoken_by(request: RoleRequest, protocol: str) -> RoleRequest:
    """Return the same request of a sensor for movement that speaks a protocol of that file."""
    named = request.protocol is not None or request.role in BESIDE
    return request if named else replace(request, protocol=protocol)


def requests_of_roles(devices: Sequence[Recognised]) -> list[RoleRequest]:
    """Return the roles that devices had last, where those make a recording.

    Parameters
    ----------
    devices : sequence of Recognised

    Returns
    -------
    list of RoleRequest
        Empty unless the pelvis and a thigh are among them.
    """
    roles = {d.role: d.heard.advertisement.address for d in devices if d.role is not None}
    if "pelvis" not in roles or not {"thigh_left", "thigh_right"} & roles.keys():
        return []
    return [RoleRequest(role, roles[role]) for role in ROLES if role in roles]


def assign(
    devices: Sequence[Recognised],
    requests: Sequence[RoleRequest],
    *,
    rate_hz: float | None = None,
) -> list[Assigned]:
    """Give devices their roles.

    Parameters
    ----------
    devices : sequence of Recognised
    requests : sequence of RoleRequest
    rate_hz : float or None
        Sampling rate to ask of sensors for movement; None: each one's usual.

    Raises
    ------
    SensorError
        When a device is not heard, not known, refused, or cannot play its role.
    UnknownNameError
        When a sensor does not have the rate.
    """
    return [_assigned(devices, request, rate_hz) for request in requests]


def _assigned(
    devices: Sequence[Recognised], request: RoleRequest, rate_hz: float | None
) -> Assigned:
    found = find(devices, request)
    if found is None:
        names = ", ".join(sorted(d.heard.advertisement.name or "no name" for d in devices)[:8])
        raise SensorError(
            f"{request.device} for {request.role} was not heard"
            f" ({'nothing was' if not devices else 'heard: ' + names}).",
            "Switch it on, move it so that it wakes, end its connection to a phone, come closer.",
            reason="not_found",
            sensor=request.role,
        )
    protocol = _protocol(found, request)
    _check_fits(protocol, request, found.heard.advertisement)
    settings: dict[str, float] = {}
    if rate_hz is not None and protocol.kind == "imu":
        settings["rate_hz"] = _rate(protocol, rate_hz)
    named = request.protocol
    file = Path(named) if named and named.endswith(".toml") else own_file(protocol.id)
    return Assigned(request.role, found.heard, Wanted(protocol, settings), file)


def _protocol(found: Recognised, request: RoleRequest) -> Protocol:
    if request.protocol is not None:
        return protocol_named(request.protocol)
    if request.role in BESIDE and (found.protocol is None or found.protocol.kind != request.role):
        # A device for movement may offer heart rate as well.
        other = _of_kind(found.heard.advertisement, request.role)
        if other is not None:
            return other
    if found.protocol is not None:
        return found.protocol
    raise SensorError(
        f"{request.device} for {request.role} is of no kind that hipimu knows.",
        f"Name it with --role {request.role}={request.device}@PROTOCOL (hipimu protocols list), or "
        "add its protocol: docs, how-to “Add your sensor”.",
        reason="refused",
        sensor=request.role,
    )


def _of_kind(said: Advertisement, kind: str) -> Protocol | None:
    return recognise(said, {p.id: p for p in known().values() if p.kind == kind})


def _check_fits(protocol: Protocol, request: RoleRequest, said: Advertisement) -> None:
    name = said.name or said.address
    if protocol.refusal is not None:
        raise SensorError(
            f"{name} cannot be used: {protocol.refusal}",
            "Use another sensor: docs, “Known sensors”.",
            reason="refused",
            sensor=request.role,
        )
    wanted = request.role if request.role in BESIDE else "imu"
    if protocol.kind != wanted:
        raise SensorError(
            f"{name} is a sensor for {protocol.kind.replace('_', ' ')} and cannot be "
            f"{request.role}.",
            "Choose another device: hipimu sensors lists what each one is.",
            reason="refused",
            sensor=request.role,
        )
    if wanted == "imu" and not protocol.usable_for_angles:
        raise SensorError(
            f"{name} does not measure both acceleration and angular rate: no angle can be made "
            "of it.",
            "Use another sensor: docs, “Known sensors”.",
            reason="refused",
            sensor=request.role,
        )


def _rate(protocol: Protocol, rate_hz: float) -> float:
    choices = protocol.settings["rate_hz"].choices
    if rate_hz not in choices:
        known_rates = tuple(key_of(choice) for choice in choices)
        raise UnknownNameError(f"rate of {protocol.id}", key_of(rate_hz), known_rates)
    return rate_hz
