"""`hipimu live`: record, and see the run meanwhile on a phone and in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipimu.cli.options import (
    FaultOption,
    GuideOption,
    MinutesOption,
    RateOption,
    RoleOption,
    VirtualOption,
    VirtualProtocolOption,
)


def live(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Name of the recording; a folder NAME.hipimu is made. Without it: run-DATE-TIME."
        ),
    ] = None,
    role: RoleOption = None,
    guide: GuideOption = False,
    minutes: MinutesOption = None,
    rate: RateOption = None,
    replay: Annotated[
        Path | None, typer.Option(help="Show this recording as if it happened now.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100.0, help="How much faster a replay runs.")
    ] = 1.0,
    virtual: VirtualOption = 0,
    virtual_protocol: VirtualProtocolOption = "hipimu-open",
    fault: FaultOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the page; 0: any that is free.")
    ] = 8017,
    lan: Annotated[
        bool,
        typer.Option("--lan", help="Let phones in the same network open the page, with a code."),
    ] = False,
    https: Annotated[
        bool,
        typer.Option(
            "--https",
            help="Serve the page with a certificate made here, so that a phone's screen stays on.",
        ),
    ] = False,
    tui: Annotated[bool, typer.Option("--tui", help="Show the run in the whole terminal.")] = False,
    sound: Annotated[
        bool, typer.Option("--sound", help="Let this computer say when range is lost.")
    ] = False,
    lsl: Annotated[bool, typer.Option("--lsl", help="Publish to the Lab Streaming Layer.")] = False,
    mqtt: Annotated[
        str | None,
        typer.Option(
            envvar="HIPIMU_MQTT",
            show_envvar=True,
            help="Publish to an MQTT broker: mqtt://[USER:PASSWORD@]HOST[:PORT][/PREFIX].",
        ),
    ] = None,
    causal: Annotated[
        bool,
        typer.Option("--causal", help="Make the report with the method of the live readout."),
    ] = False,
    no_page: Annotated[
        bool, typer.Option("--no-page", help="Serve no page: the terminal only.")
    ] = False,
) -> None:
    """Record a run and see it meanwhile: peaks against your own fresh range, on a phone's page.

    Ctrl-C ends the run; then it is analysed, and the page shows the report.
    """
    from hipimu.cli.choose import Choice
    from hipimu.cli.faults import read_fault
    from hipimu.cli.live_order import LiveOrder, folder_for
    from hipimu.pipeline.choose_sensors import read_request

    order = LiveOrder(
        folder=None if replay else folder_for(out),
        replay=replay,
        speed=speed,
        choice=Choice(
            tuple(read_request(text) for text in role or []), guide, rate, virtual_protocol
        ),
        minutes=minutes,
        virtual=virtual,
        faults=tuple(read_fault(text) for text in fault or []),
        port=None if no_page else port,
        lan=lan,
        https=https,
        tui=tui,
        sound=sound,
        lsl=lsl,
        mqtt=mqtt,
        causal=causal,
    )
    from hipimu.cli.live_run import run_live

    raise typer.Exit(run_live(order))
