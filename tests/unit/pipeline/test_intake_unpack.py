"""A zip that nobody vouches for: what comes out is a recording, or nothing anywhere."""

from __future__ import annotations

import bz2
import contextlib
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hipimu.errors import UploadError
from hipimu.pipeline.intake import UploadLimits
from hipimu.pipeline.intake.unpack import Unpacked, unpack
from tests.unit.pipeline.hostile import (
    FOLDER,
    files_in,
    link,
    many,
    packed,
    patched,
    renamed,
    with_member,
)

USUAL = UploadLimits(free_mb=1)
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def refused(path: Path, out: Path, limits: UploadLimits = USUAL) -> UploadError:
    """Unpack it in vain; beside the two nothing may have been written."""
    before = files_in(path.parent)
    with pytest.raises(UploadError) as caught:
        unpack(path, out, limits)
    written = set(files_in(path.parent)) - set(before)
    assert all(name.startswith("out/") for name in written)
    assert str(path.parent) not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("prefix", "name"), [("run/", "run"), ("", ""), ("season/run/", "run")])
def test_a_recording_comes_out_whatever_folders_are_above(
    tmp_path: Path, out: Path, prefix: str, name: str
) -> None:
    files = {key.replace("run/", prefix): content for key, content in FOLDER.items()}
    assert unpack(packed(tmp_path / "a.zip", files), out, USUAL) == Unpacked(name, ())
    assert files_in(out) == ["pelvis.csv", "recording.toml", "thigh_left.csv"]
    assert (out / "pelvis.csv").read_bytes() == FOLDER["run/pelvis.csv"]
    assert stat.S_IMODE((out / "pelvis.csv").stat().st_mode) == 0o600


def test_what_no_recording_has_is_left_out_and_said(tmp_path: Path, out: Path) -> None:
    more = {"run/report.html": b"<", "run/a.exe": b"MZ", "notes.txt": b"n", "run/.DS_Store": b"",
            "__MACOSX/._pelvis.csv": b"", "run/truth/strides.csv": b"x\n1\n"}  # fmt: skip
    unpacked = unpack(packed(tmp_path / "a.zip", FOLDER | more), out, USUAL)
    assert unpacked.left_out == ("run/report.html", "run/a.exe", "notes.txt")
    assert files_in(out) == ["pelvis.csv", "recording.toml", "thigh_left.csv", "truth/strides.csv"]


@pytest.mark.parametrize(
    "name",
    ["../evil.csv", "run/../../evil.csv", "/evil.csv", "//evil.csv", "C:/evil.csv", "..\\evil.csv",
     "run/NUL.csv", "run/a.csv:b", "run//a.csv", "./run/a.csv", "a/" * 9 + "a.csv",
     "run/" + "a" * 121, "../evil.exe"],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, out: Path, name: str) -> None:
    path = with_member(tmp_path / "a.zip", zipfile.ZipInfo(name))
    assert refused(path, out).reason in ("bad_name", "bad_archive")
    assert files_in(out) == []


def test_a_name_that_ends_early_is_refused(tmp_path: Path, out: Path) -> None:
    path = with_member(tmp_path / "a.zip", zipfile.ZipInfo("run/evilXcsv"))
    assert refused(renamed(path, "evilXcsv", b"evil\0csv"), out).reason == "bad_name"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_a_device_is_refused(tmp_path: Path, out: Path, kind: int) -> None:
    path = with_member(tmp_path / "a.zip", link("run/speed.csv", kind), b"/etc/passwd")
    assert refused(path, out).what == "The zip holds a link or a device."


@pytest.mark.parametrize("twice", ["run/PELVIS.csv", "run/pelvis.csv/a.csv", "RUN/pelvis.csv"])
def test_two_files_that_are_one_on_some_systems_are_refused(
    tmp_path: Path, out: Path, twice: str
) -> None:
    assert "there twice" in refused(packed(tmp_path / "a.zip", FOLDER | {twice: b"x"}), out).what


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_files_of_one_name_are_refused(tmp_path: Path, out: Path) -> None:
    path = with_member(tmp_path / "a.zip", zipfile.ZipInfo("run/pelvis.csv"))
    assert "there twice" in refused(path, out).what


@pytest.mark.parametrize(
    ("name", "content"),
    [("run/more.zip", b""), ("run/pelvis.tar.gz", b""), ("elsewhere/a.7z", b""),
     ("run/speed.csv", b"PK\x03\x04"), ("run/speed.csv", b"\x1f\x8b\x08"),
     ("run/speed.csv", bz2.compress(b"a"))],
)  # fmt: skip
def test_an_archive_in_it_is_refused(tmp_path: Path, out: Path, name: str, content: bytes) -> None:
    path = packed(tmp_path / "a.zip", FOLDER | {name: content})
    assert "holds another archive" in refused(path, out).what


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x2000])
def test_an_encrypted_zip_is_refused(tmp_path: Path, out: Path, bit: int) -> None:
    path = patched(packed(tmp_path / "a.zip", FOLDER), CENTRAL, 8, "<H", bit)
    assert refused(path, out).what == "The zip is encrypted."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_odd_compression_is_refused(tmp_path: Path, out: Path, method: int) -> None:
    assert "not taken" in refused(packed(tmp_path / "a.zip", FOLDER, method), out).what


def test_unknown_compression_is_refused(tmp_path: Path, out: Path) -> None:
    path = patched(packed(tmp_path / "a.zip", FOLDER), CENTRAL, 10, "<H", 99)
    assert "not taken" in refused(path, out).what


