"""Where a run under way and its faces meet: states and strides go out, what people press comes in.

The run never waits for a face. It puts the latest state here and says that there is one; a face
that is slow misses states in between, and no strides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from hipimu.data import LiveState, MarkKind, ShownStride

Wake = Callable[[], None]


class LiveBoard:
    """The latest state of a run, its strides so far, and what is asked of it; for any thread.

    Parameters
    ----------
    state : LiveState
        To begin with.
    """

    def __init__(self, state: LiveState) -> None:
        self._state = state
        self._strides: list[ShownStride] = []
        self._report: str | None = None
        self._watchers: dict[int, Wake] = {}
        self._ids = 0
        self._lock = Lock()
        self.on_mark: Callable[[MarkKind], None] = lambda _: None
        """What a lap button does; from any thread, and so the following."""
        self.on_proceed: Wake = lambda: None
        """Somebody says that the step of the guided start is done or is to be passed over."""
        self.on_stop: Wake = lambda: None
        self.on_sound: Callable[[bool], None] = lambda _: None

    @property
    def state(self) -> LiveState:
        """The latest one."""
        return self._state

    @property
    def report(self) -> str | None:
        """The report's page, once the run is analysed."""
        return self._report

    def strides(self, since: int = 0, until: int | None = None) -> Sequence[ShownStride]:
        """Return the history from one place on; it only grows.

        Parameters
        ----------
        since, until : int
            Such as `LiveState.strides` of the state shown before and of this one.
        """
        return self._strides[since:until]

    def watch(self, wake: Wake) -> Wake:
        """Have `wake` called whenever there is a new state.

        Parameters
        ----------
        wake : callable
            Called from another thread; it must return at once, and not raise.

        Returns
        -------
        callable
            Ends it.
        """
        with self._lock:
            self._ids += 1
            mine = self._ids
            self._watchers[mine] = wake
        return lambda: self._forget(mine)

    def _forget(self, watcher: int) -> None:
        with self._lock:
            self._watchers.pop(watcher, None)

    def add(self, strides: Sequence[ShownStride]) -> None:
        """Let the history grow; the next state that is put says by how much."""
        self._strides.extend(strides)

    def put(self, state: LiveState, report: str | None = None) -> None:
        """Make a state the latest, and wake those who watch.

        Parameters
        ----------
        state : LiveState
        report : str or None
            As for `change`.
        """
        self.change(lambda _: state, report)

    def change(self, changed: Callable[[LiveState], LiveState], report: str | None = None) -> None:
        """Make another state of the latest, which nobody replaces meanwhile; wake those who watch.

        Parameters
        ----------
        changed : callable
            Given the latest state; returns the one to follow.
        report : str or None
            The report's page where there is one now.
        """
        with self._lock:
            self._report = report or self._report
            self._state = changed(self._state)
            wakes = list(self._watchers.values())
        for wake in wakes:
            wake()
