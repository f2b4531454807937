"""A batch on a cluster: Dask distributed hands the recordings out.

Whoever can reach a Dask scheduler can run code on its workers: only in a network that is trusted.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from hipimu.errors import ClusterError, HipimuError, OutputError
from hipimu.pipeline.batch import Order, Row, Work, failed

_ANSWERS_S: Final = 5.0
"""Until a scheduler answers."""
_WORKER_S: Final = 30.0
"""Until it has a worker."""


def on_cluster(work: Work, orders: Sequence[Order], address: str) -> Generator[Row, None, None]:
    """Do all orders on the workers of a Dask cluster, and give rows as they come.

    Parameters
    ----------
    work : callable
        Imported by name on the workers, which therefore need hipimu.
    orders : sequence of Order
        Their folders are the same for all workers.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.

    Yields
    ------
    Row
        One an order, in the order they are done. What a lost worker was at is done by another; Dask
        gives up after four lost workers (its setting ``distributed.scheduler.allowed-failures``).

    Raises
    ------
    ClusterError
        When no scheduler or no worker answers.
    OutputError
        When distributed is not installed.
    """
    distributed = _distributed()
    with _client(distributed, address) as client:
        # Names of their own: a second batch must not be answered by the first one's results.
        batch = uuid4().hex[:8]
        futures = {
            client.submit(work, order, key=f"hipimu-{batch}-{order.name}", pure=False): order
            for order in orders
        }
        try:
            for future in distributed.as_completed(list(futures), loop=client.loop):
                yield _row(futures[future], future)
        finally:
            unfinished = [future for future in futures if not future.done()]
            if unfinished:
                client.cancel(unfinished)


def _row(order: Order, future: Any) -> Row:
    try:
        row: Row = future.result()
    except Exception as error:  # noqa: BLE001 — whatever a cluster may do, the others go on
        return failed(order, _lost(order, error))
    return row


def _lost(order: Order, error: Exception) -> HipimuError:
    if type(error).__name__ == "KilledWorker":
        what = f"{order.recording}: the workers that analysed it died, again and again."
        return HipimuError(what, "It may need more memory than a worker has.")
    said = (str(error).splitlines() or [""])[0]
    what = f"{order.recording}: the cluster lost it ({type(error).__name__}: {said[:200]})."
    return HipimuError(what, "The same command tries it again.")


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=_ANSWERS_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address}.",
            "Start one by dask scheduler, and give the address it says, such as "
            "tcp://127.0.0.1:8786.",
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_WORKER_S)
        except TimeoutError as error:
            raise ClusterError(
                f"The Dask scheduler at {address} has no workers.",
                f"Start them by dask worker {address} --nthreads 1.",
            ) from error
        yield client


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise OutputError(
            "No cluster can be used: distributed is not installed.",
            "Install it with pip install 'hipimu[cluster]', or leave out --cluster.",
        ) from error
    return distributed
