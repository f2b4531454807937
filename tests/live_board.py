"""A run that was never run: what a `LiveBoard` is given from the guided start to the end.

Every number follows from the time and from what was pressed when, so the same presses at the same
times make the same run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import cos, pi, radians, sin
from statistics import median
from threading import Event, RLock, Thread

from hipimu.data import (
    SIDES,
    THIGHS,
    Baseline,
    Cue,
    FatigueEstimate,
    Lap,
    LiveMode,
    LiveState,
    MarkKind,
    Outcome,
    Pace,
    PeakNow,
    Segment,
    SensorNow,
    ShownStride,
    Side,
    StartState,
    StartStep,
)
from hipimu.pipeline.board import LiveBoard

RATE_HZ = 25.0
NEEDED = 30
LAST = 5
FRESH_DEG: dict[Outcome, dict[Pace, float]] = {
    "peak_flexion": {"easy": 37.0, "fast": 46.5, "other": 33.0},
    "peak_extension": {"easy": 11.0, "fast": 15.5, "other": 9.0},
}
STRIDE_S: dict[Pace, float] = {"easy": 0.72, "fast": 0.66, "other": 0.76}
SPEED_M_S: dict[Pace, float] = {"easy": 3.1, "fast": 4.4, "other": 2.6}
DETECTABLE_DEG = 1.8
TAKES_S: dict[StartStep, float] = {"sensors": 3.0, "stand": 5.0, "lift": 4.0, "walk": 20.0}
SAYS: dict[StartStep, str] = {
    "sensors": "Switch the sensors on and move each of them once.",
    "put_on": "Put the sensors on: one on the sacrum, one on the outer side of each thigh.",
    "stand": "Stand still, feet under the hips, arms hanging.",
    "lift": "Lift the left knee twice.",
    "walk": "Walk straight ahead as you always do.",
    "ready": "Ready: run as you like, and press a button when the pace changes.",
}
FOUND = ("Neutral is how you stood for 5 s.", "Knee forward is flexion: clear for every sensor.")
PLAN: tuple[tuple[float, MarkKind], ...] = (
    (0.0, "easy"),
    (60.0, "fast"),
    (100.0, "easy"),
    (160.0, "fast"),
    (200.0, "easy"),
    (260.0, "fast"),
    (300.0, "easy"),
)
"""When the coach presses what, in seconds since the run began."""


def wobble(number: int, salt: int) -> float:
    """Something between −1 and 1 that looks like chance and never changes."""
    return sin(number * 12.9898 + salt * 78.233) * 0.7 + sin(number * 3.7 + salt) * 0.3


@dataclass
class Sensor:
    """One sensor of the made-up run."""

    role: Segment
    battery: float
    silent_since: float | None = None


class PlayedRun:
    """A board, and the run that is told to it.

    Parameters
    ----------
    steps : sequence of str
        Of the guided start, after whose last one the run begins; empty: it is under way already.
    plan : sequence of (float, str)
        Buttons that somebody presses by himself.
    sides : sequence of str
    loss_deg : float
        Flexion lost at fast pace in ten minutes.
    """

    def __init__(
        self,
        steps: Sequence[StartStep] = (),
        plan: Sequence[tuple[float, MarkKind]] = (),
        sides: Sequence[Side] = SIDES,
        loss_deg: float = 9.0,
        mode: LiveMode = "virtual",
    ) -> None:
        self.t_s = 0.0
        self.still = True
        self.taken = 0
        self._steps, self._plan, self._loss_deg = tuple(steps), list(plan), loss_deg
        self._sides, self._mode = tuple(sides), mode
        self._step, self._step_began_s = 0, 0.0
        self._began_s = None if steps else 0.0
        self._marks: list[tuple[float, MarkKind]] = []
        self._next_s = {side: 0.4 + 0.36 * SIDES.index(side) for side in self._sides}
        self._history: list[ShownStride] = []
        self._usable: dict[tuple[Side, Pace | None], list[ShownStride]] = {}
        self._cue: Cue | None = None
        self._low = dict.fromkeys(self._sides, 0)
        self._sound = False
        self._ended: tuple[str, str] | None = None
        self._number = self._arrived_ns = 0
        roles: list[Segment] = ["pelvis", *(THIGHS[side] for side in self._sides)]
        self.sensors = {role: Sensor(role, 0.9 - 0.2 * i) for i, role in enumerate(roles)}
        self.warnings: tuple[str, ...] = ()
        self.heart_rate_bpm: float | None = None
        self.knows_speed = False
        self._lock = RLock()
        self.board = LiveBoard(self._state())
        self.board.on_mark, self.board.on_proceed = self.mark, self.proceed
        self.board.on_stop, self.board.on_sound = lambda: self.end("finishing"), self._set_sound

    def mark(self, kind: MarkKind) -> None:
        with self._lock:
            self.taken += 1
            if kind != "undo":
                self._marks.append((self.t_s, kind))
            elif self._marks:
                self._marks.pop()

    def proceed(self) -> None:
        with self._lock:
            self.taken += 1
            self._next_step()

    def _next_step(self) -> None:
        if self._began_s is not None:
            return
        self._step_began_s = self.t_s
        self._step += 1
        if self._step == len(self._steps) - 1:
            self._began_s = self.t_s
            self._next_s = {s: self.t_s + 0.4 + 0.36 * SIDES.index(s) for s in self._sides}

    def end(self, phase: str, said: str = "", report: str | None = None) -> None:
        """Make the run be over: finishing, done or failed."""
        with self._lock:
            self._ended = (phase, said)
            self.put(report)

    def silence(self, *roles: Segment) -> None:
        """Let sensors deliver nothing more from now on."""
        for role in roles:
            self.sensors[role].silent_since = self.t_s

    def heard_again(self, *roles: Segment) -> None:
        for role in roles:
            self.sensors[role].silent_since = None

    def _set_sound(self, on: bool) -> None:
        self._sound = on

    # -- time

    def advance(self, seconds: float, states: int = 1) -> None:
        """Go on by so much, and put as many states meanwhile."""
        for _ in range(states):
            with self._lock:
                self._go_to(self.t_s + seconds / states)
                self.put()

    @contextmanager
    def playing(self, speed: float = 1.0) -> Iterator[None]:
        """Let time pass by itself, 25 states a second."""
        over = Event()
        thread = Thread(target=self._play, args=(speed, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _play(self, speed: float, over: Event) -> None:
        due = time.monotonic()
        while not over.is_set():
            self.advance(speed / RATE_HZ)
            due += 1.0 / RATE_HZ
            over.wait(max(0.0, due - time.monotonic()))

    def put(self, report: str | None = None) -> None:
        self._number += 1
        self.board.put(self._state(), report)

    def _go_to(self, t_s: float) -> None:
        self.t_s = t_s
        if self._ended:
            return
        if self._began_s is None:
            self._start()
            return
        while self._plan and self.t_s - self._began_s >= self._plan[0][0]:
            self._marks.append((self._began_s + self._plan[0][0], self._plan.pop(0)[1]))
        due = [(t, side) for side, t in self._next_s.items() if t <= t_s]
        while due:
            self._stride(*min(due))
            due = [(t, side) for side, t in self._next_s.items() if t <= t_s]

    def _start(self) -> None:
        step = self._steps[self._step]
        if step == "stand" and not self.still:
            self._step_began_s = self.t_s
        if step in TAKES_S and self.t_s - self._step_began_s >= TAKES_S[step]:
            self._next_step()

    # -- strides

    def _stride(self, t_s: float, side: Side) -> None:
        pace = self.pace_at(t_s)
        run: Pace = pace or "other"
        self._next_s[side] = t_s + STRIDE_S[run]
        if self._silent(side):
            return
        stride = ShownStride(
            side=side,
            t_s=t_s,
            peak_flexion_rad=self._peak("peak_flexion", side, run, t_s),
            peak_extension_rad=self._peak("peak_extension", side, run, t_s),
            stride_time_s=STRIDE_S[run],
            gait="running",
            quality=0.0 if len(self._history) % 37 == 36 else 1.0,
        )
        self._history.append(stride)
        if stride.quality > 0:
            self._usable.setdefault((side, pace), []).append(stride)
        self.board.add([stride])
        self._cue_for(side)

    def _peak(self, outcome: Outcome, side: Side, pace: Pace, t_s: float) -> float:
        number = len(self._history)
        ran_s = t_s - (self._began_s or 0.0)
        lost = self._loss_deg * max(0.0, ran_s - 60.0) / 600.0
        share = {"fast": 1.0, "easy": 0.1, "other": 0.0}[pace]
        share *= 1.0 if outcome == "peak_flexion" else 0.4
        fresh = FRESH_DEG[outcome][pace] + (0.8 if side == "left" else -0.6)
        return radians(fresh - share * lost + 1.1 * wobble(number, len(outcome)))

    def _cue_for(self, side: Side) -> None:
        if self.pace_at(self.t_s) != "fast":
            return
        now = self._peak_now(side, "peak_flexion", "fast")
        known = now.baseline and now.baseline.value_rad
        if not known or now.value_rad is None:
            return
        change = now.value_rad - known
        self._low[side] = self._low[side] + 1 if change < -radians(DETECTABLE_DEG) else 0
        if self._low[side] == LAST:
            self.cue(side, change)

    def cue(self, side: Side, change_rad: float = -0.05) -> None:
        """Make a sound due."""
        number = self._cue.number + 1 if self._cue else 1
        self._cue = Cue(number, side, "peak_flexion", "range_down", self.t_s, change_rad)

    def pace_at(self, t_s: float) -> Pace | None:
        before = [kind for at, kind in self._marks if at <= t_s]
        if not before:
            return None
        return {"easy": "easy", "fast": "fast"}.get(before[-1], "other")  # type: ignore[return-value]

    def _laps(self) -> tuple[Lap, ...]:
        ends = [at for at, _ in self._marks[1:]] + [self.t_s]
        return tuple(Lap(at, end, kind) for (at, kind), end in zip(self._marks, ends, strict=False))

    def _peak_now(self, side: Side, outcome: Outcome, pace: Pace | None) -> PeakNow:
        strides = self._usable.get((side, pace), [])
        fresh, last = (
            [getattr(stride, f"{outcome}_rad") for stride in some]
            for some in (strides[:NEEDED], strides[-LAST:])
        )
        value = median(last) if last else None
        if pace not in ("easy", "fast"):
            return PeakNow(side, outcome, value, len(last))
        baseline = Baseline(side, outcome, pace, len(fresh), NEEDED)
        if len(fresh) == NEEDED:
            baseline = replace(
                baseline,
                value_rad=median(fresh),
                detectable_rad=radians(DETECTABLE_DEG),
                speed_m_s=SPEED_M_S[pace] if self.knows_speed else None,
            )
        return PeakNow(side, outcome, value, len(last), baseline)

    def _silent(self, side: Side) -> bool:
        return any(self.sensors[r].silent_since is not None for r in ("pelvis", THIGHS[side]))

    def _angles(self) -> dict[Side, float]:
        pace: Pace = self.pace_at(self.t_s) or "other"
        low, high = -FRESH_DEG["peak_extension"][pace], FRESH_DEG["peak_flexion"][pace]
        turn = 2 * pi * self.t_s / STRIDE_S[pace]
        return {
            side: radians((low + high) / 2 + (high - low) / 2 * cos(turn + pi * (side == "right")))
            for side in self._sides
            if not self._silent(side)
        }

    def _sensor(self, sensor: Sensor) -> SensorNow:
        gone = sensor.silent_since is not None
        age = 0.03 if sensor.silent_since is None else self.t_s - sensor.silent_since
        return SensorNow(
            sensor=sensor.role,
            device=f"Virtual {sensor.role}",
            link="down" if gone else "up",
            phase="waiting" if gone else "streaming",
            why="not heard" if gone else "",
            rate_hz=0.0 if gone else 120.0,
            loss=0.002,
            age_s=age,
            battery=sensor.battery,
            clipped=0.0,
            drops=int(gone),
            absent=gone and age > LAST,
        )

    def _start_state(self) -> StartState:
        if not self._steps:
            return StartState("ready", ("ready",))
        step = self._steps[self._step]
        moving = step == "stand" and not self.still
        return StartState(
            step=step,
            steps=self._steps,
            done_s=min(self.t_s - self._step_began_s, TAKES_S.get(step, 0.0)),
            needed_s=TAKES_S[step] if step in ("stand", "walk") else 0.0,
            going=not moving,
            said=SAYS[step],
            problem="The pelvis sensor moves. Stand still." if moving else "",
            found=FOUND if step == "ready" else (),
        )

    def _so_far(self) -> str:
        fast = sum(kind == "fast" for _, kind in self._marks)
        if fast < 3:
            return f"Too early to say: {fast} fast bouts, 3 are needed."
        return (
            "At fast pace you lost 4.1° of hip flexion so far (2.6 to 5.7); at easy pace 0.4°. "
            "The end of your range tires first."
        )

    def _fatigue(self) -> tuple[FatigueEstimate, ...]:
        fast = sum(kind == "fast" for _, kind in self._marks)
        why = f"{fast} fast bouts, 3 are needed"
        return tuple(
            FatigueEstimate(side, "peak_flexion", "supported", (), {"fast": 90}, {"fast": fast})
            if fast >= 3
            else FatigueEstimate(side, "peak_flexion", "not_estimable", (why,), {}, {})
            for side in self._sides
        )

    def _state(self) -> LiveState:
        running = self._began_s is not None
        pace = self.pace_at(self.t_s)
        if any(sensor.silent_since is None for sensor in self.sensors.values()):
            self._arrived_ns = time.time_ns()
        return LiveState(
            number=self._number,
            t_s=self.t_s,
            arrived_ns=self._arrived_ns,
            phase=self._ended[0] if self._ended else "running" if running else "start",  # type: ignore[arg-type]
            mode=self._mode,
            name="tuesday",
            start=self._start_state(),
            sides=self._sides,
            sensors=tuple(self._sensor(s) for s in self.sensors.values()),
            pace=pace,
            pace_source="button" if pace else "none",
            laps=self._laps(),
            flexion_rad=self._angles(),
            peaks=tuple(
                self._peak_now(side, outcome, pace) for side in self._sides for outcome in FRESH_DEG
            ),
            strides=len(self._history),
            running_strides=len(self._history),
            cadence_spm=120.0 / STRIDE_S[pace or "other"] if self._history else None,
            speed_m_s=SPEED_M_S[pace or "other"] if self.knows_speed else None,
            heart_rate_bpm=self.heart_rate_bpm,
            fatigue=self._fatigue() if running else (),
            so_far=self._so_far() if running else "",
            cue=self._cue,
            sound=self._sound,
            warnings=self.warnings,
            ended=self._ended[1] if self._ended else "",
            report=self.board.report is not None if self._number else False,
        )
