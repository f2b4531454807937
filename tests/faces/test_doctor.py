"""`hipimu doctor` through its real door, on a computer that surely has no Bluetooth service."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.faces.test_cli import DONE, ERROR, hipimu

NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere/system_bus_socket"}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets a test take Bluetooth away from one program"
)


def test_without_bluetooth_it_says_so_plainly_and_ends_with_1(tmp_path: Path) -> None:
    run = hipimu("doctor", cwd=tmp_path, **NO_BUS)
    lines = run.out.splitlines()

    assert run.code == ERROR
    assert lines[0].startswith("missing    Bluetooth: This computer's Bluetooth service does not")
    assert any(line.startswith("ok         Protocols: ") for line in lines)
    assert any(str(tmp_path) in line for line in lines if " Disk: " in line)
    first, second = run.err.splitlines()
    assert first.startswith("Error: This computer's Bluetooth service does not run")
    assert first.endswith("nothing can be recorded here.")
    assert "systemctl start bluetooth" in second
    assert "Traceback" not in run.err


def test_json_is_one_document_and_the_error_is_on_stderr(tmp_path: Path) -> None:
    run = hipimu("doctor", "--json", cwd=tmp_path, **NO_BUS)
    document = json.loads(run.out)

    assert run.code == ERROR
    assert document["recording_possible"] is False
    states = {check["name"]: check["state"] for check in document["checks"]}
    assert states["Bluetooth"] == "missing"
    assert states["Protocols"] == "ok"
    assert run.err.startswith("Error: ")


def test_help_says_what_is_checked() -> None:
    run = hipimu("doctor", "--help")

    assert run.code == DONE
    assert "Check Bluetooth, disk, clock, protocol files and optional parts" in run.out
