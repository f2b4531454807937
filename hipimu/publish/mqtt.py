"""A run over MQTT: strides, states and, where asked for, samples, as JSON.

A thread with an event loop of its own speaks with the broker; when the broker is gone it is tried
again for as long as the run lasts.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any, Final, NamedTuple

import numpy as np

from hipimu.data import HipAngleBlock, ImuBlock, LiveState, Segment, Stride
from hipimu.errors import OutputError
from hipimu.publish.address import BrokerAddress, read_address, topic_part
from hipimu.publish.clock import ClockOffset
from hipimu.publish.messages import encoded, samples_message, state_message, stride_message
from hipimu.publish.outbox import Outbox

MOST_WAITING: Final = 2000
"""Messages: more than ten minutes of strides."""
_LOOK_S = 0.25
_STATE_S = 0.5
_CLOSE_S = 1.0
_AGAIN_S = (1.0, 2.0, 5.0, 10.0)
_KEEPALIVE_S = 20
_TIMEOUT_S = 5.0


# What goes wrong is told once, in `trouble`; paho's own lines would spoil the terminal's face.
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())


class _Message(NamedTuple):
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


def check(address: str) -> None:
    """Refuse an address that is none, or MQTT where it cannot be, before the run and not in it.

    Raises
    ------
    OutputError
    """
    read_address(address)
    _aiomqtt()


class MqttPublisher:
    """Sends what it is given to a broker; nobody who gives something waits.

    Parameters
    ----------
    address : str
        ``mqtt://user:password@host:port/prefix``, or ``mqtts``; see `read_address`.
    name : str
        Of the recording; a level of its topics.

    Raises
    ------
    OutputError
        When the address is none, or aiomqtt is not installed.
    """

    def __init__(self, address: str, name: str) -> None:
        self._broker: BrokerAddress = read_address(address)
        self._mqtt: Any = _aiomqtt()
        self._topic = f"{self._broker.prefix}/{topic_part(name)}"
        self._clock = ClockOffset(time.time)
        self._outbox: Outbox[Stride | ImuBlock] = Outbox(MOST_WAITING)
        self._state: LiveState | None = None
        self._sent: LiveState | None = None
        self._sent_s = -_STATE_S
        self._samples_to: dict[str, int] = {}
        self.trouble = ""
        """Why nothing is sent just now, in a sentence; empty while all is well."""
        self._thread = Thread(target=self._work, name="mqtt", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Strides and blocks of samples that went unsent."""
        return self._outbox.dropped

    def begin(self, rates_hz: Mapping[Segment, float]) -> None:
        """Take which sensors there are; their messages say that themselves."""

    def blocks(self, blocks: Sequence[ImuBlock]) -> None:
        """Take samples; most or all of them are left out."""
        if self._broker.samples_hz > 0 and self._state is not None:
            self._outbox.put(blocks)

    def angles(self, blocks: Sequence[HipAngleBlock]) -> None:
        """Take hip angles, and send none: they are for Lab Streaming Layer."""

    def strides(self, strides: Sequence[Stride]) -> None:
        """Take strides."""
        self._outbox.put(strides)

    def state(self, state: LiveState) -> None:
        """Take what the faces show; the latest is sent."""
        self._clock.measure(state.t_s)
        self._state = state

    def close(self) -> None:
        """End, after what waits has been passed on or a second has gone by."""
        self._outbox.close()
        self._thread.join(_CLOSE_S)

    def _work(self) -> None:
        try:
            # On Windows the usual loop cannot watch the sockets that paho opens.
            factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._stay_connected())
        except Exception as error:  # noqa: BLE001 - a run is worth more than what is sent of it
            self.trouble = f"MQTT has failed, and nothing more is sent: {error}"
            self._outbox.close()

    async def _stay_connected(self) -> None:
        failed = 0
        while not self._outbox.closed:
            try:
                async with self._client() as client:
                    failed, self.trouble = 0, ""
                    await self._speak(client)
            except (self._mqtt.MqttError, OSError) as error:
                self.trouble = f"The MQTT broker {self._broker.shown} cannot be reached: {error}."
                await self._wait(_AGAIN_S[min(failed, len(_AGAIN_S) - 1)])
                failed += 1

    def _client(self) -> Any:
        broker, mqtt = self._broker, self._mqtt
        return mqtt.Client(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            tls_context=broker.tls_context(),
            keepalive=_KEEPALIVE_S,
            timeout=_TIMEOUT_S,
            logger=_log,
            will=mqtt.Will(f"{self._topic}/online", b"false", qos=1, retain=True),
        )

    async def _wait(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while not self._outbox.closed and time.monotonic() < until_s:
            await asyncio.sleep(0.1)

    async def _speak(self, client: Any) -> None:
        """Send what comes, until the run has ended or the broker is gone."""
        self._sent = None
        await self._send(client, _Message(f"{self._topic}/online", b"true", 1, retain=True))
        while not self._outbox.closed:
            await self._pass_on(client, _LOOK_S)
            await self._tell_state(client)
        await self._pass_on(client, 0.0)
        self._sent_s = -_STATE_S
        await self._tell_state(client)
        await self._send(client, _Message(f"{self._topic}/online", b"false", 1, retain=True))

    async def _pass_on(self, client: Any, wait_s: float) -> None:
        items = await asyncio.to_thread(self._outbox.take, wait_s)
        for place, item in enumerate(items):
            message = self._message(item)
            try:
                if message is not None:
                    await self._send(client, message)
            except BaseException:
                # Sent again when the broker is back; once too often is better than never.
                self._outbox.put_back(items[place:])
                raise

    async def _tell_state(self, client: Any) -> None:
        state = self._state
        if state is None or state is self._sent or time.monotonic() - self._sent_s < _STATE_S:
            return
        self._sent, self._sent_s = state, time.monotonic()
        payload = encoded(state_message(state, self._clock.offset_s))
        await self._send(client, _Message(f"{self._topic}/state", payload, retain=True))

    def _message(self, item: Stride | ImuBlock) -> _Message | None:
        if isinstance(item, Stride):
            payload = encoded(stride_message(item, self._clock.offset_s))
            return _Message(f"{self._topic}/strides", payload, qos=1)
        chosen = self._chosen(item)
        if not chosen.any():
            return None
        payload = encoded(samples_message(item, chosen, self._clock.offset_s))
        return _Message(f"{self._topic}/samples", payload)

    def _chosen(self, block: ImuBlock) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Take the first sample of every interval of the rate that was asked for."""
        interval = np.floor(block.t_s * self._broker.samples_hz).astype(np.int64)
        before = np.concatenate(([self._samples_to.get(block.sensor, -1)], interval[:-1]))
        if len(interval):
            self._samples_to[block.sensor] = int(interval[-1])
        return np.asarray(interval > before)

    async def _send(self, client: Any, message: _Message) -> None:
        await client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)


def _aiomqtt() -> Any:
    try:
        import aiomqtt
    except ModuleNotFoundError as error:
        raise OutputError(
            "MQTT is not installed: aiomqtt is missing.",
            "Install it with pip install 'hipimu[mqtt]'.",
        ) from error
    return aiomqtt
