"""What is drawn: usable strides in order, thinned by medians that never mix paces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hipimu.report.series import MOST_POINTS, all_series
from tests.unit.report.sessions import empty_session, interval_session, one_side_session


def test_few_strides_are_drawn_one_by_one_and_only_usable_ones() -> None:
    session = interval_session(minutes=3)
    left = all_series(session)[0]
    usable = [s for s in session.strides if s.side == "left" and s.usable()]

    assert left.per_point == 1
    assert left.stride == [s.stride for s in usable]
    assert left.peak_flexion_deg == pytest.approx(np.degrees([s.peak_flexion_rad for s in usable]))


def test_an_hour_is_thinned_and_stays_within_its_strides() -> None:
    session = interval_session(minutes=60)
    left = all_series(session)[0]
    bouts = {bout.bout: bout for bout in session.bouts}

    assert left.per_point > 1
    assert len(left.t_s) <= MOST_POINTS + len(bouts)
    assert np.all(np.diff(left.t_s) > 0)
    for number, pace, t in zip(left.bout, left.pace, left.t_s, strict=True):
        assert number is not None
        assert bouts[number].pace == pace
        assert bouts[number].start_s <= t <= bouts[number].end_s


def test_strides_out_of_order_are_put_in_order() -> None:
    session = interval_session(minutes=3)
    turned = replace(session, strides=session.strides[::-1])

    assert all_series(turned)[0].stride == all_series(session)[0].stride


def test_sides_without_strides_are_left_out() -> None:
    assert [own.side for own in all_series(one_side_session())] == ["left"]
    assert all_series(empty_session()) == ()
