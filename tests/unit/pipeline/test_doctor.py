"""Each verdict of the doctor, and what it tells to do."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hipimu.data import Advertisement, Packet
from hipimu.errors import ProtocolError, SensorError
from hipimu.pipeline import doctor
from hipimu.protocol import known
from hipimu.sources.journal import JournalMetadata, JournalSensor, JournalWriter

NOW = datetime(2026, 7, 1, 18, 30, tzinfo=UTC)
HERE = Path("runs")
HOUR = doctor.BYTES_PER_HOUR
OFF = SensorError("Bluetooth is switched off.", "Switch it on.", reason="off")


def test_bluetooth_that_is_off_says_why_and_what_to_do() -> None:
    check = doctor.bluetooth(OFF)

    assert (check.state, check.needed) == ("missing", True)
    assert (check.what, check.remedy) == ("Bluetooth is switched off", "Switch it on.")
    assert check.facts == {"reason": "off"}


def test_an_adapter_that_hears_nothing_can_record_but_is_worth_a_word() -> None:
    check = doctor.bluetooth([])

    assert check.state == "attention"
    assert "move them" in check.remedy


def test_sensors_that_hipimu_knows_are_counted() -> None:
    dot = Advertisement("A", "Movella DOT", -50, company_ids=(2182,))
    check = doctor.bluetooth([dot, Advertisement("B", "a kettle", -70)])

    assert check.state == "ok"
    assert check.facts == {"devices": 2, "sensors": 1}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("bluetoothctl: 5.66\n", "ok"),
        ("5.55", "ok"),
        ("5.54", "attention"),
        ("bluetoothctl: 4.101", "attention"),
        ("nonsense", "attention"),
        (None, "attention"),
    ],
)
def test_bluez(said: str | None, state: str) -> None:
    check = doctor.bluez(said)

    assert (check.state, check.needed) == (state, False)
    assert bool(check.remedy) == (state != "ok")


@pytest.mark.parametrize(
    ("hours", "state", "said"),
    [
        (1000.0, "ok", "room for 1000 hours"),
        (5.5, "ok", "room for 5.5 hours"),
        (1.25, "attention", "room for 1.2 hours"),
        (0.0, "missing", "room for 0.0 hours"),
    ],
)
def test_disk(hours: float, state: str, said: str) -> None:
    """The journal stops while 100 MB are left, as finishing needs room."""
    check = doctor.disk(HERE, 100_000_000 + round(hours * HOUR), writable=True)

    assert (check.state, check.needed) == (state, True)
    assert said in check.what
    assert doctor.disk(HERE, 50_000_000, writable=True).state == "missing"


def test_a_folder_that_cannot_be_written_is_of_no_use_however_much_is_free() -> None:
    check = doctor.disk(HERE, 10**12, writable=False)

    assert (check.state, check.what) == ("missing", "runs is write-protected")


def test_bytes_per_hour_are_those_of_a_journal_that_was_written(tmp_path: Path) -> None:
    """A minute of three sensors at 120 Hz, one sample a packet; 9 bytes a sample beside."""
    minutes = 1
    path = tmp_path / "journal.bin"
    sensors = ("pelvis", "thigh_left", "thigh_right")
    metadata = JournalMetadata(
        started_at=NOW,
        sensors=tuple(JournalSensor(sensor=s, protocol="hipimu-open") for s in sensors),
    )
    with JournalWriter(path, metadata) as journal:
        for number in range(minutes * 60 * 120):
            for sensor in sensors:
                journal.append(Packet(sensor, "c", bytes(18), number * 8_333_333))
    samples = minutes * 60 * 120 * 3

    per_hour = (path.stat().st_size + 9 * samples) * 60 / minutes
    assert per_hour == pytest.approx(HOUR, rel=0.02)


@pytest.mark.parametrize(
    ("now", "resolution_s", "synchronised", "state", "said"),
    [
        (NOW, 1e-9, True, "ok", "2026-07-01 18:30 UTC"),
        (NOW, 1e-7, None, "ok", "2026-07-01"),
        (NOW, 1e-9, False, "attention", "nothing sets it"),
        (NOW, 15.6e-3, True, "attention", "steps of 16 ms"),
        (datetime(1970, 1, 1, tzinfo=UTC), 1e-9, None, "attention", "1970-01-01"),
        (datetime(2107, 1, 1, tzinfo=UTC), 1e-9, True, "attention", "2107-01-01"),
    ],
)
def test_clock(
    now: datetime, resolution_s: float, synchronised: bool | None, state: str, said: str
) -> None:
    check = doctor.clock(resolution_s, now, synchronised=synchronised)

    assert (check.state, check.needed) == (state, False)
    assert said in check.what
    assert bool(check.remedy) == (state != "ok")


class TestProtocols:
    def test_those_that_come_with_hipimu_are_right(self) -> None:
        check = doctor.protocols()

        assert check.state == "ok"
        assert check.facts["protocols"] == len(known())
        assert check.facts["examples"] == sum(len(p.examples) for p in known().values())

    def test_a_damaged_file_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def damaged() -> None:
            raise ProtocolError("mine.toml, line 3: no TOML.", "Mend that line.")

        monkeypatch.setattr(doctor, "known", damaged)
        check = doctor.protocols()

        assert (check.state, check.needed) == ("missing", True)
        assert (check.what, check.remedy) == ("mine.toml, line 3: no TOML", "Mend that line.")

    def test_and_does_not_keep_bluetooth_from_being_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def damaged(_: Advertisement) -> None:
            raise ProtocolError("mine.toml is damaged.", "Mend it.")

        monkeypatch.setattr(doctor, "recognise", damaged)
        assert doctor.bluetooth([Advertisement("A", "x", -50)]).state == "ok"

    def test_an_example_that_does_not_come_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name, protocol = next(item for item in known().items() if item[1].examples)
        example = protocol.examples[0]
        cut = [dict.fromkeys(packet, "00") for packet in example.packets]
        wrong = protocol.model_copy(
            update={"examples": [example.model_copy(update={"packets": cut})]}
        )
        monkeypatch.setattr(doctor, "known", lambda: dict(known()) | {name: wrong})
        check = doctor.protocols()

        assert check.state == "attention"
        assert check.what.startswith(f"{name}: example 1")
        assert f"hipimu protocols check {name}" in check.remedy


def test_settings() -> None:
    fine = doctor.settings(HERE, None, writable=True)
    damaged = doctor.settings(HERE, "runs/sensors.json cannot be used: no JSON.", writable=True)
    locked = doctor.settings(HERE, None, writable=False)

    assert (fine.state, damaged.state, locked.state) == ("ok", "attention", "attention")
    assert "runs" in fine.what
    assert damaged.remedy == "runs/sensors.json cannot be used: no JSON."
    assert "--role" in locked.remedy


def test_parts() -> None:
    here = doctor.part("virtual", "pytest", "tests", None)
    broken = doctor.part("virtual", "pytest", "tests", "Install its libraries.")
    missing = doctor.part("virtual", "no_such_package", "tests", None)

    assert (here.state, here.what) == ("ok", f"tests: pytest {pytest.__version__}")
    assert (broken.state, broken.remedy) == ("attention", "Install its libraries.")
    assert (missing.state, missing.needed) == ("optional", False)
    assert "pip install 'hipimu[virtual]'" in missing.remedy


def test_versions_are_those_of_this_python() -> None:
    facts = doctor.versions().facts

    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert all(facts[package] for package in ("hipimu", "bleak", "numpy"))


def test_everything_is_asked_and_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    checks = {check.name: check for check in doctor.examine(OFF)}

    assert {"Bluetooth", "Disk", "Clock", "Protocols", "Settings", "Versions"} <= set(checks)
    assert ("BlueZ" in checks) == (sys.platform == "linux")
    assert checks["Disk"].facts["folder"] == str(tmp_path)
    free = shutil.disk_usage(tmp_path).free
    assert checks["Disk"].facts["free_bytes"] == pytest.approx(free, rel=0.05)
    assert checks["Clock"].state != "missing"
    for check in checks.values():
        assert not check.what.endswith(".")
        assert check.remedy.endswith(".") == bool(check.remedy)
        assert bool(check.remedy) == (check.state != "ok")


def test_a_program_that_hangs_or_fails_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._printed("no-such-program") is None
    assert doctor._printed(sys.executable, "-c", "raise SystemExit(3)") is None
    monkeypatch.setattr(doctor, "_PATIENCE_S", 30.0)
    assert doctor._printed(sys.executable, "-c", "print('said')") == "said\n"
    monkeypatch.setattr(doctor, "_PATIENCE_S", 0.2)
    assert doctor._printed(sys.executable, "-c", "import time; time.sleep(30)") is None


def test_a_silent_computer_is_no_obstacle() -> None:
    silent, fine = doctor.sound("There is no aplay."), doctor.sound(None)
    assert (silent.state, silent.needed, silent.remedy) == ("optional", False, "There is no aplay.")
    assert fine.state == "ok"
