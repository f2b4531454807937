"""The timing of one link: late, never lost, in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from hipimu.sources.ble.virtual.link import Link, LinkQuality
from tests.unit.sources.ble.virtual.counting import run, until


def carried(
    quality: LinkQuality, then: Callable[[Link], None] = lambda _: None, packets: int = 100
) -> list[tuple[float, int]]:
    """Send numbers upwards all at once; give when each arrived, in seconds after."""
    got: list[tuple[float, int]] = []

    async def send() -> None:
        loop = asyncio.get_running_loop()
        link = Link(quality, random.Random(3))  # noqa: S311
        began_s = loop.time()
        for k in range(packets):
            link.send(lambda k=k: got.append((loop.time() - began_s, k)), upwards=True)  # type: ignore[misc]
        then(link)
        await until(lambda: len(got) == packets)

    run(send())
    return got


def test_everything_arrives_in_order_though_events_are_missed() -> None:
    got = carried(LinkQuality(interval_s=0.002, missed=0.5))
    assert [k for _, k in got] == list(range(100))
    # 17 events are needed, and about as many are missed.
    assert got[-1][0] > 1.3 * 17 * 0.002


def test_so_many_packets_fit_into_one_event() -> None:
    got = carried(LinkQuality(interval_s=0.01, packets_per_event=4), packets=12)
    events_s = [t_s for t_s, k in got if k % 4 == 0]
    within_s = [t_s - events_s[k // 4] for t_s, k in got]
    assert max(within_s) < 0.003
    assert [b - a for a, b in pairwise(events_s)] == pytest.approx([0.01, 0.01], abs=0.004)


def test_out_of_range_nothing_arrives_until_back() -> None:
    def walk(link: Link) -> None:
        link.in_range = False
        asyncio.get_running_loop().call_later(0.1, setattr, link, "in_range", True)

    for interval_s in (0.0, 0.002):
        got = carried(LinkQuality(interval_s=interval_s), walk)
        assert [k for _, k in got] == list(range(100))
        assert got[0][0] >= 0.1


def test_what_is_held_comes_afterwards_and_the_other_way_stays_open() -> None:
    down_s: list[float] = []

    def hold(link: Link) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        link.hold(0.1)
        link.send(lambda: down_s.append(loop.time() - began_s), upwards=False)

    got = carried(LinkQuality(interval_s=0.002), hold)
    assert got[0][0] >= 0.1
    assert down_s[0] < 0.05


def test_a_link_that_ends_while_it_delivers_forgets_the_rest() -> None:
    got: list[int] = []

    async def send() -> None:
        link = Link(LinkQuality(interval_s=0.0), random.Random(0))  # noqa: S311
        link.send(lambda: got.append(1), upwards=True)
        link.send(link.clear, upwards=True)
        link.send(lambda: got.append(2), upwards=True)
        await asyncio.sleep(0.02)
        assert link.waiting == 0

    run(send())
    assert got == [1]
