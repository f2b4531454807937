"""What a stage promises, on stages that can be checked in the head."""

from __future__ import annotations

import pickle

import pytest

from hipimu.stage import Chain, Stage


class RunningSum(Stage[int, int]):
    """Puts out the sum so far; at the end its negative."""

    state_names = ("total", "seen")

    def __init__(self) -> None:
        self.total = 0
        self.seen: list[int] = []

    def push(self, block: int) -> list[int]:
        self.total += block
        self.seen.append(block)
        return [self.total]

    def flush(self) -> list[int]:
        return [-self.total]


class Pairs(Stage[int, tuple[int, ...]]):
    """Holds one back until the next comes."""

    state_names = ("held",)

    def __init__(self) -> None:
        self.held: tuple[int, ...] = ()

    def push(self, block: int) -> list[tuple[int, ...]]:
        if not self.held:
            self.held = (block,)
            return []
        pair, self.held = (*self.held, block), ()
        return [pair]

    def flush(self) -> list[tuple[int, ...]]:
        return [self.held] if self.held else []


class Twice(Stage[int, int]):
    """Returns every block two times and has nothing to flush."""

    state_names = ()

    def push(self, block: int) -> list[int]:
        return [block, block]


def test_a_stage_without_memory_has_nothing_to_flush_and_no_state() -> None:
    assert Twice().flush() == []
    assert Twice().state() == {}


def test_a_saved_state_is_a_copy_in_both_directions() -> None:
    stage = RunningSum()
    stage.push(3)
    saved = stage.state()
    stage.push(4)
    assert saved == {"total": 3, "seen": [3]}

    other = RunningSum()
    other.restore(saved)
    other.push(1)
    assert saved == {"total": 3, "seen": [3]}
    assert (other.total, other.seen) == (4, [3, 1])


def test_a_chain_passes_every_block_through_every_stage() -> None:
    chain = Chain([Twice(), RunningSum(), Pairs()])

    assert chain.push(1) == [(1, 2)]
    assert chain.push(10) == [(12, 22)]


def test_flushing_a_chain_passes_on_what_each_stage_held_back() -> None:
    """The sum's last word must still reach the pairs, which then have one left."""
    chain = Chain([RunningSum(), Pairs()])

    assert chain.push(1) == []
    assert chain.push(2) == [(1, 3)]
    assert chain.push(3) == []
    assert chain.flush() == [(6, -6)]
    assert chain.push(4) == []
    assert chain.push(5) == [(10, 15)]
    assert chain.flush() == [(-15,)]


def test_an_empty_chain_changes_nothing() -> None:
    assert Chain([]).push(7) == [7]
    assert Chain([]).flush() == []


def test_a_chain_goes_on_where_its_state_was_taken() -> None:
    first, second = (Chain([Twice(), RunningSum(), Pairs()]) for _ in range(2))
    first.push(5)
    saved = pickle.loads(pickle.dumps(first.state()))  # noqa: S301 — our own
    second.restore(saved)

    assert second.push(1) == first.push(1)
    assert second.flush() == first.flush()


def test_a_state_of_another_chain_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        Chain([RunningSum()]).restore(Chain([RunningSum(), Pairs()]).state())
