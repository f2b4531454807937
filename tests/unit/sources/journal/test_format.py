"""The bytes are those of docs/reference/journal.md: a journal is read for years."""

from __future__ import annotations

import re
from pathlib import Path
from zlib import crc32

from hipimu.sources.journal.content import JournalMetadata, JournalSensor, Stream
from hipimu.sources.journal.frames import PACKET_HEAD, Kind, encoded, file_header

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "journal.md").read_text("utf-8")


def test_examples_of_the_page() -> None:
    header, frame = (bytes.fromhex(hex_) for hex_ in re.findall(r"```text\n(.*?)```", PAGE, re.S))
    assert file_header() == header
    payload = PACKET_HEAD.pack(0, 1_500_000_000) + bytes.fromhex("55c59ba361")
    assert encoded(Kind.PACKET, 7, payload) == frame


def test_the_checksum_is_the_one_named() -> None:
    assert f"`{crc32(b'123456789'):08x}`" in PAGE


def test_kinds() -> None:
    named = ", ".join(f"{kind.value} {kind.name.lower()}" for kind in Kind)
    assert named.replace("link", "link event") in PAGE


def test_keys_of_the_metadata() -> None:
    keys = {
        *JournalMetadata.model_fields,
        *(f"sensors[].{key}" for key in JournalSensor.model_fields),
        *(f"streams[].{key}" for key in Stream.model_fields),
    }
    table = PAGE.split("### Metadata")[1].split("### Link event")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.M)
    assert {key for row in rows for key in re.findall(r"`([^`]+)`", row)} == keys
