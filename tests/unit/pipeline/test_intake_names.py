"""Names that strangers chose lead nowhere else, here and on other systems."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.errors import UploadError
from hipimu.pipeline.intake.names import (
    checked_name,
    kind_of,
    last_part,
    recording_name,
    refuse_alike,
)

HOSTILE = [
    "", ".", "..", "...", " ", "a/b", "a\\b", "/a", "C:a.csv", "a.csv:stream", "a\0.csv",
    "a\n.csv", "a.csv ", " a.csv", "a.csv.", "CON", "con.csv", "Nul.tar.csv", "aux .csv",
    "COM1.csv", "lpt9", "COM².csv", "a\u202ecsv.exe", "\ud800.csv", "a?.csv", "a*.csv", "<a>.csv",
    'a".csv', "a|b.csv",
]  # fmt: skip
HONEST = [
    "pelvis.csv",
    "Lauf am 3. Mai.csv",
    "Müller–Läufe (2).csv",
    "跑步.csv",
    ".hidden",
    "com.csv",
]


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UploadError) as caught:
        checked_name(name, 120)
    assert caught.value.reason == "bad_name"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", HONEST)
def test_other_names_stay(name: str) -> None:
    assert checked_name(name, 120) == name


def test_too_long_a_name_is_refused() -> None:
    assert checked_name("a" * 120, 120)
    for name in ("a" * 121, "跑" * 100):
        with pytest.raises(UploadError, match="too long a name"):
            checked_name(name, 120)


@given(st.text(st.characters(), max_size=200))
def test_whatever_is_let_through_is_one_plain_part(name: str) -> None:
    try:
        checked = checked_name(name, 120)
    except UploadError:
        return
    assert Path(checked).name == checked
    assert PurePosixPath("/x", checked).parent == PurePosixPath("/x")
    assert len(checked.encode()) < 256


def test_folders_that_come_with_a_name_are_left_off() -> None:
    assert last_part("C:\\Users\\Anna\\pelvis.csv") == "pelvis.csv"
    assert last_part("run/../pelvis.csv") == "pelvis.csv"


@pytest.mark.parametrize(
    "alike",
    [("a/Pelvis.csv", "a/pelvis.csv"), ("a", "a/b.csv"), ("a.csv", "a.csv"), ("ﬁ.csv", "fi.csv")],
)
def test_one_file_never_takes_anothers_place(alike: tuple[str, str]) -> None:
    with pytest.raises(UploadError, match="there twice"):
        refuse_alike(map(PurePosixPath, alike))


def test_what_a_file_is_taken_for() -> None:
    kinds = {name: kind_of(name) for name in ("a.CSV", "a.toml", "a.FIT", "a.zip", "a.csv.gz", "a")}
    assert list(kinds.values()) == ["samples", "settings", "watch", "zip", "packed", "other"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("2026-05-03 Track", "2026-05-03-Track"), ("../../etc", "etc"), ("", "session"),
     ("con", "con-recording"), ("run.hipimu", "run.hipimu")],
)  # fmt: skip
def test_a_recording_is_called_by_a_harmless_name(name: str, expected: str) -> None:
    assert recording_name(name) == expected
