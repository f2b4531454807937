"""An activity file: what it is, by what is in it."""

from __future__ import annotations

from pathlib import Path

from hipimu.data import Activity
from hipimu.errors import RecordingError
from hipimu.sources.activity.build import activity_of
from hipimu.sources.activity.fit import read_fit
from hipimu.sources.activity.gpx import read_gpx
from hipimu.sources.activity.tcx import read_tcx
from hipimu.sources.activity.watch_file import WatchFile, refusal
from hipimu.sources.activity.xml_text import read_xml

_LARGEST_BYTES = 64_000_000
"""A day of running takes less, even as TCX."""
_XML_READERS = {"TrainingCenterDatabase": read_tcx, "gpx": read_gpx}
_FORMATS = "Give the activity as FIT, TCX or GPX."


def read_activity(path: Path) -> Activity:
    """Read what a watch recorded of a run.

    The format is told by the content, not by the name. Speed is the watch's own; where it has
    none, the mean over 5 s of its distance, or over 10 s of its positions. Grade is the watch's
    own, or the slope of altitude over 100 m. Pauses hold NaN, but for the heart rate. Whatever had
    to be left out or guessed is told in `warnings`.

    Parameters
    ----------
    path : Path
        A FIT, TCX or GPX file.

    Returns
    -------
    Activity
        On its own clock: seconds since `started_at`. Of a damaged file, what was readable.

    Raises
    ------
    RecordingError
        When nothing of an activity can be read, naming why.
    """
    return activity_of(_watch_file(_bytes(path), path), path)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            raise refusal(path, what, _FORMATS)
        if path.stat().st_size > _LARGEST_BYTES:
            raise refusal(path, "is larger than 64 MB, more than a day of running", _FORMATS)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        remedy = "Check the name, and that you may open it."
        raise refusal(path, f"cannot be read ({reason})", remedy) from None


def _watch_file(raw: bytes, path: Path) -> WatchFile:
    if raw[8:12] == b".FIT":
        return read_fit(raw, path)
    if _looks_like_xml(raw):
        xml = read_xml(raw, path)
        if xml.root in _XML_READERS:
            return _XML_READERS[xml.root](xml, path)
        raise refusal(path, f"is XML, but neither TCX nor GPX (it holds {xml.root:.40})", _FORMATS)
    raise _unknown(raw, path)


def _looks_like_xml(raw: bytes) -> bool:
    start = raw[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<"))


def _unknown(raw: bytes, path: Path) -> RecordingError:
    if not raw.strip(b" \t\r\n\0"):
        return refusal(path, "is empty", "Copy or export it again.")
    if raw.startswith((b"\x1f\x8b", b"PK")):
        return refusal(path, "is compressed", "Unpack it first.")
    if path.suffix.lower() == ".fit":
        return refusal(path, "has no FIT header: it is damaged", "Copy it from the watch again.")
    return refusal(path, "is neither FIT, TCX nor GPX", _FORMATS)
