"""One sensor's link: made, watched, and made again, for as long as the recording lasts.

connecting → configuring → streaming → down → waiting → connecting …
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn, TypeVar

from bleak import BleakClient
from bleak.exc import BleakBluetoothNotAvailableError

from hipimu.data import Arrival, LinkEvent, LinkState, Packet
from hipimu.data.radio import STOPPED
from hipimu.errors import SensorError
from hipimu.sources.ble.adapter import Adapter
from hipimu.sources.ble.availability import bluetooth_error
from hipimu.sources.ble.dialogue import FIRMWARE_REVISION, SERIAL_NUMBER, Dialogue, RefusedError
from hipimu.sources.ble.status import LinkPhase, Patience, SensorSetup, SensorStatus

_MOST_REFUSALS = 2
_REMEDIES = {
    "unreachable": (
        "Switch it on, bring it near, and close what else may be connected to it, such as an app "
        "on a phone."
    ),
    "refused": "Switch it off and on; if it stays so, it is another model or firmware than {}.",
    "silent": "Switch it off and on, and see that it is charged.",
}
_S = 1e-9
_log = logging.getLogger(__name__)
_Given = TypeVar("_Given")


class _DownError(Exception):
    """The link is not, or no longer, up."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(why)
        self.reason = reason


@dataclass(slots=True, eq=False)
class _Attempt:
    """One attempt at a link. What arrives for another than the current one is stale."""

    gone: asyncio.Event = field(default_factory=asyncio.Event)
    up: bool = False
    """Whether it was configured, so that what comes now is what was asked for."""
    began_ns: int | None = None
    """When all was configured and started."""
    last_ns: int = 0
    """When the last packet came since."""

    @property
    def held_s(self) -> float:
        """For how long it delivered."""
        return 0.0 if self.began_ns is None else (self.last_ns - self.began_ns) * _S


