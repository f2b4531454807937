"""`hipimu record`: every packet of a run on disk, and how well each sensor delivers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from hipimu.cli.faults import Fault
    from hipimu.cli.radio import Radio
    from hipimu.errors import HipimuError
    from hipimu.motion.guided_start import Step
    from hipimu.pipeline.assigned import Assigned
    from hipimu.pipeline.choose_sensors import Recognised, RoleRequest
    from hipimu.pipeline.record import LiveRecording, SensorLine

_SCAN_S = 15.0
_VIRTUAL_SCAN_S = 3.0
_LINK_TEST_S = 5.0
_EVERY_S = 10.0
_STEPS = {
    "stand": "Stand still for five seconds …",
    "lift": "Lift the LEFT knee high and put the foot down, twice …",
    "walk": "Walk …",
    "done": "Thank you: seen enough.",
}
_OR_WALK = " With a sensor on the right thigh only, just walk."


def record(
    out: Annotated[Path, typer.Option(help="Name of the recording; a folder NAME.hipimu is made.")],
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="ROLE=ADDRESS, once for each sensor: pelvis, thigh_left, thigh_right, "
            "heart_rate, foot_pod. Without it: as last time, or told from the movement. "
            "ADDRESS@PROTOCOL names what it speaks, where hipimu does not know it."
        ),
    ] = None,
    guide: Annotated[
        bool,
        typer.Option("--guide", help="Tell roles from the movement, whatever is remembered."),
    ] = False,
    minutes: Annotated[
        float | None, typer.Option(min=0.05, help="Stop by itself. Without it: at Ctrl-C.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Sampling rate in Hz. Without it: each sensor's usual.")
    ] = None,
    virtual: Annotated[
        int,
        typer.Option(min=0, max=5, help="Virtual sensors on a simulated runner, instead of real."),
    ] = 0,
    virtual_protocol: Annotated[
        str, typer.Option(help="What virtual sensors for movement speak.")
    ] = "hipimu-open",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Let a virtual sensor fail: ROLE:KIND@SECONDS, such as thigh_left:drop@20. "
            "Kinds: drop, range, silent, loss, late, slow, repeat, malformed."
        ),
    ] = None,
) -> None:
    """Record sensors over Bluetooth, safe against crashes; Ctrl-C ends and finishes it.

    Shows rate, loss, age, battery and clipping of every sensor meanwhile.
    """
    import asyncio

    from hipimu.cli.faults import read_fault
    from hipimu.pipeline.choose_sensors import read_request
    from hipimu.pipeline.record import refuse_existing

    folder = out if out.suffix == ".hipimu" else out.with_name(f"{out.name}.hipimu")
    refuse_existing(folder)
    order = _Order(
        folder=folder,
        requests=[read_request(text) for text in role or []],
        guide=guide,
        minutes=minutes,
        rate_hz=rate,
        virtual=virtual,
        protocol=virtual_protocol,
        faults=[read_fault(text) for text in fault or []],
    )
    problem = asyncio.run(_record(order))
    _finish(folder)
    if problem is not None:
        raise problem


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for."""

    folder: Path
    requests: list[RoleRequest]
    guide: bool
    minutes: float | None
    rate_hz: float | None
    virtual: int
    protocol: str
    faults: list[Fault]


async def _record(order: _Order) -> HipimuError | None:
    """Record; return what ended it before its time although something was written."""
    import asyncio

    from hipimu.cli.faults import command_faults
    from hipimu.cli.radio import open_radio, remember_roles, stopped_by_signals
    from hipimu.errors import JournalError
    from hipimu.pipeline.record import LiveRecording

    stop = asyncio.Event()
    async with open_radio(
        order.virtual, order.protocol, order.minutes, guided=order.guide
    ) as radio:
        with stopped_by_signals(stop):
            assigned = await _sensors(radio, order)
            _introduce(assigned)
            command_faults(radio, order.faults)
            with _display() as display:
                recording = LiveRecording(
                    order.folder, assigned, radio.backend, on_lines=display.show
                )
                test = asyncio.create_task(_link_test(recording, display.say))
                try:
                    await recording.run(stop, minutes=order.minutes)
                except JournalError as error:
                    return error
                finally:
                    test.cancel()
                    await asyncio.wait([test])
        if radio.world is None:
            remember_roles(recording.lines(), assigned)
    return None


async def _sensors(radio: Radio, order: _Order) -> list[Assigned]:
    """Find the devices that were asked for, or those of last time."""
    from hipimu.cli.radio import look_around
    from hipimu.pipeline.choose_sensors import all_found, assign, requests_of_roles, spoken_by

    asked = order.requests
    typer.echo("Looking for sensors …", err=True)

    def enough(devices: list[Recognised]) -> bool:
        if asked:
            return all_found(devices, asked)
        return len(requests_of_roles(devices)) >= max(len(radio.roles), 3)

    seconds = _SCAN_S if radio.world is None else _VIRTUAL_SCAN_S
    devices = await look_around(radio, seconds, enough)
    requests = asked or requests_of_roles(devices)
    if radio.world is not None and order.protocol.endswith(".toml"):
        requests = [spoken_by(request, order.protocol) for request in requests]
    if order.guide or not requests:
        requests = await _guided(radio, devices)
    return assign(devices, requests, rate_hz=order.rate_hz)


async def _guided(radio: Radio, devices: list[Recognised]) -> list[RoleRequest]:
    """Ask the movement which sensor is worn where."""
    from hipimu.errors import SensorError
    from hipimu.pipeline.choose_sensors import RoleRequest
    from hipimu.pipeline.guided import ask_the_movement

    usable = [d for d in devices if d.protocol is not None and d.protocol.usable_for_angles]
    if not 2 <= len(usable) <= 3:
        raise _not_two_or_three(usable)
    names = {d.heard.advertisement.address: d.heard.advertisement.name for d in usable}
    typer.echo("Which sensor is worn where? Put them on; the movement will tell.", err=True)

    def say(step: Step) -> None:
        alone = step == "lift" and len(usable) == 2
        typer.echo(f"  {_STEPS[step]}{_OR_WALK if alone else ''}", err=True)

    found = await ask_the_movement(usable, say, backend=radio.backend)
    for warning in found.warnings:
        typer.echo(f"Attention: {warning}.", err=True)
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
        typer.echo(f"  {worn}", err=True)
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


def _introduce(assigned: list[Assigned]) -> None:
    """Say who plays which role, and what will spoil the run: before it."""
    from hipimu.protocol import concerns

    said: set[str] = set()
    for entry in assigned:
        name = entry.heard.advertisement.name or entry.heard.advertisement.address
        protocol = entry.wanted.protocol
        role = entry.sensor.replace("_", " ")
        typer.echo(f"{role}: {name} ({protocol.vendor} {protocol.model})", err=True)
        for concern in concerns(protocol, entry.wanted.settings):
            if concern not in said:
                typer.echo(f"  Attention: {concern}", err=True)
                said.add(concern)


async def _link_test(recording: LiveRecording, say: Callable[[str], None]) -> None:
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
        say("Link test passed: every sensor delivers. Ctrl-C ends the recording.")


class _Display(NamedTuple):
    """Where a recording under way is shown."""

    show: Callable[[tuple[SensorLine, ...]], None]
    say: Callable[[str], None]


@contextmanager
def _display() -> Iterator[_Display]:
    """Show a line for every sensor: kept up to date on a terminal, else every ten seconds."""
    from time import monotonic

    from hipimu.cli.sensor_lines import live_line

    if not sys.stderr.isatty():
        last_s = monotonic()

        def show_now_and_then(lines: tuple[SensorLine, ...]) -> None:
            nonlocal last_s
            if monotonic() - last_s >= _EVERY_S:
                last_s = monotonic()
                for line in lines:
                    typer.echo(live_line(line), err=True)

        yield _Display(show_now_and_then, lambda text: typer.echo(text, err=True))
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def shown(lines: tuple[SensorLine, ...]) -> Text:
        return Text("\n".join(map(live_line, lines)), no_wrap=True, overflow="ellipsis")

    # What is said meanwhile has to go through the same console, or it is painted over.
    with Live(console=Console(stderr=True), auto_refresh=False) as live:
        yield _Display(
            lambda lines: live.update(shown(lines), refresh=True),
            lambda text: live.console.print(Text(text)),
        )


def _finish(folder: Path) -> None:
    """Make the journal a recording, and say what it holds."""
    from hipimu.cli.output import progress_bar
    from hipimu.cli.sensor_lines import last_lines
    from hipimu.pipeline import recover

    with progress_bar("Finishing") as progress:
        done = recover(folder, progress=progress)
    for line in last_lines(done):
        typer.echo(line)
