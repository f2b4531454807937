"""Protocol files from anywhere: refused with a line and a sentence, or sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Advertisement
from hipimu.errors import ProtocolError
from hipimu.protocol import folder, known, parse_protocol, recognise
from hipimu.protocol.commands import Template
from hipimu.protocol.fields import parse_field

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(folder().glob("*.toml"))]
MINE = Path("mine.toml")


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_file_is_sound_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    new = data.draw(st.text(st.characters(codec="utf-8"), max_size=12))
    refusal = None
    try:
        parse_protocol(text[:at] + new + text[at + cut :], MINE)
    except ProtocolError as error:
        refusal = error
    assert refusal is None or (refusal.what.startswith("mine.toml") and refusal.remedy)


@pytest.mark.parametrize(
    ("before", "after", "line_of", "said"),
    [
        ("schema = 1", "schema = 2", "schema", "schema is 2"),
        ('uuid = "2a19"', 'uuid = "2a1"', "uuid", "must be a UUID"),
        ("default = 104", "default = 103", "[settings.rate_hz]", "one of the choices"),
        ('bytes = "01 00"', 'bytes = "01 0"', "bytes", "is not understood"),
        ('bytes = "01 00"', 'bytes = "{speed:u8}"', "bytes", "no setting speed"),
        ("wrap = 65536", 'wrap = "many"', "wrap", "valid integer"),
        ('limit = "acc_range_g"', 'limit = "range"', "[signals.acc]", "no setting range"),
        ("16 = 2048 }", "15 = 2048 }", "[signals.acc]", "lacks acc_range_g = 16"),
        ('head = ["u16 counter"', 'head = ["* u16 counter"', "[layouts.samples]", "not both"),
        ('"3 i16 gyr"', '"3 i16 acc"', "[layouts.samples]", "there twice"),
    ],
)
def test_mistakes_have_a_line(before: str, after: str, line_of: str, said: str) -> None:
    text = (folder() / "hipimu-open.toml").read_text(encoding="utf-8")
    assert before in text
    wrong = text.replace(before, after, 1)
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(wrong, MINE)
    assert said in caught.value.what
    assert caught.value.line is not None
    near = wrong.splitlines()[max(caught.value.line - 2, 0) : caught.value.line + 1]
    assert any(line_of in line for line in near), (caught.value.what, near)


@pytest.mark.parametrize(
    "text",
    ["", "3", "i16", "i17 x", "0 u8 x", "9999 u8 x", "u8 X", "u8 x if", "u8 x if flags", "u8 x &1"],
)
def test_no_field(text: str) -> None:
    if text == "i16":
        assert parse_field(text).name is None
        return
    with pytest.raises(ValueError, match=r"write|type|possible"):
        parse_field(text)


@given(rate=st.integers(0, 65535), start=st.binary(max_size=4))
def test_a_command_is_read_as_it_was_written(rate: int, start: bytes) -> None:
    template = Template(f'{start.hex()} "x" {{rate_hz:u16}} {{rate_hz:u32be}} {{rate_hz:ascii}}')
    written = template.filled({"rate_hz": float(rate)})
    assert template.read(written) == {"rate_hz": float(rate)}
    assert template.read(written + b"\0") is None


def test_a_value_that_does_not_fit_is_refused() -> None:
    for value in (256.0, 1.5, -1.0):
        with pytest.raises(ValueError, match="rate_hz"):
            Template("{rate_hz:u8}").filled({"rate_hz": value})


def heard(name: str = "", services: tuple[str, ...] = (), company: tuple[int, ...] = ()) -> str:
    found = recognise(Advertisement("AA", name, -60, services, company))
    return "" if found is None else found.id


def test_devices_are_recognised() -> None:
    assert heard("Movella DOT") == "movella-dot"
    assert heard("Kitchen scale") == ""
    assert heard() == ""
    for protocol in known().values():
        by = protocol.recognise
        for service in by.services:
            found = heard("", (service,))
            # Several protocols may share a service; none may be taken for another kind of device.
            assert known()[found].kind == protocol.kind
        for name in by.names:
            assert known()[heard(name)].vendor == protocol.vendor


def test_a_sensor_for_movement_goes_before_the_heart_rate_it_also_offers() -> None:
    heart_rate = "0000180d-0000-1000-8000-00805f9b34fb"
    imu = known()["hipimu-open"].recognise.services[0]
    assert heard("x", (heart_rate, imu)) == "hipimu-open"
    assert heard("x", (heart_rate,)) == "heart-rate"
