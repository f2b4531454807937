"""`hipimu protocols` through its real door."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hipimu.protocol import folder
from tests.faces.test_cli import DONE, ERROR, USAGE, hipimu

CAPTURE = "5561f3fff3ff0f0800000000000098ff0d00f831"
DOCS = Path(__file__).parents[2] / "docs"


def test_list_names_every_file_and_the_reason_of_a_refusal() -> None:
    done = hipimu("protocols", "list")

    assert done.code == DONE
    for path in folder().glob("*.toml"):
        assert path.stem in done.out
    assert "not usable" in next(x for x in done.out.splitlines() if x.startswith("sensortag"))


def test_decode_prints_si_values_of_a_capture() -> None:
    done = hipimu("protocols", "decode", "witmotion-wt901ble", "--char", "notify", CAPTURE)

    assert done.code == DONE
    (sample,) = json.loads(done.out)["samples"]
    assert sample["acc_m_s2"] == pytest.approx([-0.0622, -0.0622, 9.8785], abs=1e-3)
    assert sample["gyr_rad_s"] == [0.0, 0.0, 0.0]
    assert sample["angle_rad"][2] == pytest.approx(1.22642, abs=1e-4)


def test_decode_takes_a_uuid_and_settings() -> None:
    packet = "0000 40420F00 000000080000 004000000000"
    uuid = "5D810002-689F-41FB-A860-2482B69475DC"
    done = hipimu(
        "protocols", "decode", "hipimu-open", "--char", uuid, "--set", "acc_range_g=4", packet
    )

    assert done.code == DONE, done.err
    (sample,) = json.loads(done.out)["samples"]
    assert sample["acc_m_s2"][1] == pytest.approx(9.80665 / 4)
    assert sample["clock_s"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("decode", "witmotion-wt901ble", "--char", "notify", "55"), DONE, '"samples": []'),
        (("decode", "hipimu-open", "--char", "data", "0102"), ERROR, "2 bytes are 4 too few"),
        (("decode", "hipimu-open", "--char", "data", "xyz"), USAGE, "is not hex"),
        (("decode", "hipimu-open", "--char", "dada", "00"), ERROR, "Known: data"),
        (("decode", "hipimu", "--char", "data", "00"), ERROR, "hipimu-open"),
        (("decode", "hipimu-open", "--char", "data", "--set", "rate_hz=1", "00"), ERROR, "104"),
        (("show", "nowhere.toml"), ERROR, "cannot be read"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = hipimu("protocols", *arguments)

    assert done.code == code
    assert said in " ".join((done.out + done.err).split())
    assert "Traceback" not in done.err


def test_check_names_the_line(tmp_path: Path) -> None:
    text = (folder() / "hipimu-open.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "mine.toml"
    for before, after, said in (
        ('unit = "g"', 'unit = "gee"', "known units are"),
        ('"3 i16 acc"', '"3 i17 acc"', "'i17' is no type"),
        ('field = "counter"', 'field = "count"', "no layout has a field count"),
        ("acc = [[0.0, 1.0, 0.0]", "acc = [[0.0, 1.5, 0.0]", "gives acc"),
        ('from = "data"', 'form = "data"', "is missing"),
        ('to = "control"', 'to = "controll"', "there is no characteristic controll"),
    ):
        wrong.write_text(text.replace(before, after, 1), encoding="utf-8")
        done = hipimu("protocols", "check", wrong)
        assert done.code == ERROR
        assert said in done.err
        line = int(re.search(r"line (\d+)", done.err)[1])  # type: ignore[index]
        near = wrong.read_text(encoding="utf-8").splitlines()[max(0, line - 12) : line + 12]
        assert any(after.split(" = ")[0].strip("[") in x for x in near), done.err


def test_the_how_to_s_sensor_works_without_python(tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "add-your-sensor.md").read_text(encoding="utf-8")
    files = re.findall(r"^```toml\n(.*?)^```", page, re.M | re.S)
    mine = tmp_path / "mine.toml"
    mine.write_text(max(files, key=len), encoding="utf-8")

    checked = hipimu("protocols", "check", mine)
    assert checked.code == DONE, checked.err
    assert hipimu("protocols", "show", mine).code == DONE
