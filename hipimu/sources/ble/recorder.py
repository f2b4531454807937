"""Several sensors at once: everything that arrives goes into one sink, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from hipimu.data import Arrival
from hipimu.sources.ble.adapter import Adapter
from hipimu.sources.ble.link import SensorLink
from hipimu.sources.ble.scanning import Backend
from hipimu.sources.ble.status import Patience, SensorSetup, SensorStatus

_CLOSE_S = 15.0
"""Longer than stopping and disconnecting may take; only a broken driver takes longer."""
_log = logging.getLogger(__name__)


class Recorder:
    """Links to all sensors of a recording.

    Parameters
    ----------
    sensors : sequence of SensorSetup
        Each with a role and a device of its own.
    sink : callable
        Given each packet and link event at once, in the order in which they happen. It must be
        quick: it runs between two packets. When it raises, the recording ends.
    backend : Backend or None
        None: the system's Bluetooth.
    patience : Patience
    clock : callable or None
        Nanoseconds since the recording began, never running backwards. None: since now.

    Raises
    ------
    ValueError
        When two sensors share a role or a device.
    """

    def __init__(
        self,
        sensors: Sequence[SensorSetup],
        sink: Callable[[Arrival], None],
        *,
        backend: Backend | None = None,
        patience: Patience | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        _check_distinct(sensors)
        patience, clock = patience or Patience(), clock or since_now()
        self._sink = sink
        self._failure: Exception | None = None
        self._failed = asyncio.Event()
        self._ended = asyncio.Event()
        self._adapter = Adapter(backend, patience)
        self._links = [
            SensorLink(setup, self._adapter, self._deliver, clock, patience) for setup in sensors
        ]

    @property
    def status(self) -> tuple[SensorStatus, ...]:
        """How every sensor is doing now, in the order in which they were given."""
        return tuple(link.status for link in self._links)

    async def wait_until_streaming(self) -> bool:
        """Wait until every sensor has delivered its first packet; `run` has to run meanwhile.

        Returns
        -------
        bool
            False where the recording ended before.
        """
        all_deliver = asyncio.create_task(self._wait_for_all())
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait((all_deliver, ended), return_when=asyncio.FIRST_COMPLETED)
            return all_deliver.done()
        finally:
            all_deliver.cancel()
            ended.cancel()

    async def run(self, stop: asyncio.Event) -> None:
        """Connect, record until `stop` is set, stop the streams and disconnect.

        A sensor that is lost on the way is reconnected for as long as it takes. Cancelling ends
        it as cleanly as `stop` does.

        Raises
        ------
        SensorError
            When a sensor does not deliver within `Patience.start_s`, or there is no Bluetooth.
        Exception
            What the sink raised.
        """
        links = [
            asyncio.create_task(link.run(), name=f"link to {link.setup.sensor}")
            for link in self._links
        ]
        ends = [asyncio.create_task(event.wait()) for event in (stop, self._failed)]
        try:
            await asyncio.wait((*links, *ends), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = [link for link in links if link.done()]
            self._ended.set()
            await self._close((*links, *ends))
        self._raise_what_ended_it(ended)

    async def _wait_for_all(self) -> None:
        for link in self._links:
            await link.streaming.wait()

    def _deliver(self, arrival: Arrival) -> None:
        if self._failure is not None:
            return
        try:
            self._sink(arrival)
        except Exception as error:  # noqa: BLE001 - bleak would swallow it; `run` raises it
            self._failure = error
            self._failed.set()

    async def _close(self, tasks: Sequence[asyncio.Task[object]]) -> None:
        for task in tasks:
            task.cancel()
        _, hung = await asyncio.wait(tasks, timeout=_CLOSE_S)
        for task in hung:
            _log.warning("%s did not end within %.0f s", task.get_name(), _CLOSE_S)
        await self._adapter.close()

    def _raise_what_ended_it(self, links: Sequence[asyncio.Task[object]]) -> None:
        if self._failure is not None:
            raise self._failure
        for link in links:
            link.result()


def since_now() -> Callable[[], int]:
    """Return a clock that shows nanoseconds since this call, and never runs backwards."""
    # Not time.monotonic_ns: before Python 3.13 that moves in steps of 15.6 ms on Windows.
    began_ns = time.perf_counter_ns()
    return lambda: time.perf_counter_ns() - began_ns


def _check_distinct(sensors: Sequence[SensorSetup]) -> None:
    for what, values in (
        ("role", [setup.sensor for setup in sensors]),
        ("device", [setup.device.address for setup in sensors]),
    ):
        if len(set(values)) < len(values):
            raise ValueError(f"two sensors have the same {what}: {', '.join(values)}")
