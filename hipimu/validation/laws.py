"""The laws that filters, stride finders and measures of one's own have to keep.

Each check simulates a short run, and raises `LawBrokenError` with the first law that does not hold.
Hipimu's own parts are tested by the same checks. Put a line into the tests of your package::

    def test_my_filter_keeps_the_laws():
        hipimu.laws.check_filter("mine")
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np

from hipimu.data import (
    SIDES,
    AlignedBlock,
    FloatArray,
    HipAngleBlock,
    HipMotion,
    ImuBlock,
    Side,
    Stride,
)
from hipimu.errors import LawBrokenError
from hipimu.gait import FINDERS, USUAL_FINDER
from hipimu.motion import FILTERS, Fuse
from hipimu.pipeline import SamplePath
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.imu import SimulatedBlock
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.sources.simulate.session import begin_session
from hipimu.stage import Stage, joined, part
from hipimu.strength import MEASURES
from hipimu.strength.own import measured
from hipimu.units import rad_from_deg

__all__ = ["check_filter", "check_measure", "check_stage", "check_stride_finder"]

_SHARES: Final = ((0.5,), (0.1, 0.11, 0.7), tuple(i / 40 for i in range(1, 40)))
_FILTER_SAMPLES: Final = 400
"""Some filters are slow."""
_TILT_RAD: Final = rad_from_deg(3.0)
_STRIDES_MISSED: Final = 0.1


def check_stage(make: Callable[[], Stage[Any, Any]], blocks: Sequence[Any]) -> None:
    """Check the two laws of every stage: cuts change nothing, nor does stopping and resuming.

    Parameters
    ----------
    make : callable
        Returns a fresh stage.
    blocks : sequence of block
        That belong together, one a sensor or side.

    Raises
    ------
    LawBrokenError
    """
    whole = _run(make(), blocks)
    if not whole:
        raise LawBrokenError("Nothing comes out of the stage.", "Give blocks, or flush them.")
    for shares in _SHARES:
        pieces = _cut(blocks, shares)
        _require_same(whole, _run(make(), pieces), "Cutting the input changes the output")
        half = len(pieces) // 2
        stopped, resumed = make(), make()
        early = [out for block in pieces[:half] for out in stopped.push(block)]
        saved = pickle.dumps(stopped.state())
        for block in pieces[half:]:
            stopped.push(block)
        resumed.restore(pickle.loads(saved))  # noqa: S301 — our own bytes
        late = _run(resumed, pieces[half:])
        _require_same(whole, [*early, *late], "Saving, restoring and going on changes the output")


def check_filter(name: str) -> None:
    """Check an orientation filter: the stage's laws, unit quaternions, and upright where it stands.

    Parameters
    ----------
    name : str
        Registered in `hipimu.motion.FILTERS`.

    Raises
    ------
    LawBrokenError
    UnknownNameError
    """
    FILTERS.get(name)
    aligned = _aligned()
    segments, rate_hz = tuple(aligned.acc_m_s2), aligned.rate_hz
    short = part(aligned, 0, _FILTER_SAMPLES)
    check_stage(lambda: Fuse(segments, rate_hz, name), [short])
    for block in _run(Fuse(segments, rate_hz, name), [short]):
        for segment, quat in block.quat_wxyz.items():
            if not np.allclose(np.linalg.norm(quat, axis=1), 1.0, atol=1e-6):
                raise LawBrokenError(
                    f"The filter {name!r} gives quaternions whose length is not 1.", "Normalise."
                )
            _require_upright(name, quat, block.aligned.acc_m_s2[segment])


def _require_upright(name: str, quat: FloatArray, acc_m_s2: FloatArray) -> None:
    """The run begins standing: what is felt must point up in the earth's frame."""
    w, x, y, z = quat[-1]
    up_in_sensor = np.array([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])
    felt = acc_m_s2.mean(axis=0)
    cosine = float(up_in_sensor @ felt) / float(np.linalg.norm(felt))
    if not np.arccos(np.clip(cosine, -1.0, 1.0)) < _TILT_RAD:
        raise LawBrokenError(
            f"The filter {name!r} does not find up while the runner stands.",
            "It must return sensor → earth, z up, as w, x, y, z.",
        )


def check_stride_finder(name: str) -> None:
    """Check a stride finder: the stage's laws, order, sides alike, and that it finds strides.

    Parameters
    ----------
    name : str
        Registered in `hipimu.gait.FINDERS`.

    Raises
    ------
    LawBrokenError
    UnknownNameError
    """
    make = FINDERS.get(name)
    blocks = list(_angles().values())
    check_stage(make, blocks)
    found = _run(make(), blocks)
    usual = _run(FINDERS.get(USUAL_FINDER)(), blocks)
    for side in SIDES:
        own = [stride for stride in found if stride.side == side]
        expected = sum(stride.side == side for stride in usual)
        if abs(len(own) - expected) > max(_STRIDES_MISSED * expected, 2.0):
            raise LawBrokenError(
                f"The stride finder {name!r} finds {len(own)} {side} strides of about {expected}.",
                "A stride goes from peak extension through swing to peak flexion.",
            )
        _require_order(name, own)
    swapped = _run(make(), [_mirrored(block) for block in blocks])
    _require_same(
        [_other_side(stride) for stride in found if stride.side == "left"],
        [stride for stride in swapped if stride.side == "right"],
        "The two sides are not treated alike",
    )


