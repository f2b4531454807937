"""Reads the frames of an Xsens MVN file (.mvnx) one after the other, never the file as a whole.

XML from strangers is made harmless as in `hipimu.sources.activity.xml_text`: entities are how a
few lines grow to gigabytes or read other files. MVN's own files may name their document type,
``<!DOCTYPE mvnx SYSTEM "…/schema.dtd">``, which is never fetched; one that defines anything itself
is refused.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from hipimu.errors import RecordingError
from hipimu.sources.raw import cannot_be_read

WIDTHS: Final = {
    "sensorFreeAcceleration": 3,
    "sensorAcceleration": 3,
    "sensorAngularVelocity": 3,
    "sensorOrientation": 4,
    "acceleration": 3,
    "orientation": 4,
}
"""Numbers per sensor or segment of what is read of a frame."""
_CHUNK_BYTES = 1 << 18
_DEEPEST = 40
_LONGEST_TEXT = 100_000
_AGAIN = "Export the file again from MVN."


@dataclass(slots=True)
class Frames:
    """All frames of a recording, calibration poses left out."""

    segments: list[str] = field(default_factory=list)
    sensors: list[str] = field(default_factory=list)
    """Labels, in the order of the numbers."""
    subject: dict[str, str] = field(default_factory=dict)
    """What the file says of the whole."""
    index: list[float | None] = field(default_factory=list)
    time_ms: list[float | None] = field(default_factory=list)
    first_ms: float | None = None
    """Unix time of the first frame."""
    numbers: dict[str, array[float]] = field(default_factory=dict)
    """Of each of `WIDTHS` that the first frame has, all frames behind each other."""
    broken: str = ""
    """Why and where the file breaks off; empty where it is whole."""

    def labels(self, name: str) -> list[str]:
        """Return whose numbers an element holds."""
        return self.sensors if name.startswith("sensor") else self.segments


def read_frames(path: Path) -> Frames:
    """Read a file's frames, up to where it breaks off.

    Raises
    ------
    RecordingError
        When it is no readable XML before its first frame, or a frame does not hold what the first
        one holds.
    """
    parser = _Parser(path)
    try:
        with path.open("rb") as file:
            parser.parse(file)
    except OSError as error:
        raise cannot_be_read(path, error) from error
    if not parser.frames.index:
        broken = parser.frames.broken
        said = f"is no readable MVNX ({broken})" if broken else "has no frames of a recording"
        raise RecordingError(f"{path.name} {said}.", _AGAIN, path=path)
    return parser.frames


class _Parser:
    """What expat tells, gathered."""

    def __init__(self, path: Path) -> None:
        self.frames = Frames()
        self._path = path
        self._depth = 0
        self._normal = False
        self._attributes: dict[str, str] = {}
        self._found: dict[str, str] = {}
        self._text: list[str] | None = None
        self._length = 0
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.EntityDeclHandler = self._entity
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._data

    def parse(self, file: Any) -> None:
        try:
            while chunk := file.read(_CHUNK_BYTES):
                self._expat.Parse(chunk, False)
            self._expat.Parse(b"", True)
        except expat.ExpatError as error:
            self.frames.broken = f"{expat.ErrorString(error.code)} in line {error.lineno}"
        except (LookupError, ValueError):
            self.frames.broken = "unknown encoding"

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, has_subset: bool
    ) -> None:
        if has_subset:
            raise self._refused("has a document type of its own, which MVN never writes")

    def _entity(self, *_: object) -> None:
        raise self._refused("defines entities, which MVN never does")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"nests elements more than {_DEEPEST} deep, which MVN never does")
        name = tag.rpartition(" ")[2]
        if name == "subject":
            self.frames.subject = attributes
        elif name == "segment" and not self.frames.index:
            self.frames.segments.append(attributes.get("label", ""))
        elif name == "sensor" and not self.frames.index:
            self.frames.sensors.append(attributes.get("label", ""))
        elif name == "frame":
            self._normal = attributes.get("type", "normal") == "normal"
            self._found = {}
            self._attributes = attributes
        elif self._normal and name in WIDTHS:
            self._text, self._length = [], 0

    def _data(self, text: str) -> None:
        if self._text is None:
            return
        self._length += len(text)
        if self._length > _LONGEST_TEXT:
            raise self._refused("has a frame that is far too long")
        self._text.append(text)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        name = tag.rpartition(" ")[2]
        if self._text is not None:
            self._found[name] = "".join(self._text)
            self._text = None
        elif name == "frame" and self._normal:
            self._keep()
            self._normal = False

    def _keep(self) -> None:
        frames = self.frames
        if not frames.index:
            frames.numbers = {name: array("d") for name in WIDTHS if name in self._found}
            frames.first_ms = _number(self._attributes.get("ms"))
        values = {name: self._values(name) for name in frames.numbers}
        for name, numbers in values.items():
            frames.numbers[name].extend(numbers)
        frames.index.append(_number(self._attributes.get("index")))
        frames.time_ms.append(_number(self._attributes.get("time")))

    def _values(self, name: str) -> list[float]:
        words = self._found.get(name, "").split()
        belong = WIDTHS[name] * len(self.frames.labels(name))
        if len(words) != belong:
            raise self._refused(
                f"has {len(words)} numbers in {name} of a frame, where {belong} belong"
            )
        try:
            return [float(word) for word in words]
        except ValueError:
            raise self._refused(f"has something else than numbers in {name} of a frame") from None

    def _refused(self, what: str) -> RecordingError:
        line = self._expat.CurrentLineNumber
        return RecordingError(
            f"{self._path.name}, line {line}: it {what}.", _AGAIN, path=self._path, line=line
        )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
