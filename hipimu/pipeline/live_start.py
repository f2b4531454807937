"""The guided start of a live run: stand still, walk, and what was found in it.

It only watches: what decides about neutral and axes is the calibration of the sample path, which
looks at the same samples by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hipimu.data import (
    START_STEPS,
    Calibration,
    ImuBlock,
    Segment,
    SensorNow,
    StartState,
    StartStep,
)
from hipimu.motion import gait_windows
from hipimu.motion.axis_finder import GAIT_WINDOW_S
from hipimu.motion.doubts import CLEAR_MARGIN, GAIT_S
from hipimu.stage import joined

STAND_S = 5.0
"""Two seconds more than calibration asks for, which counts whole seconds of its own."""
_LOOK_EVERY_S = 0.25
_SECOND_S = 1.0
_STEPS_S = 2.5
"""Two slow strides: enough to see somebody walk."""
_HURRY = 2.0
_LOW_BATTERY = 0.2
_HURRIED_S = 8.0
"""So much gait while nobody has stood still: they have begun to run."""

_SAID: Mapping[StartStep, str] = {
    "sensors": "Looking for the sensors. Switch them on, and move them.",
    "put_on": "Put the sensors on: pelvis at the back, thighs on the outside, tight.",
    "stand": "Stand still and upright, arms hanging.",
    "walk": "Walk straight ahead as you always do.",
    "ready": "Ready: run as you like, and press a button when the pace changes.",
}


@dataclass(slots=True)
class _Window:
    """The last seconds of one sensor."""

    blocks: list[ImuBlock] = field(default_factory=list)

    def push(self, block: ImuBlock) -> None:
        self.blocks.append(block)
        while self.blocks[0].t_s[-1] < block.t_s[-1] - GAIT_WINDOW_S:
            self.blocks.pop(0)

    def last(self, seconds: float) -> ImuBlock | None:
        """What came in the last so many seconds; None where that is too little."""
        if not self.blocks or self.blocks[-1].t_s[-1] - self.blocks[0].t_s[0] < 0.9 * seconds:
            return None
        end_s = self.blocks[-1].t_s[-1]
        return joined([b for b in self.blocks if b.t_s[-1] > end_s - seconds])


class StartGuide:
    """Says what the runner should do next, from the samples.

    Parameters
    ----------
    rates_hz : mapping
        Segment → sampling rate, of every sensor on a segment.
    guided : bool
        Whether somebody is told to put the sensors on, and says when that is done.
    worn : bool
        Whether they are worn already, as virtual ones are: nobody has to say so.
    """

    def __init__(
        self, rates_hz: Mapping[Segment, float], *, guided: bool = True, worn: bool = False
    ) -> None:
        self._rates_hz = dict(rates_hz)
        self._steps = tuple(s for s in START_STEPS if guided or s != "put_on")
        self._windows = {segment: _Window() for segment in rates_hz}
        self._worn = worn
        self._step: StartStep = "sensors"
        self._looked_s = -np.inf
        self._still_from_s: float | None = None
        self._stood_s = self._walked_s = 0.0
        self._walking = False

    def proceed(self) -> None:
        """Take the present step as done; the last ones cannot be passed over."""
        if self._step in ("put_on", "stand"):
            self._go_on()

    def take(
        self,
        blocks: Sequence[ImuBlock],
        now_s: float,
        sensors: Sequence[SensorNow],
        gait_s: float,
        calibration: Calibration | None,
    ) -> StartState:
        """Look at what came, and say how far the start is.

        Parameters
        ----------
        blocks : sequence of ImuBlock
            Since the last time.
        now_s : float
            Host time.
        sensors : sequence of SensorNow
        gait_s : float
            Gait that the calibration has seen.
        calibration : Calibration or None
            Once it is found.
        """
        for block in blocks:
            self._windows[block.sensor].push(block)
        if calibration is not None:
            self._step = "ready"
            return self._state(found=found_sentences(calibration))
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            passed_s, self._looked_s = min(now_s - self._looked_s, _SECOND_S), now_s
            self._look(now_s, gait_s)
            self._walk_on(passed_s, gait_s)
        return self._state(self._problem(sensors, gait_s))

    def _look(self, now_s: float, gait_s: float) -> None:
        if self._step == "sensors" and all(w.blocks for w in self._windows.values()):
            self._go_on()
        self._walking = self._walks()
        if self._is_still():
            self._still_from_s = (
                now_s - _SECOND_S if self._still_from_s is None else self._still_from_s
            )
            self._stood_s = now_s - self._still_from_s
        else:
            self._still_from_s, self._stood_s = None, 0.0
        if self._step == "put_on" and (gait_s > 0 or self._worn):
            self._go_on()
        if self._step == "stand" and self._stood_s >= STAND_S:
            self._go_on()

    def _walk_on(self, passed_s: float, gait_s: float) -> None:
        """Let what is shown of walking grow evenly, though calibration counts whole windows."""
        so_far_s = self._walked_s + (passed_s if self._walking else 0.0)
        true_s = min(max(so_far_s, gait_s), gait_s + GAIT_WINDOW_S)
        self._walked_s = max(self._walked_s, min(true_s, self._walked_s + _HURRY * passed_s))

    def _go_on(self) -> None:
        self._step = self._steps[self._steps.index(self._step) + 1]
        self._still_from_s = None

    def _is_still(self) -> bool:
        seconds = [window.last(_SECOND_S) for window in self._windows.values()]
        return all(
            s is not None and gait_windows.is_still(s.gyr_rad_s, s.acc_m_s2) for s in seconds
        )

    def _walks(self) -> bool:
        thighs = {s: w.last(_STEPS_S) for s, w in self._windows.items() if s != "pelvis"}
        gyr = [block.gyr_rad_s for block in thighs.values() if block is not None]
        if not gyr or len(gyr) < len(thighs):
            return False
        shortest = min(map(len, gyr))
        rate_hz = min(self._rates_hz[s] for s in thighs)
        return gait_windows.stride_time_s([g[-shortest:] for g in gyr], rate_hz) is not None

    def _problem(self, sensors: Sequence[SensorNow], gait_s: float) -> str:
        if self._step == "sensors":
            return " ".join(filter(None, map(_not_delivering, sensors)))
        if self._step == "stand" and gait_s >= _HURRIED_S:
            return "Nobody has stood still yet, so neutral would be a guess: stop, and stand."
        silent = [_name(s.sensor) for s in sensors if s.absent or s.link == "down"]
        if silent:
            return f"The {' and the '.join(silent)} sensor does not deliver: bring it closer."
        return ""

    def _state(self, problem: str = "", *, found: tuple[str, ...] = ()) -> StartState:
        done_s, needed_s, going = 0.0, 0.0, False
        if self._step == "stand":
            done_s, needed_s, going = min(self._stood_s, STAND_S), STAND_S, self._stood_s > 0
        elif self._step == "walk":
            done_s, needed_s, going = min(self._walked_s, GAIT_S), GAIT_S, self._walking
        return StartState(
            step=self._step,
            steps=self._steps,
            done_s=done_s,
            needed_s=needed_s,
            going=going,
            said=_SAID[self._step],
            problem=problem,
            found=found,
        )


def found_sentences(calibration: Calibration) -> tuple[str, ...]:
    """Say in sentences what the calibration found and how sure that is.

    Parameters
    ----------
    calibration : Calibration
    """
    if calibration.source == "metadata":
        return ("The sensors' axes are given.",)
    said = []
    if calibration.stand_s is not None:
        start_s, end_s = calibration.stand_s
        said.append(f"Neutral is how you stood for {end_s - start_s:.0f} s.")
    clear = [s for s, margin in calibration.sign_margin.items() if margin >= CLEAR_MARGIN]
    if clear and len(clear) == len(calibration.sign_margin):
        said.append("Forward and back are clear for every sensor: knee forward is flexion.")
    if {"thigh_left", "thigh_right"} <= set(calibration.quat_wxyz) and not calibration.warnings:
        said.append("Nothing speaks against left and right being as you said.")
    return (*said, *(f"Attention: {warning}." for warning in calibration.warnings))


def _not_delivering(sensor: SensorNow) -> str:
    name = _name(sensor.sensor)
    if sensor.battery is not None and sensor.battery < _LOW_BATTERY:
        return f"The battery of the {name} sensor is at {100 * sensor.battery:.0f} %: charge it."
    if sensor.phase in ("down", "waiting"):
        why = f" ({sensor.why})" if sensor.why else ""
        return f"The {name} sensor cannot be reached{why}: switch it on, and come closer."
    return ""


def _name(sensor: str) -> str:
    side = sensor.removeprefix("thigh_")
    return f"{side} thigh" if side != sensor else sensor.replace("_", " ")
