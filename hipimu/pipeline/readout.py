"""What a run shows while it goes on: entries in, states on the board.

It runs in the reader's thread. Whatever goes wrong here is told on the board; the recording does
not depend on it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from hipimu.data import (
    SIDES,
    THIGHS,
    Cue,
    Entry,
    FatigueEstimate,
    Flag,
    HipAngleBlock,
    ImuBlock,
    LivePhase,
    LiveState,
    Packet,
    SensorHealth,
    SensorNow,
    SensorSummary,
    ShownStride,
    Side,
    Stride,
)
from hipimu.errors import HipimuError
from hipimu.fatigue import CueRule
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.live import LivePath, Shown
from hipimu.pipeline.live_start import StartGuide
from hipimu.pipeline.pace_now import PaceNow
from hipimu.pipeline.peaks_now import PeaksNow
from hipimu.pipeline.publisher import Publisher
from hipimu.pipeline.record import SensorLine
from hipimu.pipeline.so_far import Evidence, Thinker

Say = Callable[[Sequence[FatigueEstimate], LiveState], str]
"""Says what is known so far in a sentence."""
_QUIET_S = 0.25
"""A state at least so often, for ages and clocks."""
_OLD_ANGLE_S = 1.0
_log = logging.getLogger(__name__)


def sides_of(path: LivePath) -> tuple[Side, ...]:
    """Return the sides that carry a sensor."""
    return tuple(side for side in SIDES if THIGHS[side] in path.rates_hz)


class Readout:
    """A recording's reader that keeps a board up to date.

    Parameters
    ----------
    path : LivePath
    board : LiveBoard
        Its first state says which recording this is.
    say : callable
        Says the fatigue so far in a sentence.
    guided, worn : bool
        As for `StartGuide`.
    publishers : sequence of Publisher
    pace_of_time : float
        Seconds of the recording that pass in one second: 1, but for replays.
    """

    def __init__(
        self,
        path: LivePath,
        board: LiveBoard,
        say: Say,
        *,
        guided: bool = True,
        worn: bool = False,
        publishers: Sequence[Publisher] = (),
        pace_of_time: float = 1.0,
    ) -> None:
        self.radio = path.radio
        self._path, self._board, self._say = path, board, say
        self._publishers, self._pace_of_time = tuple(publishers), pace_of_time
        self._sides = sides_of(path)
        self._guide = StartGuide(path.rates_hz, guided=guided, worn=worn)
        self._pace, self._peaks, self._cues = PaceNow(), PeaksNow(self._sides), CueRule()
        self._strides: list[Stride] = []
        self._running_strides = 0
        self._cue: Cue | None = None
        self._angle: dict[Side, tuple[float, float]] = {}
        self._now_s = self._newest_s = self._sampled_s = 0.0
        self._sensors: tuple[SensorNow, ...] = ()
        self._read = [0, 0]
        """Marks and readings beside of the radio path that have been taken."""
        self._put_s = -_QUIET_S
        self._proceeding = False
        self._failure = ""
        self._notes: tuple[str, ...] = ()
        self._start = board.state.start
        for publisher in self._publishers:
            publisher.begin(path.rates_hz)
        self._thinker = Thinker(self._evidence)
        self._thought = self._thinker.latest

    def note(self, sentence: str) -> None:
        """Have a sentence stand among the warnings; from any thread."""
        self._notes = (*self._notes, sentence)

    def proceed(self) -> None:
        """Pass over the present step of the guided start; from any thread."""
        self._proceeding = True

    def told(self, lines: Sequence[SensorLine]) -> None:
        """Take how the sensors are doing."""
        self._sensors = tuple(map(sensor_now, lines))

    def take(self, entries: list[Entry], now_s: float) -> None:
        """Take what came, and show what it means."""
        self._follow(self._pushed(entries), now_s, newest_s=_newest_s(entries))

    def take_samples(self, blocks: Sequence[ImuBlock], entries: list[Entry], now_s: float) -> None:
        """Take samples of a recording that holds no packets, and what else came."""
        self._pushed(entries)
        self._sampled_s = max(float(block.t_s[-1]) for block in blocks)
        shown = Shown([], [], [])
        if not self._failure:
            shown = self._tried(lambda: self._path.push_samples(blocks))
        self._follow(shown, now_s, newest_s=now_s)

    def absence(self) -> tuple[str, float] | None:
        """Name the sensor that the others should go on without."""
        return self._path.samples.overdue

    def end(self) -> None:
        """Take it that nothing follows."""
        last = Shown([], [], []) if self._failure else self._tried(self._path.flush)
        self._take_strides(last)
        self._publish(last)
        self._thinker.close()
        self._put(self._now_s, None, phase="finishing")

    def _pushed(self, entries: list[Entry]) -> Shown:
        """Go on receiving after what cannot be made sense of: the recording is worth it."""
        if self._failure:
            return Shown(self.radio.push(entries), [], [])
        return self._tried(lambda: self._path.push(entries))

    def _tried(self, push: Callable[[], Shown]) -> Shown:
        try:
            return push()
        except HipimuError as error:
            self._failure = str(error)
        except Exception as error:  # noqa: BLE001 - told on the board; the recording goes on
            _log.exception("the readout has failed")
            self._failure = f"The readout has failed ({error!r}); the recording goes on."
        return Shown([], [], [])

    def _follow(self, shown: Shown, now_s: float, newest_s: float | None) -> None:
        self._take_beside()
        self._take_angles(shown.angles)
        self._take_strides(shown)
        self._publish(shown)
        self._now_s = now_s
        if self._proceeding:
            self._proceeding = False
            self._guide.proceed()
        self._start = self._guide.take(
            shown.blocks,
            now_s,
            self._sensors,
            self._path.samples.gait_s,
            self._path.samples.calibration,
        )
        if newest_s is not None or now_s - self._put_s >= _QUIET_S:
            self._put_s = now_s
            self._put(now_s, newest_s)

    def _publish(self, shown: Shown) -> None:
        for publisher in self._publishers:
            publisher.blocks(shown.blocks)
            publisher.angles(shown.angles)
            publisher.strides(shown.strides)

    def _take_beside(self) -> None:
        marks, beside = self.radio.marks[self._read[0] :], self.radio.beside[self._read[1] :]
        self._read = [self._read[0] + len(marks), self._read[1] + len(beside)]
        self._pace.take(marks, beside)
        if marks:
            self._thinker.hurry()

    def _take_angles(self, blocks: Sequence[HipAngleBlock]) -> None:
        for block in blocks:
            self._newest_s = max(self._newest_s, float(block.t_s[-1]))
            if block.flags[-1] & Flag.GAP:
                self._angle.pop(block.side, None)
            else:
                self._angle[block.side] = (float(block.t_s[-1]), float(block.flexion_rad[-1]))

    def _take_strides(self, shown: Shown) -> None:
        if not shown.strides:
            return
        # The batch holds one leg's strides after the other's.
        strides = sorted(shown.strides, key=lambda stride: stride.t_peak_flexion_s)
        self._board.add([_shown(stride) for stride in strides])
        pace, _ = self._pace.pace(self._newest_s, self._thought.bouts)
        speed_m_s = self._pace.speed_m_s(self._newest_s)
        for stride in strides:
            self._strides.append(stride)
            self._running_strides += stride.gait == "running"
            self._peaks.push(stride, pace)
            timed = stride._replace(speed_m_s=speed_m_s)
            cue = self._cues.push(timed, pace, self._thought.baselines)
            self._cue = cue or self._cue

    def _evidence(self) -> Evidence:
        count = len(self._strides)
        return Evidence(
            self._strides[:count],
            self._pace.laps(self._newest_s),
            self._pace.track(),
            self._sides,
        )

    def _put(self, now_s: float, newest_s: float | None, phase: LivePhase | None = None) -> None:
        self._board.change(lambda before: self._state(before, now_s, newest_s, phase))
        for publisher in self._publishers:
            publisher.state(self._board.state)

    def _state(
        self, before: LiveState, now_s: float, newest_s: float | None, phase: LivePhase | None
    ) -> LiveState:
        state = self._moment(before, now_s, newest_s, phase)
        thought = self._thinker.latest
        if thought is self._thought and state.so_far:
            return state
        self._thought = thought
        state = replace(state, fatigue=thought.fatigue)
        return replace(state, so_far=self._say(thought.fatigue, state))

    def _moment(
        self, before: LiveState, now_s: float, newest_s: float | None, phase: LivePhase | None
    ) -> LiveState:
        pace = self._pace
        found, source = pace.pace(now_s, self._thought.bouts)
        running: LivePhase = "running" if self._start.step == "ready" else "start"
        return replace(
            before,
            number=before.number + 1,
            t_s=now_s,
            arrived_ns=before.arrived_ns if newest_s is None else self._arrived_ns(now_s, newest_s),
            phase=phase or running,
            start=replace(self._start, problem=self._failure or self._start.problem),
            sensors=self._sensors_now(now_s),
            pace=found,
            pace_source=source,
            laps=pace.laps(now_s),
            flexion_rad={
                side: rad
                for side, (at_s, rad) in self._angle.items()
                if now_s - at_s <= _OLD_ANGLE_S
            },
            peaks=self._peaks.now(now_s, self._thought.baselines),
            strides=len(self._strides),
            running_strides=self._running_strides,
            cadence_spm=self._peaks.cadence_spm(now_s),
            speed_m_s=pace.speed_m_s(now_s),
            heart_rate_bpm=pace.heart_rate_bpm(now_s),
            sides=self._sides,
            cue=self._cue,
            warnings=(*self._failed(), *self._notes, *self._path.samples.warnings),
        )

    def _failed(self) -> tuple[str, ...]:
        trouble = self._thinker.failure
        thought = () if trouble is None else (f"Fatigue so far cannot be told: {trouble!r}",)
        troubles = tuple(p.trouble for p in self._publishers if p.trouble)
        return (*((self._failure,) if self._failure else ()), *thought, *troubles)

    def _replayed(self, now_s: float) -> tuple[SensorNow, ...]:
        """How sensors of the past were doing: they have no links now."""
        if self.radio.segments:
            return tuple(_of_health(health, now_s) for health in self.radio.health(now_s))
        return tuple(
            _of_samples(summary, now_s, self._sampled_s) for summary in self._path.samples.sensors()
        )

    def _arrived_ns(self, now_s: float, newest_s: float) -> int:
        return time.time_ns() - round((now_s - newest_s) * 1e9 / self._pace_of_time)

    def _sensors_now(self, now_s: float) -> tuple[SensorNow, ...]:
        sensors = self._sensors or self._replayed(now_s)
        absent = self._path.samples.absent
        return tuple(replace(s, absent=s.sensor in absent) for s in sensors)


def _of_samples(summary: SensorSummary, now_s: float, last_s: float) -> SensorNow:
    """Of a replay that holds no packets."""
    return SensorNow(
        sensor=summary.sensor,
        device="",
        link="up",
        phase="streaming",
        why="",
        rate_hz=summary.rate_hz,
        loss=summary.loss,
        age_s=max(now_s - last_s, 0.0),
        battery=None,
        clipped=summary.clipped,
        drops=0,
        absent=False,
    )


def sensor_now(line: SensorLine) -> SensorNow:
    """Return for the faces how a sensor is doing."""
    status, health = line.status, line.health
    return SensorNow(
        sensor=status.sensor,
        device=status.device_name,
        link=health.link,
        phase=status.phase,
        why=status.why,
        rate_hz=health.rate_hz,
        loss=health.loss,
        age_s=line.age_s,
        battery=status.battery,
        clipped=health.clipped,
        drops=health.drops,
        absent=False,
    )


def _of_health(health: SensorHealth, now_s: float) -> SensorNow:
    """Of a replay, which has no links."""
    return SensorNow(
        sensor=health.sensor,
        device="",
        link=health.link,
        phase="streaming" if health.link == "up" else "down",
        why="",
        rate_hz=health.rate_hz,
        loss=health.loss,
        age_s=None if health.last_s is None else max(now_s - health.last_s, 0.0),
        battery=None,
        clipped=health.clipped,
        drops=health.drops,
        absent=False,
    )


def _shown(stride: Stride) -> ShownStride:
    return ShownStride(
        stride.side,
        stride.t_peak_flexion_s,
        stride.peak_flexion_rad,
        stride.peak_extension_rad,
        stride.stride_time_s,
        stride.gait,
        stride.quality,
        stride.reasons,
    )


def _newest_s(entries: Sequence[Entry]) -> float | None:
    return max((e.t_host_ns for e in entries if isinstance(e, Packet)), default=0) * 1e-9 or None
