"""`hipimu live` with sensors: find them, record them, and keep the board up to date."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hipimu.cli.choose import LINKS_ARE_GOOD, Telling, choose_sensors, introduced, test_links
from hipimu.cli.faults import command_faults
from hipimu.cli.live_board import tell, update
from hipimu.cli.live_order import LiveOrder
from hipimu.cli.radio import Radio, open_radio, remember_roles
from hipimu.cli.sensor_lines import last_lines
from hipimu.data import MarkKind, StartStep
from hipimu.errors import JournalError
from hipimu.motion.guided_start import Step
from hipimu.pipeline import LivePath, recover
from hipimu.pipeline.assigned import Assigned, radio_path
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.publisher import Publisher
from hipimu.pipeline.readout import Readout
from hipimu.pipeline.record import LiveRecording
from hipimu.report.so_far import so_far

_BY_MOVEMENT: tuple[StartStep, ...] = ("sensors", "put_on", "stand", "lift", "walk", "ready")
_STEP_SAID = {
    "stand": "Stand still for five seconds.",
    "lift": "Lift the LEFT knee high and put the foot down, twice.",
    "walk": "Walk, until it is known which sensor is where.",
    "done": "Seen enough: it is known which sensor is where.",
}
_OR_WALK = " With a sensor on the right thigh only, just walk."
_LOOK_S = 0.1


def record_live(
    order: LiveOrder,
    board: LiveBoard,
    stop: threading.Event,
    publishers: tuple[Publisher, ...],
    lines: list[str],
) -> Path | None:
    """Record until `stop` is set; return the finished recording, None where it never began.

    Parameters
    ----------
    order : LiveOrder
    board : LiveBoard
    stop : threading.Event
    publishers : tuple of Publisher
    lines : list of str
        What to say at the end is added.

    Raises
    ------
    HipimuError
        When the sensors are not found or do not deliver, or the disk fails.
    """
    if order.folder is None:
        raise AssertionError("a recording has a folder")
    problem = asyncio.run(_record(order, board, stop, publishers))
    if not order.folder.exists():
        return None
    update(board, phase="finishing")
    lines += last_lines(recover(order.folder))[:-1]
    if problem is not None:
        raise problem
    return order.folder


async def _record(
    order: LiveOrder,
    board: LiveBoard,
    stop: threading.Event,
    publishers: tuple[Publisher, ...],
) -> JournalError | None:
    choice = order.choice
    async with (
        _as_asyncio(stop) as ended,
        open_radio(
            order.virtual, choice.protocol, order.minutes, guided=choice.guide, tires=True
        ) as radio,
    ):
        choosing = asyncio.ensure_future(choose_sensors(radio, choice, _telling(board)))
        await asyncio.wait(
            (choosing, asyncio.ensure_future(ended.wait())), return_when=asyncio.FIRST_COMPLETED
        )
        if not choosing.done():
            choosing.cancel()
            return None
        assigned = choosing.result()
        update(board, warnings=_attention(introduced(assigned)))
        command_faults(radio, list(order.faults))
        return await _recorded(order, board, radio, assigned, publishers, ended)


async def _recorded(
    order: LiveOrder,
    board: LiveBoard,
    radio: Radio,
    assigned: list[Assigned],
    publishers: tuple[Publisher, ...],
    ended: asyncio.Event,
) -> JournalError | None:
    if order.folder is None:
        raise AssertionError("a recording has a folder")
    # Whoever has been through the movements wears the sensors already.
    been_through = board.state.start.steps == _BY_MOVEMENT
    readout = Readout(
        LivePath(radio_path(assigned)),
        board,
        so_far,
        guided=not been_through,
        worn=radio.world is not None,
        publishers=publishers,
    )
    for warning in board.state.warnings:
        readout.note(warning)
    recording = LiveRecording(
        order.folder,
        assigned,
        radio.backend,
        simulated=radio.world is not None,
        reader=readout,
    )
    board.on_proceed, board.on_mark = readout.proceed, _marking(recording.mark)

    def say(text: str) -> None:
        if text != LINKS_ARE_GOOD:
            readout.note(text.removeprefix("Attention: "))

    test = asyncio.create_task(test_links(recording, say))
    try:
        await recording.run(ended, minutes=order.minutes)
    except JournalError as error:
        return error
    finally:
        test.cancel()
        await asyncio.wait([test])
        if radio.world is None and recording.lines():
            remember_roles(recording.lines(), assigned)
    return None


def _marking(mark: Callable[[MarkKind], None]) -> Callable[[MarkKind], None]:
    """Press a button for a face: one pressed after the end is no error of anybody's."""

    def pressed(kind: MarkKind) -> None:
        with suppress(JournalError):
            mark(kind)

    return pressed


def _attention(lines: list[str]) -> tuple[str, ...]:
    return tuple(
        line.strip().removeprefix("Attention: ") for line in lines if "Attention: " in line
    )


def _telling(board: LiveBoard) -> Telling:
    def say(text: str) -> None:
        tell(board, said=text.strip())

    def step(step: Step, may_walk: bool) -> None:
        said = f"{_STEP_SAID[step]}{_OR_WALK if step == 'lift' and may_walk else ''}"
        shown: StartStep = "walk" if step == "done" else step
        tell(board, step=shown, steps=_BY_MOVEMENT, said=said, going=True)

    async def put_on() -> None:
        worn = threading.Event()
        board.on_proceed = worn.set
        tell(
            board,
            step="put_on",
            steps=_BY_MOVEMENT,
            said="Put the sensors on, in any order: pelvis at the back, thighs on the outside. "
            "Your movement will tell which is where.",
        )
        while not worn.is_set():
            await asyncio.sleep(_LOOK_S)

    return Telling(say, step, put_on)


@asynccontextmanager
async def _as_asyncio(stop: threading.Event) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set soon after another thread has set `stop`."""
    ended = asyncio.Event()

    async def look() -> None:
        while not stop.is_set():
            await asyncio.sleep(_LOOK_S)
        ended.set()

    looking = asyncio.create_task(look())
    try:
        yield ended
    finally:
        looking.cancel()
