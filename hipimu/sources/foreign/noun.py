"""What every reader of other systems' files gives: whole sensors, in SI units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hipimu.data import FloatArray, IntArray, Lap, Segment

HEAD_BYTES = 65_536
"""Of a file, from its start: enough to recognise it by."""


@dataclass(frozen=True, slots=True, eq=False)
class ForeignSensor:
    """All samples of one sensor, in its own axes.

    Not yet checked for times that run backwards, impossible values and the like: that is done for
    all recordings alike.
    """

    label: str
    """What the file calls it: a tag, a segment, a serial number; unique in the file."""
    path: Path
    rate_hz: float
    """Declared, or the median of what the times say."""
    t_s: FloatArray
    """(n,) seconds; on one clock for all sensors where `Foreign.synchronised`."""
    acc_m_s2: FloatArray
    """(n, 3) specific force: +g upwards at rest."""
    gyr_rad_s: FloatArray
    """(n, 3)"""
    mag_ut: FloatArray | None = None
    counter: IntArray | None = None
    """(n,) of samples or packets, where the file has one."""
    segment: Segment | None = None
    """What it is worn on, where the file or its name says it beyond doubt."""
    first_line: int | None = None
    """Line, counted from 1, of the first sample, where each sample is a line."""


@dataclass(frozen=True, slots=True, eq=False)
class Foreign:
    """What one or more files of one system say."""

    format: str
    """Id of the reader."""
    sensors: tuple[ForeignSensor, ...]
    """All that the files have, whatever they are worn on."""
    synchronised: bool
    """Whether the times of all sensors are on one clock."""
    started_at: datetime | None = None
    """With its time zone; None where the file does not say which zone."""
    laps: tuple[Lap, ...] = ()
    remarks: tuple[str, ...] = ()
    """Whole sentences on what was assumed, computed or left out."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one system's files."""

    id: str
    """As in ``recording.toml`` and on the command line: ``xsens-mvnx``."""
    title: str
    """For people: ``Xsens MVN (.mvnx)``."""
    suffixes: tuple[str, ...]
    """In lower case, with the dot. Others are not even looked at."""
    recognises: Callable[[Path, bytes], bool]
    """Whether a file is one, told by its name and first `HEAD_BYTES`; never raises."""
    read: Callable[[Sequence[Path]], Foreign]
    """Read files that are recognised, all of one recording; RecordingError where they cannot be."""
    extra: str | None = None
    """Extra that has to be installed: ``hdf5``."""
