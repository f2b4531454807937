"""Addresses of brokers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipimu.errors import OutputError
from hipimu.publish.address import read_address, topic_part


def test_a_short_address() -> None:
    broker = read_address("mqtt://localhost")
    assert (broker.host, broker.port, broker.prefix) == ("localhost", 1883, "hipimu")
    assert (broker.user, broker.password, broker.tls) == (None, None, False)
    assert broker.samples_hz == 0.0
    assert broker.tls_context() is None


def test_a_long_one(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("no matter")
    broker = read_address(f"mqtts://an%40na:p%3Ass@[::1]:1884/lab/run/?samples=10&ca={ca}")
    assert (broker.host, broker.port, broker.prefix) == ("::1", 1884, "lab/run")
    assert (broker.user, broker.password) == ("an@na", "p:ss")
    assert broker.tls
    assert broker.ca == ca
    assert broker.samples_hz == 10.0


def test_the_password_is_never_shown() -> None:
    broker = read_address("mqtts://anna:secret@host/lab")
    assert broker.shown == "mqtts://host:8883/lab"
    assert "secret" not in repr(broker)
    assert broker.tls_context() is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("localhost", "begin with mqtt"),
        ("http://anna:secret@host", "begin with mqtt"),
        ("mqtt://", "names no host"),
        ("mqtt://anna:secret@host:port", "form of an address"),
        ("mqtt://anna:secret@host:99999", "form of an address"),
        ("mqtt://anna:secret@host/a/%23", "prefix"),
        ("mqtt://host/$SYS", "prefix"),
        ("mqtt://anna:secret@host?samples=many", "samples= is no number"),
        ("mqtt://host?samples=1e6", "samples= is not from 0"),
        ("mqtt://host?samples=nan", "samples= is not from 0"),
        ("mqtt://host?qos=2", "'qos'"),
        ("mqtt://host?ca=somewhere", "needs mqtts"),
        ("mqtts://anna:secret@host?ca=nowhere.pem", "no certificate nowhere.pem"),
    ],
)
def test_what_is_no_address_is_told_without_the_password(text: str, why: str) -> None:
    with pytest.raises(OutputError, match="mqtts://USER:PASSWORD@HOST") as refused:
        read_address(text)
    assert why in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "level"),
    [("tuesday", "tuesday"), ("a/b+c#d", "a-b-c-d"), ("$SYS", "SYS"), ("", "run"), ("ü\n", "ü-")],
)
def test_a_name_is_one_level_of_a_topic(name: str, level: str) -> None:
    assert topic_part(name) == level
