"""Cut any block at any sample, join blocks, and compare bit by bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from hipimu.data import Readings, TickBlock


def length(block: Any) -> int:
    """Number of samples."""
    inner = getattr(block, "aligned", block)
    return len(inner.arrival_s if isinstance(inner, TickBlock | Readings) else inner.t_s)


def part(block: Any, start: int, stop: int) -> Any:
    """Samples start … stop − 1 of a block, whatever its type."""
    changes = {f.name: _part(getattr(block, f.name), start, stop) for f in fields(block)}
    return replace(block, **changes)


def _part(value: Any, start: int, stop: int) -> Any:
    if isinstance(value, np.ndarray):
        return value[start:stop]
    if isinstance(value, Mapping):
        return {key: _part(item, start, stop) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return part(value, start, stop)
    return value


def cut(blocks: list[Any], shares: list[float]) -> list[Any]:
    """Cut blocks that belong together (one a sensor or side) at the same shares of their length."""
    pieces: list[Any] = []
    bounds = [0.0, *sorted(shares), 1.0]
    for low, high in pairwise(bounds):
        for block in blocks:
            n = length(block)
            start, stop = int(low * n), int(high * n)
            if stop > start:
                pieces.append(part(block, start, stop))
    return pieces


def flatten(outputs: list[Any]) -> dict[str, list[Any]]:
    """Everything in the outputs by name and origin, arrays joined over blocks."""
    flat: dict[str, list[Any]] = {}
    for output in outputs:
        _collect(flat, getattr(output, "side", getattr(output, "sensor", "")), output)
    return {
        name: [np.concatenate(values)] if isinstance(values[0], np.ndarray) else values
        for name, values in flat.items()
    }


def _collect(flat: dict[str, list[Any]], path: str, value: Any) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            _collect(flat, f"{path}.{f.name}", getattr(value, f.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _collect(flat, f"{path}.{key}", item)
    elif value is not None:  # an array, or a whole stride
        flat.setdefault(path, []).append(value)


def assert_same(left: list[Any], right: list[Any]) -> None:
    """Compare two runs bit by bit."""
    one, other = flatten(left), flatten(right)
    assert one.keys() == other.keys()
    for name, values in one.items():
        if isinstance(values[0], np.ndarray):
            np.testing.assert_array_equal(values[0], other[name][0], err_msg=name)
        elif not name.endswith((".rate_hz", ".side", ".sensor")):  # the same in every block
            assert values == other[name], name
