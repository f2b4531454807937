"""What a sensor may be, and what becomes of its packets before the radio."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.errors import PlanError, SensorError, UnknownNameError
from hipimu.sources.ble.virtual import (
    CharacteristicSpec,
    DeviceClock,
    Outgoing,
    PeripheralSpec,
    virtual_world,
)
from hipimu.sources.ble.virtual.faults import Faults, Malformation
from tests.unit.sources.ble.virtual.counting import DATA, SERVICE, Counting, run, spec

PACKETS = [Outgoing(k / 100, DATA, bytes([k % 256]) * 20) for k in range(1000)]


@pytest.mark.parametrize("address", ["00:11:22:33:44:55", "C0:00:00:00:00", "c0:00:00:00:00:00"])
def test_an_address_is_static_random(address: str) -> None:
    with pytest.raises(PlanError, match="static random"):
        spec(address=address)


def test_uuids_are_written_in_full() -> None:
    with pytest.raises(PlanError, match="'180f'"):
        PeripheralSpec("x", "C0:00:00:00:00:00", (), advertised_services=("180f",))
    with pytest.raises(PlanError, match="lower case"):
        CharacteristicSpec(DATA.upper(), SERVICE, ("notify",))


def test_a_raw_advertisement_has_31_bytes() -> None:
    with pytest.raises(PlanError, match="32 bytes"):
        spec(advertisement=bytes(32))


@pytest.mark.parametrize(("what", "other"), [("name", "address"), ("address", "name")])
def test_two_sensors_are_told_apart(what: str, other: str) -> None:
    same = spec(1, **{what: getattr(spec(0), what)})

    async def begin() -> None:
        async with virtual_world((spec(0), Counting()), (same, Counting())):
            pass

    with pytest.raises(PlanError, match=what):
        run(begin())


def test_an_unknown_sensor_is_named_with_those_there_are() -> None:
    async def ask() -> None:
        async with virtual_world((spec(), Counting()), interval_s=0) as world:
            world.sensor("pelvis")

    with pytest.raises(UnknownNameError, match="Counting 0"):
        run(ask())


def test_without_bumble_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bumble", None)

    async def begin() -> None:
        async with virtual_world((spec(), Counting())):
            pass

    with pytest.raises(SensorError, match=r"pip install 'hipimu\[virtual\]'"):
        run(begin())


@given(st.floats(-1e6, 1e6), st.floats(-500.0, 500.0), st.floats(-1e6, 1e6, allow_subnormal=False))
def test_a_clock_is_read_both_ways(start_s: float, drift_ppm: float, world_s: float) -> None:
    clock = DeviceClock(start_s, drift_ppm)
    assert clock.world_s(clock.device_s(world_s)) == pytest.approx(world_s, abs=1e-6)
    assert clock.device_s(start_s) == 0.0


def test_a_healthy_sensor_passes_everything_on() -> None:
    faults = Faults()
    assert faults.pass_on(PACKETS) == PACKETS
    assert (faults.tally.due, faults.tally.lost) == (1000, 0)


def test_lost_packets_are_counted_and_the_others_keep_their_order() -> None:
    faults = Faults(loss=0.1)
    kept = faults.pass_on(PACKETS)
    assert [p for p in PACKETS if p in kept] == kept
    assert len(kept) == 1000 - faults.tally.lost
    assert 50 < faults.tally.lost < 200


def test_repeated_packets_come_twice_in_a_row() -> None:
    faults = Faults(repetition=0.1)
    sent = faults.pass_on(PACKETS)
    twice = [a for a, b in pairwise(sent) if a == b]
    assert len(twice) == faults.tally.repeated == len(sent) - 1000
    assert 50 < len(twice) < 200


@pytest.mark.parametrize(
    ("how", "length"), [("truncated", 10), ("lengthened", 23), ("garbage", 20), ("empty", 0)]
)
def test_malformed_packets_are_wrong_as_commanded(how: Malformation, length: int) -> None:
    faults = Faults(malformation=0.5, malformed_as=how)
    sent = faults.pass_on(PACKETS)
    spoilt = [p for p, q in zip(PACKETS, sent, strict=True) if p != q]
    assert {len(q.payload) for p, q in zip(PACKETS, sent, strict=True) if p != q} == {length}
    assert len(spoilt) == faults.tally.malformed
    assert 400 < len(spoilt) < 600


def test_a_silent_sensor_loses_everything() -> None:
    faults = Faults(silent=True)
    assert faults.pass_on(PACKETS) == []
    assert faults.tally.lost == 1000


def test_the_same_seed_gives_the_same_faults() -> None:
    one, same, other = (Faults(loss=0.3, seed=seed).pass_on(PACKETS) for seed in (1, 1, 2))
    assert one == same
    assert one != other
