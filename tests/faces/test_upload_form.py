"""A form with files, taken apart as it comes, however it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.errors import UploadError
from hipimu.web.coach.upload_parts import PartBegins, PartEnds, PartGoesOn, Parts
from tests.uploads import BOUNDARY, FORM, multipart

TYPE = FORM["Content-Type"]
TRICKY = b"\r\n--\r\n------hipimu7MA4YWx\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n\0\xff\r"
BODY = multipart([("key", "k"), ("athlete", "Jón Árnason")], [("recording", "a b.csv", TRICKY)])


def whole(pieces: list[bytes], content_type: str = TYPE) -> list[tuple[str, str | None, bytes]]:
    parts = Parts(content_type)
    found: list[tuple[str, str | None, bytes]] = []
    for piece in pieces:
        for event in parts.push(piece):
            if isinstance(event, PartBegins):
                found.append((event.name, event.file, b""))
            elif isinstance(event, PartGoesOn):
                name, file, before = found.pop()
                found.append((name, file, before + event.piece))
            else:
                assert isinstance(event, PartEnds)
    parts.finish()
    return found


EXPECTED = [("key", None, b"k"), ("athlete", None, "Jón Árnason".encode()),
            ("recording", "a b.csv", TRICKY)]  # fmt: skip


@given(st.lists(st.integers(0, len(BODY)), max_size=8))
def test_cuts_change_nothing(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(BODY)]
    pieces = [BODY[a:b] for a, b in pairwise(places)]
    assert whole(pieces) == EXPECTED


def test_byte_by_byte() -> None:
    assert whole([bytes([byte]) for byte in BODY]) == EXPECTED


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_nothing_else(body: bytes) -> None:
    with pytest.raises(UploadError) as caught:
        whole([body])
    assert caught.value.reason == "bad_form"


@pytest.mark.parametrize(
    "body",
    [BODY[:-5], BODY[:100], b"", BODY.replace(b"form-data", b"attachment"),
     BODY.replace(b'name="key"', b""), BODY.replace(b'name="key"', b'name=""'),
     BODY.replace(b"Content-Disposition", b"X" * 9000, 1),
     BODY.replace(b"\r\n\r\nk", b"".join(b"\r\nA: b" for _ in range(20)) + b"\r\n\r\nk")],
)  # fmt: skip
def test_a_form_without_end_or_with_odd_headers_is_refused(body: bytes) -> None:
    with pytest.raises(UploadError) as caught:
        whole([body])
    assert caught.value.reason == "bad_form"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=",
     "multipart/mixed; boundary=a", f"multipart/form-data; boundary={'a' * 300}",
     "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_what_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(UploadError) as caught:
        whole([BODY], content_type)
    assert caught.value.reason == "bad_form"
