"""What is registered keeps the laws; and the checks that say so can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

import hipimu
from hipimu.data import FloatArray, HipAngleBlock, HipMotion, Stride
from hipimu.errors import LawBrokenError, UnknownNameError
from hipimu.gait import FindStrides
from hipimu.motion.filters import Vqf
from hipimu.registry import Registry
from hipimu.validation import laws


@pytest.mark.parametrize("name", hipimu.filters.names())
def test_filters_keep_the_laws(name: str) -> None:
    laws.check_filter(name)


@pytest.mark.parametrize("name", hipimu.stride_finders.names())
def test_stride_finders_keep_the_laws(name: str) -> None:
    laws.check_stride_finder(name)


class SwingTime:
    unit: ClassVar[str] = "s"

    def values(self, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
        return np.array([s.t_peak_flexion_s - s.t_peak_extension_s for s in strides])


class Longer(Vqf):
    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        return 1.01 * super().update(gyr_rad_s, acc_m_s2)


class UpsideDown(Vqf):
    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        return super().update(gyr_rad_s, acc_m_s2) @ np.diag([1.0, -1.0, -1.0, -1.0])


class Forgetful(Vqf):
    def state(self) -> Any:
        return None

    def restore(self, state: Any) -> None:
        pass


class OfBlocks(Vqf):
    def update(self, gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> FloatArray:
        return super().update(gyr_rad_s - gyr_rad_s.mean(axis=0), acc_m_s2)


class EveryOther(FindStrides):
    def push(self, block: HipAngleBlock) -> list[Stride]:
        return [stride for stride in super().push(block) if stride.stride % 2]


class LeftLater(FindStrides):
    def push(self, block: HipAngleBlock) -> list[Stride]:
        later = 1e-3 * (block.side == "left")
        found = super().push(block)
        return [s._replace(t_peak_flexion_s=s.t_peak_flexion_s + later) for s in found]


class FromOne(FindStrides):
    def push(self, block: HipAngleBlock) -> list[Stride]:
        return [s._replace(stride=s.stride + 1) for s in super().push(block)]


class OfOthers(SwingTime):
    def values(self, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
        values = super().values(strides, motion)
        return np.asarray(values - values.mean())


class Drawn(SwingTime):
    def values(self, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
        return np.random.default_rng().normal(size=len(strides))


class TooFew(SwingTime):
    def values(self, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
        return super().values(strides, motion)[1:]


@pytest.fixture
def added(request: pytest.FixtureRequest) -> Iterator[Callable[[Registry[Any], Any], str]]:
    """Register for the time of a test."""
    taken: list[tuple[Registry[Any], str]] = []

    def add(registry: Registry[Any], thing: Any) -> str:
        registry.register(thing.__name__, thing)
        taken.append((registry, thing.__name__))
        return str(thing.__name__)

    yield add
    for registry, name in taken:
        del registry._things[name]


Add = Callable[[Registry[Any], Any], str]


def test_a_good_measure_passes(added: Add) -> None:
    laws.check_measure(added(hipimu.measures, SwingTime))


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (Longer, "length"),
        (UpsideDown, "up"),
        (Forgetful, "Saving"),
        (OfBlocks, "Cutting"),
    ],
)
def test_a_filter_that_breaks_a_law_is_told(thing: type, said: str, added: Add) -> None:
    name = added(hipimu.filters, thing)
    with pytest.raises(LawBrokenError, match=said):
        laws.check_filter(name)


@pytest.mark.parametrize(
    ("thing", "said"),
    [(EveryOther, "finds"), (LeftLater, "alike"), (FromOne, "numbered from 0")],
)
def test_a_stride_finder_that_breaks_a_law_is_told(thing: type, said: str, added: Add) -> None:
    name = added(hipimu.stride_finders, thing)
    with pytest.raises(LawBrokenError, match=said):
        laws.check_stride_finder(name)


@pytest.mark.parametrize(
    ("thing", "said"),
    [(OfOthers, "which others"), (Drawn, "each time"), (TooFew, "values for")],
)
def test_a_measure_that_breaks_a_law_is_told(thing: type, said: str, added: Add) -> None:
    name = added(hipimu.measures, thing)
    with pytest.raises(LawBrokenError, match=said):
        laws.check_measure(name)


def test_names_are_given_once_and_unknown_ones_are_told(added: Add) -> None:
    added(hipimu.measures, SwingTime)
    with pytest.raises(ValueError, match="already"):
        hipimu.measures.register("SwingTime", TooFew)
    with pytest.raises(ValueError, match="no name"):
        hipimu.measures.register("swing time", TooFew)
    with pytest.raises(UnknownNameError, match="SwingTime"):
        hipimu.measures.get("nothing")
