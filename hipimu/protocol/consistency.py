"""Whether the parts of a protocol file fit each other, and its examples come out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hipimu.protocol.commands import Template
from hipimu.protocol.named import CODECS, codec_of
from hipimu.protocol.schema import Protocol, Write, key_of

Problem = tuple[tuple[Any, ...], str, str]
"""Place in the file, what is wrong, what to do."""


def problem_of(protocol: Protocol) -> Problem | None:
    """Return the first thing in a protocol that does not fit; None where everything does.

    Parameters
    ----------
    protocol : Protocol
    """
    for check in (_parts, _characteristics, _fields, _settings, _framing):
        problem = next(check(protocol), None)
        if problem is not None:
            return problem
    return None


def _parts(protocol: Protocol) -> Iterator[Problem]:
    if protocol.refusal is not None:
        return
    for name in ("characteristics", "layouts", "modes"):
        if not getattr(protocol, name):
            yield (name,), f"{name} are missing", f"Add [{name}.NAME], or a refusal."
    if protocol.default_mode is None and len(protocol.modes) > 1:
        yield ("modes",), "there are several modes", "Say which by default_mode."
    if protocol.default_mode is not None and protocol.default_mode not in protocol.modes:
        yield (
            ("default_mode",),
            f"there is no mode {protocol.default_mode}",
            f"Modes are {', '.join(protocol.modes)}.",
        )
    if protocol.kind == "imu" and "rate_hz" not in protocol.settings:
        yield ("settings",), "the setting rate_hz is missing", "Add [settings.rate_hz]."
    if protocol.kind == "imu" and not {"acc", "gyr"} & set(protocol.signals):
        yield ("signals",), "there is neither acc nor gyr", "Add [signals.acc] or [signals.gyr]."
    if not protocol.examples:
        yield ("examples",), "there is no example", "Add one packet and what it means."


def writes(protocol: Protocol) -> Iterator[tuple[tuple[Any, ...], Write]]:
    """Every command of a protocol, with its place."""
    for i, write in enumerate(protocol.configure):
        yield ("configure", i), write
    for name, mode in protocol.modes.items():
        for part in ("start", "stop"):
            for i, write in enumerate(getattr(mode, part)):
                yield ("modes", name, part, i), write


def _named_characteristics(protocol: Protocol) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """Place, characteristic, and a property that it needs."""
    for place, write in writes(protocol):
        yield (*place, "to"), write.to, "write"
        if write.reply is not None:
            yield (*place, "reply"), write.reply.from_, "notify"
    for name, mode in protocol.modes.items():
        yield from ((("modes", name, "subscribe"), alias, "notify") for alias in mode.subscribe)
    for name, layout in protocol.layouts.items():
        yield ("layouts", name, "from"), layout.from_, ""
    framed = () if protocol.framing is None else protocol.framing.on
    yield from ((("framing", "on"), alias, "") for alias in framed)
    if protocol.battery is not None:
        yield ("battery",), protocol.battery, "read"
    for i, example in enumerate(protocol.examples):
        named = (alias for packet in example.packets for alias in packet)
        yield from ((("examples", i, "packets"), alias, "") for alias in named)


def _characteristics(protocol: Protocol) -> Iterator[Problem]:
    names = ", ".join(protocol.characteristics)
    for place, alias, needed in _named_characteristics(protocol):
        found = protocol.characteristics.get(alias)
        if found is None:
            yield place, f"there is no characteristic {alias}", f"Characteristics are {names}."
        elif needed and not _allows(found.properties, needed):
            yield (
                ("characteristics", alias),
                f"{alias} is used to {needed}, which its properties leave out",
                "Correct its properties.",
            )


def _allows(properties: list[Any], needed: str) -> bool:
    same = {
        "write": {"write", "write-without-response"},
        "notify": {"notify", "indicate"},
        "read": {"read", "notify"},
    }
    return bool(same[needed] & set(properties))


def _fields(protocol: Protocol) -> Iterator[Problem]:
    names = {n for layout in protocol.layouts.values() for n in layout.compiled().names}
    listed = ", ".join(sorted(names))
    for signal in protocol.signals:
        if signal not in names:
            yield ("signals", signal), f"no layout has a field {signal}", f"Fields are {listed}."
    for part in ("clock", "counter"):
        used = getattr(protocol, part)
        if used is not None and used.field not in names:
            yield (part,), f"no layout has a field {used.field}", f"Fields are {listed}."
    if protocol.counter is not None:
        for name, layout in protocol.layouts.items():
            if protocol.counter.field in {f.name for f in layout.compiled().sample}:
                yield ("layouts", name), "the counter must be in head", "Move it there."


def _settings(protocol: Protocol) -> Iterator[Problem]:
    listed = ", ".join(protocol.settings) or "none"
    for place, write in writes(protocol):
        for setting in Template(write.bytes_).settings:
            if setting not in protocol.settings:
                what = f"there is no setting {setting}"
                yield (*place, "bytes"), what, f"Settings are: {listed}."
    for name, signal in protocol.signals.items():
        yield from _signal_settings(protocol, name, signal.counts_per_unit, signal.limit)


def _signal_settings(
    protocol: Protocol, name: str, counts: Any, limit: float | str | None
) -> Iterator[Problem]:
    listed = ", ".join(protocol.settings) or "none"
    tables = counts if isinstance(counts, dict) else {}
    for setting in (*tables, *([limit] if isinstance(limit, str) else [])):
        if setting not in protocol.settings:
            yield ("signals", name), f"there is no setting {setting}", f"Settings are: {listed}."
            return
    for setting, table in tables.items():
        missing = {key_of(choice) for choice in protocol.settings[setting].choices} - set(table)
        if missing:
            what = f"counts_per_unit lacks {setting} = {', '.join(sorted(missing))}"
            yield ("signals", name), what, "Give a number for every choice."


def _framing(protocol: Protocol) -> Iterator[Problem]:
    if protocol.framing is None:
        return
    if protocol.framing.codec not in CODECS:
        what = f"there is no codec {protocol.framing.codec}"
        yield ("framing", "codec"), what, f"Codecs are {', '.join(CODECS)}."
        return
    try:
        codec_of(protocol)
    except ValueError as error:
        yield ("framing",), str(error), "Correct it."
