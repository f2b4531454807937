"""`hipimu protocols`: what sensors speak, and what their bytes mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hipimu.cli.output import print_json

if TYPE_CHECKING:
    from hipimu.protocol import Decoder, Protocol

protocols = typer.Typer(
    help="What sensors speak: the files of firmware_protocols, checked and used.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Name = Annotated[str, typer.Argument(help="Id of a protocol, or a file ending in .toml.")]


@protocols.command("list")
def list_protocols(
    json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """List the sensors that hipimu knows."""
    from hipimu.protocol import known

    rows = [_row(protocol) for protocol in known().values()]
    if json:
        print_json(rows)
        return
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        note = f"not usable: {row['refusal']}" if row["refusal"] else row["can"]
        typer.echo(f"{row['id']:{width}}  {row['vendor']} {row['model']}: {note}")


def _row(protocol: Protocol) -> dict[str, Any]:
    return {
        "id": protocol.id,
        "vendor": protocol.vendor,
        "model": protocol.model,
        "kind": protocol.kind,
        "can": _can(protocol),
        "refusal": protocol.refusal,
    }


def _can(protocol: Protocol) -> str:
    if protocol.kind != "imu":
        return protocol.kind.replace("_", " ")
    words = []
    for name, unit in (("rate_hz", "Hz"), ("acc_range_g", "g"), ("gyr_range_deg_s", "°/s")):
        setting = protocol.settings.get(name)
        if setting is not None:
            sign = "" if unit == "Hz" else "±"
            words.append(f"up to {sign}{max(setting.choices):g} {unit}")
    return ", ".join(words)


@protocols.command()
def show(
    name: _Name,
    json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Show how a sensor is recognised, set and read, and what to know before a run."""
    from hipimu.protocol import concerns, protocol_named

    protocol = protocol_named(name)
    if json:
        document = protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        print_json(document | {"concerns": concerns(protocol) if not protocol.refusal else []})
        return
    for line in _described(protocol):
        typer.echo(line)
    for concern in () if protocol.refusal else concerns(protocol):
        typer.echo(f"Before a run: {concern}")


def _described(protocol: Protocol) -> list[str]:
    known_by = protocol.recognise
    lines = [f"{protocol.id}: {protocol.vendor} {protocol.model}"]
    if protocol.about:
        lines.append(protocol.about)
    if protocol.refusal:
        lines.append(f"not usable: {protocol.refusal}")
    by = [f"the name {n}…" for n in known_by.names] + [
        f"the service {s}" for s in known_by.services
    ]
    lines.append(f"recognised by: {' or '.join(by) or 'nothing: name it with --role'}")
    for name, setting in protocol.settings.items():
        choices = ", ".join(f"{choice:g}" for choice in setting.choices)
        lines.append(f"{name}: {choices} (default {setting.default:g})")
    lines += [f"characteristic {alias}: {c.uuid}" for alias, c in protocol.characteristics.items()]
    clock = protocol.clock
    tells = "none: time comes from how many samples arrive"
    if clock is not None:
        tells = f"ticks of {clock.tick_s:g} s, wraps after {clock.wrap * clock.tick_s / 60:.1f} min"
    elif protocol.counter is not None:
        tells = "none: time comes from the counter"
    lines.append(f"clock: {tells}")
    losses = "are counted" if protocol.counter is not None else "are told by the clock"
    if clock is None and protocol.counter is None:
        losses = "cannot be seen one by one, only by the rate"
    lines.append(f"lost packets {losses}")
    lines += [f"source: {d.title} {d.revision or ''}".rstrip() for d in protocol.documents]
    return lines


@protocols.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Protocol files.")],
) -> None:
    """Check protocol files, and decode their own examples."""
    from hipimu.errors import ProtocolError
    from hipimu.protocol import failures, read_protocol

    for path in files:
        protocol = read_protocol(path)
        wrong = failures(protocol)
        if wrong:
            number, why = wrong[0]
            line = _line_of_example(path, number)
            raise ProtocolError(
                f"{path.name}, line {line}: {why}.",
                "Correct the layout, or what the example gives.",
                path=path,
                line=line,
            )
        many = len(protocol.examples)
        typer.echo(f"{path.name}: sound; {many} example{'s' * (many != 1)} decoded as it says")


def _line_of_example(path: Path, number: int) -> int:
    from hipimu.protocol import line_of

    return line_of(path.read_text(encoding="utf-8-sig"), ("examples", number)) or 1


@protocols.command()
def decode(
    name: _Name,
    payloads: Annotated[
        list[str], typer.Argument(metavar="HEX...", help="Payloads in the order they came.")
    ],
    char: Annotated[
        str, typer.Option(help="Characteristic they came from: its name in the file, or its UUID.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="How the sensor was set, if not as usual."
        ),
    ] = None,
) -> None:
    """Print what packets mean as JSON, in SI units."""
    from hipimu.protocol import Decoder, protocol_named

    protocol = protocol_named(name)
    chosen = dict(_setting(text) for text in settings or [])
    decoder = Decoder(protocol, protocol.id, chosen)
    uuids = {c.uuid for c in protocol.characteristics.values()}
    if char.lower() not in uuids and char not in protocol.characteristics:
        from hipimu.errors import UnknownNameError

        kind = f"characteristic of {protocol.id}"
        raise UnknownNameError(kind, char, tuple(protocol.characteristics))
    print_json(_decoded(decoder, char, [_bytes(text) for text in payloads]))


def _decoded(decoder: Decoder, char: str, payloads: list[bytes]) -> dict[str, Any]:
    name = char.lower() if "-" in char else char
    decoded = decoder.push(name, payloads, [0.0] * len(payloads))
    if decoded.refused and not decoded.readings:
        raise decoded.refused[0]
    samples = []
    for readings in decoded.readings:
        timing = decoder.timing(readings.layout)
        for i in range(len(readings.arrival_s)):
            sample: dict[str, Any] = {"layout": readings.layout}
            if readings.ticks is not None and timing.source == "clock":
                sample["clock_s"] = round(int(readings.ticks[i]) * timing.tick_s, 9)
            sample |= {key: values[i].tolist() for key, values in readings.signals.items()}
            if readings.clipped is not None and readings.clipped[i]:
                sample["clipped"] = True
            samples.append(sample)
    return {
        "protocol": decoder.protocol.id,
        "settings": decoder.settings,
        "samples": samples,
        "refused": [error.what for error in decoded.refused],
    }


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise typer.BadParameter(f"{text[:40]!r} is not hex: two digits a byte") from None


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise typer.BadParameter(f"{text[:40]!r} is not NAME=NUMBER") from None
