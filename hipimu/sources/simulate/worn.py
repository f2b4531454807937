"""What sensors on the simulated runner feel at any moment, for virtual sensors to send."""

from __future__ import annotations

import weakref
from threading import Event, Thread

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, Segment
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.session import begin_session

_PATIENCE_S = 30.0


class WornMotion:
    """A session that is simulated beside the clock, minutes ahead of it.

    Before the session the runner stands as in its first moment, after it as in its last.

    Parameters
    ----------
    plan : Plan
        Without losses and with one clock: those are the radio's to add.
    """

    def __init__(self, plan: Plan) -> None:
        self._session = begin_session(plan)
        self._rate_hz = plan.rate_hz
        self._values: dict[Segment, FloatArray] = {s: np.empty((0, 6)) for s in SEGMENTS}
        self._more = Event()
        self._done = False
        self._stop = Event()
        self._worker = Thread(target=self._simulate, daemon=True, name="simulated runner")
        self._worker.start()
        # At the program's end too: a thread that Python ends inside compiled code aborts it all.
        weakref.finalize(self, _end, self._stop, self._worker)

    @property
    def duration_s(self) -> float:
        """Length of the session."""
        return self._session.duration_s

    def speed_m_s(self, t_s: FloatArray) -> FloatArray:
        """Return the running speed at times (n,)."""
        table = self._session.table
        at = np.searchsorted(table.start_s, t_s, side="right") - 1
        return np.asarray(table.speed_m_s[np.clip(at, 0, len(table.speed_m_s) - 1)])

    def felt(self, segment: Segment, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what a sensor feels, interpolated linearly.

        Parameters
        ----------
        segment : Segment
        t_s : ndarray
            (n,) seconds since the session began.

        Returns
        -------
        acc_m_s2, gyr_rad_s : ndarray
            (n, 3), in the sensor's axes.
        """
        place = np.clip(t_s, 0.0, None) * self._rate_hz
        values = self._until(segment, int(place[-1]) + 1)
        place = np.clip(place, 0.0, len(values) - 1.001)
        before = place.astype(np.int64)
        share = (place - before)[:, None]
        mixed = values[before] + share * (values[before + 1] - values[before])
        return mixed[:, :3], mixed[:, 3:]

    def _until(self, segment: Segment, count: int) -> FloatArray:
        """All samples of a sensor, at least `count` unless the session is shorter."""
        while len(self._values[segment]) <= count and not self._done:
            self._more.clear()
            if len(self._values[segment]) <= count and not self._more.wait(_PATIENCE_S):
                break
        return self._values[segment]

    def _simulate(self) -> None:
        parts: dict[Segment, list[FloatArray]] = {s: [] for s in SEGMENTS}
        try:
            for block in self._session.blocks:
                for segment, many in parts.items():
                    if segment in block.acc_m_s2:
                        rows = (block.acc_m_s2[segment], block.gyr_rad_s[segment])
                        many.append(np.concatenate(rows, axis=1))
                        self._values[segment] = np.concatenate(many)
                self._more.set()
                if self._stop.is_set():
                    break
        finally:
            self._done = True
            self._more.set()


def _end(stop: Event, worker: Thread) -> None:
    stop.set()
    worker.join()
