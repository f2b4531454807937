"""What `hipimu live` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hipimu.errors import OutputError

if TYPE_CHECKING:
    from hipimu.cli.choose import Choice
    from hipimu.cli.faults import Fault


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """What was asked for, checked."""

    folder: Path | None
    """Of the recording; None for a replay."""
    replay: Path | None
    speed: float
    choice: Choice
    minutes: float | None
    virtual: int
    faults: tuple[Fault, ...]
    port: int | None
    """None: no page."""
    lan: bool
    https: bool
    tui: bool
    sound: bool
    lsl: bool
    mqtt: str | None
    causal: bool


def folder_for(out: Path | None) -> Path:
    """Return the folder of a new recording.

    Raises
    ------
    OutputError
        When it is there already, or cannot be made.
    """
    from hipimu.cli.output import check_folder
    from hipimu.pipeline.record import refuse_existing

    name = out or Path(f"run-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}")
    folder = name if name.suffix == ".hipimu" else name.with_name(f"{name.name}.hipimu")
    refuse_existing(folder)
    check_folder(folder)
    return folder


def report_folder(recording: Path) -> Path:
    """Return where the report of a recording goes: beside it, and never over another's."""
    return recording.with_name(f"{recording.stem}-report")


def check_extras(order: LiveOrder) -> None:
    """Refuse what is not installed here, before the run and not in it.

    Raises
    ------
    OutputError
    """
    if order.replay is not None and (order.virtual or order.choice.requests):
        raise OutputError(
            "A replay needs no sensors.", "Give either --replay, or --virtual or --role."
        )
    if order.tui:
        from hipimu.tui import check

        check()
    if order.lsl:
        from hipimu.publish import check_lsl

        check_lsl()
    if order.mqtt is not None:
        from hipimu.publish import check_mqtt

        check_mqtt(order.mqtt)
