"""`hipimu import`: what it says, what it refuses, and a mapping that lies elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hipimu.cli import app
from hipimu.errors import OutputError, RecordingError
from hipimu.sources import open_recording
from tests.unit.sources.foreign.write_mapping import make_files, make_rows


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, words)])


def test_a_mapping_may_lie_elsewhere(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    make_files(files)
    mapping = (files / "mapping.toml").rename(tmp_path / "season.toml")
    result = run(files, "--mapping", mapping, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert f"Wrote {tmp_path / 'out'}" in result.output
    assert len(open_recording(tmp_path / "out").segments) == 3


def test_it_writes_what_convert_writes(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    make_files(files)
    assert run(files, "--out", tmp_path / "bids", "--to", "motion-bids").exit_code == 0
    assert (tmp_path / "bids" / "dataset_description.json").exists()


def test_one_of_the_files_may_be_named(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    make_rows(files)
    result = run(files / "all.tsv", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output


def test_a_guess_says_what_is_sure_likely_and_open(tmp_path: Path) -> None:
    make_files(tmp_path)
    (tmp_path / "mapping.toml").unlink()
    result = run(tmp_path, "--guess")
    assert result.exit_code == 0, result.output
    parts = ("Sure, for the files say it:", "Likely, by the numbers", "Open – only you can know:")
    places = [result.output.index(part) for part in parts]
    assert places == sorted(places)
    assert "sensors: No name says where these are worn: 'left.csv', 'right.csv'." in result.output
    assert "Not tried yet: fill in what is open" in result.output
    assert not (tmp_path / "mapping.toml").exists()


def test_a_guess_that_does_not_read_says_so(tmp_path: Path) -> None:
    make_files(tmp_path)
    (tmp_path / "mapping.toml").unlink()
    (tmp_path / "left.csv").rename(tmp_path / "left thigh.csv")
    (tmp_path / "right.csv").unlink()
    path = tmp_path / "left thigh.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[500] = lines[499]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    result = run(tmp_path, "--guess")
    assert result.exit_code == 0, result.output
    assert "Tried: read so, the files are refused: left thigh.csv, line 501" in result.output


@pytest.mark.parametrize(
    "words", [(), ("--guess", "--out", "x"), ("--write", "--out", "x"), ("--write",)]
)
def test_what_does_not_go_together(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = run(tmp_path, *words)
    assert result.exit_code == 2


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    for words in (("--guess",), ("--out", tmp_path / "out")):
        result = run(tmp_path / "gone", *words)
        assert result.exit_code == 1
        assert isinstance(result.exception, RecordingError)


def test_outputs_are_not_written_over(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    make_files(files)
    result = run(files, "--out", files)
    assert isinstance(result.exception, OutputError)
