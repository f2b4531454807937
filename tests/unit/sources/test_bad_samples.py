"""Bad sensor files: each is refused by name, with the line or time and a remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from hipimu.data import SEGMENTS, FloatArray
from hipimu.sources import open_recording
from hipimu.sources.recording import BLOCK_S
from tests.unit.sources.conftest import COLUMNS, RunFolder, toml

HEADER = ",".join(COLUMNS)
ACC, GYR = slice(1, 4), slice(4, 7)


class TestText:
    def test_missing_file(self, run: RunFolder) -> None:
        run.file("thigh_left.csv").unlink()
        error = run.refused("thigh_left.csv", "recording.toml")
        assert error.sensor == "thigh_left"

    def test_folder_in_place_of_file(self, run: RunFolder) -> None:
        run.file("pelvis.csv").unlink()
        run.file("pelvis.csv").mkdir()
        run.refused("pelvis.csv")

    @pytest.mark.parametrize("column", COLUMNS)
    def test_missing_column(self, run: RunFolder, column: str) -> None:
        run.replace_line("pelvis", 1, HEADER.replace(column, "other"))
        error = run.refused("pelvis.csv, line 1", column)
        assert error.line == 1

    def test_column_twice(self, run: RunFolder) -> None:
        run.replace_line("pelvis", 1, HEADER.replace("acc_y", "acc_x"))
        run.refused("pelvis.csv, line 1", "acc_x_m_s2 occurs more than once")

    def test_semicolons(self, run: RunFolder) -> None:
        path = run.file("pelvis.csv")
        path.write_text(path.read_text().replace(",", ";"))
        run.refused("pelvis.csv, line 1", "not by ';'")

    def test_empty(self, run: RunFolder) -> None:
        run.file("pelvis.csv").write_bytes(b"")
        run.refused("pelvis.csv is empty")

    @pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
    def test_header_only(self, run: RunFolder, end: str) -> None:
        run.file("pelvis.csv").write_text(HEADER + end)
        run.refused("pelvis.csv", "no samples")

    def test_blank_lines_only(self, run: RunFolder) -> None:
        run.file("pelvis.csv").write_text("\n" * 100)
        run.refused("pelvis.csv", "header")

    def test_not_a_number(self, run: RunFolder) -> None:
        run.replace_line("thigh_right", 41, "0.39,9.8,0,0,x7,0,0")
        error = run.refused("thigh_right.csv, line 41", "gyr_x_rad_s", "'x7'")
        assert error.line == 41
        assert error.path == run.file("thigh_right.csv")

    def test_blank_lines_count(self, run: RunFolder) -> None:
        run.replace_line("pelvis", 30, "\n\n\n")
        run.replace_line("pelvis", 45, "0.39,9.8,0,0,x7,0,0")
        assert run.refused("pelvis.csv, line 45").line == 45

    def test_truncated_last_line(self, run: RunFolder) -> None:
        path = run.file("pelvis.csv")
        path.write_bytes(path.read_bytes()[:-25])
        run.refused("pelvis.csv, line 1201", "7 columns")

    def test_decimal_comma(self, run: RunFolder) -> None:
        run.replace_line("pelvis", 5, "0,03,9,8,0,0,0,0,0,0")
        run.refused("pelvis.csv, line 5", "decimal point")

    @pytest.mark.parametrize("line", [1, 2, 700])
    def test_nul_bytes(self, run: RunFolder, line: int) -> None:
        run.replace_line("pelvis", line, b"\x00\x01\x02")
        error = run.refused(f"pelvis.csv, line {line}", "binary")
        assert error.line == line

    def test_binary_rubbish(self, run: RunFolder) -> None:
        run.file("pelvis.csv").write_bytes(np.random.default_rng(0).bytes(300_000))
        run.refused("pelvis.csv")

    def test_endless_line(self, run: RunFolder) -> None:
        run.replace_line("pelvis", 9, "1" * 3_000_000)
        run.refused("pelvis.csv, line 9")

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
    def test_wide_encodings(self, run: RunFolder, encoding: str) -> None:
        path = run.file("pelvis.csv")
        path.write_bytes(path.read_text().encode(encoding))
        run.refused("pelvis.csv, line 1")

    def test_utf_16_is_named(self, run: RunFolder) -> None:
        path = run.file("pelvis.csv")
        path.write_bytes(path.read_text().encode("utf-16"))
        run.refused("UTF-16", "UTF-8")

    def test_latin_1(self, run: RunFolder) -> None:
        run.replace_line("pelvis", 8, "0.06,9.8,0,0,0,0,0°".encode("latin-1"))
        run.refused("pelvis.csv, line 8", "UTF-8")


class TestTime:
    def test_backwards(self, run: RunFolder) -> None:
        run.edit("pelvis", lambda table: table[600:].__setitem__((..., 0), table[:600, 0]))
        error = run.refused("pelvis.csv, line 602", "backwards", "from 5.99 s to 0 s")
        assert error.time_s == 0.0

    def test_twice(self, run: RunFolder) -> None:
        run.edit("pelvis", lambda table: table[300].__setitem__(0, 2.99))
        run.refused("pelvis.csv, line 302", "2.99 s occurs twice")

    @pytest.mark.parametrize("text", ["nan", "inf", "-inf", "", "1e300"])
    def test_impossible(self, run: RunFolder, text: str) -> None:
        run.replace_line("pelvis", 12, f"{text},9.8,0,0,0,0,0")
        run.refused("pelvis.csv, line 12", "time_s")

    def test_milliseconds(self, run: RunFolder) -> None:
        run.edit("pelvis", lambda table: table.__setitem__((..., 0), table[:, 0] * 1000.0))
        run.refused("pelvis.csv", "0.1 samples per second", "must be in seconds")

    def test_two_recordings_in_one_file(self, run: RunFolder) -> None:
        for segment in SEGMENTS:
            run.edit(
                segment, lambda table: table[700:].__setitem__((..., 0), table[700:, 0] + 9000)
            )
        run.refused("pelvis.csv, line 702", "--until 6.9", "--from 9007.0")
        assert list(open_recording(run.path, until_s=6.9).blocks())
        assert list(open_recording(run.path, from_s=9007.0).blocks())

    def test_wrong_rate(self, run: RunFolder) -> None:
        run.toml = run.toml.replace("rate_hz = 100.0", "rate_hz = 104.0", 1)
        run.refused("pelvis.csv", "100 samples per second", "104", "0.0 s")

    def test_rate_within_two_percent(self, run: RunFolder) -> None:
        run.toml = run.toml.replace("rate_hz = 100.0", "rate_hz = 101.5", 1)
        assert list(open_recording(run.path).blocks())

    def test_late_start(self, run: RunFolder) -> None:
        run.write("thigh_left", run.table("thigh_left")[345:])
        run.refused("thigh_left.csv starts at 3.5 s", "pelvis.csv", "--from 3.5")

    def test_early_end(self, run: RunFolder) -> None:
        run.write("pelvis", run.table("pelvis")[:950])
        error = run.refused("pelvis.csv ends at 9.5 s", "thigh", "--until 9.4")
        assert error.sensor == "pelvis"

    def test_two_seconds_are_tolerated(self, run: RunFolder) -> None:
        run.write("pelvis", run.table("pelvis")[190:-190])
        assert list(open_recording(run.path).blocks())


class TestValues:
    @pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "", "1e200", "9e7"])
    @pytest.mark.parametrize("column", range(1, 7))
    def test_impossible(self, run: RunFolder, text: str, column: int) -> None:
        cells = ["5.0", "9.8", "0", "0", "0", "0", "0"]
        cells[column] = text
        run.replace_line("thigh_left", 502, ",".join(cells))
        error = run.refused("thigh_left.csv, line 502", "5.000 s", COLUMNS[column])
        assert error.time_s == 5.0

    @pytest.mark.parametrize(
        ("factor", "hint"),
        [(1 / 9.80665, "like g"), (1000 / 9.80665, "like mg"), (1670.0, "raw counts"), (3.0, "")],
    )
    def test_unit_of_acceleration(self, run: RunFolder, factor: float, hint: str) -> None:
        run.edit("pelvis", lambda table: table.__setitem__((..., ACC), table[:, ACC] * factor))
        run.refused("pelvis.csv", hint, "m/s²", "s)")

    def test_gravity_removed(self, run: RunFolder) -> None:
        run.edit("pelvis", lambda table: table.__setitem__((..., 1), table[:, 1] - 9.80665))
        run.refused("pelvis.csv", "gravity seems to be removed")

    def test_degrees_per_second(self, run: RunFolder) -> None:
        run.edit("thigh_left", lambda t: t.__setitem__((..., GYR), np.degrees(t[:, GYR])))
        run.refused("thigh_left.csv", "deg/s", "57.29578")

    def test_degrees_per_second_after_a_long_stand(self, long_run: RunFolder) -> None:
        def spoil(table: FloatArray) -> None:
            table[:7000, GYR] *= 0.01
            table[7000:, GYR] = np.degrees(table[7000:, GYR])

        long_run.edit("thigh_left", spoil)
        long_run.refused("thigh_left.csv", "deg/s")

    def test_a_few_shocks_are_no_wrong_unit(self, run: RunFolder) -> None:
        run.edit("thigh_left", lambda table: table[500].__setitem__(5, 70.0))
        assert list(open_recording(run.path).blocks())


class TestParquet:
    def write(self, run: RunFolder, **replaced: Any) -> None:
        table = run.table("pelvis")
        columns: dict[str, Any] = {name: table[:, i] for i, name in enumerate(COLUMNS)}
        columns.update(replaced)
        kept = {name: column for name, column in columns.items() if column is not None}
        pa.parquet.write_table(pa.table(kept), run.file("pelvis.parquet"))
        run.toml = run.toml.replace("pelvis.csv", "pelvis.parquet")

    def test_missing_column(self, run: RunFolder) -> None:
        self.write(run, gyr_z_rad_s=None)
        run.refused("pelvis.parquet", "gyr_z_rad_s")

    def test_text_column(self, run: RunFolder) -> None:
        self.write(run, gyr_z_rad_s=["a"] * 1200)
        run.refused("pelvis.parquet", "gyr_z_rad_s", "string")

    def test_missing_value(self, run: RunFolder) -> None:
        self.write(run, acc_x_m_s2=pa.array([9.8] * 400 + [None] + [9.8] * 799))
        run.refused("pelvis.parquet, row 401", "4.000 s", "acc_x_m_s2")

    def test_cut_short(self, run: RunFolder) -> None:
        self.write(run)
        path = run.file("pelvis.parquet")
        path.write_bytes(path.read_bytes()[:-100])
        run.refused("pelvis.parquet", "copy or export")

    def test_no_rows(self, run: RunFolder) -> None:
        empty = {name: pa.array([], pa.float64()) for name in COLUMNS}
        pa.parquet.write_table(pa.table(empty), run.file("pelvis.parquet"))
        run.toml = run.toml.replace("pelvis.csv", "pelvis.parquet")
        run.refused("pelvis.parquet", "no samples")


class TestClipping:
    def clip(self, run: RunFolder, column: int, limit: float, gain: float) -> None:
        def spoil(table: FloatArray) -> None:
            rest = np.median(table[:, column])
            table[:, column] = np.clip(rest + gain * (table[:, column] - rest), -limit, limit)

        run.edit("thigh_left", spoil)

    def test_gyroscope(self, run: RunFolder) -> None:
        self.clip(run, 5, 4.36332, 1.3)
        error = run.refused(
            "thigh_left.csv", "gyr_y_rad_s clips at 4.363 rad/s (250 deg/s)", "first at 2.", "range"
        )
        assert error.time_s == pytest.approx(2.1, abs=0.1)

    def test_accelerometer(self, run: RunFolder) -> None:
        self.clip(run, 1, 19.6133, 5.0)
        run.refused("thigh_left.csv", "acc_x_m_s2 clips at 19.61 m/s² (2 g)", "±16 g")

    def test_a_little_is_marked(self, run: RunFolder) -> None:
        run.edit("thigh_left", lambda table: table[500:504].__setitem__((..., 6), -8.7))
        blocks = [b for b in open_recording(run.path).blocks() if b.sensor == "thigh_left"]
        assert np.flatnonzero(blocks[0].clipped).tolist() == [500, 501, 502, 503]

    def test_two_equal_values_are_chance(self, run: RunFolder) -> None:
        run.edit("thigh_left", lambda table: table[500:502].__setitem__((..., 6), 8.7))
        assert not any(block.clipped.any() for block in open_recording(run.path).blocks())

    def test_a_plateau_below_the_extreme_is_none(self, run: RunFolder) -> None:
        def plateau(table: FloatArray) -> None:
            table[400, 6] = 9.0
            table[500:510, 6] = 8.7

        run.edit("thigh_left", plateau)
        assert not any(block.clipped.any() for block in open_recording(run.path).blocks())

    def test_small_plateaus_are_none(self, run: RunFolder) -> None:
        self.clip(run, 5, 2.0, 1.0)
        assert not any(block.clipped.any() for block in open_recording(run.path).blocks())

    def test_runs_across_blocks_are_seen(self, long_run: RunFolder) -> None:
        border = round(100 * BLOCK_S)
        long_run.edit(
            "pelvis", lambda table: table[border - 2 : border + 1].__setitem__((..., 6), 8.7)
        )
        blocks = [b for b in open_recording(long_run.path).blocks() if b.sensor == "pelvis"]
        assert np.flatnonzero(blocks[1].clipped).tolist() == [0]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_sensor_is_a_field_of_the_error(run: RunFolder, segment: Any) -> None:
    run.edit(segment, lambda table: table[9].__setitem__(0, 0.08))
    assert run.refused(f"{segment}.csv").sensor == segment
    run.toml = toml({})
