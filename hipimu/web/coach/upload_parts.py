"""A form with files, taken apart as its bytes come: bytes go in, events come out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from hipimu.errors import UploadError

# What is wrong with a stranger's form is told to the stranger.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())
_DISPOSITION: Final = b"content-disposition"
_LONGEST_NAME: Final = 100
_AGAIN: Final = "Reload the page and send it again."


@dataclass(frozen=True, slots=True)
class PartBegins:
    """A field of the form, or a file in it."""

    name: str
    file: str | None
    """The file's name as it was sent; None: a field."""


@dataclass(frozen=True, slots=True)
class PartGoesOn:
    """Bytes of it."""

    piece: bytes


@dataclass(frozen=True, slots=True)
class PartEnds:
    """All of it was there."""


Event = PartBegins | PartGoesOn | PartEnds


class Parts:
    """The parts of a form (RFC 7578), each event once and in order.

    Parameters
    ----------
    content_type : str
        The header of the request; it tells what stands between the parts.

    Raises
    ------
    UploadError
        When it is no such form.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise UploadError("That was no form with files.", _AGAIN, reason="bad_form")
        self._events: list[Event] = []
        self._header: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._header.clear,
                    "on_header_begin": self._begin_header,
                    "on_header_field": self._on_name,
                    "on_header_value": self._on_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin,
                    "on_part_data": self._go_on,
                    "on_part_end": self._end,
                    "on_end": self._close,
                },
            )
        except FormParserError as error:
            raise _unreadable() from error

    def push(self, piece: bytes) -> list[Event]:
        """Return what the next bytes say.

        Raises
        ------
        UploadError
            When they are no form.
        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _unreadable() from error
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """Refuse a form that has no end.

        Raises
        ------
        UploadError
        """
        if not self._whole:
            raise _unreadable()

    def _begin_header(self) -> None:
        self._name = self._value = b""

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._header[self._name.lower()] = self._value

    def _begin(self) -> None:
        kind, options = parse_options_header(self._header.get(_DISPOSITION, b"").decode("latin-1"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not 0 < len(name) <= _LONGEST_NAME:
            raise _unreadable()
        file = options.get(b"filename")
        told = None if file is None else file.decode("utf-8", "replace")
        self._events.append(PartBegins(name, told))

    def _go_on(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartGoesOn(data[start:end]))

    def _end(self) -> None:
        self._events.append(PartEnds())

    def _close(self) -> None:
        self._whole = True


def _unreadable() -> UploadError:
    return UploadError("That form cannot be read.", _AGAIN, reason="bad_form")
