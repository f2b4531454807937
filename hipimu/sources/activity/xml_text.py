"""XML from strangers: made harmless, and cut where it breaks, before anything looks at it.

Entities are how a few lines of XML grow to gigabytes or read other files. They need a document
type declaration, which neither GPX nor TCX has: a file with one is refused before it is parsed.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from hipimu.sources.activity.watch_file import refusal

POINTS: Final = ("Trackpoint", "trkpt")
"""Elements after which a broken file may end."""
_DEEPEST = 40
"""Activities nest about ten deep."""
_DECLARATION: Final = re.compile(r"\A\ufeff?<\?xml\s[^>]*\?>")
_AGAIN = "Export or copy the file again."


@dataclass(frozen=True, slots=True)
class XmlText:
    """A well-formed XML document without a document type declaration."""

    text: str
    """Without the XML declaration, whose encoding is that of the bytes it was decoded from."""
    root: str
    """Name of the outermost element, without a prefix."""
    warnings: tuple[str, ...] = ()


def local_name(name: str) -> str:
    """Return an element's name without namespace or prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def tree_of(xml: XmlText, path: Path) -> ET.Element:
    """Parse a checked document.

    Raises
    ------
    RecordingError
        When its namespaces do not fit, which the check does not see.
    """
    try:
        return ET.fromstring(xml.text)  # noqa: S314 — `read_xml` refused what makes it unsafe
    except ET.ParseError as error:
        raise refusal(path, f"is no readable XML ({error})", _AGAIN) from None


def read_xml(raw: bytes, path: Path) -> XmlText:
    """Check an XML file, and cut a broken one after its last whole point.

    Parameters
    ----------
    raw : bytes
    path : Path
        For messages.

    Returns
    -------
    XmlText

    Raises
    ------
    RecordingError
        When it has a document type declaration, nests too deeply, or breaks before any point.
    """
    seen = _parsed(raw, path)
    warnings: tuple[str, ...] = ()
    if seen.broken:
        if seen.cut is None:
            raise refusal(path, f"is no readable XML ({seen.broken})", _AGAIN)
        size, open_elements = seen.cut
        raw = raw[:size] + "".join(f"</{name}>" for name in reversed(open_elements)).encode()
        warnings = (f"the file is damaged or cut off ({seen.broken}): nothing was read after it",)
        seen = _parsed(raw, path)
        if seen.broken:
            raise refusal(path, f"is no readable XML ({seen.broken})", _AGAIN)
    return XmlText(_decoded(raw, seen.encoding), local_name(seen.root), warnings)


class _RefusedError(Exception):
    """Stops the parser."""


class _Seen:
    """What one pass over the file finds."""

    def __init__(self, raw: bytes) -> None:
        self.root = ""
        self.encoding: str | None = None
        self.cut: tuple[int, tuple[str, ...]] | None = None
        """Size of the file up to the last whole point, and what is open there."""
        self.broken = ""
        """Why and where parsing ended early."""
        self._raw = raw
        self._open: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def parse(self) -> None:
        try:
            self._parser.Parse(self._raw, True)
        except expat.ExpatError as error:
            self.broken = f"{expat.ErrorString(error.code)} in line {error.lineno}"
        except (LookupError, ValueError):
            self.broken = "unknown encoding"

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding

    def _doctype(self, *_: object) -> None:
        raise _RefusedError("has a document type declaration (DTD), which no watch writes")

    def _start(self, name: str, _attributes: object) -> None:
        self.root = self.root or name
        if len(self._open) == _DEEPEST:
            raise _RefusedError(f"nests elements more than {_DEEPEST} deep, which no watch does")
        self._open.append(name)

    def _end(self, name: str) -> None:
        self._open.pop()
        if local_name(name) in POINTS:
            size = self._raw.find(b">", self._parser.CurrentByteIndex) + 1
            self.cut = size, tuple(self._open)


def _parsed(raw: bytes, path: Path) -> _Seen:
    seen = _Seen(raw)
    try:
        seen.parse()
    except _RefusedError as refused:
        raise refusal(path, str(refused), _AGAIN) from None
    return seen


def _decoded(raw: bytes, encoding: str | None) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif raw.startswith(codecs.BOM_UTF8) or encoding is None:
        encoding = "utf-8-sig"
    return _DECLARATION.sub("", raw.decode(encoding, errors="replace"), count=1)
