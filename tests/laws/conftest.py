"""Every stage with the input it gets in a real session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, get_args

import pytest

from hipimu.data import Method
from hipimu.gait import FindStrides
from hipimu.motion import (
    FILTER_NAMES,
    Calibrate,
    CalibrateSession,
    Fuse,
    FuseSession,
    HipAngles,
    MatchHeading,
    MatchHeadingSession,
    SteadySegments,
)
from hipimu.pipeline import SamplePath
from hipimu.stage import Chain, Stage, joined
from hipimu.timing import (
    LOOK_AHEAD_S,
    TWO_SIDED_S,
    Align,
    BridgeGaps,
    LayoutTiming,
    TimeReadings,
    UnwrapClock,
)
from tests.losses import LoseSamples
from tests.radio import Apart, Radio, Together
from tests.simulated import short_plan, simulation

SIMULATION = simulation(short_plan())
SEGMENTS, RATE_HZ = SIMULATION.segments, SIMULATION.rate_hz


@dataclass(frozen=True)
class Case:
    """A stage under the laws."""

    name: str
    make: Callable[[], Stage[Any, Any]]
    before: tuple[Callable[[], Stage[Any, Any]], ...]
    """The stages whose output is its input."""
    samples: int | None = None
    """Only so many samples of the session: some filters are slow."""

    def input(self) -> list[Any]:
        return _through(self.before, self.samples)


def _align() -> Stage[Any, Any]:
    return Align(SEGMENTS, RATE_HZ)


def _align_with_gaps() -> Stage[Any, Any]:
    return Chain([Align(SEGMENTS, RATE_HZ), LoseSamples()])


def _bridge(look_ahead_s: float = LOOK_AHEAD_S) -> Stage[Any, Any]:
    return BridgeGaps(SEGMENTS, RATE_HZ, look_ahead_s)


def _fuse(name: str = "vqf") -> Stage[Any, Any]:
    return Fuse(SEGMENTS, RATE_HZ, name)


def _calibrate() -> Stage[Any, Any]:
    return Calibrate(SEGMENTS, RATE_HZ)


def _match() -> Stage[Any, Any]:
    return MatchHeading(SEGMENTS, RATE_HZ)


def _steady() -> Stage[Any, Any]:
    return SteadySegments(SEGMENTS, RATE_HZ)


def _angles() -> Stage[Any, Any]:
    return HipAngles(SEGMENTS)


def _fuse_session() -> Stage[Any, Any]:
    return FuseSession(SEGMENTS, RATE_HZ, "vqf")


def _calibrate_session() -> Stage[Any, Any]:
    return CalibrateSession(SEGMENTS, RATE_HZ)


def _match_session() -> Stage[Any, Any]:
    return MatchHeadingSession(SEGMENTS, RATE_HZ)


def _whole(method: Method) -> Stage[Any, Any]:
    path = SamplePath(SEGMENTS, RATE_HZ, method=method)
    return Chain([*path.angles.stages, FindStrides()])


def _unwrap() -> Stage[Any, Any]:
    return UnwrapClock(1 / 32768, 2**16)


def _time_readings() -> Stage[Any, Any]:
    timing = LayoutTiming(1 / 32768, 2**16, counted=True)
    return TimeReadings("pelvis", {"motion": timing, "acc": timing, "gyr": timing}, RATE_HZ)


CASES = [
    Case("UnwrapClock", _unwrap, (Radio,)),
    Case("TimeReadings", _time_readings, (Together,)),
    Case("TimeReadings of two layouts", _time_readings, (Apart,)),
    Case("Align", _align, ()),
    Case("BridgeGaps", _bridge, (_align_with_gaps,)),
    Case("BridgeGaps two-sided", partial(_bridge, TWO_SIDED_S), (_align_with_gaps,)),
    Case("BridgeGaps without gaps", _bridge, (_align,)),
    *(
        Case(f"Fuse {name}", partial(_fuse, name), (_align,), None if name == "vqf" else 400)
        for name in FILTER_NAMES
    ),
    Case("Calibrate", _calibrate, (_align, _fuse)),
    Case("MatchHeading", _match, (_align, _fuse, _calibrate)),
    Case("SteadySegments", _steady, (_align, _fuse, _calibrate, _match)),
    Case("HipAngles", _angles, (_align, _fuse, _calibrate, _match, _steady)),
    Case("FindStrides", FindStrides, (_align, _fuse, _calibrate, _match, _steady, _angles)),
    Case("FuseSession", _fuse_session, (_align,)),
    Case("CalibrateSession", _calibrate_session, (_align, _fuse_session)),
    Case("MatchHeadingSession", _match_session, (_align, _fuse_session, _calibrate_session)),
    *(Case(f"Chain {method}", partial(_whole, method), ()) for method in get_args(Method)),
]


@cache
def _through(before: tuple[Callable[[], Stage[Any, Any]], ...], samples: int | None) -> list[Any]:
    blocks: list[Any] = SIMULATION.blocks(samples or 10**6)[: len(SEGMENTS)]
    for make in before:
        stage = make()
        out = [out for block in blocks for out in stage.push(block)] + stage.flush()
        origins = dict.fromkeys(_origin(block) for block in out)
        blocks = [joined([b for b in out if _origin(b) == origin]) for origin in origins]
    return blocks


def _origin(block: Any) -> str:
    """What tells apart blocks that belong together."""
    return str(getattr(block, "side", getattr(block, "layout", "")))


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen
