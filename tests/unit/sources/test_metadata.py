"""recording.toml: what is unknown, missing or impossible is refused by its key."""

from __future__ import annotations

import pytest

from hipimu.sources import open_recording
from tests.unit.sources.conftest import RunFolder, toml

TOP = toml({}).partition("[sensors")[0]
SENSORS = toml({})[len(TOP) :]


@pytest.mark.parametrize(
    ("top", "parts"),
    [
        ("speed = 3", ("speed", "started_at", "notice")),
        ("started_at = 2026-05-03T07:30:00", ("started_at is 2026-05-03 07:30:00,", "time zone")),
        ('started_at = "yesterday"', ("started_at", "yesterday")),
        ("synchronised = 1", ("synchronised", "1", "true or false")),
        ("simulated = 'no'", ("simulated",)),
        ("notice = 5", ("notice", "in quotes")),
        ("[athlete]\nage = 30", ("athlete.age", "mass_kg")),
        ("[athlete]\nmass_kg = -1", ("athlete.mass_kg", "-1")),
        ("[athlete]\nheight_m = 175", ("athlete.height_m", "175")),
        ("[athlete]\nheight_m = 0.9", ("athlete.height_m", "0.9")),
        ("[athlete]\nmass_kg = nan", ("athlete.mass_kg",)),
        ("[athlete]\nsex = 'q'", ("athlete.sex", "'f'")),
        ("[calibration]\nstand_s = [3.0, 2.0]", ("calibration.stand_s", "after it starts")),
        ("[calibration]\nstand_s = [3.0]", ("calibration.stand_s", "Give 2 values")),
        ("[calibration]\nstand = [3.0, 4.0]", ("calibration.stand", "stand_s")),
        ("athlete = 3", ("athlete is 3", "as a table")),
        ("[sensors.shank]\nfile = 'x.csv'", ("sensors.shank", "thigh_left")),
    ],
)
def test_keys(run: RunFolder, top: str, parts: tuple[str, ...]) -> None:
    common = TOP.replace("synchronised = true\n", "") if "synchronised" in top else TOP
    run.toml = f"{common}{top}\n{SENSORS}"
    run.refused("recording.toml", *parts)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("colour = 'red'", ("sensors.pelvis.colour", "mounting")),
        ("mounting = [1.0, 0.0, 0.0]", ("sensors.pelvis.mounting", "Give 4 values")),
        ("mounting = [1.0, 1.0, 0.0, 0.0]", ("sensors.pelvis.mounting", "1.414")),
        ("mounting = [0.0, 0.0, 0.0, 0.0]", ("sensors.pelvis.mounting", "length")),
        ("mounting = [nan, 0.0, 0.0, 0.0]", ("sensors.pelvis.mounting",)),
        ("mounting = ['1', 0.0, 0.0, 0.0]", ("sensors.pelvis.mounting",)),
    ],
)
def test_keys_of_a_sensor(run: RunFolder, line: str, parts: tuple[str, ...]) -> None:
    run.toml = toml({"pelvis": line})
    run.refused("recording.toml", *parts)


@pytest.mark.parametrize("rate", ["0", "-100.0", "inf", "nan", "1e9", "'100'", "true"])
def test_rates(run: RunFolder, rate: str) -> None:
    run.toml = toml({}).replace("rate_hz = 100.0", f"rate_hz = {rate}", 1)
    run.refused("recording.toml", "sensors.pelvis.rate_hz")


@pytest.mark.parametrize("key", ["format", "synchronised", "file", "rate_hz"])
def test_required_keys(run: RunFolder, key: str) -> None:
    run.toml = "\n".join(line for line in toml({}).split("\n") if not line.startswith(key))
    run.refused("recording.toml", "clock" if key == "synchronised" else key)


def test_unknown_format_lists_the_known(run: RunFolder) -> None:
    run.toml = toml({}).replace("hipimu-csv/1", "hipimu-csv/7")
    run.refused("'hipimu-csv/7'", '"hipimu-csv/1"', '"movella-dot/1"')


@pytest.mark.parametrize(
    ("kept", "hint"), [((1, 2), "pelvis"), ((0,), "thigh_left"), ((2,), "pelvis")]
)
def test_too_few_sensors(run: RunFolder, kept: tuple[int, ...], hint: str) -> None:
    tables = SENSORS.split("[sensors")[1:]
    run.toml = TOP + "".join(f"[sensors{tables[i]}" for i in kept)
    run.refused("recording.toml", "too few sensors", f"sensors.{hint}")


def test_no_sensors(run: RunFolder) -> None:
    run.toml = TOP
    run.refused("recording.toml lacks sensors")
    run.toml = TOP + "[sensors]\n"
    run.refused("none", "sensors.pelvis")


def test_one_file_for_two_sensors(run: RunFolder) -> None:
    run.toml = toml({}).replace("thigh_right.csv", "thigh_left.csv")
    run.refused("thigh_left.csv", "more than one sensor")


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/hostname", "C:\\x.csv", "..\\secret.csv"])
def test_file_names_stay_inside(run: RunFolder, name: str) -> None:
    run.path.parent.joinpath("secret.csv").write_text("time_s\n1\n")
    run.toml = toml({}).replace('"pelvis.csv"', f"'{name}'")
    run.refused("leads out of the recording's folder")


@pytest.mark.parametrize("table", ["pelvis.csv", "laps.csv", "speed.csv"])
def test_links_that_lead_out_are_refused(run: RunFolder, table: str) -> None:
    secret = run.path.parent / "secret.csv"
    secret.write_text("a secret\n")
    run.file(table).unlink(missing_ok=True)
    run.file(table).symlink_to(secret)
    error = run.refused(table, "leads out")
    assert "a secret" not in str(error)


def test_links_and_folders_inside_are_fine(run: RunFolder) -> None:
    run.file("data").mkdir()
    run.file("pelvis.csv").rename(run.file("data") / "hips.csv")
    run.file("link.csv").symlink_to(run.file("data") / "hips.csv")
    run.toml = toml({}).replace("pelvis.csv", "link.csv")
    assert list(open_recording(run.path).blocks())


@pytest.mark.parametrize("name", ["x" * 255, "a/" * 100 + "b", "\\u0000", "\\ud7ff.csv", "."])
def test_odd_file_names(run: RunFolder, name: str) -> None:
    run.toml = toml({}).replace('"pelvis.csv"', f'"{name}"')
    run.refused("pelvis")


def test_toml_syntax_names_the_line(run: RunFolder) -> None:
    run.toml = toml({}).replace('file = "thigh_left.csv"', "file = thigh_left.csv")
    assert run.refused("recording.toml, line 8", "not TOML").line == 8


def test_not_utf_8_names_the_line(run: RunFolder) -> None:
    run.file("recording.toml").write_bytes(b"# one\n" + "# °C".encode("latin-1"))
    assert run.refused("recording.toml, line 2", "UTF-8").line == 2


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 10_000, "a=1\n" * 300_000])
def test_monsters(run: RunFolder, text: str) -> None:
    run.toml = text
    run.refused("recording.toml")


def test_huge_number(run: RunFolder) -> None:
    run.toml = toml({}).replace("rate_hz = 100.0", f"rate_hz = {'9' * 400}", 1)
    run.refused("recording.toml")


def test_folder_in_place_of_toml(run: RunFolder) -> None:
    run.file("recording.toml").unlink()
    run.file("recording.toml").mkdir()
    run.refused("recording.toml")
