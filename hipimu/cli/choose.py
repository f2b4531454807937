"""The beginning of a recording: which device plays which role, and whether the links are good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hipimu.cli.radio import Radio
    from hipimu.errors import HipimuError
    from hipimu.motion.guided_start import Step
    from hipimu.pipeline.assigned import Assigned
    from hipimu.pipeline.choose_sensors import Recognised, RoleRequest
    from hipimu.pipeline.record import LiveRecording

SCAN_S = 15.0
VIRTUAL_SCAN_S = 3.0
LINKS_ARE_GOOD = "Link test passed: every sensor delivers. Ctrl-C ends the recording."
_LINK_TEST_S = 5.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for."""

    requests: tuple[RoleRequest, ...]
    guide: bool
    """Whether movement is to tell, whatever is remembered."""
    rate_hz: float | None
    protocol: str
    """What virtual sensors speak."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How whoever waits is told what is going on."""

    say: Callable[[str], None]
    step: Callable[[Step, bool], None]
    """Given what to do next, and whether walking alone may do instead of lifting."""
    put_on: Callable[[], Awaitable[None]]
    """Returns when the sensors are worn."""


async def choose_sensors(radio: Radio, choice: Choice, telling: Telling) -> list[Assigned]:
    """Find the devices that were asked for, or those of last time, or ask the movement.

    Raises
    ------
    SensorError
        When there are too few or too many, or the movement does not tell.
    """
    from hipimu.cli.radio import look_around
    from hipimu.pipeline.choose_sensors import all_found, assign, requests_of_roles, spoken_by

    asked = list(choice.requests)
    telling.say("Looking for sensors …")

    def enough(devices: list[Recognised]) -> bool:
        if asked:
            return all_found(devices, asked)
        return len(requests_of_roles(devices)) >= max(len(radio.roles), 3)

    seconds = SCAN_S if radio.world is None else VIRTUAL_SCAN_S
    devices = await look_around(radio, seconds, enough)
    requests = asked or requests_of_roles(devices)
    if radio.world is not None and choice.protocol.endswith(".toml"):
        requests = [spoken_by(request, choice.protocol) for request in requests]
    if choice.guide or not requests:
        requests = await _guided(radio, devices, telling)
    return assign(devices, requests, rate_hz=choice.rate_hz)


def introduced(assigned: list[Assigned]) -> list[str]:
    """Say who plays which role, and what will spoil the run: before it."""
    from hipimu.protocol import concerns

    lines: list[str] = []
    for entry in assigned:
        name = entry.heard.advertisement.name or entry.heard.advertisement.address
        protocol = entry.wanted.protocol
        role = entry.sensor.replace("_", " ")
        lines.append(f"{role}: {name} ({protocol.vendor} {protocol.model})")
        for concern in concerns(protocol, entry.wanted.settings):
            said = f"  Attention: {concern}"
            if said not in lines:
                lines.append(said)
    return lines


async def test_links(recording: LiveRecording, say: Callable[[str], None]) -> None:
    """After a few seconds of all sensors say whether the links are good enough for a run."""
    import asyncio

    from hipimu.cli.radio import exchanged
    from hipimu.pipeline.link_test import verdicts

    await recording.wait_until_streaming()
    await asyncio.sleep(_LINK_TEST_S)
    lines = recording.lines()
    found = [*exchanged(lines), *verdicts(lines, recording.declared_rates())]
    for verdict in found:
        say(f"Attention: {verdict}")
    if not found:
        say(LINKS_ARE_GOOD)


async def _guided(radio: Radio, devices: list[Recognised], telling: Telling) -> list[RoleRequest]:
    """Ask the movement which sensor is worn where."""
    from hipimu.errors import SensorError
    from hipimu.pipeline.choose_sensors import RoleRequest
    from hipimu.pipeline.guided import ask_the_movement

    usable = [d for d in devices if d.protocol is not None and d.protocol.usable_for_angles]
    if not 2 <= len(usable) <= 3:
        raise _not_two_or_three(usable)
    names = {d.heard.advertisement.address: d.heard.advertisement.name for d in usable}
    telling.say("Which sensor is worn where? Put them on; the movement will tell.")
    await telling.put_on()

    def on_step(step: Step) -> None:
        telling.step(step, len(usable) == 2)

    found = await ask_the_movement(usable, on_step, backend=radio.backend)
    for warning in found.warnings:
        telling.say(f"Attention: {warning}.")
    if found.confidence != "clear":
        raise SensorError(
            f"The movement does not tell which sensor is worn where: {found.reason}",
            "Try again, or give --role pelvis=ADDRESS --role thigh_left=ADDRESS "
            "--role thigh_right=ADDRESS.",
            reason="not_found",
        )
    roles = {address: role for address, role in found.roles.items() if role is not None}
    for address, role in roles.items():
        worn = f"{names[address] or 'no name'} ({address}) is on the {role.replace('_', ' ')}"
        telling.say(f"  {worn}")
    return [RoleRequest(role, address) for address, role in roles.items()]


def _not_two_or_three(usable: list[Recognised]) -> HipimuError:
    from hipimu.errors import SensorError

    if not usable:
        return SensorError(
            "No sensor for movement was heard.",
            "Switch the sensors on and move them, and end their connection to a phone; hipimu "
            "doctor checks Bluetooth.",
            reason="not_found",
        )
    names = ", ".join(
        f"{d.heard.advertisement.name or 'no name'} ({d.heard.advertisement.address})"
        for d in usable
    )
    many = "Only one sensor" if len(usable) == 1 else f"{len(usable)} sensors"
    return SensorError(
        f"{many} for movement can be heard, and two or three are needed: {names}.",
        "Switch the others on or off, or give --role pelvis=ADDRESS --role thigh_left=ADDRESS "
        "--role thigh_right=ADDRESS.",
        reason="not_found",
    )