class SensorLink:
    """The link to one sensor.

    Parameters
    ----------
    setup : SensorSetup
    adapter : Adapter
        Shared by all links.
    sink : callable
        Given packets and link events in the order in which they happen. Must not raise.
    clock : callable
        Nanoseconds since the recording began; must never run backwards.
    patience : Patience
    """

    def __init__(
        self,
        setup: SensorSetup,
        adapter: Adapter,
        sink: Callable[[Arrival], None],
        clock: Callable[[], int],
        patience: Patience,
    ) -> None:
        self.setup = setup
        self.streaming = asyncio.Event()
        """Set by the first packet that was asked for, and never cleared."""
        self._adapter = adapter
        self._sink, self._clock, self._patience = sink, clock, patience
        self._device = setup.device
        self._search_first = False
        self._current: _Attempt | None = None
        """The attempt whose packets count; None while the link is down."""
        self._deadline: asyncio.Timeout | None = None
        self._had_turn = False
        self._phase: LinkPhase = "connecting"
        self._reason, self._why = "", ""
        self._refusals = 0
        self._packets = self._links = self._stale = 0
        self._last_packet_ns: int | None = None
        self._introduced = False
        self._battery: float | None = None
        self._mtu: int | None = None
        self._serial: str | None = None
        self._firmware: str | None = None

    @property
    def status(self) -> SensorStatus:
        """How it is doing now."""
        return SensorStatus(
            sensor=self.setup.sensor,
            phase=self._phase,
            why=self._why,
            packets=self._packets,
            last_packet_ns=self._last_packet_ns,
            reconnects=max(self._links - 1, 0),
            stale=self._stale,
            battery=self._battery,
            mtu=self._mtu,
            device_name=self.setup.device_name,
            address=self.setup.device.address,
            serial=self._serial,
            firmware=self._firmware,
        )

    async def run(self) -> NoReturn:
        """Keep the link up until cancelled; then stop the stream and disconnect.

        Raises
        ------
        SensorError
            When it does not deliver within `Patience.start_s`. Never after its first packet.
        """
        try:
            async with asyncio.timeout(None) as self._deadline:
                await self._keep_up()
        except TimeoutError:
            raise self._not_started() from None
        finally:
            self._phase = "stopped"

    # -- one attempt after the other ------------------------------------------------------

    async def _keep_up(self) -> NoReturn:
        failures = 0
        while True:
            held_s = await self._try()
            _heed_cancellation()
            failures = 0 if held_s >= self._patience.steady_s else failures
            self._phase = "waiting"
            await asyncio.sleep(self._back_off_s(failures))
            failures += 1

    def _back_off_s(self, failures: int) -> float:
        steps = self._patience.back_off_s
        spread = 1.0 + self._patience.jitter * random.random()  # noqa: S311 - no secret
        return steps[min(failures, len(steps) - 1)] * spread

    async def _try(self) -> float:
        """Make the link and hold it until it is down; return for how long it delivered."""
        attempt = _Attempt()
        try:
            client = await self._connect(attempt)
            await self._hold(client, attempt)
        except asyncio.CancelledError:
            # Libraries cancel their own futures when a link breaks; that is nobody's wish to stop.
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            self._note(_DownError("unreachable", "the link was lost"))
        except Exception as error:  # noqa: BLE001 - whatever a radio does: try again
            self._note(error)
            _log.info("%s: %s", self.setup.sensor, self._why)
            _log.debug("%s", self.setup.sensor, exc_info=error)
            self._raise_if_hopeless(error)
        return attempt.held_s

    async def _connect(self, attempt: _Attempt) -> BleakClient:
        self._phase = "connecting"
        if self._search_first:
            found = await self._adapter.find(self._device.address)
            if found is None:
                raise _DownError("unreachable", "it is not heard")
            self._device = found
        self._search_first = True  # unless this works
        try:
            client = await self._adapter.connect(self._device, attempt.gone.set, self._on_turn)
        except TimeoutError as error:
            raise _DownError("unreachable", "it does not let itself be connected to") from error
        self._search_first = False
        return client

    async def _hold(self, client: BleakClient, attempt: _Attempt) -> None:
        """Configure, start and watch; whatever happens, disconnect."""
        dialogue = Dialogue(
            client, self.setup.conversation, partial(self._received, attempt), self._patience
        )
        try:
            _heed_cancellation()
            await self._while_up(attempt, self._set_up(dialogue, attempt))
            await self._watch(dialogue, attempt)
        except asyncio.CancelledError:
            await self._say_goodbye(dialogue, attempt)
            raise
        except Exception as error:
            # Down before disconnecting: what a dead client still delivers is stale.
            self._note(error)
            self._go_down(attempt, self._why)
            raise
        finally:
            await self._adapter.hang_up(client)
            self._go_down(attempt, STOPPED)
            self._mtu = None

    # -- a link that is up ----------------------------------------------------------------

    async def _set_up(self, dialogue: Dialogue, attempt: _Attempt) -> None:
        self._phase = "configuring"
        conversation = self.setup.conversation
        await self._introduce(dialogue)
        self._mtu = dialogue.mtu
        self._current = attempt
        await dialogue.subscribe()
        await dialogue.silence_old_stream(surely=self._reason == "refused")
        await dialogue.command(conversation.configure)
        # What came until now had settings and counts of its own.
        self._come_up(attempt)
        await dialogue.command(conversation.start)
        attempt.began_ns = attempt.last_ns = self._clock()

    async def _introduce(self, dialogue: Dialogue) -> None:
        """Read once what never changes; a reconnection has no time to lose."""
        if not self._introduced:
            self._serial = await dialogue.read_text(SERIAL_NUMBER)
            self._firmware = await dialogue.read_text(FIRMWARE_REVISION)
            self._battery = await dialogue.read_battery()
            self._introduced = True

    async def _watch(self, dialogue: Dialogue, attempt: _Attempt) -> NoReturn:
        """Wait until the link is lost or nothing comes any more."""
        watching = asyncio.ensure_future(self._keep_asking_for_battery(dialogue))
        try:
            while True:
                silence_s = (self._clock() - attempt.last_ns) * _S
                left_s = self._allowed_silence_s(attempt) - silence_s
                if left_s <= 0.0:
                    raise _DownError("silent", f"no packet came for {silence_s:.1f} s")
                # The first packet shortens what is allowed.
                left_s = min(left_s, self.setup.conversation.silence_s)
                await self._while_up(attempt, asyncio.sleep(left_s))
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    def _allowed_silence_s(self, attempt: _Attempt) -> float:
        usual_s = self.setup.conversation.silence_s
        if attempt.last_ns == attempt.began_ns:
            return max(usual_s, self._patience.first_packet_s)
        return usual_s

    async def _keep_asking_for_battery(self, dialogue: Dialogue) -> None:
        while True:
            await asyncio.sleep(self._patience.battery_every_s)
            level = await dialogue.read_battery()
            self._battery = self._battery if level is None else level

    async def _say_goodbye(self, dialogue: Dialogue, attempt: _Attempt) -> None:
        """Stop the stream: a device left streaming empties its battery."""
        try:
            async with asyncio.timeout(self._patience.stop_s):
                await self._while_up(attempt, dialogue.stop())
        except Exception as error:  # noqa: BLE001 - disconnecting comes next, and does as well
            _log.info("%s: stopping failed: %r", self.setup.sensor, error)

    async def _while_up(self, attempt: _Attempt, work: Coroutine[Any, Any, _Given]) -> _Given:
        """Do something, but no longer than the link lasts."""
        doing = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(attempt.gone.wait())
        try:
            await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done() or doing.cancelled():
                raise _DownError("unreachable", "the link was lost")
            return doing.result()
        finally:
            doing.cancel()
            gone.cancel()
            await asyncio.wait({doing, gone})

    # -- what goes into the sink ----------------------------------------------------------

    def _received(self, attempt: _Attempt, characteristic: str, payload: bytes) -> None:
        if attempt is not self._current:
            self._stale += 1
            return
        now_ns = self._clock()
        self._sink(Packet(self.setup.sensor, characteristic, payload, now_ns))
        self._packets += 1
        self._last_packet_ns = now_ns
        if attempt.began_ns is not None:
            if attempt.last_ns == attempt.began_ns:
                self._delivers()
            attempt.last_ns = now_ns

    def _delivers(self) -> None:
        self._phase = "streaming"
        self._reason, self._why = "", ""
        if not self.streaming.is_set():
            self._set_deadline(None)
        self.streaming.set()

    def _on_turn(self) -> None:
        """Let the time for the first packet run only once no other sensor is waited for."""
        if not self._had_turn:
            self._had_turn = True
            now_s = asyncio.get_running_loop().time()
            self._set_deadline(now_s + self._patience.start_s)

    def _set_deadline(self, when_s: float | None) -> None:
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(when_s)

    def _come_up(self, attempt: _Attempt) -> None:
        attempt.up = True
        self._links += 1
        self._say("up")

    def _go_down(self, attempt: _Attempt, why: str) -> None:
        if attempt is self._current:
            self._current = None
            if attempt.up:
                self._say("down", why)

    def _say(self, state: LinkState, why: str = "") -> None:
        self._sink(LinkEvent(self.setup.sensor, state, self._clock(), why))

    # -- what went wrong ------------------------------------------------------------------

    def _note(self, error: Exception) -> None:
        self._phase = "down"
        match error:
            case _DownError():
                self._reason, self._why = error.reason, str(error)
            case RefusedError():
                self._reason, self._why = "refused", str(error)
            case SensorError():
                self._reason, self._why = error.reason, error.what.rstrip(".")
            case _:
                words = " ".join(str(error).split()).rstrip(".")
                self._reason, self._why = "unreachable", words or type(error).__name__

    def _raise_if_hopeless(self, error: Exception) -> None:
        """Give up, before the first packet only, where waiting would not help."""
        if self.streaming.is_set():
            return
        if isinstance(error, BleakBluetoothNotAvailableError | SensorError):
            raise bluetooth_error(error) or error
        self._refusals += isinstance(error, RefusedError)
        if self._refusals >= _MOST_REFUSALS:
            raise self._not_started() from error

    def _not_started(self) -> SensorError:
        sensor, name = self.setup.sensor, self.setup.device_name or self.setup.device.address
        reason = self._reason or "unreachable"
        why = self._why or "it does not let itself be connected to"
        remedy = _REMEDIES.get(reason, _REMEDIES["unreachable"])
        return SensorError(
            f"The sensor {sensor} ({name}) delivers nothing: {why}.",
            remedy.format(self.setup.conversation.protocol),
            reason=reason,
            sensor=sensor,
        )


def _heed_cancellation() -> None:
    """Be cancelled at last, where a library lost the request on the way.

    `asyncio.wait_for` of Python 3.11 does when its answer comes in the same moment.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
