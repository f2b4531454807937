"""Every deliberate exception. Each says what happened, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class HipimuError(Exception):
    """A deliberate refusal: one sentence what happened and where, one what to do.

    Parameters
    ----------
    what : str
        What happened, naming the place (file, line, sensor, time).
    remedy : str
        What the reader of the message can do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass from one process to another with all facts, which are given by keyword."""
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[HipimuError], said: tuple[Any, ...], facts: dict[str, Any]) -> HipimuError:
    error = kind.__new__(kind, *said)
    error.args = said
    error.__dict__.update(facts)
    return error


class RecordingError(HipimuError):
    """A recording cannot be used as it is.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    path : Path or None
        The file that is wrong.
    line : int or None
        Its line, counted from 1.
    time_s : float or None
        The time on the recording's clock, in seconds.
    sensor : str or None
        The sensor concerned.
    labels : tuple of str
        What the sensors are called there, where it is open which of them is worn where.
    """

    def __init__(
        self,
        what: str,
        remedy: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        time_s: float | None = None,
        sensor: str | None = None,
        labels: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, remedy)
        self.path = path
        self.line = line
        self.time_s = time_s
        self.sensor = sensor
        self.labels = labels


class CalibrationError(HipimuError):
    """The segments' axes cannot be found in this recording."""


class PlanError(HipimuError):
    """A simulation plan is not usable."""


class UnknownNameError(HipimuError):
    """A name that is not on the list; the message gives the spellings that work.

    Parameters
    ----------
    kind : str
        What was asked for, for example ``"filter"``.
    name : str
        The name that is not known.
    known : tuple of str
        The names that are.
    """

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no {kind} called {name!r}.", f"Known: {', '.join(known)}.")
        self.name = name
        self.known = known


class OutputError(HipimuError):
    """A result cannot be written where it was asked for."""


class ClusterError(HipimuError):
    """No cluster answers, or it has no workers."""


class QueryError(HipimuError):
    """A question in SQL cannot be answered from these results."""


class ProtocolError(HipimuError):
    """A protocol file cannot be used as it is.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    path : Path or None
        The file.
    line : int or None
        Its line, counted from 1.
    """

    def __init__(
        self, what: str, remedy: str, *, path: Path | None = None, line: int | None = None
    ) -> None:
        super().__init__(what, remedy)
        self.path = path
        self.line = line


class DecodeError(HipimuError):
    """A packet is not what its protocol says.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    characteristic : str
        Where it came from.
    payload : bytes
        What came.
    """

    def __init__(self, what: str, remedy: str, *, characteristic: str, payload: bytes) -> None:
        super().__init__(what, remedy)
        self.characteristic = characteristic
        self.payload = payload


class SensorError(HipimuError):
    """A sensor cannot be found, reached or made to deliver.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    reason : str
        The same for programs. Of Bluetooth as a whole: ``no_adapter``, ``off``,
        ``not_permitted``, ``busy``, ``failed``; of one sensor: ``not_found``, ``unreachable``,
        ``refused``, ``silent``.
    sensor : str or None
        The sensor concerned.
    """

    def __init__(self, what: str, remedy: str, *, reason: str, sensor: str | None = None) -> None:
        super().__init__(what, remedy)
        self.reason = reason
        self.sensor = sensor


class JournalError(HipimuError):
    """A journal cannot be written or read.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    path : Path
        The journal.
    """

    def __init__(self, what: str, remedy: str, *, path: Path) -> None:
        super().__init__(what, remedy)
        self.path = path


class LawBrokenError(HipimuError):
    """A filter, a stride finder or a measure does not keep a law that all have to keep."""


class NothingToDrawError(HipimuError):
    """A session has nothing of what a chart shows."""


class StoreError(HipimuError):
    """What is asked of the store cannot be done.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    reason : str
        The same for programs: ``not_found``, ``exists``, ``bad_value``, ``other_athlete``,
        ``not_empty``, ``damaged``, ``missing_files``, ``newer``, ``busy``, ``unreachable``,
        ``not_installed``, ``forbidden``.
    """

    def __init__(self, what: str, remedy: str, *, reason: str) -> None:
        super().__init__(what, remedy)
        self.reason = reason


class UploadError(HipimuError):
    """What was sent to the coach's server is not taken.

    Parameters
    ----------
    what, remedy : str
        As in `HipimuError`.
    reason : str
        The same for programs: ``too_large``, ``too_many``, ``too_slow``, ``no_room``, ``bad_name``,
        ``bad_form``, ``bad_archive``, ``unclear``.
    """

    def __init__(self, what: str, remedy: str, *, reason: str) -> None:
        super().__init__(what, remedy)
        self.reason = reason
