"""A recording, shown as if it happened now: at its own pace or faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Event, Lock

import numpy as np

from hipimu.data import Absence, Entry, ImuBlock, Lap, Mark, MarkKind
from hipimu.errors import RecordingError
from hipimu.pipeline.live import LivePath
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.readout import Readout
from hipimu.pipeline.recover import JOURNAL, wanted
from hipimu.sources import Recording, open_recording
from hipimu.sources.journal import read_journal
from hipimu.stage import joined, part

_STEP_S, _LONGEST_S = 0.02, 0.1
_SLICE_S = 0.04
Piece = tuple[float, list[Entry], list[ImuBlock]]
"""Host time, what came then, and samples taken until then."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recording ready to be replayed."""

    path: LivePath
    pieces: Iterator[Piece]
    simulated: bool


def open_replay(folder: Path) -> Replayed:
    """Open a recording for a replay.

    Parameters
    ----------
    folder : Path
        With a journal its packets are replayed as they came, else its samples.

    Raises
    ------
    JournalError, RecordingError
        When it cannot be used.
    """
    if (folder / JOURNAL).is_file():
        journal = read_journal(folder / JOURNAL)
        path = LivePath(RadioPath(wanted(journal.metadata, folder)))
        return Replayed(path, _of_journal(journal.entries()), journal.metadata.simulated)
    recording = open_recording(folder)
    if not recording.synchronised:
        raise RecordingError(
            f"{folder}: its sensors have no common clock, so it cannot be shown as it happened.",
            f"Analyse it instead: hipimu analyse {folder}",
            path=folder,
        )
    path = LivePath(RadioPath({}), recording)
    return Replayed(path, _of_samples(recording), recording.metadata.simulated)


def _of_journal(entries: Iterator[Entry]) -> Iterator[Piece]:
    for entry in entries:
        yield entry.t_host_ns * 1e-9, [entry], []


def _of_samples(recording: Recording) -> Iterator[Piece]:
    """Samples in slices of a few hundredths of a second, and its laps as marks."""
    of_sensor: dict[str, list[ImuBlock]] = {}
    for block in recording.blocks():
        of_sensor.setdefault(block.sensor, []).append(block)
    whole = [joined(blocks) for blocks in of_sensor.values()]
    edges_s = np.arange(
        min(b.t_s[0] for b in whole), max(b.t_s[-1] for b in whole) + _SLICE_S, _SLICE_S
    )
    cuts = [np.searchsorted(block.t_s, edges_s) for block in whole]
    marks = list(reversed(_marks(recording.laps)))
    for number, until_s in enumerate(edges_s[1:].tolist(), start=1):
        due: list[Entry] = []
        while marks and marks[-1].t_host_ns * 1e-9 <= until_s:
            due.append(marks.pop())
        slices = [
            part(block, int(at[number - 1]), int(at[number]))
            for block, at in zip(whole, cuts, strict=True)
            if at[number] > at[number - 1]
        ]
        yield until_s, due, slices


def _marks(laps: Sequence[Lap]) -> list[Mark]:
    """Lap buttons that would have given these laps."""
    marks: list[Mark] = []
    for lap, following in zip(laps, [*laps[1:], None], strict=True):
        kind: MarkKind = "rest"
        if lap.label.strip().lower() in ("easy", "fast"):
            kind = "easy" if lap.label.strip().lower() == "easy" else "fast"
        marks.append(Mark(kind, round(lap.start_s * 1e9)))
        if following is not None and following.start_s > lap.end_s:
            marks.append(Mark("rest", round(lap.end_s * 1e9)))
    return marks


class Replay:
    """Plays a recording into a readout.

    Parameters
    ----------
    replayed : Replayed
    readout : Readout
    speed : float
        Seconds of the recording that pass in one second.
    clock, sleep : callable
        Seconds that never run backwards, and how to wait.
    """

    def __init__(
        self,
        replayed: Replayed,
        readout: Readout,
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._replayed, self._readout, self._speed = replayed, readout, speed
        self._clock, self._sleep = clock, sleep
        self._pressed: list[MarkKind] = []
        self._lock = Lock()
        self._now_s = 0.0

    def mark(self, kind: MarkKind) -> None:
        """Press a lap button at this moment of the recording; from any thread."""
        with self._lock:
            self._pressed.append(kind)

    def run(self, stop: Event) -> None:
        """Play until the end, or until `stop` is set; then end the readout."""
        pieces = self._replayed.pieces
        first = next(pieces, None)
        if first is not None:
            self._play(chain([first], pieces), first[0], stop)
        self._readout.end()

    def _play(self, pieces: Iterator[Piece], from_s: float, stop: Event) -> None:
        began_s = self._clock()
        waiting = next(pieces, None)
        while waiting is not None and not stop.is_set():
            self._now_s = from_s + (self._clock() - began_s) * self._speed
            entries: list[Entry] = []
            blocks: list[ImuBlock] = []
            while waiting is not None and waiting[0] <= self._now_s:
                entries += waiting[1]
                blocks += waiting[2]
                waiting = next(pieces, None)
            self._take([*entries, *self._due()], blocks)
            if waiting is not None:
                self._wait(began_s + (waiting[0] - from_s) / self._speed)

    def _wait(self, due_s: float) -> None:
        """Sleep until something comes, as a run does: no shorter than a step, and never long."""
        now_s = self._clock()
        self._sleep(min(max(due_s - now_s, _STEP_S), _LONGEST_S))

    def _due(self) -> list[Entry]:
        with self._lock:
            pressed, self._pressed = self._pressed, []
        marks: list[Entry] = [Mark(kind, round(self._now_s * 1e9)) for kind in pressed]
        overdue = self._readout.absence()
        if overdue is not None:
            at_ns = round(self._now_s * 1e9)
            marks.append(Absence(overdue[0], round(overdue[1] * 1e9), at_ns))
        return marks

    def _take(self, entries: list[Entry], blocks: list[ImuBlock]) -> None:
        if blocks:
            self._readout.take_samples(blocks, entries, self._now_s)
        else:
            self._readout.take(entries, self._now_s)
