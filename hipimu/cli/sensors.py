"""`hipimu sensors`: who is in range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hipimu.pipeline.choose_sensors import Recognised


def sensors(
    seconds: Annotated[float, typer.Option(min=1, max=120, help="How long to listen.")] = 6.0,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list devices that hipimu does not know.")
    ] = False,
    battery: Annotated[
        bool, typer.Option(help="Connect to each known sensor to read its battery.")
    ] = True,
    virtual: Annotated[
        int, typer.Option(min=0, max=5, help="Virtual sensors instead of real ones.")
    ] = 0,
    virtual_protocol: Annotated[
        str, typer.Option(help="What virtual sensors for movement speak.")
    ] = "hipimu-open",
    json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """List the sensors in range: what they are, signal, battery, and the role each had last."""
    import asyncio

    found = asyncio.run(_found(seconds, virtual, virtual_protocol, battery))
    known = [row for row in found if row["protocol"] is not None]
    shown = found if everything else known
    if json:
        from hipimu.cli.output import print_json

        print_json(shown)
        return
    for row in shown:
        typer.echo(_line(row))
    _advise(len(found), len(known))


async def _found(
    seconds: float, virtual: int, protocol: str, battery: bool
) -> list[dict[str, Any]]:
    from hipimu.cli.radio import look_around, open_radio
    from hipimu.pipeline.battery import read_batteries

    async with open_radio(virtual, protocol, 1.0) as radio:
        devices = await look_around(radio, seconds)
        levels = await read_batteries(devices, radio.backend) if battery else {}
    return [_row(device, levels) for device in devices]


def _row(device: Recognised, levels: dict[str, float]) -> dict[str, Any]:
    from hipimu.data import RSSI_UNKNOWN

    said, protocol = device.heard.advertisement, device.protocol
    return {
        "address": said.address,
        "name": said.name,
        "rssi_dbm": None if said.rssi_dbm == RSSI_UNKNOWN else said.rssi_dbm,
        "protocol": None if protocol is None else protocol.id,
        "kind": None if protocol is None else protocol.kind,
        "refusal": None if protocol is None else protocol.refusal,
        "battery": levels.get(said.address),
        "role": device.role,
    }


def _line(row: dict[str, Any]) -> str:
    what = row["protocol"] or "not known"
    battery = "" if row["battery"] is None else f"  battery {100 * row['battery']:.0f} %"
    role = "" if row["role"] is None else f"  last as {row['role']}"
    signal = "connected" if row["rssi_dbm"] is None else f"{row['rssi_dbm']:4d} dBm"
    text = f"{row['address']}  {signal:9}  {row['name'] or '(no name)'}: {what}"
    if row["refusal"]:
        return f"{text}, not usable: {row['refusal']}"
    return text + battery + role


def _advise(heard: int, known: int) -> None:
    """Say on stderr what to do next."""
    if not heard:
        typer.echo(
            "Nothing was heard. Switch the sensors on and move them; some sleep until moved, and "
            "none is heard while a phone is connected to it.",
            err=True,
        )
    elif not known:
        typer.echo(
            f"{heard} devices were heard, and none is a sensor that hipimu knows: --all lists "
            "them.",
            err=True,
        )
    else:
        typer.echo("Next: hipimu record --out NAME --role pelvis=ADDRESS …", err=True)
