"""The how-to for a new sensor: its steps make its file, and the tool says what it quotes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import Advertisement
from hipimu.errors import ProtocolError
from hipimu.protocol import Decoder, Device, conversation, failures, recognise
from hipimu.protocol.load import parse_protocol

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "add-your-sensor.md").read_text("utf-8")
NAME = Path("stride-one.toml")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.M | re.S)
(WHOLE,) = (text for language, text in BLOCKS if language == "toml")
STEPS = [text for language, text in BLOCKS if language == "text" and re.match(r"schema|\[", text)]
QUOTED = [text for language, text in BLOCKS if language == "text" and text not in STEPS]


def test_the_steps_are_the_whole_file() -> None:
    assert "\n".join(STEPS) == WHOLE


@pytest.mark.parametrize("steps", range(1, 8))
def test_what_is_missing_is_told_after_every_step(steps: int) -> None:
    with pytest.raises(ProtocolError, match=r"missing|there is (no example|neither acc nor gyr)"):
        parse_protocol("\n".join(STEPS[:steps]), NAME)


def test_the_first_complaint_is_the_quoted_one() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(STEPS[0], NAME)
    assert QUOTED[0] == f"Error: {caught.value.what}\n{caught.value.remedy}\n"


def test_the_whole_file_is_sound() -> None:
    protocol = parse_protocol(WHOLE, NAME)
    assert failures(protocol) == []
    assert QUOTED[1].startswith(f"{NAME}: sound; {len(protocol.examples)} example")


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        (0, 'vendor = "Example Instruments"', "vendor = Example Instruments"),
        (1, 'subscribe = ["data"]', 'subscribe = ["date"]'),
        (2, "{ 8 = 4096, 16 = 2048 }", "{ 16 = 2048 }"),
        (3, " 680600000000", " 68060000"),
        (4, "acc = [[0, 0, 1]", "acc = [[0, 0, 2]"),
    ],
)
def test_complaints_are_those_of_the_table(row: int, before: str, after: str) -> None:
    phrases = re.findall(r"^\| `(.+?)` \|", PAGE.split("## When the check complains")[1], re.M)
    wanted = ".*".join(map(re.escape, phrases[row].split("…")))
    assert re.search(wanted, complaint(WHOLE.replace(before, after, 1)))
    assert len(phrases) == 5, "a row without a test"


def complaint(text: str) -> str:
    try:
        ((_, why),) = failures(parse_protocol(text, NAME))
    except ProtocolError as error:
        return error.what
    return why


def test_its_sensor_is_recognised_and_understood() -> None:
    protocol = parse_protocol(WHOLE, NAME)
    heard = Advertisement("D4:22:CD:00:00:01", "Stride-0042", -60)
    assert recognise(heard, {protocol.id: protocol}) is protocol
    device = Device(
        protocol,
        lambda t_s: {
            "acc_m_s2": np.outer(np.sin(t_s), [1.0, 2.0, 3.0]),
            "gyr_rad_s": np.outer(np.cos(t_s), [4.0, 5.0, 6.0]),
        },
    )
    talk = conversation(protocol)
    for command in (*talk.configure, *talk.start):
        (reply,) = device.write(command.characteristic, command.payload).replies
        assert reply == (command.reply_characteristic, command.reply_begins)
    sent = device.packets(100.0, 170.0)
    decoded = Decoder(protocol, "pelvis").push("data", [p.payload for p in sent], [0.0] * len(sent))

    (readings,) = decoded.readings
    t_s = 100.0 + np.arange(len(readings.arrival_s)) / 200.0
    assert len(t_s) >= 13_990
    acc, gyr = readings.signals["acc_m_s2"], readings.signals["gyr_rad_s"]
    np.testing.assert_allclose(acc, np.outer(np.sin(t_s), [1, 2, 3]), atol=0.01)
    np.testing.assert_allclose(gyr, np.outer(np.cos(t_s), [4, 5, 6]), atol=0.01)
