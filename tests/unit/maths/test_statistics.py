"""Small statistics, against worked examples."""

from __future__ import annotations

from statistics import median_high

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.maths import statistics


def test_block_means_drop_a_shorter_rest() -> None:
    assert_array_equal(statistics.block_means(np.arange(8.0), 3), [1.0, 4.0])
    assert len(statistics.block_means(np.arange(2.0), 3)) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_middle_is_the_upper_median(values: list[float]) -> None:
    before = list(values)

    assert statistics.middle(values) == median_high(values)
    assert values == before


def test_holm_against_a_worked_example() -> None:
    """R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    assert_allclose(statistics.holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([]) == []
    assert statistics.holm([0.6, 0.7]) == [1.0, 1.0]


def test_false_discovery_against_a_worked_example() -> None:
    """The first table of Benjamini and Hochberg 1995: at 5 % the first four are kept."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    q = statistics.benjamini_hochberg(np.array(p))

    assert (q < 0.05).sum() == 4
    assert q[0] == 15 * 0.0001
    assert q[-1] == 1.0


def test_unknown_p_stays_unknown_and_counts_for_nothing() -> None:
    found = statistics.benjamini_hochberg(np.array([0.01, np.nan, 0.2]))

    assert_allclose(found, [0.02, np.nan, 0.2])
