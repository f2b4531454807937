"""Names that strangers send are harmless afterwards, whatever they were."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hipimu.sources.device_names import LONGEST_NAME, harmless

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize("name", ["", "Movella DOT", "Gürtel 左", "IMU [1] <b>", "Лев 🏃"])
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert harmless(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2Jgone", "�[2Jgone"),
        ("a\u202etxt.exe", "a�txt.exe"),
        ("two\r\nlines\x00", "two lines�"),
        ("zero\u200bwidth", "zero�width"),
        ("  wide \u3000 space ", "wide space"),
        ("\ud800", "?"),
        ("x" * 248, "x" * (LONGEST_NAME - 1) + "…"),
        ("e\u0301\u0301\u0301\u0301\u0301", "é\u0301\u0301"),
    ],
)
def test_what_could_do_harm_is_replaced(name: str, shown: str) -> None:
    assert harmless(name) == shown


@given(ANY_TEXT)
@example("\u1e9b\u0323" * 40)
@example("x" * LONGEST_NAME + "\u0301")
def test_every_name_becomes_one_short_line_that_can_be_written_and_stays(name: str) -> None:
    shown = harmless(name)
    assert len(shown) <= LONGEST_NAME
    assert shown == shown.strip()
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    shown.encode()
    assert harmless(shown) == shown
