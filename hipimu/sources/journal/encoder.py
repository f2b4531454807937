"""From entries to the journal's bytes: numbers frames and streams, repeats the metadata."""

from __future__ import annotations

from importlib.metadata import version

from hipimu.data import Absence, Entry, LinkEvent, Mark, Packet
from hipimu.sources.journal.content import (
    LONGEST_METADATA,
    MOST_STREAMS,
    JournalMetadata,
    Stream,
    Totals,
    absence_payload,
    link_payload,
    mark_payload,
)
from hipimu.sources.journal.frames import (
    LARGEST_NUMBER,
    PACKET_HEAD,
    Kind,
    encoded,
    file_header,
)

_COPIES = 2
"""Of new metadata, so that no single damage loses it."""


class JournalEncoder:
    """Turns entries into bytes, in order.

    Parameters
    ----------
    metadata : JournalMetadata
        Who records with which sensors; `streams` and `hipimu` are filled in.

    Raises
    ------
    ValueError
        From here and every method: when something does not fit into the format.
    """

    def __init__(self, metadata: JournalMetadata) -> None:
        self._streams: dict[tuple[str, str], int] = {}
        self._metadata = self._own(metadata)
        self._frames = self._packets = self._link_events = 0

    def begin(self) -> bytes:
        """Return the file header and the first metadata."""
        return file_header() + self.metadata(_COPIES)

    def describe(self, metadata: JournalMetadata) -> bytes:
        """Replace the metadata from here on."""
        self._metadata = self._own(metadata)
        return self.metadata(_COPIES)

    def metadata(self, copies: int = 1) -> bytes:
        """Return the metadata as it is by now."""
        payload = self._metadata.model_dump_json().encode()
        return b"".join(self._frame(Kind.METADATA, payload) for _ in range(copies))

    def entry(self, entry: Entry) -> bytes:
        """Return an entry's frame; new metadata precedes it where its stream is new."""
        if isinstance(entry, Packet):
            return self._packet(entry)
        if isinstance(entry, LinkEvent):
            self._link_events += 1
            return self._frame(Kind.LINK, link_payload(entry))
        if isinstance(entry, Mark):
            return self._frame(Kind.MARK, mark_payload(entry))
        if isinstance(entry, Absence):
            return self._frame(Kind.ABSENCE, absence_payload(entry))
        raise TypeError(f"a {type(entry).__name__} is no part of a journal")

    def _packet(self, packet: Packet) -> bytes:
        number = self._streams.get((packet.sensor, packet.characteristic))
        before = b""
        if number is None:
            number = self._add_stream(packet)
            before = self.metadata(_COPIES)
        self._packets += 1
        payload = PACKET_HEAD.pack(number, packet.t_host_ns) + packet.payload
        return before + self._frame(Kind.PACKET, payload)

    def end(self) -> bytes:
        """Return the last frame."""
        totals = Totals(packets=self._packets, link_events=self._link_events)
        return self._frame(Kind.END, totals.model_dump_json().encode())

    def _own(self, metadata: JournalMetadata) -> JournalMetadata:
        own = metadata.model_copy(update={"hipimu": version("hipimu"), "streams": ()})
        size = len(own.model_dump_json())
        if size > LONGEST_METADATA:
            raise ValueError(f"metadata of {size} bytes is too long")
        streams = tuple(
            Stream(sensor=sensor[:100], characteristic=characteristic[:100])
            for sensor, characteristic in self._streams
        )
        return own.model_copy(update={"streams": streams})

    def _add_stream(self, packet: Packet) -> int:
        number = len(self._streams)
        if number == MOST_STREAMS:
            raise ValueError(f"more than {MOST_STREAMS} pairs of sensor and characteristic")
        self._streams[packet.sensor, packet.characteristic] = number
        self._metadata = self._own(self._metadata)
        return number

    def _frame(self, kind: Kind, payload: bytes) -> bytes:
        if self._frames > LARGEST_NUMBER:
            raise ValueError("no frame numbers are left")
        frame = encoded(kind, self._frames, payload)
        self._frames += 1
        return frame
