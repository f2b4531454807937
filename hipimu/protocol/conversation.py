"""What a radio needs to know of a protocol: plain UUIDs, bytes to write, answers to await."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hipimu.data import Command, Conversation
from hipimu.protocol.commands import Template
from hipimu.protocol.schema import Mode, Protocol, Write
from hipimu.protocol.settings import chosen, code_of


def mode_of(protocol: Protocol) -> Mode:
    """Return the way in which a device is made to measure."""
    return protocol.modes[protocol.default_mode or next(iter(protocol.modes))]


def conversation(protocol: Protocol, settings: Mapping[str, float] | None = None) -> Conversation:
    """Return how to make a device deliver.

    Parameters
    ----------
    protocol : Protocol
    settings : mapping or None
        Setting → value, where not the default.

    Raises
    ------
    UnknownNameError
        When a setting or its value is not in the protocol.
    """
    values = chosen(protocol, settings)
    codes = {name: code_of(protocol, name, value) for name, value in values.items()}
    mode = mode_of(protocol)

    def commands(writes: Sequence[Write]) -> tuple[Command, ...]:
        return tuple(_command(protocol, write, codes) for write in writes)

    battery = protocol.battery
    return Conversation(
        protocol=protocol.id,
        rate_hz=values.get("rate_hz", 1.0),
        subscribe=tuple(protocol.characteristics[alias].uuid for alias in mode.subscribe),
        configure=commands(protocol.configure),
        start=commands(mode.start),
        stop=commands(mode.stop),
        battery=None if battery is None else protocol.characteristics[battery].uuid,
        silence_s=2.0 if protocol.kind == "imu" else 10.0,
    )


def _command(protocol: Protocol, write: Write, codes: Mapping[str, float]) -> Command:
    reply = write.reply
    return Command(
        characteristic=protocol.characteristics[write.to].uuid,
        payload=Template(write.bytes_).filled(codes),
        wait_s=write.wait_s,
        reply_characteristic=None if reply is None else protocol.characteristics[reply.from_].uuid,
        reply_begins=b"" if reply is None else bytes.fromhex(reply.begins),
    )
