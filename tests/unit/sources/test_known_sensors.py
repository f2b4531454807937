"""Roles are remembered, told again where they are sure, and no file makes that fail."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hipimu.data import Advertisement
from hipimu.errors import OutputError
from hipimu.sources.known_sensors import (
    MOST_KNOWN,
    KnownSensor,
    KnownSensors,
    forget,
    known_sensors_file,
    load_known_sensors,
    remember,
)

PELVIS = KnownSensor(role="pelvis", name="DOT 1", serial="S1", address="A1")
LEFT = KnownSensor(role="thigh_left", name="DOT 2", serial="S2", address="A2")


def heard(name: str, address: str) -> Advertisement:
    return Advertisement(address, name, -50)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "sensors.json"


def test_what_is_remembered_is_there_the_next_time(path: Path) -> None:
    assert load_known_sensors(path) == KnownSensors()
    remember([PELVIS], path)
    remember([LEFT], path)
    assert load_known_sensors(path) == KnownSensors((LEFT, PELVIS))


def test_a_device_has_one_role_the_last(path: Path) -> None:
    remember([PELVIS, LEFT], path)
    known = remember([PELVIS.model_copy(update={"role": "thigh_right", "address": "moved"})], path)
    assert [each.role for each in known.sensors] == ["thigh_right", "thigh_left"]
    assert known.role_of("DOT 1", "S1", "anywhere") == "thigh_right"


@pytest.mark.parametrize(
    ("name", "serial", "address", "role"),
    [
        ("DOT 1", "S1", "", "pelvis"),
        ("DOT 1", "S1", "elsewhere", "pelvis"),
        ("DOT 1", None, "A1", "pelvis"),
        ("DOT 1", None, "elsewhere", None),
        ("DOT 1", "S9", "A1", None),
        ("other", "S1", "A1", None),
    ],
)
def test_a_device_is_known_by_name_and_serial_number(
    name: str, serial: str | None, address: str, role: str | None
) -> None:
    assert KnownSensors((PELVIS, LEFT)).role_of(name, serial, address) == role


def test_a_serial_number_that_all_share_tells_nobody_apart(path: Path) -> None:
    same = [
        KnownSensor(role=r, name="WT901", serial="0000", address=a)
        for r, a in (("pelvis", "A1"), ("thigh_left", "A2"))
    ]
    known = remember(same, path)
    assert known.role_of("WT901", "0000", "A1") == "pelvis"
    assert known.role_of("WT901", "0000", "A2") == "thigh_left"
    assert known.suggest([heard("WT901", "A2"), heard("WT901", "A1")]) == {
        "A1": "pelvis",
        "A2": "thigh_left",
    }


def test_a_name_alone_suggests_only_where_it_is_the_only_one() -> None:
    known = KnownSensors((PELVIS, LEFT))
    assert known.suggest([heard("DOT 1", "new"), heard("", "A2")]) == {"new": "pelvis"}
    assert known.suggest([heard("DOT 1", "new"), heard("DOT 1", "newer")]) == {}
    assert known.suggest([heard("DOT 1", "A1"), heard("DOT 1", "new")]) == {"A1": "pelvis"}


def test_a_device_with_another_name_at_a_known_address_is_not_suggested() -> None:
    assert KnownSensors((PELVIS,)).suggest([heard("Evil", "A1")]) == {}


def test_of_two_pelvis_sensors_in_range_the_latest_is_suggested() -> None:
    spare = KnownSensor(role="pelvis", name="DOT 9", serial="S9", address="A9")
    known = KnownSensors((spare, PELVIS))
    assert known.suggest([heard("DOT 1", "A1"), heard("DOT 9", "A9")]) == {"A9": "pelvis"}


def test_forgotten_by_role_or_name(path: Path) -> None:
    remember([PELVIS, LEFT], path)
    assert forget("pelvis", path).sensors == (LEFT,)
    assert forget("DOT 2", path).sensors == ()
    assert load_known_sensors(path) == KnownSensors()


def test_names_are_harmless_in_the_file_and_when_edited_by_hand(path: Path) -> None:
    remember([KnownSensor(role="pelvis", name="a\x1b[2J\u202e")], path)
    assert load_known_sensors(path).sensors[0].name == "a�[2J�"
    content = {"format": "hipimu-sensors/1", "sensors": [{"role": "pelvis", "name": "\x1b[2J"}]}
    path.write_text(json.dumps(content))
    assert load_known_sensors(path).sensors[0].name == "�[2J"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"format": "hipimu-sensors/2", "sensors": []}',
        b'{"format": "hipimu-sensors/1", "sensors": [{"role": 3}]}',
        b'{"format": "hipimu-sensors/1", "sensors": [{"name": "DOT"}]}',
        b'{"format": "hipimu-sensors/1", "sensors": [{"role": ""}]}',
        b'{"sensors": ["' + b"x" * 1_000_001 + b'"]}',
        json.dumps({"sensors": [{"role": "r"}] * (MOST_KNOWN + 1)}).encode(),
    ],
)
def test_a_damaged_file_is_empty_with_a_warning_and_kept_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    known = load_known_sensors(path)
    assert known.sensors == ()
    assert known.warning is not None
    assert str(path) in known.warning
    assert known.warning.endswith(".")
    assert remember([PELVIS], path) == load_known_sensors(path) == KnownSensors((PELVIS,))
    assert path.with_name("sensors.json.damaged").read_bytes() == content


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_file_makes_loading_fail(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sensors.json"
    path.write_bytes(content)
    assert load_known_sensors(path).sensors == ()


def test_a_folder_or_pipe_instead_of_the_file_is_a_warning(tmp_path: Path) -> None:
    assert load_known_sensors(tmp_path).warning is not None
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert load_known_sensors(pipe).warning is not None


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be created"):
        remember([PELVIS], tmp_path / "file" / "sensors.json")


def test_many_sets_of_sensors_do_not_outgrow_the_file(path: Path) -> None:
    remember([KnownSensor(role="r", name=f"{n}") for n in range(MOST_KNOWN)], path)
    known = remember([PELVIS], path)
    assert len(known.sensors) == MOST_KNOWN
    assert known.sensors[0] == PELVIS
    assert load_known_sensors(path) == known


def test_the_usual_place_is_in_the_configuration_of_the_user() -> None:
    assert known_sensors_file().name == "sensors.json"
    assert known_sensors_file().parent.name == "hipimu"
