"""What is on air, however hostile, never breaks the scan; what we put there can be read."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from hypothesis import given
from hypothesis import strategies as st

from hipimu.errors import PlanError
from hipimu.sources.ble.virtual import virtual_world
from hipimu.sources.ble.virtual.advertising import make_advertising, read_advertising
from tests.unit.sources.ble.virtual.counting import SERVICE, Counting, run, spec, until

HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"
WITMOTION = "0000ffe5-0000-1000-8000-00805f9a34fb"  # not the SIG's base: one digit differs


def heard(*specs: object) -> dict[str, AdvertisementData]:
    """Scan until each address was heard with its scan response; give the last of each."""
    found: dict[str, AdvertisementData] = {}
    times: dict[str, int] = {}

    def seen(device: BLEDevice, data: AdvertisementData) -> None:
        found[device.address] = data
        times[device.address] = times.get(device.address, 0) + 1

    async def scan() -> None:
        sensors = [(s, Counting()) for s in specs]
        async with (
            virtual_world(*sensors, interval_s=0) as world,  # type: ignore[arg-type]
            BleakScanner(seen, backend=world.backend.scanner),
        ):
            await until(lambda: len(times) == len(specs) and min(times.values()) >= 2)

    run(scan())
    return found


def test_a_scanner_reads_name_services_company_and_strength() -> None:
    found = heard(
        spec(
            0,
            name="Polar Sense 0BADCAFE",
            advertised_services=(HEART_RATE, WITMOTION),
            manufacturer_data=((2182, b"\x01\x02\x03"),),
            rssi_dbm=-71,
        )
    )[spec(0).address]
    assert found.local_name == "Polar Sense 0BADCAFE"
    assert found.service_uuids == [HEART_RATE, WITMOTION]
    assert found.manufacturer_data == {2182: b"\x01\x02\x03"}
    assert found.rssi == -71


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (b"\xff\xfe bad \x80", "�� bad �"),
        (b"\x1b[2J\x07bell", "\x1b[2J\x07bell"),
        (b"two\0halves", "two"),
        ("läufer ⟲".encode(), "läufer ⟲"),
        (b"../../etc/passwd", "../../etc/passwd"),
        (b"n" * 100, "n" * 29),
    ],
)
def test_names_of_any_bytes_arrive_as_text(name: bytes, read: str) -> None:
    assert heard(spec(advertised_name=name))[spec().address].local_name == read


def test_a_name_can_lie_while_the_device_runs() -> None:
    names: list[str | None] = []

    async def scan() -> None:
        async with (
            virtual_world((spec(), Counting()), interval_s=0) as world,
            BleakScanner(lambda _, a: names.append(a.local_name), backend=world.backend.scanner),
        ):
            await until(lambda: "Counting 0" in names)
            await world.sensor("Counting 0").advertise_as("Movella DOT")
            await until(lambda: "Movella DOT" in names)

    run(scan())


def test_malformed_advertisements_do_not_hide_the_others() -> None:
    hostile = [
        b"",
        b"\x00",
        b"\xff",
        b"\x1e\x09cut off",
        b"\x02\x01\x06\x02",
        b"\x01\xff\x02\xff\x01",
        b"\x04\x07\x01\x02\x03\x02\x02\x01",
        b"\x01\x09\x01\x16\x01\x0a",
        bytes(31),
        b"\xff" * 31,
    ]
    found = heard(*(spec(k, advertisement=data) for k, data in enumerate(hostile)), spec(99))
    assert len(found) == len(hostile) + 1
    assert found[spec(99).address].local_name == "Counting 99"
    assert found[spec(7).address].local_name == ""


def test_scanning_ends_and_begins_again_and_two_scan_at_once() -> None:
    counts = [0, 0, 0]

    async def scan() -> None:
        def count(place: int) -> None:
            counts[place] += 1

        async with virtual_world((spec(), Counting()), interval_s=0) as world:
            kind = world.backend.scanner
            one = BleakScanner(lambda _, __: count(0), backend=kind)
            other = BleakScanner(lambda _, __: count(1), [SERVICE.upper()], backend=kind)
            strangers = BleakScanner(lambda _, __: count(2), [HEART_RATE], backend=kind)
            async with one, other, strangers:
                await until(lambda: min(counts[:2]) > 0)
            before = list(counts)
            await asyncio.sleep(0.06)
            assert counts == before
            async with one:
                await until(lambda: counts[0] > before[0])
            assert counts[2] == 0

    run(scan())


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_nothing_on_air_raises(parts: list[bytes]) -> None:
    heard = read_advertising(*parts)
    assert all(len(uuid) == 36 for uuid in (*heard.services, *heard.service_data))
    assert heard.name is None or isinstance(heard.name.encode(), bytes)


uuids = st.one_of(
    st.integers(0, 0xFFFF).map(lambda k: f"{k:08x}-0000-1000-8000-00805f9b34fb"), st.just(SERVICE)
)


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    st.lists(uuids, max_size=4, unique=True),
    st.one_of(st.none(), st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=6))),
)
def test_what_is_made_is_read(
    name: str, services: list[str], company: tuple[int, bytes] | None
) -> None:
    companies = () if company is None else (company,)
    made = make_advertising(name.encode(), tuple(services), companies)
    assert max(map(len, made)) <= 31
    heard = read_advertising(*made)
    assert heard.name == name
    assert sorted(heard.services) == sorted(services)
    assert heard.manufacturer_data == dict(companies)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(PlanError, match="62 bytes"):
        make_advertising(b"", (), ((1, bytes(40)),))
