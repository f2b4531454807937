"""A device whose serial number had another role last time is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import hipimu.sources.known_sensors as known_sensors
from hipimu.cli.radio import exchanged
from hipimu.data import SensorHealth
from hipimu.pipeline.record import SensorLine
from hipimu.sources.ble import SensorStatus
from hipimu.sources.known_sensors import KnownSensor, remember


def line(sensor: str, serial: str | None) -> SensorLine:
    status = SensorStatus(
        sensor, "streaming", "", 9, 5, 0, 0, None, 247, "Movella DOT", "AA", serial, None
    )
    health = SensorHealth(sensor, "up", 9, 9, 60.0, 0, 0.0, 0, 0, 0, 0.0, 1.0)
    return SensorLine(status, health, 0.1)


def test_exchanged_sensors_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sensors.json"
    monkeypatch.setattr(known_sensors, "known_sensors_file", lambda: file)
    assert exchanged([line("pelvis", "S1")]) == []
    remember(
        [
            KnownSensor(role="pelvis", name="Movella DOT", serial="S1", address="AA"),
            KnownSensor(role="thigh_left", name="Movella DOT", serial="S2", address="BB"),
        ]
    )
    assert exchanged([line("pelvis", "S1"), line("thigh_left", "S2")]) == []
    (said,) = exchanged([line("pelvis", "S2")])
    assert "was the thigh left sensor last time" in said
    assert exchanged([line("pelvis", None)]) == []
