"""Movella DOT exports one by one: a file, or files whose names do not say what they are worn on.

Folders whose names say it are read a piece at a time by `hipimu.sources.movella_dot`, which says
what is to know of the format.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.movella_dot import Export, labels_of, read_exports
from hipimu.sources.movella_header import open_export
from hipimu.sources.samples import joined


def read(paths: Sequence[Path]) -> Foreign:
    """Read exports of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used.
    """
    exports = read_exports([open_export(path) for path in paths])
    labels = labels_of(
        [one.tag for one in exports.exports], [one.table.path for one in exports.exports]
    )
    sensors = tuple(map(_sensor, exports.exports, labels))
    return Foreign(
        "movella-dot",
        sensors,
        exports.synchronised,
        exports.started_at,
        remarks=exports.remarks,
    )


def _sensor(export: Export, label: str) -> ForeignSensor:
    whole = joined(list(export.pieces()))
    return ForeignSensor(
        label=label,
        path=export.table.path,
        rate_hz=export.rate_hz,
        t_s=whole.t_s,
        acc_m_s2=whole.acc_m_s2,
        gyr_rad_s=whole.gyr_rad_s,
        counter=whole.counter,
        segment=export.segment,
        first_line=export.table.line_of(whole.first_row),
    )


def _recognises(_: Path, head: bytes) -> bool:
    return b"sampletimefine" in head.lower() and b"packetcounter" in head.lower()


READER = Reader(
    id="movella-dot",
    title="Movella DOT (.csv)",
    suffixes=(".csv",),
    recognises=_recognises,
    read=read,
)
