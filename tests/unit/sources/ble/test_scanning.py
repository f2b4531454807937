"""Who is heard, however many packets it takes to say so, and what nobody may do to a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from hipimu.data import Advertisement
from hipimu.errors import SensorError
from hipimu.sources.ble import Heard, scan, scanning
from hipimu.sources.ble.availability import bluetooth_error
from hipimu.sources.ble.virtual import virtual_world
from tests.unit.sources.ble.imus import SERVICE, Imu, imu_spec, play

Why = BleakBluetoothNotAvailableReason


def advertised(name: str | None = None, rssi: int = -60, **others: Any) -> AdvertisementData:
    empty: dict[str, Any] = {
        "manufacturer_data": {},
        "service_data": {},
        "service_uuids": [],
        "tx_power": None,
        "platform_data": (),
    }
    return AdvertisementData(local_name=name, rssi=rssi, **(empty | others))


def air(*said: tuple[str, AdvertisementData], fails: Exception | None = None) -> Any:
    """Make a backend whose scanner hears this, one packet every 10 ms."""

    class Scanner(BaseBleakScanner):
        stopped = False

        def __init__(self, callback: Any, uuids: Any, _mode: str, **_others: Any) -> None:
            super().__init__(callback, uuids)

        async def start(self) -> None:
            if fails is not None:
                raise fails
            self.speaking = asyncio.create_task(self.speak(iter(said)))

        async def speak(self, packets: Iterator[tuple[str, AdvertisementData]]) -> None:
            for address, data in packets:
                await asyncio.sleep(0.01)
                device = BLEDevice(address, data.local_name, None)
                self.call_detection_callbacks(device, data)

        async def stop(self) -> None:
            self.speaking.cancel()
            type(self).stopped = True

    return SimpleNamespace(scanner=Scanner, client=None)


def test_virtual_sensors_are_heard_with_all_they_say() -> None:
    async def main() -> None:
        near = (imu_spec(1, rssi_dbm=-40, manufacturer_data=((2182, b"ab"),)), Imu())
        far = (imu_spec(2, rssi_dbm=-80), Imu())
        async with virtual_world(far, near) as world:
            heard = await scan(1.0, backend=world.backend)
        first, second = (each.advertisement for each in heard)
        assert (first.name, first.address, first.rssi_dbm) == ("IMU 1", "D4:22:CD:00:00:01", -40)
        assert (first.services, first.company_ids) == ((SERVICE,), (2182,))
        assert (second.name, second.rssi_dbm, second.company_ids) == ("IMU 2", -80, ())
        assert [each.device.address for each in heard] == [first.address, second.address]

    play(main)


def test_what_comes_in_several_packets_is_put_together() -> None:
    backend = air(
        ("A", advertised(service_uuids=["ABCD"], manufacturer_data={7: b""})),
        ("A", advertised("Sensor", -70)),
        ("A", advertised(None, -50, manufacturer_data={9: b""}, service_data={"fdf3": b""})),
    )
    seen: list[Heard] = []

    async def main() -> None:
        (heard,) = await scan(0.2, backend=backend, on_heard=seen.append)
        said = heard.advertisement
        assert (said.name, said.rssi_dbm) == ("Sensor", -50)
        assert (said.services, said.company_ids) == (("abcd", "fdf3"), (7, 9))

    play(main)
    assert [each.advertisement.name for each in seen] == ["", "Sensor", "Sensor"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"\x1b[31mred\x07", "�[31mred�"),
        ("DOT\u202egnp.exe".encode(), "DOT�gnp.exe"),
        (b"\xff\xfe\xfd", "���"),
        (b"", ""),
    ],
)
def test_hostile_names_are_harmless(name: bytes, shown: str) -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(advertised_name=name or b" "), Imu())) as world:
            (heard,) = await scan(1.0, backend=world.backend)
            assert heard.advertisement.name == shown

    play(main)


def test_a_name_of_248_bytes_is_cut() -> None:
    async def main() -> None:
        (heard,) = await scan(0.1, backend=air(("A", advertised("é" * 124))))
        assert heard.advertisement.name == "é" * 63 + "…"

    play(main)


def test_the_scan_ends_as_soon_as_enough_are_heard_and_stops() -> None:
    backend = air(*(("ABCD"[k], advertised(str(k))) for k in range(4)))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        heard = await scan(60.0, backend=backend, until=lambda found: "B" in found)
        assert {each.advertisement.address for each in heard} == {"A", "B"}
        assert loop.time() - began_s < 0.1

    play(main)
    assert backend.scanner.stopped


def test_what_a_listener_raises_ends_the_scan() -> None:
    backend = air(("A", advertised("a")), ("B", advertised("b")))

    def refuse(heard: Heard) -> None:
        raise LookupError(heard.advertisement.name)

    async def main() -> None:
        with pytest.raises(LookupError, match="a"):
            await scan(60.0, backend=backend, on_heard=refuse)

    play(main)
    assert backend.scanner.stopped


def test_a_crowd_that_changes_its_addresses_does_not_fill_the_memory() -> None:
    crowd = [(f"{n:04}", advertised("x")) for n in range(1500)]
    said = [("A", advertised(service_uuids=[f"{n:04}"])) for n in range(100)]

    async def main() -> None:
        heard = await scan(60.0, backend=air(*said, *crowd))
        assert len(heard) == 1000
        first = next(each for each in heard if each.advertisement.address == "A")
        assert len(first.advertisement.services) == 64

    play(main)


def test_a_scan_that_does_not_stop_properly_has_still_heard() -> None:
    backend = air(("A", advertised("a")))

    async def stop(self: Any) -> None:
        raise BleakError("no discovery started")

    backend.scanner.stop = stop

    async def main() -> None:
        assert len(await scan(0.1, backend=backend)) == 1

    play(main)


@pytest.fixture
def systems_own(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put something else in the place of the system's Bluetooth."""

    def put(backend: Any, connected: list[BLEDevice] | Exception) -> None:
        class Adapter:
            @classmethod
            async def get(cls) -> Adapter:
                return cls()

            async def get_connected_devices(self) -> list[BLEDevice]:
                if isinstance(connected, Exception):
                    raise connected
                return connected

        scanner = partial(BleakScanner, backend=backend.scanner)
        monkeypatch.setattr(scanning, "BleakScanner", lambda detected, backend: scanner(detected))
        monkeypatch.setattr(scanning, "BleakAdapter", Adapter)

    return put


