"""A certificate that lasts while it fits, and whose key nobody else reads."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from hipimu.errors import OutputError
from hipimu.web import certificate as module
from hipimu.web.certificate import Certificate, local_certificate


def made(path: Path, *addresses: str) -> Certificate:
    return local_certificate(
        addresses or ("192.168.1.5", "127.0.0.1"), ["localhost", "laptop"], path
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "live.pem"


def test_it_holds_for_addresses_and_names_and_for_one_server_only(path: Path) -> None:
    own = made(path)
    read = x509.load_pem_x509_certificate(path.read_bytes())
    assert set(own.names) == {"192.168.1.5", "127.0.0.1", "localhost", "laptop"}
    assert own.fingerprint.replace(":", "") == read.fingerprint(SHA256()).hex().upper()
    assert read.not_valid_after_utc - read.not_valid_before_utc <= timedelta(days=397)
    assert not read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_it_is_the_same_next_time(path: Path) -> None:
    assert made(path) == made(path)
    assert made(path) == made(path, "127.0.0.1"), "fewer addresses need no new one"


def test_a_new_address_makes_a_new_one_that_also_holds_for_the_old(path: Path) -> None:
    before, after = made(path), made(path, "10.0.0.7", "127.0.0.1")
    assert after.fingerprint != before.fingerprint
    assert {"10.0.0.7", "192.168.1.5"} <= set(after.names)
    assert made(path) == after, "back in the first network"


def test_addresses_do_not_pile_up(path: Path) -> None:
    for number in range(40):
        own = made(path, f"10.0.0.{number}")
    assert len(own.names) <= 24
    assert own.names[0] == "10.0.0.39"


def test_one_that_ends_soon_is_renewed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "_VALID", timedelta(days=15))
        long_enough = made(path)
    assert made(path) == long_enough
    path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(module, "_VALID", timedelta(days=14, minutes=1))
        patch.setattr(module, "_RENEWED", timedelta(0))
        short = made(path)
    monkeypatch.setattr(module, "_RENEWED", timedelta(days=14, minutes=2))
    assert made(path) != short


@pytest.mark.skipif(os.name != "posix", reason="other systems have other ways")
def test_the_key_is_the_users_alone(path: Path) -> None:
    before = made(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    path.chmod(0o644)
    assert made(path) != before, "somebody may have read it"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff" * 200_000])
def test_what_cannot_be_used_is_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    assert made(path) == made(path)


def test_a_key_of_another_certificate_is_not_used(path: Path, tmp_path: Path) -> None:
    before, other = made(path), made(tmp_path / "other.pem")
    begin = b"-----BEGIN CERTIFICATE"
    key, certificate = (each.path.read_bytes().split(begin) for each in (other, before))
    path.write_bytes(key[0] + begin + certificate[1])
    assert made(path).fingerprint not in (before.fingerprint, other.fingerprint)


def test_where_it_cannot_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        made(tmp_path / "file" / "live.pem")
