"""How numbers are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.report.numerals import clock, counted, date, degrees, number, percent, span


@pytest.mark.parametrize(
    ("value", "text"), [(4.06, "4.1°"), (-4.06, "−4.1°"), (-0.04, "0.0°"), (0.0, "0.0°")]
)
def test_degrees_have_one_decimal_and_a_true_minus(value: float, text: str) -> None:
    assert degrees(value) == text


@given(st.floats(-1e4, 1e4))
def test_a_number_reads_back_and_never_holds_a_hyphen(value: float) -> None:
    text = number(value)
    assert "-" not in text
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.0501)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (581, "9:41"), (3723, "1:02:03")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.0 %"), (0.0001, "< 0.1 %"), (0.0117, "1.2 %")]
)
def test_a_tiny_share_is_not_written_as_none(share: float, text: str) -> None:
    assert percent(share) == text


def test_the_others() -> None:
    assert span((-1.25, 3.0)) == "−1.2 to 3.0"
    assert date(datetime(2026, 7, 1, 18, 30, tzinfo=UTC)) == "1 July 2026, 18:30 UTC"
    assert (counted(1, "bout"), counted(2, "bout")) == ("1 bout", "2 bouts")
