"""What people write into forms."""

from __future__ import annotations

import pytest

from hipimu.web.coach.forms import FormError, read_clock, read_exertion


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12:30", 750.0), (" 0:05 ", 5.0), ("1:02:03", 3723.0), ("90:00", 5400.0), ("", None)],
)
def test_moments(text: str, seconds: float | None) -> None:
    assert read_clock(text, 6000.0) == seconds


@pytest.mark.parametrize("text", ["12", "12:60", "1:75:00", "-1:00", "a:bc", "¹:00", "12:30:1"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(FormError, match="no moment") as caught:
        read_clock(text, 6000.0)
    assert caught.value.status == 422


def test_a_moment_after_the_run() -> None:
    with pytest.raises(FormError, match="over before"):
        read_clock("2:00:00", 6000.0)


def test_exertion() -> None:
    assert read_exertion(" 7,5 ") == 7.5
    assert read_exertion("") is None
    for odd in ("11", "-1", "nan", "hard"):
        with pytest.raises(FormError, match="not on the scale"):
            read_exertion(odd)
