"""A deliberate error keeps what it says and its facts on the way from one process to another."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest

from hipimu import errors
from hipimu.errors import HipimuError, RecordingError

KINDS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HipimuError)
]


def made(kind: type[HipimuError]) -> HipimuError:
    """With something for every parameter."""
    values: dict[str, Any] = {
        name: ("one", "two") if name == "known" else f"{name}."
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    return kind(**values)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_can_be_passed_on(kind: type[HipimuError]) -> None:
    error = made(kind)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - one's own bytes
    assert type(again) is kind
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_facts_are_kept() -> None:
    error = RecordingError("It is wrong.", "Mend it.", path=Path("run"), line=3, time_s=1.5)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - one's own bytes
    assert (again.path, again.line, again.time_s, again.remedy) == (Path("run"), 3, 1.5, "Mend it.")
