"""Options that commands with sensors share: said once, so that they mean the same."""

from __future__ import annotations

from typing import Annotated

import typer

RoleOption = Annotated[
    list[str] | None,
    typer.Option(
        help="ROLE=ADDRESS, once for each sensor: pelvis, thigh_left, thigh_right, heart_rate, "
        "foot_pod. Without it: as last time, or told from the movement. ADDRESS@PROTOCOL names "
        "what it speaks, where hipimu does not know it."
    ),
]
GuideOption = Annotated[
    bool, typer.Option("--guide", help="Tell roles from the movement, whatever is remembered.")
]
MinutesOption = Annotated[
    float | None, typer.Option(min=0.05, help="Stop by itself. Without it: at Ctrl-C.")
]
RateOption = Annotated[
    float | None, typer.Option(help="Sampling rate in Hz. Without it: each sensor's usual.")
]
VirtualOption = Annotated[
    int,
    typer.Option(min=0, max=5, help="Virtual sensors on a simulated runner, instead of real."),
]
VirtualProtocolOption = Annotated[
    str, typer.Option(help="What virtual sensors for movement speak.")
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Let a virtual sensor fail: ROLE:KIND@SECONDS, such as thigh_left:drop@20. Kinds: "
        "drop, range, silent, loss, late, slow, repeat, malformed."
    ),
]
