"""Settings: what was chosen, and what commands write for it."""

from __future__ import annotations

from collections.abc import Mapping

from hipimu.errors import UnknownNameError
from hipimu.protocol.schema import Protocol, key_of


def chosen(protocol: Protocol, settings: Mapping[str, float] | None) -> dict[str, float]:
    """Return the value of every setting of a protocol.

    Parameters
    ----------
    protocol : Protocol
    settings : mapping or None
        Those that differ from the default.

    Raises
    ------
    UnknownNameError
        When a setting, or its value, is not in the protocol.
    """
    values = {name: setting.default for name, setting in protocol.settings.items()}
    for name, value in (settings or {}).items():
        if name not in values:
            raise UnknownNameError(f"setting of {protocol.id}", name, tuple(values))
        choices = protocol.settings[name].choices
        if value not in choices:
            known = tuple(key_of(choice) for choice in choices)
            raise UnknownNameError(f"{name} of {protocol.id}", key_of(value), known)
        values[name] = value
    return values


def code_of(protocol: Protocol, name: str, value: float) -> float:
    """Return what commands write for a setting's value."""
    codes = protocol.settings[name].codes
    return float(codes[key_of(value)]) if codes else value


def value_of(protocol: Protocol, name: str, code: float) -> float | None:
    """Return the value that a written code chooses; None where it chooses none."""
    for choice in protocol.settings[name].choices:
        if code_of(protocol, name, choice) == code:
            return choice
    return None
