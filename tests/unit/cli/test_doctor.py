"""The command's own part: what is printed, the code it ends with, and that it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest

import hipimu.sources.ble as ble
from hipimu.data import Advertisement
from hipimu.errors import HipimuError, SensorError

command: Any = import_module("hipimu.cli.doctor")  # the package holds the function by that name
OFF = SensorError("Bluetooth is switched off.", "Switch it on.", reason="off")


def heard(monkeypatch: pytest.MonkeyPatch, answer: Sequence[Advertisement] | SensorError) -> None:
    async def listen() -> Sequence[Advertisement] | SensorError:
        return answer

    monkeypatch.setattr(command, "_heard", listen)


def test_one_line_a_check_and_no_error_where_recording_is_possible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard(monkeypatch, [Advertisement("A", "Movella DOT", -50, company_ids=(2182,))])
    command.doctor(json=False)

    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("ok         Bluetooth: adapter is on")
    assert all(line.split()[0] in ("ok", "attention", "optional") for line in out)
    assert all(line.endswith(".") for line in out)


def test_without_bluetooth_it_is_an_error_after_all_else_was_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard(monkeypatch, OFF)
    with pytest.raises(HipimuError) as error:
        command.doctor(json=False)

    assert error.value.what == "Bluetooth is switched off: nothing can be recorded here."
    assert error.value.remedy == "Switch it on."
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "missing    Bluetooth: Bluetooth is switched off. Switch it on."
    assert out[-1].startswith("ok         Versions: hipimu ")


@pytest.mark.parametrize("possible", [True, False])
def test_json_says_the_same_in_one_document(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], possible: bool
) -> None:
    heard(monkeypatch, [] if possible else OFF)
    if possible:
        command.doctor(json=True)
    else:
        with pytest.raises(HipimuError):
            command.doctor(json=True)

    document = json.loads(capsysbinary.readouterr().out.decode())
    assert document["schema"] == "hipimu-doctor/1"
    assert document["recording_possible"] is possible
    assert {"name", "state", "needed", "what", "remedy", "facts"} == set(document["checks"][0])


def test_bluetooth_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: float) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(ble, "scan", never)
    monkeypatch.setattr(command, "_LONGEST_S", 0.05)
    answer = asyncio.run(command._heard())

    assert isinstance(answer, SensorError)
    assert answer.reason == "failed"
    assert "did not answer" in answer.what


def test_what_a_scan_refuses_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: float) -> None:
        raise OFF

    monkeypatch.setattr(ble, "scan", refused)
    assert asyncio.run(command._heard()) is OFF


def test_a_library_that_pdf_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from hipimu.errors import OutputError
    from hipimu.report import pdf

    def lacking() -> None:
        raise OutputError("No PDF.", "Install pango.")

    monkeypatch.setattr(pdf, "check_pdf", lacking)
    assert command._problems()["pdf"] == "Install pango."
