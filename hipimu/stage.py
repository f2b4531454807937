"""What a stage is: blocks go in, blocks come out, and it can be stopped and resumed anywhere.

Two laws hold for every stage (tests/laws): cutting the input into other blocks never changes the
output by a single bit, and saving the state, restoring it into a fresh stage and going on equals
never having stopped. Both follow from three habits: samples are counted from the first one, sums
run over windows at fixed sample indices, and array operations are element-wise or sequential
(no BLAS, whose rounding depends on the array's length).
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

Block = TypeVar("Block")
In = TypeVar("In")
Out = TypeVar("Out")

State = dict[str, Any]


class Stage(ABC, Generic[In, Out]):
    """One step of the sample path.

    Parameters belong to ``__init__``; everything that changes while samples pass is listed in
    `state_names`, holds plain data only and can be pickled.
    """

    state_names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def push(self, block: In) -> list[Out]:
        """Take one block; return the blocks that are now complete, possibly none."""

    def flush(self) -> list[Out]:
        """Say that nothing follows; return what was held back."""
        return []

    def state(self) -> State:
        """Return a copy of everything that has changed since the stage was made."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.state_names}

    def restore(self, state: State) -> None:
        """Go on where `state` was taken."""
        for name in self.state_names:
            setattr(self, name, copy.deepcopy(state[name]))


class WholeSession(Stage[In, Out]):
    """A step that looks both ways: it holds every block back and works on all of them at the end.

    Cuts cannot matter to it, and its only memory is what it holds.
    """

    state_names: ClassVar[tuple[str, ...]] = ("_held",)

    def __init__(self) -> None:
        self._held: list[In] = []

    @abstractmethod
    def whole(self, session: In) -> Out:
        """Work on the whole session in one block."""

    def push(self, block: In) -> list[Out]:
        """Hold the block back."""
        self._held.append(block)
        return []

    def flush(self) -> list[Out]:
        """Return the whole session."""
        if not self._held:
            return []
        session = joined(self._held)
        self._held = []
        return [self.whole(session)]


class Chain(Stage[Any, Any]):
    """Stages one after the other, themselves a stage.

    Parameters
    ----------
    stages : list of Stage
        In the order in which blocks pass.
    """

    def __init__(self, stages: list[Stage[Any, Any]]) -> None:
        self.stages = stages

    def push(self, block: Any) -> list[Any]:
        """Pass one block through all stages."""
        return self._through([block], self.stages)

    def flush(self) -> list[Any]:
        """Flush every stage in order, passing on what each held back."""
        blocks: list[Any] = []
        for stage in self.stages:
            blocks = self._through(blocks, [stage])
            blocks.extend(stage.flush())
        return blocks

    def state(self) -> State:
        """Return the states of all stages."""
        return {"stages": [stage.state() for stage in self.stages]}

    def restore(self, state: State) -> None:
        """Restore all stages."""
        for stage, saved in zip(self.stages, state["stages"], strict=True):
            stage.restore(saved)

    @staticmethod
    def _through(blocks: Iterable[Any], stages: list[Stage[Any, Any]]) -> list[Any]:
        held = list(blocks)
        for stage in stages:
            held = [out for block in held for out in stage.push(block)]
        return held


def part(block: Block, start: int, stop: int) -> Block:
    """Return samples `start` … `stop` − 1 of a block of any type."""
    made: Block = _part(block, slice(start, stop))
    return made


def _part(value: Any, cut: slice) -> Any:
    if isinstance(value, np.ndarray):
        return value[cut]
    if isinstance(value, Mapping):
        return {key: _part(item, cut) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(*[_part(getattr(value, name), cut) for name in _names(type(value))])
    return value


def joined(blocks: Sequence[Block]) -> Block:
    """Return consecutive blocks of one type as one."""
    made: Block = blocks[0] if len(blocks) == 1 else _joined(list(blocks))
    return made


def _joined(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(values)
    if isinstance(first, Mapping):
        return {key: _joined([value[key] for value in values]) for key in first}
    if is_dataclass(first) and not isinstance(first, type):
        names = _names(type(first))
        return type(first)(*[_joined([getattr(v, name) for v in values]) for name in names])
    return first


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))
