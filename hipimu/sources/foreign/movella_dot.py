"""Movella DOT exports one by one: a file, or files whose names do not say what they are worn on.

Folders whose names say it are read a piece at a time by `hipimu.sources.movella_dot`, which says
what is to know of the format.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hipimu.sources.csv_table import CsvTable, open_table
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.movella_dot import (
    CHANNELS,
    REMEDY_MODE,
    TIME,
    first_time_us,
    headers_of,
    pieces_of,
    rate_of,
    start_time,
    starts_on_one_clock,
)
from hipimu.sources.samples import joined
from hipimu.sources.segment_names import segment_named


def read(paths: Sequence[Path]) -> Foreign:
    """Read exports of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used.
    """
    tables = [open_table(path, header_has=TIME.lower()) for path in paths]
    for table in tables:
        table.require((TIME, *CHANNELS), REMEDY_MODE)
    heads = [headers_of(table) for table in tables]
    synced = all(head.get("syncstatus", "").lower() == "synced" for head in heads)
    firsts = [first_time_us(table) for table in tables]
    starts_s = starts_on_one_clock(firsts) if synced else [0.0] * len(firsts)
    sensors = tuple(
        _sensor(table, first_us, start_s)
        for table, first_us, start_s in zip(tables, firsts, starts_s, strict=True)
    )
    times = [time for head in heads if (time := start_time(head)) is not None]
    return Foreign("movella-dot", sensors, synced, min(times, default=None))


def _sensor(table: CsvTable, first_us: float, start_s: float) -> ForeignSensor:
    whole = joined(list(pieces_of(table, first_us, start_s)))
    tag, stem = headers_of(table).get("devicetag", ""), table.path.stem
    return ForeignSensor(
        label=stem,
        path=table.path,
        rate_hz=rate_of(table),
        t_s=whole.t_s,
        acc_m_s2=whole.acc_m_s2,
        gyr_rad_s=whole.gyr_rad_s,
        counter=whole.counter,
        segment=segment_named(tag) or segment_named(stem),
        first_line=table.line_of(0),
    )


READER = Reader(
    id="movella-dot",
    title="Movella DOT (.csv)",
    suffixes=(".csv",),
    recognises=lambda _, head: b"SampleTimeFine" in head and b"PacketCounter" in head,
    read=read,
)