def test_a_device_that_is_still_connected_from_before_is_listed_first(systems_own: Any) -> None:
    """It does not advertise, and a recording that was killed may have left it so."""
    systems_own(air(("A", advertised("near", -40))), [BLEDevice("B", "left\x07over", None)])

    async def main() -> None:
        first, second = await scan(0.1)
        assert first.advertisement == Advertisement("B", "left�over", 127)
        assert first.device.address == "B"
        assert second.advertisement.address == "A"

    play(main)


@pytest.mark.parametrize("refusal", [NotImplementedError(), BleakError("no"), OSError("no")])
def test_a_system_that_does_not_tell_who_is_connected_scans_all_the_same(
    systems_own: Any, refusal: Exception
) -> None:
    systems_own(air(("A", advertised("near"))), refusal)

    async def main() -> None:
        assert len(await scan(0.1)) == 1

    play(main)


UNAVAILABLE: Sequence[tuple[Exception, str, str]] = (
    (BleakBluetoothNotAvailableError("x", Why.NO_BLUETOOTH), "linux", "no_adapter"),
    (BleakBluetoothNotAvailableError("x", Why.NO_BLE_CENTRAL_ROLE), "win32", "no_adapter"),
    (BleakBluetoothNotAvailableError("x", Why.POWERED_OFF), "linux", "off"),
    (BleakBluetoothNotAvailableError("x", Why.POWERED_OFF), "darwin", "off"),
    (BleakBluetoothNotAvailableError("x", Why.POWERED_OFF), "win32", "off"),
    (BleakBluetoothNotAvailableError("x", Why.DENIED_BY_USER), "darwin", "not_permitted"),
    (BleakBluetoothNotAvailableError("x", Why.DENIED_BY_SYSTEM), "linux", "not_permitted"),
    (BleakBluetoothNotAvailableError("x", Why.DENIED_BY_UNKNOWN), "win32", "not_permitted"),
    (BleakBluetoothNotAvailableError("x", Why.UNKNOWN), "freebsd", "failed"),
    (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), "linux", "off"),
    (BleakDBusError("org.bluez.Error.InProgress", ["x"]), "linux", "busy"),
    (
        BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["org.bluez"]),
        "linux",
        "no_adapter",
    ),
    (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["x"]), "linux", "not_permitted"),
    (FileNotFoundError(2, "No such file or directory"), "linux", "no_adapter"),
    (PermissionError(13, "Permission denied"), "linux", "not_permitted"),
)


@pytest.mark.parametrize(("error", "platform", "reason"), UNAVAILABLE)
def test_every_way_of_having_no_bluetooth_is_told_with_what_to_do(
    error: Exception, platform: str, reason: str
) -> None:
    told = bluetooth_error(error, platform)
    assert told is not None
    assert told.reason == reason
    for sentence in (told.what, told.remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    for word, elsewhere in (("sudo", "linux"), ("rfkill", "linux"), ("Control Centre", "darwin")):
        assert word not in told.remedy or platform == elsewhere


def test_every_reason_of_bleak_is_known() -> None:
    for reason in Why:
        told = bluetooth_error(BleakBluetoothNotAvailableError("x", reason))
        assert told is not None
        assert told.reason in ("no_adapter", "off", "not_permitted", "failed")


@pytest.mark.parametrize(
    "error",
    [
        BleakError("disconnected"),
        TimeoutError(),
        BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
        OSError(9, "Bad file descriptor"),
    ],
)
def test_what_concerns_one_device_is_not_said_of_bluetooth(error: Exception) -> None:
    assert bluetooth_error(error, "linux") is None


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (BleakBluetoothNotAvailableError("off", Why.POWERED_OFF), "off"),
        (BleakError("something\x1b[2J else"), "failed"),
        (EOFError(), "failed"),
    ],
)
def test_a_scan_that_cannot_start_says_why(fails: Exception, reason: str) -> None:
    async def main() -> None:
        with pytest.raises(SensorError) as caught:
            await scan(1.0, backend=air(fails=fails))
        assert caught.value.reason == reason
        assert "\x1b" not in str(caught.value)

    play(main)


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux's")
def test_without_the_systems_message_bus_the_real_bleak_fails_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(SensorError, match="Bluetooth service does not run") as caught:
        asyncio.run(scan(1.0))
    assert caught.value.reason == "no_adapter"