def _require_order(name: str, strides: Sequence[Stride]) -> None:
    numbers = [stride.stride for stride in strides]
    times = [t for s in strides for t in (s.t_peak_extension_s, s.t_peak_flexion_s)]
    if numbers != list(range(len(numbers))) or any(b <= a for a, b in pairwise(times)):
        raise LawBrokenError(
            f"The strides of {name!r} are not numbered from 0 in order of time.",
            "Peak extension comes before peak flexion, and that before the next stride's.",
        )


def check_measure(name: str) -> None:
    """Check a measure: a number a stride, the same each time, whatever other strides there are.

    Parameters
    ----------
    name : str
        Registered in `hipimu.strength.MEASURES`.

    Raises
    ------
    LawBrokenError
    UnknownNameError
    """
    kind = MEASURES.get(name)
    blocks = _angles()
    strides = _run(FINDERS.get(USUAL_FINDER)(), list(blocks.values()))
    for side, block in blocks.items():
        own = [stride for stride in strides if stride.side == side]
        motion = _motion_of(block)
        whole = _measured(name, kind, own, motion)
        if not np.isfinite(whole).any():
            raise LawBrokenError(f"The measure {name!r} knows no stride.", "NaN is for some only.")
        if not np.array_equal(whole, _measured(name, kind, own, motion), equal_nan=True):
            raise LawBrokenError(f"The measure {name!r} differs each time.", "Leave chance out.")
        fewer = _measured(name, kind, own[::3], motion)
        if not np.array_equal(whole[::3], fewer, equal_nan=True):
            raise LawBrokenError(
                f"What the measure {name!r} says of a stride depends on which others are there.",
                "Use each stride's own times and the motion around them.",
            )


def _measured(name: str, kind: Any, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
    try:
        return measured(name, kind, strides, motion)
    except ValueError as error:
        raise LawBrokenError(f"{error}".capitalize() + ".", "Give NaN where unknown.") from error


# -- the run that they are checked on


@cache
def _aligned() -> AlignedBlock:
    aligned: AlignedBlock = joined(_through(1))
    return aligned


@cache
def _angles() -> Mapping[Side, HipAngleBlock]:
    found = _through(None)
    return {side: joined([block for block in found if block.side == side]) for side in SIDES}


def _through(stages: int | None) -> list[Any]:
    """Blocks after the first so many stages of the path; None: after all."""
    plan = _plan()
    path = SamplePath(plan.sensors, plan.rate_hz)
    out: list[Any] = [block for felt in begin_session(plan).blocks for block in _felt(felt)]
    for stage in path.angles.stages[:stages]:
        out = _run(stage, out)
    return out


def _felt(simulated: SimulatedBlock) -> Iterator[ImuBlock]:
    for segment, t_s in simulated.sensor_t_s.items():
        gyr_rad_s, acc_m_s2 = simulated.gyr_rad_s[segment], simulated.acc_m_s2[segment]
        yield ImuBlock(segment, t_s, gyr_rad_s, acc_m_s2, np.zeros(len(t_s), dtype=np.bool_))


@cache
def _plan() -> Plan:
    stand = PlannedBout(pace="stand", duration_s=6.0)
    walk = PlannedBout(pace="walk", duration_s=14.0, speed_m_s=1.4)
    easy = PlannedBout(pace="easy", duration_s=16.0, speed_m_s=3.0)
    fast = PlannedBout(pace="fast", duration_s=10.0, speed_m_s=5.0)
    return Plan(seed=5, rate_hz=100.0, warm_up=(stand, walk), bouts=(easy, fast))


def _motion_of(block: HipAngleBlock) -> HipMotion:
    names = [f.name for f in fields(HipMotion)]
    return HipMotion(**{name: getattr(block, name) for name in names})


def _mirrored(block: HipAngleBlock) -> HipAngleBlock:
    return replace(block, side="right" if block.side == "left" else "left")


def _other_side(stride: Stride) -> Stride:
    return stride._replace(side="right" if stride.side == "left" else "left")


# -- blocks


def _run(stage: Stage[Any, Any], blocks: Iterable[Any]) -> list[Any]:
    return [out for block in blocks for out in stage.push(block)] + stage.flush()


def _cut(blocks: Sequence[Any], shares: Sequence[float]) -> list[Any]:
    """Cut blocks that belong together at the same shares of their length."""
    pieces = []
    for low, high in pairwise((0.0, *shares, 1.0)):
        for block in blocks:
            n = len(getattr(block, "aligned", block).t_s)
            if int(high * n) > int(low * n):
                pieces.append(part(block, int(low * n), int(high * n)))
    return pieces


def _require_same(one: Sequence[Any], other: Sequence[Any], said: str) -> None:
    left, right = _flat(one), _flat(other)
    if left.keys() != right.keys() or any(not _equal(left[name], right[name]) for name in left):
        raise LawBrokenError(
            f"{said}.",
            "Count samples from the first one, keep all memory in `state_names`, and use no sums "
            "whose order depends on a block's length.",
        )


def _equal(one: list[Any], other: list[Any]) -> bool:
    if isinstance(one[0], np.ndarray):
        return np.array_equal(np.concatenate(one), np.concatenate(other), equal_nan=True)
    return one == other


def _flat(outputs: Sequence[Any]) -> dict[str, list[Any]]:
    """Arrays by name and side, and strides one by one; what is the same in every block is left."""
    found: dict[str, list[Any]] = {}
    for output in outputs:
        _collect(found, str(getattr(output, "side", "")), output)
    return found


def _collect(found: dict[str, list[Any]], path: str, value: Any) -> None:
    if is_dataclass(value):
        for f in fields(value):
            _collect(found, f"{path}.{f.name}", getattr(value, f.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _collect(found, f"{path}.{key}", item)
    elif isinstance(value, np.ndarray | Stride):
        found.setdefault(path, []).append(value)
