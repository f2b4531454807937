"""Talking to one connected device: subscriptions, commands and their answers, things to read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakCharacteristicNotFoundError, BleakError, BleakGATTProtocolError

from hipimu.data import Command, Conversation
from hipimu.sources.ble.status import Patience
from hipimu.sources.device_names import harmless

_BASE = "-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = f"00002a19{_BASE}"
SERIAL_NUMBER = f"00002a25{_BASE}"
FIRMWARE_REVISION = f"00002a26{_BASE}"
_MOST_QUIET_WAITS = 10
_ATT_HEADER = 3  # Core Specification, volume 3, part F, section 3.4.7.1


class RefusedError(Exception):
    """The device does not do what its protocol says it does."""


class Dialogue:
    """One conversation with one connected client.

    Parameters
    ----------
    client : BleakClient
    conversation : Conversation
    receive : callable
        Given characteristic and payload of every notification that was subscribed to for its own
        sake, at once.
    patience : Patience
    """

    def __init__(
        self,
        client: BleakClient,
        conversation: Conversation,
        receive: Callable[[str, bytes], None],
        patience: Patience,
    ) -> None:
        self._client = client
        self._conversation = conversation
        self._receive = receive
        self._patience = patience
        self._commands = (*conversation.configure, *conversation.start, *conversation.stop)
        self._awaited: tuple[Command, asyncio.Future[None]] | None = None
        self._streamed = 0

    @property
    def streamed(self) -> int:
        """How many notifications came that answer no command: samples."""
        return self._streamed

    @property
    def mtu(self) -> int | None:
        """ATT MTU, as far as the system tells."""
        # `client.mtu_size` would always be 23 on BlueZ, and a warning.
        try:
            characteristics = self._client.services.characteristics.values()
        except BleakError:
            return None
        sizes = (c.max_write_without_response_size + _ATT_HEADER for c in characteristics)
        return max(sizes, default=None)

    async def subscribe(self) -> None:
        """Subscribe to everything that streams, and to everything that answers."""
        replies = (c.reply_characteristic for c in self._commands)
        every = (*self._conversation.subscribe, *(uuid for uuid in replies if uuid is not None))
        for uuid in dict.fromkeys(every):
            try:
                async with asyncio.timeout(self._patience.request_s):
                    await self._client.start_notify(
                        self._characteristic(uuid), partial(self._notified, uuid)
                    )
            except TimeoutError as error:
                raise RefusedError(f"subscribing to {uuid} was not answered") from error

    async def silence_old_stream(self, *, surely: bool) -> None:
        """Stop a stream that an earlier link left running; `surely`: whether there is one or not.

        A device that streams cannot always be configured, and what it sends was not asked for.
        """
        if not self._conversation.stop:
            return
        if not surely and await self._is_quiet():
            return
        # One that is not streaming may refuse to stop.
        with suppress(RefusedError):
            await self.stop()
        for _ in range(_MOST_QUIET_WAITS):
            if await self._is_quiet():
                return

    async def stop(self) -> None:
        """Write the commands that stop the stream, without waiting for answers."""
        for command in self._conversation.stop:
            await self._write(command)
            await asyncio.sleep(command.wait_s)

    async def command(self, commands: Iterable[Command]) -> None:
        """Write commands one after the other, each after the one before was answered.

        Raises
        ------
        RefusedError
            When the device has no such characteristic, says no, or does not answer twice.
        """
        for command in commands:
            if command.reply_characteristic is None:
                await self._write(command)
            elif not await self._answered(command) and not await self._answered(command):
                raise RefusedError(
                    f"it does not answer the command {command.payload.hex(' ')} on "
                    f"{command.reply_characteristic}"
                )
            await asyncio.sleep(command.wait_s)

    async def read_battery(self) -> float | None:
        """Read the share of the battery that is left, 0–1; None where it cannot be told."""
        value = await self._read(self._conversation.battery or BATTERY_LEVEL)
        return value[0] / 100.0 if value and value[0] <= 100 else None

    async def read_text(self, uuid: str) -> str | None:
        """Read a text from the device, made harmless; None where it has none."""
        value = await self._read(uuid)
        text = harmless((value or b"").split(b"\0", 1)[0].decode("utf-8", "replace"))
        return text or None

    async def _is_quiet(self) -> bool:
        before = self._streamed
        await asyncio.sleep(self._patience.quiet_s)
        return self._streamed == before

    async def _answered(self, command: Command) -> bool:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited = command, answer
        try:
            await self._write(command)
            await asyncio.wait({answer}, timeout=self._patience.reply_s)
            return answer.done()
        finally:
            self._awaited = None

    async def _write(self, command: Command) -> None:
        characteristic = self._characteristic(command.characteristic)
        try:
            async with asyncio.timeout(self._patience.request_s):
                await self._client.write_gatt_char(
                    characteristic,
                    command.payload,
                    # Acknowledged where the device can: a command must not get lost.
                    response="write" in characteristic.properties,
                )
        except BleakGATTProtocolError as error:
            raise RefusedError(
                f"it refuses the command {command.payload.hex(' ')}: {error.args[-1]}"
            ) from error
        except TimeoutError as error:
            raise RefusedError(
                f"writing the command {command.payload.hex(' ')} was not acknowledged"
            ) from error

    async def _read(self, uuid: str) -> bytes | None:
        """Read what is nice to know: whatever goes wrong, it is not known."""
        try:
            async with asyncio.timeout(self._patience.request_s):
                return bytes(await self._client.read_gatt_char(self._characteristic(uuid)))
        except Exception:  # noqa: BLE001 - a link that broke is noticed by those who need it
            return None

    def _characteristic(self, uuid: str) -> BleakGATTCharacteristic:
        try:
            found = self._client.services.get_characteristic(uuid)
        except BleakError as error:
            if not self._client.is_connected:
                raise
            raise RefusedError(f"it has the characteristic {uuid} more than once") from error
        if found is None:
            raise RefusedError(f"it has no characteristic {uuid}") from (
                BleakCharacteristicNotFoundError(uuid)
            )
        return found

    def _notified(
        self, uuid: str, _characteristic: BleakGATTCharacteristic, data: bytearray
    ) -> None:
        payload = bytes(data)
        streams = uuid in self._conversation.subscribe
        if streams:
            self._receive(uuid, payload)
        if not self._is_reply(uuid, payload) and streams:
            self._streamed += 1

    def _is_reply(self, uuid: str, payload: bytes) -> bool:
        if self._awaited is not None:
            command, answer = self._awaited
            if _answers(command, uuid, payload):
                if not answer.done():
                    answer.set_result(None)
                return True
        return any(_answers(command, uuid, payload) for command in self._commands)


def _answers(command: Command, uuid: str, payload: bytes) -> bool:
    return command.reply_characteristic == uuid and payload.startswith(command.reply_begins)