def test_what_swells_is_stopped_early(tmp_path: Path, out: Path) -> None:
    swollen = {"run/speed.csv": bytes(200_000_000)}
    path = packed(tmp_path / "a.zip", FOLDER | swollen)
    assert path.stat().st_size < 250_000
    assert "grows too much" in refused(path, out).what
    assert sum(file.stat().st_size for file in out.rglob("*.csv")) < 30_000_000


def test_more_than_may_come_out_is_stopped(tmp_path: Path, out: Path) -> None:
    path = packed(tmp_path / "a.zip", FOLDER | {"run/speed.csv": b"1,2\n" * 600_000})
    error = refused(path, out, replace(USUAL, unpacked_mb=2, ratio=10**6))
    assert error.reason == "too_large"
    assert sum(file.stat().st_size for file in out.rglob("*")) <= 2_000_000


def test_overlapping_members_are_no_way_round(tmp_path: Path, out: Path) -> None:
    """As in D. Fifield's zip bomb: many entries that share one body."""
    body = zlib.compress(bytes(5_000_000), 9)[2:-4]
    crc = zlib.crc32(bytes(5_000_000))
    local = struct.pack("<4s5H3L2H", LOCAL, 20, 0, 8, 0, 0, crc, len(body), 5_000_000, 9, 0)
    raw = local + b"run/a.csv" + body
    entries = b"".join(
        struct.pack("<4s6H3L5H2L", CENTRAL, 20, 20, 0, 8, 0, 0, crc, len(body), 5_000_000, 9,
                    0, 0, 0, 0, 0, 0) + f"run/{i}.csv".encode()
        for i in "abcdefgh"
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 8, 8, len(entries), len(raw), 0)
    path = tmp_path / "a.zip"
    path.write_bytes(raw + entries + end)
    refused(path, out)
    assert sum(file.stat().st_size for file in out.rglob("*")) < 11_000_000


@pytest.mark.parametrize("claimed", [3, 10**9, 2**32 - 2])
def test_sizes_in_headers_are_not_believed(tmp_path: Path, out: Path, claimed: int) -> None:
    path = packed(tmp_path / "a.zip", FOLDER)
    for signature, offset in ((LOCAL, 22), (CENTRAL, 24)):
        patched(path, signature, offset, "<L", claimed)
    assert "damaged" in refused(path, out).what


def test_a_hundred_thousand_entries_are_not_even_listed(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "a.zip"
    entry = struct.pack("<4s6H3L5H2L", CENTRAL, 20, 20, 0, 0, 0, 0, 0, 0, 0, 9, *[0] * 6)
    entries = (entry + b"run/a.csv") * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entries), 0, 0)
    path.write_bytes(entries + end)
    assert "too long a directory" in refused(path, out).what


def test_more_entries_than_recordings_have_are_refused(tmp_path: Path, out: Path) -> None:
    path = packed(tmp_path / "a.zip", dict.fromkeys(many(201), b""))
    assert "holds 201 files and folders" in refused(path, out).what


def test_several_recordings_are_not_one(tmp_path: Path, out: Path) -> None:
    other = {name.replace("run/", "run2/"): content for name, content in FOLDER.items()}
    assert "2 recordings" in refused(packed(tmp_path / "a.zip", FOLDER | other), out).what
    dots = {"a/pelvis.csv": b"", "b/pelvis.csv": b""}
    assert "2 recordings" in refused(packed(tmp_path / "b.zip", dots), out).what


@pytest.mark.parametrize("files", [{}, {"readme.exe": b"x"}, {"run/x.fit": b"x"}])
def test_a_zip_without_a_recording_is_said(
    tmp_path: Path, out: Path, files: dict[str, bytes]
) -> None:
    assert refused(packed(tmp_path / "a.zip", files), out).what == "The zip holds no recording."


def test_a_full_disk_is_said(tmp_path: Path, out: Path) -> None:
    free = shutil.disk_usage(out).free // 1_000_000
    path = packed(tmp_path / "a.zip", FOLDER)
    assert refused(path, out, replace(USUAL, free_mb=2 * free)).reason == "no_room"


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [lambda raw: b"", lambda raw: raw[:-1], lambda raw: raw[: len(raw) // 2], lambda raw: raw[9:],
     lambda raw: b"garbage" * 100, lambda raw: raw.replace(CENTRAL, b"PK\x01\x03"),
     lambda raw: raw.replace(LOCAL, b"PK\x03\x05"), lambda raw: raw[:40] + b"~" * 9 + raw[49:]],
)  # fmt: skip
def test_a_damaged_zip_is_said(tmp_path: Path, out: Path, damage: Damage) -> None:
    path = packed(tmp_path / "a.zip", FOLDER)
    path.write_bytes(damage(path.read_bytes()))
    assert refused(path, out).what == "The zip is damaged, or no zip."


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_changed_nothing_lands_elsewhere(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(packed(tmp_path / "a.zip", FOLDER).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    home = tmp_path / "home"
    shutil.rmtree(home, ignore_errors=True)
    (home / "out").mkdir(parents=True)
    (home / "a.zip").write_bytes(raw)
    with contextlib.suppress(UploadError):
        unpack(home / "a.zip", home / "out", USUAL)
    assert all(name == "a.zip" or name.startswith("out/") for name in files_in(home))
    assert {p.name for p in home.parent.iterdir()} <= {"home", "a.zip", "out"}
