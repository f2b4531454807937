"""What a terminal cannot show is spelled out, never a reason to fail."""

from __future__ import annotations

import io

import pytest

from hipimu.cli.encoding import print_anywhere

SAID = "−4.1° (±1) → δ … łódź"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", SAID),
        ("latin-1", "-4.1° (±1) -> delta ... ?ód?"),
        ("ascii", "-4.1 deg (+/-1) -> delta ... ??d?"),
    ],
)
def test_text_survives(monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr("sys.stdout", stream)
    print_anywhere()
    stream.write(SAID)
    stream.flush()

    assert raw.getvalue().decode(encoding) == shown


def test_streams_of_another_kind_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    print_anywhere()
    stream.write(SAID)

    assert stream.getvalue() == SAID
