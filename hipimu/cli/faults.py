"""Faults of virtual sensors on the command line: what is to go wrong, with whom, and when."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, NamedTuple

import typer

if TYPE_CHECKING:
    from hipimu.cli.radio import Radio
    from hipimu.sources.ble.virtual import VirtualSensor

_PATTERN = re.compile(r"(?P<role>[a-z_]+):(?P<kind>[a-z]+)@(?P<at>\d+(\.\d+)?)")
_LASTS_S = 5.0
_KINDS = ("drop", "late", "loss", "malformed", "range", "repeat", "silent", "slow")


class Fault(NamedTuple):
    """One thing that goes wrong."""

    role: str
    kind: str
    at_s: float
    """After the recording began."""


def read_fault(text: str) -> Fault:
    """Return what ``ROLE:KIND@SECONDS`` says.

    Raises
    ------
    typer.BadParameter
        When it says nothing of the kind.
    """
    found = _PATTERN.fullmatch(text)
    if found is None or found["kind"] not in _KINDS:
        raise typer.BadParameter(f"{text[:40]!r} is not ROLE:KIND@SECONDS, KIND of {_KINDS}")
    return Fault(found["role"], found["kind"], float(found["at"]))


def command_faults(radio: Radio, faults: list[Fault]) -> None:
    """Let virtual sensors fail when their time comes; each fault that lasts, for five seconds.

    Raises
    ------
    typer.BadParameter
        When there is no such virtual sensor.
    """
    loop = asyncio.get_running_loop()
    by_role = {}
    if radio.world is not None:
        by_role = {radio.roles[s.spec.address]: s for s in radio.world.sensors.values()}
    for fault in faults:
        if fault.role not in by_role:
            known = ", ".join(by_role) or "none: add --virtual 3"
            raise typer.BadParameter(f"there is no virtual {fault.role}; there are {known}")
        loop.call_later(fault.at_s, _fail, by_role[fault.role], fault.kind)


def _fail(sensor: VirtualSensor, kind: str) -> None:
    match kind:
        case "drop":
            sensor.drop()
        case "range":
            sensor.out_of_range(for_s=_LASTS_S)
        case "silent":
            sensor.fall_silent(for_s=_LASTS_S)
        case "loss":
            sensor.lose(0.2, for_s=_LASTS_S)
        case "late":
            sensor.hold(1.0)
        case "slow":
            sensor.slow_down(0.2, for_s=_LASTS_S)
        case "repeat":
            sensor.repeat(0.5, for_s=_LASTS_S)
        case _:
            sensor.spoil("truncated", 0.2, for_s=_LASTS_S)
