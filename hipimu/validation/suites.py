"""What is simulated to see how accurate hipimu is: plans by suite, speed, filter and fault.

``clean`` has no faults, ``realistic`` those of a careful recording outdoors, ``harsh`` more of all.
Every session stands, walks, and then runs; strides are scored in the bouts at the case's speed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from hipimu.motion import FILTER_NAMES
from hipimu.sources.simulate import Plan

Suite = Literal["clean", "realistic", "harsh"]
Table = Literal["speed", "filter", "fault", "clocks"]
Settings = Mapping[str, Any]

SPEEDS_M_S: Final = (3.0, 4.0, 5.0, 7.0, 9.0)
FILTER_SPEEDS_M_S: Final = (3.0, 5.0, 9.0)
FAULT_SPEED_M_S: Final = 5.0
CLOCK_SPEEDS_M_S: Final = (3.0, 5.0)
_EASY_M_S: Final = 3.0
_RATE_HZ: Final = 100.0
_BEND_RADIUS_M: Final = 36.5
_STRAIGHT_M: Final = 84.39
"""An athletics track: bends of 36.5 m radius, straights of 84.39 m (World Athletics)."""

_CLEAN: Final[Settings] = {
    "mounting": "aligned",
    "noise": {"part": "none", "impact_g": 0.0},
}
_REALISTIC_FAULTS: Final[Mapping[str, Settings]] = {
    "sensor noise": {"noise": {"part": "LSM6DSO"}},
    "mounting": {"mounting": "quarter_turn", "mounting_spread_deg": 10.0},
    "landing shocks": {"noise": {"impact_g": 3.0}},
    "soft tissue": {"soft_tissue": {"impact_deg": 2.0}},
    "lost samples": {"radio": {"loss": 0.02, "burst_s": 0.06}},
    "curves": {"course": {"curve_radius_m": _BEND_RADIUS_M, "straight_m": _STRAIGHT_M}},
}
_SLIP: Final[dict[str, Any]] = {"sensor": "thigh_left", "at_s": 60.0, "angle_deg": 8.0}
_HARSH_FAULTS: Final[Mapping[str, Settings]] = {
    "strap slip about the thigh": {"slip": [_SLIP | {"axis": "long"}]},
    "clipping": {"range": {"acc_g": 8.0, "gyr_deg_s": 1000.0}},
    "asymmetry": {"body": {"asymmetry": 0.10}},
    "grade": {"grade": 0.03},
}
CLOCKS_APART: Final = "clocks apart"
_CLOCKS_APART: Final[Settings] = {"clock": {"offset_s": 0.5, "drift_ppm": 30.0}}
_STRONGER: Final[Settings] = {
    "noise": {"part": "BMI270", "impact_g": 5.0},
    "mounting_spread_deg": 20.0,
    "soft_tissue": {"impact_deg": 4.0, "flexion_share": -0.03},
    "radio": {"loss": 0.04},
    "walk_breaks": True,
}
FAULTS: Final = {
    **_REALISTIC_FAULTS,
    **_HARSH_FAULTS,
    "soft tissue that lags flexion": {"soft_tissue": {"flexion_share": -0.03}},
    "strap slip in flexion": {"slip": [_SLIP | {"axis": "across"}]},
    CLOCKS_APART: _CLOCKS_APART,
}
"""One at a time for the comparison by fault: first those of ``realistic``, at its size."""

DESCRIPTIONS: Final[Mapping[Suite, str]] = {
    "clean": "nothing: sensors that measure perfectly, aligned with the body",
    "realistic": "errors of an LSM6DSO, any quarter turn and up to 10° of tilt, landing shocks of "
    "3 g, soft tissue of 2°, 2 % of the samples lost in bursts, the bends of a track",
    "harsh": "the same with a BMI270, up to 20° of tilt, 5 g, 4° and 4 %, and besides soft tissue "
    "that takes 3 % off flexion, a strap that slips by 8° about the thigh, clipping at ±8 g and "
    "±1000 °/s, 10 % asymmetry, a grade of 3 %, walk breaks",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table: sessions that differ in their seed alone."""

    table: Table
    suite: Suite
    speed_m_s: float
    filter: str = "vqf"
    fault: str = ""
    """The one fault added to ``clean``, or `CLOCKS_APART` added to another suite."""
    short: bool = False

    def settings(self) -> Settings:
        """Return the plan's keys besides bouts and seed."""
        merged = _suite(self.suite)
        return _merged(merged, FAULTS[self.fault]) if self.fault else merged

    def plan(self, seed: int) -> Plan:
        """Make the plan of one session."""
        settings = dict(self.settings())
        grade = settings.pop("grade", None)
        breaks = settings.pop("walk_breaks", False)
        bouts = _bouts(self.speed_m_s, short=self.short, breaks=breaks)
        if grade is not None:
            bouts = [bout | {"grade": grade} for bout in bouts]
        values = {"seed": seed, "rate_hz": _RATE_HZ, "repeat": 1 if self.short else 2}
        warm_up = [
            {"pace": "stand", "duration_s": 8.0},
            {"pace": "walk", "duration_s": 20.0, "speed_m_s": 1.4},
        ]
        return Plan.model_validate(values | settings | {"warm_up": warm_up, "bouts": bouts})

    def scored(self, speed_m_s: float, pace: str) -> bool:
        """Tell whether strides of a bout are looked at."""
        return pace in ("easy", "fast") and speed_m_s == self.speed_m_s


