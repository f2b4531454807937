"""Converting: all or nothing, and nothing written over, whatever the writer."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hipimu.errors import OutputError, RecordingError, UnknownNameError
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.export.formats.registry import WRITERS, convert, writer_for
from tests.unit.export.formats.motions import conversion_about
from tests.unit.export.formats.recordings import in_memory, told
from tests.unit.report.sessions import interval_session


def half(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    out.mkdir()
    (out / "first").write_text("half", encoding="utf-8")
    out.with_suffix(".more").write_text("beside", encoding="utf-8")
    raise RecordingError("The samples end.", "Copy them again.")


def two(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    beside = out.with_suffix(".more")
    for path in (out, beside):
        path.write_text("whole", encoding="utf-8")
    return out, beside


def lacking(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    raise ModuleNotFoundError("No module named 'mcap'")


def conversion() -> Conversion:
    return Conversion(in_memory(told(), 0.5))


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        convert(conversion(), tmp_path / "out.x", Writer("x", "X", (), half))
    assert list(tmp_path.iterdir()) == []


def test_files_beside_come_along(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.x"
    made = convert(conversion(), out, Writer("x", "X", (), two))
    assert made == (out, out.with_suffix(".more"))
    assert sorted(out.parent.iterdir()) == sorted(made)


@pytest.mark.parametrize("name", ["out.x", "out.more"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=rf"{name} is there already"):
        convert(conversion(), tmp_path / "out.x", Writer("x", "X", (), two))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_a_link_to_nowhere_is_there_too(tmp_path: Path) -> None:
    (tmp_path / "out.x").symlink_to(tmp_path / "gone")
    with pytest.raises(OutputError, match="there already"):
        convert(conversion(), tmp_path / "out.x", Writer("x", "X", (), two))


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"pip install 'hipimu\[mcap\]'"):
        convert(conversion(), tmp_path / "out.x", Writer("x", "X", (), lacking, extra="mcap"))
    assert list(tmp_path.iterdir()) == []


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let the system refuse larger files, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def ready() -> Conversion:
    """A recording that says all that any writer asks for."""
    recording = in_memory(told(started_at=datetime(2026, 5, 3, tzinfo=UTC)))
    return conversion_about(interval_session(minutes=3.0), recording, end_s=3.0)


def target(writer: Writer, folder: Path) -> Path:
    return folder / f"run{next(iter(writer.suffixes), '')}"


EVERY = pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.id)


@EVERY
def test_all_that_is_written_is_told(writer: Writer, tmp_path: Path) -> None:
    out = target(writer, tmp_path / "new")
    made = convert(ready(), out, writer)
    assert made[0] == out
    written = {path for path in out.parent.rglob("*") if path.is_file()}
    assert written <= set(made) <= written | {out}


@EVERY
def test_names_that_are_no_text(writer: Writer, tmp_path: Path) -> None:
    """A folder may be called by bytes that are no UTF-8, and by two lines."""
    conversion = ready()
    name = "a=b\nendheader\udcff"
    session = replace(conversion.session, recording=name)
    hostile = conversion_about(session, replace(conversion.recording, name=name), end_s=3.0)
    for path in convert(hostile, target(writer, tmp_path), writer):
        assert path.exists()


@EVERY
def test_a_full_disk_leaves_nothing(writer: Writer, tmp_path: Path) -> None:
    out = target(writer, tmp_path)
    with files_up_to(1000), pytest.raises(OutputError) as caught:
        convert(ready(), out, writer)
    assert caught.value.what.startswith(f"{out} cannot be written: ")
    assert list(tmp_path.iterdir()) == []


def test_writers_are_found_by_ending_or_name() -> None:
    assert writer_for(Path("run")).id == "hipimu-csv"
    for writer in WRITERS:
        assert writer_for(Path("run.xyz"), writer.id) is writer
        for suffix in writer.suffixes:
            assert writer_for(Path(f"RUN{suffix.upper()}")).suffixes == writer.suffixes
    assert len({writer.id for writer in WRITERS}) == len(WRITERS)
    with pytest.raises(UnknownNameError):
        writer_for(Path("run"), "xyz")
    with pytest.raises(OutputError, match=r"no files that end in \.xyz"):
        writer_for(Path("run.xyz"))
