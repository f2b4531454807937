"""The table of known sensors says what the protocol files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hipimu.protocol import Protocol
from hipimu.protocol.load import folder, read_protocol
from hipimu.protocol.schema import key_of

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "sensors.md").read_text("utf-8")
FILES = {path.stem: read_protocol(path) for path in folder().glob("*.toml")}
ROWS = {
    cells[1].strip("`"): cells
    for line in PAGE.splitlines()
    if line.startswith("| ") and "`" in line
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def test_every_file_has_a_row_and_every_row_a_file() -> None:
    assert ROWS.keys() == FILES.keys()


@pytest.mark.parametrize("name", [n for n, p in FILES.items() if p.kind == "imu"])
def test_a_row_says_what_its_file_says(name: str) -> None:
    protocol, (_, _, rate, ranges, lost, verdict) = FILES[name], ROWS[name]
    if protocol.refusal is not None:
        assert "refused" in verdict
        return
    limits = protocol.limits
    acc = least(protocol, "acc_range_g", limits.acc_g)
    gyr = least(protocol, "gyr_range_deg_s", limits.gyr_deg_s)
    assert rate == f"up to {least(protocol, 'rate_hz', limits.rate_hz)} Hz"
    assert ranges == f"±{acc} g, ±{gyr} °/s"
    told_by = "counter" if protocol.counter else "clock" if protocol.clock else "rate"
    assert lost == told_by


def least(protocol: Protocol, setting: str, limit: float | None) -> str:
    """The widest choice, or what cuts it off."""
    return key_of(min(max(protocol.settings[setting].choices), limit or float("inf")))


@pytest.mark.parametrize("name", [n for n, p in FILES.items() if p.kind not in ("imu", "battery")])
def test_what_is_beside_has_its_role(name: str) -> None:
    assert ROWS[name][2] == f"`{FILES[name].kind}`"


def test_commands_name_files_that_exist() -> None:
    named = re.findall(r"=ADDRESS@([a-z0-9-]+)", PAGE)
    assert named
    assert set(named) <= FILES.keys()