def cases(*, quick: bool = False) -> tuple[Case, ...]:
    """Return all cases in the order of the tables; a few of each if quick."""
    if quick:
        return tuple(_quick())
    return (*_by_speed(), *_clocks_apart(), *_by_filter(), *_by_fault())


def _by_speed() -> Iterator[Case]:
    suites: tuple[Suite, ...] = ("clean", "realistic", "harsh")
    yield from (Case("speed", suite, speed) for suite in suites for speed in SPEEDS_M_S)


def _clocks_apart() -> Iterator[Case]:
    for speed in CLOCK_SPEEDS_M_S:
        yield Case("clocks", "realistic", speed, fault=CLOCKS_APART)


def _by_filter() -> Iterator[Case]:
    for name in FILTER_NAMES:
        yield from (
            Case("filter", "realistic", speed, filter=name, short=True)
            for speed in FILTER_SPEEDS_M_S
        )


def _by_fault() -> Iterator[Case]:
    yield Case("fault", "clean", FAULT_SPEED_M_S)
    yield from (Case("fault", "clean", FAULT_SPEED_M_S, fault=fault) for fault in FAULTS)


def _quick() -> Iterator[Case]:
    yield from (Case("speed", "clean", speed, short=True) for speed in (3.0, 9.0))
    yield from (Case("speed", "realistic", speed, short=True) for speed in (3.0, 5.0))
    yield Case("speed", "harsh", 3.0, short=True)
    yield Case("clocks", "realistic", 3.0, fault=CLOCKS_APART, short=True)
    yield from (Case("filter", "realistic", 3.0, name, short=True) for name in FILTER_NAMES[:2])
    yield Case("fault", "clean", FAULT_SPEED_M_S, short=True)
    yield Case("fault", "clean", FAULT_SPEED_M_S, fault="soft tissue", short=True)


def _suite(suite: Suite) -> Settings:
    merged = _CLEAN
    if suite == "clean":
        return merged
    for fault in _REALISTIC_FAULTS.values():
        merged = _merged(merged, fault)
    if suite == "harsh":
        for fault in (*_HARSH_FAULTS.values(), _STRONGER):
            merged = _merged(merged, fault)
    return merged


def _merged(base: Settings, more: Settings) -> Settings:
    """Lay one set of keys over another, tables key by key."""
    both = {
        key: _merged(base[key], value) if isinstance(value, Mapping) and key in base else value
        for key, value in more.items()
    }
    return {**base, **both}


def _bouts(speed_m_s: float, *, short: bool, breaks: bool) -> list[dict[str, Any]]:
    """Easy running and then the speed; walking in between where breaks are wanted."""
    easy = {"pace": "easy", "duration_s": 20.0, "speed_m_s": _EASY_M_S}
    pace = "easy" if speed_m_s == _EASY_M_S else "fast"
    target = {"pace": pace, "duration_s": 30.0 if short else 120.0, "speed_m_s": speed_m_s}
    walk = {"pace": "walk", "duration_s": 15.0, "speed_m_s": 1.4}
    return [easy, target, walk] if breaks else [easy, target]
