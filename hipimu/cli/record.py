"""`hipimu record`: every packet of a run on disk, and how well each sensor delivers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hipimu.cli.aside import Aside, told_aside
from hipimu.cli.options import (
    FaultOption,
    GuideOption,
    MinutesOption,
    RateOption,
    RoleOption,
    VirtualOption,
    VirtualProtocolOption,
)

if TYPE_CHECKING:
    from hipimu.cli.choose import Choice, Telling
    from hipimu.cli.faults import Fault
    from hipimu.errors import HipimuError
    from hipimu.motion.guided_start import Step
    from hipimu.pipeline.record import SensorLine

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
    role: RoleOption = None,
    guide: GuideOption = False,
    minutes: MinutesOption = None,
    rate: RateOption = None,
    virtual: VirtualOption = 0,
    virtual_protocol: VirtualProtocolOption = "hipimu-open",
    fault: FaultOption = None,
) -> None:
    """Record sensors over Bluetooth, safe against crashes; Ctrl-C ends and finishes it.

    Shows rate, loss, age, battery and clipping of every sensor meanwhile.
    """
    import asyncio

    from hipimu.cli.choose import Choice
    from hipimu.cli.faults import read_fault
    from hipimu.pipeline.choose_sensors import read_request
    from hipimu.pipeline.record import refuse_existing

    folder = out if out.suffix == ".hipimu" else out.with_name(f"{out.name}.hipimu")
    refuse_existing(folder)
    order = _Order(
        folder=folder,
        choice=Choice(
            tuple(read_request(text) for text in role or []), guide, rate, virtual_protocol
        ),
        minutes=minutes,
        virtual=virtual,
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
    choice: Choice
    minutes: float | None
    virtual: int
    faults: list[Fault]


async def _record(order: _Order) -> HipimuError | None:
    """Record; return what ended it before its time although something was written."""
    import asyncio

    from hipimu.cli.choose import choose_sensors, introduced, test_links
    from hipimu.cli.faults import command_faults
    from hipimu.cli.radio import open_radio, remember_roles, stopped_by_signals
    from hipimu.errors import JournalError
    from hipimu.pipeline.record import LiveRecording

    stop = asyncio.Event()
    async with open_radio(
        order.virtual, order.choice.protocol, order.minutes, guided=order.choice.guide
    ) as radio:
        with stopped_by_signals(stop), told_aside() as aside:
            assigned = await choose_sensors(radio, order.choice, _telling(aside))
            for line in introduced(assigned):
                aside.say(line)
            command_faults(radio, order.faults)
            with _display(aside) as display:
                recording = LiveRecording(
                    order.folder,
                    assigned,
                    radio.backend,
                    simulated=radio.world is not None,
                    on_lines=display.show,
                )
                test = asyncio.create_task(test_links(recording, display.say))
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


def _telling(aside: Aside) -> Telling:
    from hipimu.cli.choose import Telling

    def step(step: Step, may_walk: bool) -> None:
        aside.say(f"  {_STEPS[step]}{_OR_WALK if step == 'lift' and may_walk else ''}")

    async def put_on() -> None:
        """Nobody is asked: the movement shows when it is done."""

    return Telling(aside.say, step, put_on)


class _Display(NamedTuple):
    """Where a recording under way is shown."""

    show: Callable[[tuple[SensorLine, ...]], None]
    say: Callable[[str], None]


@contextmanager
def _display(aside: Aside) -> Iterator[_Display]:
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
                    aside.say(live_line(line))

        yield _Display(show_now_and_then, aside.say)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def shown(lines: tuple[SensorLine, ...]) -> Text:
        return Text("\n".join(map(live_line, lines)), no_wrap=True, overflow="ellipsis")

    # What is said meanwhile has to go through the same console, or it is painted over.
    live = Live(console=Console(file=aside.terminal), auto_refresh=False)
    aside.do(live.start)
    try:
        yield _Display(
            lambda lines: aside.show(lambda: live.update(shown(lines), refresh=True)),
            lambda text: aside.do(lambda: live.console.print(Text(text))),
        )
    finally:
        aside.do(live.stop)


def _finish(folder: Path) -> None:
    """Make the journal a recording, and say what it holds."""
    from hipimu.cli.output import progress_bar
    from hipimu.cli.sensor_lines import last_lines
    from hipimu.pipeline import recover

    with progress_bar("Finishing") as progress:
        done = recover(folder, progress=progress)
    for line in last_lines(done):
        typer.echo(line)
