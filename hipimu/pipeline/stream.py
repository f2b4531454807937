"""Let sensors deliver without recording them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from hipimu.data import Arrival, ImuBlock
from hipimu.pipeline.assigned import Assigned, radio_path, setup_of
from hipimu.pipeline.radio import RadioPath
from hipimu.sources.ble import Backend, Recorder

_DRAIN_S = 0.25


async def stream(
    assigned: Sequence[Assigned],
    seconds: float,
    *,
    backend: Backend | None = None,
    on_blocks: Callable[[RadioPath, list[ImuBlock]], bool] | None = None,
) -> RadioPath:
    """Let sensors deliver without recording them, for a test or to see which is which.

    Parameters
    ----------
    assigned : sequence of Assigned
    seconds : float
        At most, counted from when all deliver.
    backend : Backend or None
    on_blocks : callable or None
        Given the path and new samples; true ends it.

    Returns
    -------
    RadioPath
        With the sensors' health.

    Raises
    ------
    SensorError
        When a sensor does not deliver.
    """
    path = radio_path(assigned)
    fresh: list[Arrival] = []
    recorder = Recorder([setup_of(e) for e in assigned], fresh.append, backend=backend)
    stop = asyncio.Event()

    async def watch() -> None:
        await recorder.wait_until_streaming()
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s:
            await asyncio.sleep(_DRAIN_S)
            new, fresh[:] = list(fresh), []
            blocks = path.push(new)
            if on_blocks is not None and on_blocks(path, blocks):
                break
        stop.set()

    await _together(recorder.run(stop), watch())
    return path


async def _together(main: Awaitable[None], beside: Awaitable[None]) -> None:
    helper = asyncio.ensure_future(beside)
    try:
        await main
    finally:
        await ended(helper)


async def ended(task: asyncio.Future[None] | None) -> None:
    """End a task that runs beside; what went wrong in it must not be lost."""
    if task is None:
        return
    if task.done():
        task.result()
        return
    task.cancel()
    await asyncio.wait([task])
